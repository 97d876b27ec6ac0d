/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker threads behind a bounded queue. The polling thread puts exchanges in and takes finished
 * ones out; in between an exchange belongs to the pool. All functions but start, stop and wake are
 * for that one thread. Exchanges that wait for a bell (http/bell.h) occupy neither a worker nor the
 * queue.
 */
#pragma once

#include "http/exchange.h"

struct http_pool;

/* Returns once every worker is open, or with the first one's failure. */
MUST_CHECK int http_pool_start(const struct http_site *site, struct http_pool **ret,
                               struct err *err);
/* Hand over to a worker; false if the queue is full, the exchange is then still the caller's. */
MUST_CHECK bool http_pool_put(struct http_pool *pool, struct http_exchange *exchange);
/* A finished exchange, or NULL. */
struct http_exchange *http_pool_take(struct http_pool *pool);
/* Readable after an exchange has finished; http_pool_take until NULL makes it quiet. */
int http_pool_fd(const struct http_pool *pool);
/*
 * Give up waiting. True: the pool frees the exchange when its worker is done, or before it has
 * begun. False: it has finished and comes out of http_pool_take.
 */
MUST_CHECK bool http_pool_abandon(struct http_pool *pool, struct http_exchange *exchange);
/* Finish what is queued, end the threads, release; accepts NULL. */
/* Handle again what waits for the bell and has not heard it; any thread. */
void http_pool_wake(struct http_pool *pool);
/* From now on nothing waits for the bell: the server is stopping. */
void http_pool_hurry(struct http_pool *pool);
void http_pool_stop(struct http_pool *pool);
