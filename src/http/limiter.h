/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many requests a second somebody may make: a bucket for each name, in memory, as full after
 * a start as at rest. Names are kept, so they are of known askers only. Any thread may ask.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

struct limiter;

MUST_CHECK int limiter_new(struct limiter **ret, struct err *err);
void limiter_free(struct limiter *limiter); /* accepts NULL */
void limiter_freep(struct limiter **limiter);

struct limiter_answer {
    bool is_over;      /* this request is one too many */
    int64_t remaining; /* how many may come at once now */
    int64_t wait_s;    /* until one may come again, rounded up; 0: now */
};
/* Take one request of rate a second; as many may come at once. now_us is monotonic. */
MUST_CHECK int limiter_take(struct limiter *limiter, const char *name, int64_t rate, int64_t now_us,
                            struct limiter_answer *ret, struct err *err);
