/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/worker.h"

#include "base/clock.h"
#include "base/series.h"
#include "exchange/retention.h"

#include <stdlib.h>

enum { WAKE_MS = 500 }; /* for new questions, and to see that the clock was moved */

struct exchange_worker {
    const struct exchange *x;
    void (*observe)(const struct err *failure);
    struct series steps, removals;
    int64_t removes_at; /* when records are looked at next whose time may be over */
    struct chore chore;
};

/* failure is NULL if it worked. */
static void tell(const struct exchange_worker *worker, struct series *series,
                 const struct err *failure)
{
    if (series_note(series, failure) && worker->observe != NULL)
        worker->observe(failure);
}

static void take_steps(struct exchange_worker *worker)
{
    struct err failure = {0};
    int rc;

    while ((rc = exchange_step(worker->x, &failure)) == 0 && chore_rest(&worker->chore, 0))
        ;
    tell(worker, &worker->steps, rc < 0 && rc != -ERR_ABSENT ? &failure : NULL);
}

/* Batches, so that others come in between. */
static void remove_old(struct exchange_worker *worker)
{
    int64_t now = clock_now(worker->x->clock);
    struct err failure = {0};
    int64_t count = RETENTION_BATCH;
    int rc = 0;

    /* Further away than a pause: the clock was ahead, and has been put back. */
    if (now < worker->removes_at && worker->removes_at - now <= RETENTION_PAUSE)
        return;
    while (rc == 0 && count == RETENTION_BATCH && chore_rest(&worker->chore, 0))
        rc = retention_step(worker->x, &count, &failure);
    tell(worker, &worker->removals, rc < 0 ? &failure : NULL);
    worker->removes_at = now + RETENTION_PAUSE;
}

static void *run(void *argument)
{
    struct exchange_worker *worker = argument;

    do {
        take_steps(worker);
        remove_old(worker);
    } while (chore_rest(&worker->chore, WAKE_MS));
    return NULL;
}

int exchange_worker_start(const struct exchange *x, void (*observe)(const struct err *failure),
                          struct exchange_worker **ret, struct err *err)
{
    struct exchange_worker *worker = calloc(1, sizeof *worker);
    int rc;

    if (worker == NULL)
        return FAIL_NOMEM(err);
    worker->x = x;
    worker->observe = observe;
    rc = chore_start(&worker->chore, run, worker, err);
    if (rc < 0) {
        free(worker);
        return rc;
    }
    *ret = worker;
    return 0;
}

void exchange_worker_stopp(struct exchange_worker **worker)
{
    if (*worker == NULL)
        return;
    chore_stop(&(*worker)->chore);
    free(*worker);
    *worker = NULL;
}
