/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Something that changes, and requests that wait for it without a thread of their own. A handler
 * that finds nothing new says http_wait (http/route.h) and returns; its request then waits in the
 * pool of its server until the bell rings, and is handled again from the start.
 *
 * A handler takes http_bell_rings before it looks, so that no change between looking and waiting is
 * missed. Any thread may ring.
 */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_pool;

enum { HTTP_BELL_POOLS_MAX = 8 }; /* servers that listen to one bell at the same time */

struct http_bell {
    pthread_mutex_t lock;
    _Atomic uint64_t rings;
    struct http_pool *pools[HTTP_BELL_POOLS_MAX];
    size_t count;
};

void http_bell_init(struct http_bell *bell);
/* No server listens to it any more. */
void http_bell_done(struct http_bell *bell);
/* How often it has rung. */
uint64_t http_bell_rings(const struct http_bell *bell);
void http_bell_ring(struct http_bell *bell);

/* For http/pool.c: who is woken. ERR_USAGE above HTTP_BELL_POOLS_MAX. */
MUST_CHECK int http_bell_listen(struct http_bell *bell, struct http_pool *pool, struct err *err);
void http_bell_leave(struct http_bell *bell, const struct http_pool *pool);
