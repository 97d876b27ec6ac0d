/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a serving authority has from its configuration: one value, replaced as a whole at SIGHUP.
 * Requests hold the one that counted when they began.
 */
#pragma once

#include "authority/authority.h"
#include "programs/jpki-authorityd/config.h"

struct settings {
    struct authority authority; /* first: what requests find */
    struct authorityd_config config;
    struct fees fees;
};

/* Release with settings_done, also after a failure. The authority has no store, clock or CA yet. */
MUST_CHECK int settings_read(const char *path, struct settings *ret, struct err *err);
void settings_done(struct settings *settings);
void settings_freep(struct settings **settings);

/*
 * The same from files that may have changed since first, which outlives it and whose store, clock,
 * CAs and feeds it shares. ERR_INPUT for a setting that only a restart changes.
 */
MUST_CHECK int settings_follow(const char *path, const struct settings *first,
                               struct settings **ret, struct err *err);
/* The table of fees that comes with the program; release with free_text. */
MUST_CHECK int settings_own_fees(char **ret, struct err *err);
