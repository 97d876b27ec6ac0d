/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mutex guards both lists and the stage of every exchange; handlers run outside it. A worker
 * that hangs holds its exchange and nothing else: the polling thread abandons it at the deadline
 * and answers without it.
 *
 * Exchanges that wait for the bell are in a list of their own. Whoever rings moves them to those
 * that are resumed, which go before what is new; a worker without work does the same when their
 * time is up.
 */
#include "http/pool.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
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
    struct list resumed; /* have waited */
    struct list waiting; /* for the bell */
    struct list finished;
    unsigned queued;
    bool is_hurried;  /* nothing waits for the bell any more */
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

static uint64_t rings(const struct http_pool *pool)
{
    const struct http_bell *bell = pool->site->options.bell;

    return bell == NULL ? 0 : http_bell_rings(bell);
}

/*
 * Of those that wait, move whoever is to be handled again now to the resumed. The earliest time at
 * which another's is up, INT64_MAX if none waits. The lock is held.
 */
static int64_t resume_due(struct http_pool *pool)
{
    struct list waiting = pool->waiting;
    struct http_exchange *exchange;
    int64_t earliest = INT64_MAX;
    int64_t now;

    if (waiting.first == NULL)
        return earliest;
    now = monotonic_ms();
    list_init(&pool->waiting);
    while ((exchange = list_take(&waiting)) != NULL) {
        const struct http_pause *pause = &exchange->call.pause;

        if (pool->is_hurried || exchange->is_abandoned || pause->rings != rings(pool) ||
            pause->until_ms <= now) {
            exchange->stage = STAGE_QUEUED;
            list_add(&pool->resumed, exchange);
        } else {
            earliest = pause->until_ms < earliest ? pause->until_ms : earliest;
            list_add(&pool->waiting, exchange);
        }
    }
    return earliest;
}

/* Sleep until there may be work. The lock is held. */
static void await_work(struct http_pool *pool, int64_t until_ms)
{
    const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                   .tv_nsec = (long)(until_ms % 1000) * 1000000};

    if (until_ms == INT64_MAX)
        (void)pthread_cond_wait(&pool->work, &pool->lock);
    else
        (void)pthread_cond_timedwait(&pool->work, &pool->lock, &until);
}

/* Wait for the next exchange that somebody still wants; NULL: stop. The lock is held. */
static struct http_exchange *next_wanted(struct http_pool *pool)
{
    for (;;) {
        int64_t until_ms = resume_due(pool);
        struct http_exchange *exchange = list_take(&pool->resumed);
        bool is_new = exchange == NULL;

        if (is_new)
            exchange = list_take(&pool->queue);
        if (exchange == NULL && pool->is_stopping)
            return NULL;
        if (exchange == NULL) {
            await_work(pool, until_ms);
            continue;
        }
        if (is_new)
            pool->queued--;
        if (!exchange->is_abandoned)
            return exchange;
        http_exchange_free(exchange);
    }
}

/*
 * Those behind the first in the queue that may be handled together with it, but no more than leaves
 * as many to each other worker. How many there are then. The lock is held.
 */
static size_t take_company(struct http_pool *pool, struct http_exchange **all)
{
    http_company_fn *handle_all = all[0]->call.route->handle_all;
    size_t most = 1 + pool->queued / pool->site->options.workers;
    size_t count = 1;

    if (handle_all == NULL)
        return count;
    while (count < most && count < HTTP_COMPANY_MAX && pool->queue.first != NULL &&
           pool->queue.first->call.route->handle_all == handle_all &&
           pool->queue.first->call.context == all[0]->call.context) {
        struct http_exchange *next = list_take(&pool->queue);

        pool->queued--;
        if (next->is_abandoned)
            http_exchange_free(next);
        else
            all[count++] = next;
    }
    return count;
}

