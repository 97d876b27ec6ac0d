/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform does by itself about consents (design 5, F5, steps 3 and 4): it sees certificates
 * end, tells tenants that newer data may exist, polls what became of consents at the authority,
 * reminds of their ends, and finds out what came of questions whose answer was lost.
 */
#pragma once

#include "base/turns.h"
#include "platform/platform.h"

struct watch;

struct watch_options {
    struct turns *platforms; /* of struct platform */
    int64_t look_seconds;    /* from one look to the next, by the platform's clock */
    int64_t notice_seconds;  /* to tenants, where no interval was agreed */
    /* Told of the first failure of its kind and when it is over (why NULL); NULL: nobody. */
    void (*report)(const struct err *why);
};

/* One look: all of that, once. What fails does not keep the rest from being done. */
MUST_CHECK int watch_round(const struct platform *platform, struct signer *signer,
                           int64_t notice_seconds, struct err *err);

/* A thread that looks, from now on. */
MUST_CHECK int watch_start(const struct watch_options *options, struct watch **ret,
                           struct err *err);
/* Waits for the look at work. Accepts NULL. */
void watch_stopp(struct watch **watch);
