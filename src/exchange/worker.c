/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/worker.h"

#include <stdlib.h>

enum { WAKE_MS = 500 }; /* for new questions, and to see that the clock was moved */

struct exchange_worker {
    const struct exchange *x;
    void (*observe)(const struct err *failure);
    struct chore chore;
};

static void take_steps(const struct exchange_worker *worker)
{
    struct err failure = {0};
    int rc;

    while ((rc = exchange_step(worker->x, &failure)) == 0 && chore_rest(&worker->chore, 0))
        ;
    if (rc < 0 && rc != -ERR_ABSENT && worker->observe != NULL)
        worker->observe(&failure);
}

static void *run(void *argument)
{
    struct exchange_worker *worker = argument;

    do
        take_steps(worker);
    while (chore_rest(&worker->chore, WAKE_MS));
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
