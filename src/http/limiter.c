/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limiter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, SECOND_US = 1000000 };

/* What is left is counted in millionths of a request, so that it grows by rate each microsecond. */
struct bucket {
    struct bucket *next;
    int64_t left;
    int64_t at_us;
    char name[];
};

struct limiter {
    pthread_mutex_t mutex;
    struct bucket *chains[BUCKETS];
};

int limiter_new(struct limiter **ret, struct err *err)
{
    struct limiter *limiter = calloc(1, sizeof *limiter);

    if (limiter == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&limiter->mutex, NULL);
    *ret = limiter;
    return 0;
}

void limiter_free(struct limiter *limiter)
{
    if (limiter == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (limiter->chains[i] != NULL) {
            struct bucket *bucket = limiter->chains[i];

            limiter->chains[i] = bucket->next;
            free(bucket);
        }
    }
    (void)pthread_mutex_destroy(&limiter->mutex);
    free(limiter);
}

void limiter_freep(struct limiter **limiter)
{
    limiter_free(*limiter);
    *limiter = NULL;
}

/* FNV-1a; the names are few and not an attacker's to choose. */
static size_t chain_of(const char *name)
{
    uint32_t hash = 2166136261U;

    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619U;
    return hash % BUCKETS;
}

/* NULL without memory. */
static struct bucket *find(struct limiter *limiter, const char *name, int64_t full, int64_t now_us)
{
    struct bucket **chain = &limiter->chains[chain_of(name)];
    struct bucket *bucket = *chain;
    size_t size = strlen(name) + 1;

    while (bucket != NULL && strcmp(bucket->name, name) != 0)
        bucket = bucket->next;
    if (bucket != NULL)
        return bucket;
    bucket = malloc(sizeof *bucket + size);
    if (bucket == NULL)
        return NULL;
    *bucket = (struct bucket){.next = *chain, .left = full, .at_us = now_us};
    memcpy(bucket->name, name, size);
    *chain = bucket;
    return bucket;
}

static void take(struct bucket *bucket, int64_t rate, int64_t now_us, struct limiter_answer *ret)
{
    const int64_t full = rate * SECOND_US;
    int64_t passed = now_us - bucket->at_us;

    /* A whole second fills it, whatever the rate is. */
    if (passed >= SECOND_US || bucket->left + passed * rate > full)
        bucket->left = full;
    else if (passed > 0)
        bucket->left += passed * rate;
    bucket->at_us = now_us;
    ret->is_over = bucket->left < SECOND_US;
    if (!ret->is_over)
        bucket->left -= SECOND_US;
    ret->remaining = bucket->left / SECOND_US;
    ret->wait_s = ret->remaining > 0 ? 0 : 1; /* a second fills at least one */
}

int limiter_take(struct limiter *limiter, const char *name, int64_t rate, int64_t now_us,
                 struct limiter_answer *ret, struct err *err)
{
    struct bucket *bucket;

    (void)pthread_mutex_lock(&limiter->mutex);
    bucket = find(limiter, name, rate * SECOND_US, now_us);
    if (bucket != NULL)
        take(bucket, rate, now_us, ret);
    (void)pthread_mutex_unlock(&limiter->mutex);
    return bucket == NULL ? FAIL_NOMEM(err) : 0;
}
