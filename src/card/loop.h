/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One loop of one thread over the descriptors and deadlines of any number of cards; a round costs
 * the same however many there are.
 *
 * One event is taken a round, so whoever handles it may close whatever it likes.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Embedded by its owner, who sets ready and context and keeps fd open while it is watched. */
struct watch {
    int fd;
    uint32_t events; /* EPOLLIN, EPOLLOUT or both; 0: only errors */
    bool is_watched;
    void (*ready)(void *context, uint32_t events);
    void *context;
};

/* The same for a moment. */
struct timer {
    int64_t at_ms; /* monotonic; INT64_MAX: never */
    struct timer *previous, *next;
    bool is_set;
    void (*due)(void *context); /* the timer is not set any more */
    void *context;
};

MUST_CHECK int loop_new(struct loop **ret, struct err *err);
/* Everything must have been taken out of it. */
void loop_free(struct loop *loop);

/* Begin to watch, or watch for other events from now on. */
MUST_CHECK int loop_watch(struct loop *loop, struct watch *watch, uint32_t events, struct err *err);
/* Nothing happens if it is not watched. Before its descriptor is closed. */
void loop_unwatch(struct loop *loop, struct watch *watch);

/* Set or move a timer; INT64_MAX unsets it. A moment that is over is due in the next round. */
void loop_set(struct loop *loop, struct timer *timer, int64_t at_ms);

/* Until until_fd is readable. May be called again. */
MUST_CHECK int loop_run(struct loop *loop, int until_fd, struct err *err);
