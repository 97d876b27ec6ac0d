/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that does something again and again, with pauses, until it is told to stop:
 *
 *     do
 *         work();
 *     while (chore_rest(chore, PAUSE_MS));
 */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>

/* Zeros: there is no thread. */
struct chore {
    pthread_t thread;
    int stop_fd; /* readable: stop */
    bool is_there;
};

/* Have it run in a thread. The chore outlives that, and stays where it is; on failure there is
 * none. */
MUST_CHECK int chore_start(struct chore *chore, void *(*run)(void *), void *argument,
                           struct err *err);
/* For the thread: false as soon as it shall stop, true if it need not for so long (0: now). */
bool chore_rest(const struct chore *chore, int pause_ms);
/* Tell it to stop, without waiting for it. Nothing happens if there is no thread. */
void chore_tell(struct chore *chore);
/* The same, and wait until the thread is over. */
void chore_stop(struct chore *chore);
