/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a register does by itself, in a thread: each second it asks for certificates that were never
 * answered, and delivers orders to revoke; and once a day, or when the clock has jumped to another
 * one, what the day brings.
 */
#pragma once

#include "base/turns.h"
#include "register/daily.h"
#include "register/outbox.h"

/* What a round did, and how its parts ended. */
struct round {
    unsigned resumed; /* certificates that came */
    struct ended ended;
    struct delivered delivered;
    int resume_rc, daily_rc, outbox_rc;
    struct err resume_failure, daily_failure, outbox_failure;
};

struct background;

/*
 * Work at once and then every so often, until background_stopp, each round for the counter whose
 * turn it is. observe is called after each round, in the thread.
 */
MUST_CHECK int background_start(struct turns *counters, unsigned every_ms,
                                void (*observe)(const struct round *round), struct background **ret,
                                struct err *err);
void background_stopp(struct background **background);
