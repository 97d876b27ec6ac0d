/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that do a batch of jobs together with whoever has them done: one for each processor. */
#pragma once

#include "base/bytes.h"

#include <stddef.h>

struct crew;

/* One job, by any thread; jobs of a batch have nothing to do with each other. */
typedef void crew_work_fn(void *job);

/* How many threads are of use: one for each processor this process may run on, to a limit. */
unsigned crew_size(void);
/* Of size threads, the caller's included: 1 to SIGNERD_THREADS_MAX. */
MUST_CHECK int crew_new(unsigned size, struct crew **ret, struct err *err);
void crew_free(struct crew *crew);
void crew_freep(struct crew **crew);
/* Returns when all are done, of which the caller does what nobody else has begun. */
void crew_run(struct crew *crew, crew_work_fn *work, void *const *jobs, size_t count);
