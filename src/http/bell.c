/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The count rises before the pools are looked at, and a pool compares it under its own lock: either
 * the ringer finds a request waiting, or the request finds the count risen.
 */
#include "http/bell.h"

#include "http/pool.h"

void http_bell_init(struct http_bell *bell)
{
    bell->rings = 0;
    bell->count = 0;
    (void)pthread_mutex_init(&bell->lock, NULL);
}

void http_bell_done(struct http_bell *bell)
{
    (void)pthread_mutex_destroy(&bell->lock);
}

uint64_t http_bell_rings(const struct http_bell *bell)
{
    return bell->rings;
}

void http_bell_ring(struct http_bell *bell)
{
    (void)pthread_mutex_lock(&bell->lock);
    bell->rings++;
    for (size_t i = 0; i < bell->count; i++)
        http_pool_wake(bell->pools[i]);
    (void)pthread_mutex_unlock(&bell->lock);
}

int http_bell_listen(struct http_bell *bell, struct http_pool *pool, struct err *err)
{
    int rc = 0;

    (void)pthread_mutex_lock(&bell->lock);
    if (bell->count == HTTP_BELL_POOLS_MAX)
        rc = FAIL(err, ERR_USAGE, "more than %d servers listen to one bell", HTTP_BELL_POOLS_MAX);
    else
        bell->pools[bell->count++] = pool;
    (void)pthread_mutex_unlock(&bell->lock);
    return rc;
}

void http_bell_leave(struct http_bell *bell, const struct http_pool *pool)
{
    (void)pthread_mutex_lock(&bell->lock);
    for (size_t i = 0; i < bell->count; i++) {
        if (bell->pools[i] == pool)
            bell->pools[i] = bell->pools[--bell->count];
    }
    (void)pthread_mutex_unlock(&bell->lock);
}
