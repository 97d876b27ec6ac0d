/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform watches over its own standing as a verifier: its certificates, which end, and its
 * registration with the authority, which it looks up at the start, each day, and when its files
 * were read again. What will not go well for long is told before it does not.
 */
#pragma once

#include "base/turns.h"
#include "platform/platform.h"

enum warning {
    WARNING_CERTIFICATE_ENDS, /* one of its own ends within warn_s */
    WARNING_CERTIFICATE_OVER, /* one has ended: what it signs is refused */
    /* The authority takes no requests of it: unknown, suspended, ended, or its clock is wrong. */
    WARNING_REGISTRATION_REFUSED,
    WARNING_REGISTRATION_PARTLY, /* it may not ask about both kinds of certificates */
    WARNINGS_
};
extern const char *const warning_words[WARNINGS_]; /* "certificate_ends_soon", ... */

struct watch;

struct watch_options {
    struct turns *platforms; /* of struct platform */
    const struct clock *clock;
    /* Told by the thread when a warning begins and when it ends. May be NULL. */
    void (*report)(enum warning warning, bool begins);
    /* Told of the first question without an answer in a row; may be NULL. */
    void (*failed)(const struct err *failure);
};

MUST_CHECK int watch_start(const struct watch_options *options, struct watch **ret,
                           struct err *err);
/* Waits for a question at work. Accepts NULL. */
void watch_stopp(struct watch **watch);

bool watch_warns(const struct watch *watch, enum warning warning);
/* When the authority last answered where this platform stands, UTC seconds; 0: never. */
int64_t watch_answered_at(const struct watch *watch);
