/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program stands in a call of a reader meanwhile, so another thread tells it. A signal would do
 * without one, but would end that call as well.
 */
#include "programs/jpki/patience.h"

#include "base/clock.h"
#include "base/i18n.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const char *text;
    bool is_started, is_waiting, was_told;
    int64_t left_ms, since_ms;
} patience = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
    .left_ms = PATIENCE_MS,
};

static void sleep_until(int64_t ms)
{
    const struct timespec when = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)pthread_cond_clockwait(&patience.changed, &patience.lock, CLOCK_MONOTONIC, &when);
}

static void *watch(void *unused)
{
    (void)unused;
    (void)pthread_mutex_lock(&patience.lock);
    while (!patience.was_told) {
        if (!patience.is_waiting)
            (void)pthread_cond_wait(&patience.changed, &patience.lock);
        else if (monotonic_ms() < patience.since_ms + patience.left_ms)
            sleep_until(patience.since_ms + patience.left_ms);
        else
            patience.was_told = dprintf(STDERR_FILENO, "%s\n", patience.text) != 0;
    }
    (void)pthread_mutex_unlock(&patience.lock);
    return NULL;
}

/* Signals are for the thread that waits for them. Without memory nobody is told, and that is all.
 */
static void start(void)
{
    sigset_t all, before;
    pthread_t thread;

    patience.text = tr("The card has not answered yet; still waiting for it...");
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, watch, NULL) == 0)
        (void)pthread_detach(thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    patience.is_started = true;
}

bool patience_is_of_use(void)
{
    return isatty(STDERR_FILENO) == 1;
}

void patience_begin(void)
{
    if (!patience_is_of_use())
        return;
    (void)pthread_mutex_lock(&patience.lock);
    if (!patience.is_started)
        start();
    if (!patience.is_waiting) {
        patience.is_waiting = true;
        patience.since_ms = monotonic_ms();
        (void)pthread_cond_signal(&patience.changed);
    }
    (void)pthread_mutex_unlock(&patience.lock);
}

void patience_end(void)
{
    (void)pthread_mutex_lock(&patience.lock);
    if (patience.is_waiting)
        patience.left_ms -= monotonic_ms() - patience.since_ms;
    patience.is_waiting = false;
    (void)pthread_mutex_unlock(&patience.lock);
}
