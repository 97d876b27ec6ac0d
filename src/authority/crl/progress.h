/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the publication is that is at work, and whether it is to stop. There is one at a time;
 * any thread may look.
 */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct authority_store;

struct crl_work {
    pthread_mutex_t lock;
    bool is_at_work;
    int64_t started_ms;
    uint64_t done, total;     /* entries read, each as often as it is */
    const _Atomic bool *stop; /* becomes true: no further; NULL: to the end */
};

void crl_work_init(struct crl_work *work);
void crl_work_done(struct crl_work *work);
/* That of a store. */
struct crl_work *authority_crl_work(struct authority_store *store);

void crl_work_begin(struct crl_work *work, const _Atomic bool *stop);
void crl_work_end(struct crl_work *work);
/* How much there is to be done, what is done included; guessed again as often as is known better.
 */
void crl_work_set_total(struct crl_work *work, uint64_t total);
bool crl_work_is_stopped(const struct crl_work *work);
/* So much more is done; ERR_REMOTE if it is to stop. Between two pieces of work. */
MUST_CHECK int crl_work_step(struct crl_work *work, uint64_t done, struct err *err);

struct crl_progress {
    bool is_at_work; /* if not, the rest is 0 */
    int64_t seconds;
    int64_t seconds_left; /* -1: not to be told yet */
    uint64_t done, total;
};
struct crl_progress authority_crl_progress(struct authority_store *store);
