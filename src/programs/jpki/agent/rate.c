/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/agent/rate.h"

#include <stdio.h>
#include <string.h>

bool rate_take(struct rate *rate, const char *origin, int64_t now_ms)
{
    size_t at = RATE_ORIGINS;

    for (size_t i = 0; i < RATE_ORIGINS; i++) {
        if (rate->rows[i].count > 0 && now_ms - rate->rows[i].since_ms >= RATE_MS)
            rate->rows[i].count = 0;
        if (rate->rows[i].count > 0 && strcmp(rate->rows[i].origin, origin) == 0) {
            at = i;
            break;
        }
        if (rate->rows[i].count == 0 && at == RATE_ORIGINS)
            at = i;
    }
    if (at == RATE_ORIGINS || rate->rows[at].count == RATE_QUESTIONS)
        return false;
    if (rate->rows[at].count++ == 0) {
        (void)snprintf(rate->rows[at].origin, sizeof rate->rows[at].origin, "%s", origin);
        rate->rows[at].since_ms = now_ms;
    }
    return true;
}
