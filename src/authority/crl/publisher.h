/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that publishes lists of revocations when they are due: all of them once a day, new ones
 * within a minute, and, if that is wanted, those that changed within seconds. What an earlier run
 * or a clock that jumped has left undone is due at once. A failure is told and tried again with
 * longer and longer pauses (schedule_backoff_ms); the lists of before stay until then.
 */
#pragma once

#include "authority/authority.h"

struct publisher;

struct publisher_options {
    const struct authority *authority;
    int daily;         /* seconds after midnight in Japan */
    int64_t changed_s; /* how long a changed list waits; 0: for the daily hour */
    /* Told about each pass that published something (failure is NULL) and each that failed, by the
     * thread; may be NULL. */
    void (*report)(unsigned published, const struct err *failure);
    /* Whether nothing is to be published just now; asked at each pass. NULL: it always is. */
    bool (*is_held)(void);
};

/* options is copied; what it points to outlives the thread. */
MUST_CHECK int publisher_start(const struct publisher_options *options, struct publisher **ret,
                               struct err *err);
/* Other hours from now on: options->daily and changed_s. What is due by them is so at once. */
void publisher_retime(struct publisher *publisher, int daily, int64_t changed_s);
/* Waits for the list at work. Releases; accepts NULL. */
void publisher_stop(struct publisher *publisher);
void publisher_stopp(struct publisher **publisher);