static void run(struct http_pool *pool, struct http_exchange *const *all, size_t count,
                void *worker)
{
    for (size_t i = 0; i < count; i++) {
        all[i]->stage = STAGE_RUNNING;
        all[i]->call.pause.is_possible = pool->site->options.bell != NULL && !pool->is_hurried &&
                                         count == 1;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (count == 1)
        http_exchange_run(all[0], worker);
    else
        http_exchange_run_all(all, count, worker);
    (void)pthread_mutex_lock(&pool->lock);
}

/* Where an exchange goes that has been run; whether it is finished. The lock is held. */
static bool put_aside(struct http_pool *pool, struct http_exchange *exchange)
{
    if (exchange->is_abandoned) {
        http_exchange_free(exchange);
        return false;
    }
    if (exchange->call.pause.is_wanted) {
        exchange->stage = STAGE_WAITING;
        list_add(&pool->waiting, exchange); /* looked at at once: the bell may have rung since */
        return false;
    }
    exchange->stage = STAGE_FINISHED;
    list_add(&pool->finished, exchange);
    return true;
}

/* Tell whoever takes what is finished. The lock is held before and after, but not meanwhile. */
static void announce(struct http_pool *pool)
{
    const uint64_t one = 1;

    (void)pthread_mutex_unlock(&pool->lock);
    /* An eventfd only refuses a write when it is readable already. */
    while (write(pool->event_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
    (void)pthread_mutex_lock(&pool->lock);
}

static void work(struct http_pool *pool, void *worker)
{
    struct http_exchange *all[HTTP_COMPANY_MAX];

    (void)pthread_mutex_lock(&pool->lock);
    while ((all[0] = next_wanted(pool)) != NULL) {
        size_t count = take_company(pool, all);
        bool is_first; /* whoever takes what is finished takes all of it: once told is enough */
        bool is_any = false;

        run(pool, all, count, worker);
        is_first = pool->finished.first == NULL;
        for (size_t i = 0; i < count; i++)
            is_any = put_aside(pool, all[i]) || is_any;
        if (is_any && is_first)
            announce(pool);
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

/* Deadlines are the monotonic clock's. */
static void init_work(pthread_cond_t *work)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(work, &attr);
    (void)pthread_condattr_destroy(&attr);
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
    list_init(&made->resumed);
    list_init(&made->waiting);
    list_init(&made->finished);
    made->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->event_fd < 0) {
        free(made);
        return FAIL_ERRNO(err, "cannot make an event descriptor");
    }
    /* With default attributes these cannot fail on Linux. */
    (void)pthread_mutex_init(&made->lock, NULL);
    init_work(&made->work);
    (void)pthread_cond_init(&made->opened, NULL);
    pool = made;
    TRY(threads_start(pool, err));
    if (site->options.bell != NULL)
        TRY(http_bell_listen(site->options.bell, pool, err));
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
        exchange->stage = STAGE_QUEUED;
        list_add(&pool->queue, exchange);
        pool->queued++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    /* Outside, so that whoever wakes up finds the lock free. */
    if (has_room)
        (void)pthread_cond_signal(&pool->work);
    return has_room;
}

struct http_exchange *http_pool_take(struct http_pool *pool)
{
    struct http_exchange *exchange;
    uint64_t count;

    (void)pthread_mutex_lock(&pool->lock);
    exchange = list_take(&pool->finished);
    if (exchange != NULL)
        exchange->stage = STAGE_IDLE;
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
    is_ours = exchange->stage == STAGE_QUEUED || exchange->stage == STAGE_RUNNING ||
              exchange->stage == STAGE_WAITING;
    if (is_ours) {
        exchange->is_abandoned = true;
        exchange->owner = NULL;
        if (exchange->stage == STAGE_WAITING)
            (void)pthread_cond_signal(&pool->work);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return is_ours;
}

void http_pool_wake(struct http_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    (void)resume_due(pool);
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}

void http_pool_hurry(struct http_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_hurried = true;
    (void)pthread_cond_broadcast(&pool->work);
    (void)pthread_mutex_unlock(&pool->lock);
}

void http_pool_stop(struct http_pool *pool)
{
    struct http_exchange *exchange;

    if (pool == NULL)
        return;
    if (pool->site->options.bell != NULL)
        http_bell_leave(pool->site->options.bell, pool);
    http_pool_hurry(pool);
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
