/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/site/worker.h"

#include "portal/site/tokens.h"

enum { WAKE_MS = 500 }; /* for what is new, and to see that the clock was moved */

static void tell_all(struct site_worker *worker)
{
    struct err failure = {0};
    int rc;

    while ((rc = site_tell_one(worker->portal, &failure)) == 0 && chore_rest(&worker->chore, 0))
        ;
    if (series_note(&worker->series, rc < 0 && rc != -ERR_ABSENT ? &failure : NULL))
        worker->observe(&failure);
}

static void *run(void *argument)
{
    struct site_worker *worker = argument;

    do
        tell_all(worker);
    while (chore_rest(&worker->chore, WAKE_MS));
    return NULL;
}

int site_worker_start(struct site_worker *worker, const struct portal *portal,
                      void (*observe)(const struct err *failure), struct err *err)
{
    if (portal->sites.list == NULL)
        return 0;
    worker->portal = portal;
    worker->observe = observe;
    return chore_start(&worker->chore, run, worker, err);
}

void site_worker_stop(struct site_worker *worker)
{
    chore_stop(&worker->chore);
}
