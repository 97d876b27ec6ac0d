/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines of many connections: one queue per phase. All of a phase last equally long, so each
 * queue is in the order of its deadlines, and the earliest is at its front.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct deadline {
    struct deadline *before, *after; /* in its queue */
    struct deadline_queue *queue;    /* NULL: none is running */
    int64_t at_ms;                   /* on the monotonic clock */
};

struct deadline_queue {
    struct deadline *first, *last;
    int duration_ms;
};

/* Leave the queue it is in, if any, and join the end of another. */
void deadline_start(struct deadline *deadline, struct deadline_queue *queue, int64_t now_ms);
void deadline_stop(struct deadline *deadline);
/* The first one of the queue, if it has passed; NULL otherwise. */
struct deadline *deadline_passed(const struct deadline_queue *queue, int64_t now_ms);
/* Milliseconds until the queue's first one passes, at most otherwise; -1 stands for "never". */
int deadline_wait(const struct deadline_queue *queue, int64_t now_ms, int otherwise);
