/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/revocation/pace.h"

_Static_assert(60000 / PACE_STEP_MS + PACE_AT_ONCE == PACE_MINUTE, "what both allow in a minute");

int pace_take(struct pace *pace, int64_t now_ms)
{
    int64_t ahead_ms;

    (void)pthread_mutex_lock(&pace->lock);
    if (pace->spent_ms < now_ms)
        pace->spent_ms = now_ms;
    pace->spent_ms += PACE_STEP_MS;
    ahead_ms = pace->spent_ms - now_ms - PACE_AT_ONCE * PACE_STEP_MS;
    (void)pthread_mutex_unlock(&pace->lock);
    return ahead_ms > 0 ? (int)ahead_ms : 0;
}
