/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that polls a feed until it is stopped. */
#pragma once

#include "ocsp/feed.h"

struct sync;

struct sync_options {
    struct feed *feed;
    const struct clock *clock;
    struct ocsp_meter *meter; /* told to the authority after each poll that works; NULL: none */
    const char *authority;    /* its socket, for the meter */
    int interval_ms;          /* between the end of one poll and the next */
    /* Above 0: the authority tells at once (feed_set_wait), and a poll that worked is followed by
     * the next one; with refresh_s it counts for nothing. */
    int wait_ms;
    /* Above 0: once a poll has worked, the next is when the clock is behind another multiple of
     * this many seconds; interval_ms is between polls that fail, and looks at the clock. */
    int64_t refresh_s;
    /*
     * Told when the first poll has worked, when one fails after that or at first, and when one
     * works again: failure is NULL when it works. Called by the thread; may be NULL.
     */
    void (*report)(const struct feed *feed, const struct err *failure);
    /* Told now and then while a poll has many pages: the events so far. As report. */
    void (*loading)(uint64_t last);
    int loading_ms; /* how often; 0: every ten seconds */
};

/* options is copied; what it points to outlives the thread. */
MUST_CHECK int sync_start(const struct sync_options *options, struct sync **ret, struct err *err);
/* Waits for the page that is asked for. Releases; accepts NULL. */
void sync_stop(struct sync *sync);
void sync_stopp(struct sync **sync);
