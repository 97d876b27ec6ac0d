/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that keeps the revocation feeds up to date (feed.h): deltas as often as is wanted, a
 * snapshot once a day. A failure is told and tried again with longer and longer pauses
 * (schedule_backoff_ms).
 */
#pragma once

#include "authority/feed/feed.h"

struct feeder;

struct feeder_options {
    const struct authority *authority; /* feeds is set */
    int daily;                         /* seconds after midnight in Japan: when snapshots are due */
    int64_t every_s;                   /* between deltas; at least one */
    /* Told about each run that failed, by the thread; may be NULL. */
    void (*report)(const struct err *failure);
};

/* options is copied; what it points to outlives the thread. */
MUST_CHECK int feeder_start(const struct feeder_options *options, struct feeder **ret,
                            struct err *err);
/* Other hours from now on: options->daily and every_s. What is due by them is so at once. */
void feeder_retime(struct feeder *feeder, int daily, int64_t every_s);
/* Waits for the run at work. Releases; accepts NULL. */
void feeder_stop(struct feeder *feeder);
