/* SPDX-License-Identifier: Apache-2.0 */
#include "register/background.h"

#include "base/chore.h"

#include <stdlib.h>

struct background {
    struct turns *counters;
    unsigned every_ms;
    void (*observe)(const struct round *round);
    struct caldate done; /* the day whose acts are all done; year 0: none yet */
    struct chore chore;
};

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

    do
        do_round(background);
    while (chore_rest(&background->chore, (int)background->every_ms));
    return NULL;
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
    rc = chore_start(&background->chore, background_main, background, err);
    if (rc < 0) {
        free(background);
        return rc;
    }
    *ret = background;
    return 0;
}

void background_stopp(struct background **background)
{
    if (*background == NULL)
        return;
    chore_stop(&(*background)->chore);
    free(*background);
    *background = NULL;
}
