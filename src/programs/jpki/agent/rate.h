/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often pages of one origin may have a person asked. A page that asks again and again would
 * make people click it away without reading. Not shared: the caller holds a lock.
 */
#pragma once

#include "holder/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RATE_QUESTIONS = 5,  /* of one origin in RATE_MS */
    RATE_MS = 60 * 1000, /* from the first of them on */
    RATE_ORIGINS = 64,   /* that are remembered; one more waits for the oldest to be over */
};

struct rate {
    struct {
        char origin[ORIGIN_MAX + 1];
        int64_t since_ms;
        unsigned count; /* 0: free */
    } rows[RATE_ORIGINS];
};

/* Whether one more question is allowed at this monotonic time; if so, it is counted. */
bool rate_take(struct rate *rate, const char *origin, int64_t now_ms);
