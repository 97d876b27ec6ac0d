/* SPDX-License-Identifier: Apache-2.0 */
/* Being cards until a signal: what serve and exec share. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serving_options {
    const char *const *cards; /* their files */
    size_t count;
    /* Where one card is reached; each may be NULL. */
    const char *direct, *pcsc, *control, *vpcd;
    int64_t peer;           /* who may use these as well, by their group; 0: nobody but root */
    const char *socket_dir; /* many: DIR/NAME.direct and DIR/NAME.pcsc for each file's name */
    const char *atr;        /* NULL: contactless */
    const char *key_file;   /* NULL: CARD.key of each */
    const char *option;     /* card_set_options(); may be NULL */
    const char *trouble;    /* slot_trouble_parse(); may be NULL */
    const char *trace;      /* what is said is appended to this file; may be NULL */
};

/*
 * Everything that needs the file system or a name service happens before the process confines
 * itself, and that before any thread is made. signals is daemon_signals()'.
 */
MUST_CHECK int serving_run(const struct serving_options *options, int signals, struct err *err);
