/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mutex guards both lists and the stage of every exchange; handlers run outside it. A worker
 * that hangs holds its exchange and nothing else: the polling thread abandons it at the deadline
 * and answers without it.
 */
#include "http/pool.h"

#include "base/file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct list {
    struct http_exchange *first;
    struct http_exchange **end;
};

struct http_pool {
    const struct http_site *site;
    pthread_mutex_t lock;
    pthread_cond_t work;   /* something is queued, or it is time to stop */
    pthread_cond_t opened; /* one more worker has opened or failed to */
    struct list queue;
    struct list finished;
    unsigned queued;
    unsigned settled; /* workers that have opened or failed to */
    bool is_stopping;
    struct err failure; /* of the first worker that failed to open */
    int event_fd;
    unsigned thread_count;
    pthread_t threads[HTTP_WORKERS_MAX];
};

static void list_init(struct list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

static void list_add(struct list *list, struct http_exchange *exchange)
{
    exchange->next = NULL;
    *list->end = exchange;
    list->end = &exchange->next;
}

static struct http_exchange *list_take(struct list *list)
{
    struct http_exchange *first = list->first;

    if (first != NULL)
        list->first = first->next;
    if (list->first == NULL)
        list->end = &list->first;
    return first;
}

/* Wait for the next exchange that somebody still wants; NULL: stop. The lock is held. */
static struct http_exchange *next_wanted(struct http_pool *pool)
{
    for (;;) {
        struct http_exchange *exchange = list_take(&pool->queue);

        if (exchange == NULL && pool->is_stopping)
            return NULL;
        if (exchange == NULL) {
            (void)pthread_cond_wait(&pool->work, &pool->lock);
            continue;
        }
        pool->queued--;
        if (!exchange->is_abandoned)
            return exchange;
        http_exchange_free(exchange);
    }
}

static void work(struct http_pool *pool, void *worker)
{
    struct http_exchange *exchange;
    const uint64_t one = 1;

    (void)pthread_mutex_lock(&pool->lock);
    while ((exchange = next_wanted(pool)) != NULL) {
        exchange->stage = EXCHANGE_RUNNING;
        (void)pthread_mutex_unlock(&pool->lock);
        http_exchange_run(exchange, worker);
        (void)pthread_mutex_lock(&pool->lock);
        if (exchange->is_abandoned) {
            http_exchange_free(exchange);
            continue;
        }
        exchange->stage = EXCHANGE_FINISHED;
        list_add(&pool->finished, exchange);
        /* An eventfd only refuses a write when it is readable already. */
        if (write(pool->event_fd, &one, sizeof one) < 0)
            continue;
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *argument)
{
    struct http_pool *pool = argument;
    const struct http_server_options *options = &pool->site->options;
    struct err why = {0};
    void *worker = NULL;
    int rc = 0;

    if (options->worker_open != NULL)
        rc = options->worker_open(options->context, &worker, &why);
    (void)pthread_mutex_lock(&pool->lock);
    pool->settled++;
    if (rc < 0 && pool->failure.kind == ERR_NONE) {
        pool->failure = why;
        pool->failure.kind = err_kind_of(rc);
    }
    (void)pthread_cond_signal(&pool->opened);
    (void)pthread_mutex_unlock(&pool->lock);
    if (rc < 0)
        return NULL;
    work(pool, worker);
    if (options->worker_close != NULL)
        options->worker_close(options->context, worker);
    return NULL;
}

static int threads_start(struct http_pool *pool, struct err *err)
{
    for (unsigned i = 0; i < pool->site->options.workers; i++) {
        errno = pthread_create(&pool->threads[i], NULL, worker_main, pool);
        if (errno != 0)
            return FAIL_ERRNO(err, "cannot start worker thread %u", i);
        pool->thread_count++;
    }
    (void)pthread_mutex_lock(&pool->lock);
    while (pool->settled < pool->thread_count)
        (void)pthread_cond_wait(&pool->opened, &pool->lock);
    (void)pthread_mutex_unlock(&pool->lock);
    if (pool->failure.kind != ERR_NONE) {
        if (err != NULL)
            *err = pool->failure;
        return -(int)pool->failure.kind;
    }
    return 0;
}

static void pool_done(struct http_pool **pool)
{
    http_pool_stop(*pool);
}

int http_pool_start(const struct http_site *site, struct http_pool **ret, struct err *err)
{
    CLEANUP(pool_done) struct http_pool *pool = NULL;
    struct http_pool *made = calloc(1, sizeof *made);

    if (made == NULL)
        return FAIL_NOMEM(err);
    made->site = site;
    list_init(&made->queue);
    list_init(&made->finished);
    made->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->event_fd < 0) {
        free(made);
        return FAIL_ERRNO(err, "cannot make an event descriptor");
    }
    /* With default attributes these cannot fail on Linux. */
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->work, NULL);
    (void)pthread_cond_init(&made->opened, NULL);
    pool = made;
    TRY(threads_start(pool, err));
    pool = NULL;
    *ret = made;
    return 0;
}

bool http_pool_put(struct http_pool *pool, struct http_exchange *exchange)
{
    bool has_room;

    (void)pthread_mutex_lock(&pool->lock);
    has_room = pool->queued < pool->site->options.queue;
    if (has_room) {
        exchange->stage = EXCHANGE_QUEUED;
        list_add(&pool->queue, exchange);
        pool->queued++;
        (void)pthread_cond_signal(&pool->work);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return has_room;
}

struct http_exchange *http_pool_take(struct http_pool *pool)
{
    struct http_exchange *exchange;
    uint64_t count;

    (void)pthread_mutex_lock(&pool->lock);
    exchange = list_take(&pool->finished);
    if (exchange != NULL)
        exchange->stage = EXCHANGE_IDLE;
    else if (read(pool->event_fd, &count, sizeof count) < 0)
        count = 0; /* it was quiet already */
    (void)pthread_mutex_unlock(&pool->lock);
    return exchange;
}

int http_pool_fd(const struct http_pool *pool)
{
    return pool->event_fd;
}

bool http_pool_abandon(struct http_pool *pool, struct http_exchange *exchange)
{
    bool is_ours;

    (void)pthread_mutex_lock(&pool->lock);
    is_ours = exchange->stage == EXCHANGE_QUEUED || exchange->stage == EXCHANGE_RUNNING;
    if (is_ours) {
        exchange->is_abandoned = true;
        exchange->owner = NULL;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return is_ours;
}

void http_pool_stop(struct http_pool *pool)
{
    struct http_exchange *exchange;

    if (pool == NULL)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        (void)pthread_join(pool->threads[i], NULL);
    while ((exchange = list_take(&pool->finished)) != NULL)
        http_exchange_free(exchange);
    fd_done(&pool->event_fd);
    (void)pthread_cond_destroy(&pool->opened);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}
