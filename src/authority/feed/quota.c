/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/feed/quota.h"

#include "authority/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

struct asker {
    char party[VERIFIER_NAME_MAX + 1]; /* "": free */
    int64_t minute;
    unsigned asks;
};

struct feed_quota {
    pthread_mutex_t lock;
    struct asker askers[VERIFIERS_MAX];
};

int feed_quota_new(struct feed_quota **ret, struct err *err)
{
    struct feed_quota *quota = calloc(1, sizeof *quota);

    if (quota == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&quota->lock, NULL);
    *ret = quota;
    return 0;
}

void feed_quota_freep(struct feed_quota **quota)
{
    if (*quota != NULL)
        (void)pthread_mutex_destroy(&(*quota)->lock);
    free(*quota);
    *quota = NULL;
}

/* Its own place, or one of somebody who has not asked in this minute. NULL: there is none. */
static struct asker *place_of(struct feed_quota *quota, const char *party, int64_t minute)
{
    struct asker *idle = NULL;

    for (size_t i = 0; i < VERIFIERS_MAX; i++) {
        struct asker *asker = &quota->askers[i];

        if (strcmp(asker->party, party) == 0)
            return asker;
        if (idle == NULL && (asker->party[0] == '\0' || asker->minute != minute))
            idle = asker;
    }
    if (idle != NULL) {
        (void)snprintf(idle->party, sizeof idle->party, "%s", party);
        idle->asks = 0;
    }
    return idle;
}

static bool take(struct feed_quota *quota, const char *party, int64_t minute)
{
    struct asker *asker = place_of(quota, party, minute);

    if (asker == NULL)
        return false;
    if (asker->minute != minute)
        asker->asks = 0;
    asker->minute = minute;
    if (asker->asks == FEED_ASKS_MAX)
        return false;
    asker->asks++;
    return true;
}

int feed_quota_take(struct feed_quota *quota, const char *party, int64_t now_ms, struct err *err)
{
    bool is_taken;

    (void)pthread_mutex_lock(&quota->lock);
    is_taken = take(quota, party, now_ms / MINUTE_MS + 1);
    (void)pthread_mutex_unlock(&quota->lock);
    return is_taken ? 0
                    : FAIL(err, ERR_REMOTE, "more than %d requests for feeds in this minute; wait",
                           FEED_ASKS_MAX);
}
