/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be set in a program: the keys of its configuration file, by the table that reads them,
 * and the variables of its environment. 'jpki-NAME --settings' prints it; docs/settings.md is made
 * from that. In English in every language, as the files themselves are.
 */
#pragma once

#include "base/conf.h"

struct settings_variable {
    const char *name;
    const char *otherwise;   /* what counts where it is not set; "": nothing */
    const char *description; /* one line */
};

struct program_settings {
    const struct conf_key *const *tables;      /* ends with NULL; NULL: no configuration file */
    const char *const *reloaded;               /* keys that SIGHUP takes, then NULL; NULL: none */
    const struct settings_variable *variables; /* ends with a row without name; NULL: none */
};

/* For people: a line for each setting and one, indented, for its effect. */
MUST_CHECK int settings_text(const struct program_settings *settings, struct buf *ret,
                             struct err *err);
/* For programs: {"program": ..., "keys": [...], "variables": [...]}, on one line. */
MUST_CHECK int settings_json(const struct program_settings *settings, const char *program,
                             struct buf *ret, struct err *err);
