/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that tells sites who is out. */
#pragma once

#include "base/chore.h"
#include "base/series.h"
#include "portal/portal.h"

struct site_worker {
    struct chore chore;
    struct series series;
    const struct portal *portal;
    void (*observe)(const struct err *failure);
};

/*
 * portal outlives it, and the worker stays where it is. observe is told of what failed, in the
 * thread. Without sites there is no thread.
 */
MUST_CHECK int site_worker_start(struct site_worker *worker, const struct portal *portal,
                                 void (*observe)(const struct err *failure), struct err *err);
void site_worker_stop(struct site_worker *worker); /* zeros: nothing happens */
