/* SPDX-License-Identifier: Apache-2.0 */
#include "register/background.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { MILLISECONDS = 1000, NANOSECONDS = 1000000 }; /* in a second; in a millisecond */

struct background {
    struct turns *counters;
    unsigned every_ms;
    void (*observe)(const struct round *round);
    struct caldate done; /* the day whose acts are all done; year 0: none yet */
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool is_stopping;
    pthread_t thread;
};

/* Wait for the next round; false: stop. The lock is held. */
static bool wait_round(struct background *background)
{
    int64_t at = monotonic_ms() + background->every_ms;
    const struct timespec until = {.tv_sec = at / MILLISECONDS,
                                   .tv_nsec = at % MILLISECONDS * NANOSECONDS};
    int rc = 0;

    while (!background->is_stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&background->stop, &background->lock, &until);
    return !background->is_stopping;
}

/* A card that has to wait is tried again in the next round. */
static void do_daily(struct background *background, const struct counter *counter,
                     struct round *round)
{
    int64_t now = clock_now(counter->clock);
    struct caldate today = caltime_at(now, JST_OFFSET_SECONDS).date;

    if (caldate_compare(today, background->done) == 0)
        return;
    round->daily_rc = daily_run(counter, &round->ended, &round->daily_failure);
    if (round->daily_rc == 0 && round->ended.waiting == 0)
        background->done = today;
}

static void do_round(struct background *background)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(background->counters);
    const struct counter *counter = turn_value(turn);
    struct round round = {.daily_rc = 0};

    round.resume_rc = counter_resume_issues(counter, &round.resumed, &round.resume_failure);
    do_daily(background, counter, &round);
    round.outbox_rc = outbox_deliver(counter, NULL, &round.delivered, &round.outbox_failure);
    background->observe(&round);
}

static void *background_main(void *context)
{
    struct background *background = context;

    (void)pthread_mutex_lock(&background->lock);
    do {
        (void)pthread_mutex_unlock(&background->lock);
        do_round(background);
        (void)pthread_mutex_lock(&background->lock);
    } while (wait_round(background));
    (void)pthread_mutex_unlock(&background->lock);
    return NULL;
}

static int start(struct background *background, struct err *err)
{
    pthread_condattr_t attributes;
    int rc;

    if (pthread_condattr_init(&attributes) != 0)
        return FAIL_NOMEM(err);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&background->lock, NULL);
    (void)pthread_cond_init(&background->stop, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    rc = pthread_create(&background->thread, NULL, background_main, background);
    if (rc != 0) {
        errno = rc;
        return FAIL_ERRNO(err, "a thread cannot be started");
    }
    return 0;
}

int background_start(struct turns *counters, unsigned every_ms,
                     void (*observe)(const struct round *round), struct background **ret,
                     struct err *err)
{
    struct background *background = calloc(1, sizeof *background);
    int rc;

    if (background == NULL)
        return FAIL_NOMEM(err);
    background->counters = counters;
    background->every_ms = every_ms;
    background->observe = observe;
    rc = start(background, err);
    if (rc < 0) {
        free(background);
        return rc;
    }
    *ret = background;
    return 0;
}

void background_stopp(struct background **background)
{
    struct background *b = *background;

    if (b == NULL)
        return;
    (void)pthread_mutex_lock(&b->lock);
    b->is_stopping = true;
    (void)pthread_cond_signal(&b->stop);
    (void)pthread_mutex_unlock(&b->lock);
    (void)pthread_join(b->thread, NULL);
    (void)pthread_cond_destroy(&b->stop);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
    *background = NULL;
}
