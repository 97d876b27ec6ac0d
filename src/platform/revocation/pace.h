/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the feeds that a platform follows may ask the authority again: all together less often than
 * it answers one verifier (jpki-authorityd(8)), or the authority would refuse each of them for the
 * rest of the minute. Few questions may come at once, so that what happens now and then is here as
 * soon as it is told.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

enum {
    PACE_STEP_MS = 300, /* between questions, where they do not end */
    PACE_AT_ONCE = 20,  /* questions after a rest that wait for nothing */
    PACE_MINUTE = 220,  /* so many in a minute at most */
};

/* Zeros: nobody has asked. */
struct pace {
    pthread_mutex_t lock;
    int64_t spent_ms; /* monotonic: until then the steps of all questions last */
};

/* Have the next question counted at a time (monotonic); how long it is to wait, 0: not at all. */
int pace_take(struct pace *pace, int64_t now_ms);
