/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/progress.h"

#include "authority/store_sqlite.h"
#include "base/clock.h"

enum { TOLD_FROM_MS = 1000, MILLISECONDS = 1000 };

void crl_work_init(struct crl_work *work)
{
    *work = (struct crl_work){.is_at_work = false};
    (void)pthread_mutex_init(&work->lock, NULL);
}

void crl_work_done(struct crl_work *work)
{
    (void)pthread_mutex_destroy(&work->lock);
}

struct crl_work *authority_crl_work(struct authority_store *store)
{
    return &store->work;
}

void crl_work_begin(struct crl_work *work, const _Atomic bool *stop)
{
    (void)pthread_mutex_lock(&work->lock);
    work->is_at_work = true;
    work->started_ms = monotonic_ms();
    work->done = work->total = 0;
    work->stop = stop;
    (void)pthread_mutex_unlock(&work->lock);
}

void crl_work_end(struct crl_work *work)
{
    (void)pthread_mutex_lock(&work->lock);
    work->is_at_work = false;
    work->stop = NULL;
    (void)pthread_mutex_unlock(&work->lock);
}

void crl_work_set_total(struct crl_work *work, uint64_t total)
{
    (void)pthread_mutex_lock(&work->lock);
    work->total = total;
    (void)pthread_mutex_unlock(&work->lock);
}

/* stop is set and taken away by the thread that is at work, which asks. */
bool crl_work_is_stopped(const struct crl_work *work)
{
    return work->stop != NULL && *work->stop;
}

int crl_work_step(struct crl_work *work, uint64_t done, struct err *err)
{
    if (crl_work_is_stopped(work))
        return FAIL(err, ERR_REMOTE, "publishing was stopped: the lists of before stay");
    (void)pthread_mutex_lock(&work->lock);
    work->done += done;
    (void)pthread_mutex_unlock(&work->lock);
    return 0;
}

/* As much longer as it took so far for its part. */
static int64_t seconds_left(const struct crl_work *work, int64_t elapsed_ms)
{
    if (work->done == 0 || work->total == 0 || elapsed_ms < TOLD_FROM_MS)
        return -1;
    if (work->done >= work->total)
        return 0;
    return (int64_t)((double)elapsed_ms * (double)(work->total - work->done) / (double)work->done /
                     MILLISECONDS);
}

struct crl_progress authority_crl_progress(struct authority_store *store)
{
    struct crl_work *work = &store->work;
    struct crl_progress progress = {.is_at_work = false};

    (void)pthread_mutex_lock(&work->lock);
    if (work->is_at_work) {
        int64_t elapsed_ms = monotonic_ms() - work->started_ms;

        progress = (struct crl_progress){true, elapsed_ms / MILLISECONDS,
                                         seconds_left(work, elapsed_ms), work->done,
                                         work->total < work->done ? work->done : work->total};
    }
    (void)pthread_mutex_unlock(&work->lock);
    return progress;
}
