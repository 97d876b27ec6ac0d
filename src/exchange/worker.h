/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that takes the steps of an exchange's questions when they are due, and removes records
 * of the log whose time is over.
 */
#pragma once

#include "base/chore.h"
#include "exchange/exchange.h"

struct exchange_worker;

/*
 * x outlives it. observe is told of what failed, in the thread; NULL: nobody is. A failure is tried
 * again a moment later, and told again after it worked, or if it is another one.
 */
MUST_CHECK int exchange_worker_start(const struct exchange *x,
                                     void (*observe)(const struct err *failure),
                                     struct exchange_worker **ret, struct err *err);
/* Stop and release; *worker may be NULL. */
void exchange_worker_stopp(struct exchange_worker **worker);
