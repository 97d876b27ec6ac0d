/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is due is read from the database at each pass, so nothing has to be remembered over a
 * restart. Pauses are on the monotonic clock and short: that is how a jump of the other one shows.
 */
#include "authority/crl/publisher.h"

#include "authority/schedule.h"
#include "base/chore.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TICK_MS = 500, NEW_LISTS_MS = 60000, MILLISECONDS = 1000 };

struct publisher {
    struct publisher_options options;
    struct signer *signer; /* NULL until signerd was there for the first time */
    _Atomic bool is_stopping, is_retimed;
    _Atomic int daily; /* these two as in options, until they change */
    _Atomic int64_t changed_s;
    struct chore chore;
    int64_t next_ms;   /* monotonic: when to look again */
    int64_t planned;   /* the daily hour that the last pass has seen to */
    unsigned failures; /* in a row */
};

static int64_t planned_now(const struct publisher *p)
{
    return schedule_last(p->daily, clock_now(p->options.authority->clock));
}

static int pass(struct publisher *p, const struct publishing *run, unsigned *ret, struct err *err)
{
    const struct authority *authority = p->options.authority;

    if (p->signer == NULL)
        TRY(signer_open(authority->signer, &p->signer, err));
    return authority_publish_due(authority, p->signer, run, ret, err);
}

static bool is_held(const struct publisher *p)
{
    return p->options.is_held != NULL && p->options.is_held();
}

static void attempt(struct publisher *p)
{
    int64_t changed_s = p->changed_s;
    int64_t interval = changed_s > 0 ? changed_s * MILLISECONDS : NEW_LISTS_MS;
    int64_t now = clock_now(p->options.authority->clock);
    const struct publishing run = {
        .due = {.planned = planned_now(p), .now = now, .is_changed_enough = changed_s > 0},
        .by = audit_by_self(now),
        .stop = &p->is_stopping,
    };
    unsigned published = 0;
    struct err why = {0};
    bool works = pass(p, &run, &published, &why) == 0;

    p->failures = works ? 0 : p->failures + 1;
    p->planned = run.due.planned;
    p->next_ms = monotonic_ms() + (works ? interval : schedule_backoff_ms(p->failures));
    if (p->options.report != NULL && (!works || published > 0))
        p->options.report(published, works ? NULL : &why);
}

/* Also if the clock is at another day than it was, in either direction. */
static bool is_time(const struct publisher *p)
{
    return monotonic_ms() >= p->next_ms || (p->failures == 0 && planned_now(p) != p->planned);
}

static void *run(void *argument)
{
    struct publisher *p = argument;

    do {
        if ((atomic_exchange(&p->is_retimed, false) || is_time(p)) && !is_held(p))
            attempt(p);
    } while (chore_rest(&p->chore, TICK_MS));
    return NULL;
}

int publisher_start(const struct publisher_options *options, struct publisher **ret,
                    struct err *err)
{
    struct publisher *p = calloc(1, sizeof *p);
    int rc;

    if (p == NULL)
        return FAIL_NOMEM(err);
    p->options = *options;
    p->daily = options->daily;
    p->changed_s = options->changed_s;
    p->next_ms = monotonic_ms(); /* at once */
    rc = chore_start(&p->chore, run, p, err);
    if (rc < 0) {
        free(p);
        return rc;
    }
    *ret = p;
    return 0;
}

void publisher_retime(struct publisher *publisher, int daily, int64_t changed_s)
{
    publisher->daily = daily;
    publisher->changed_s = changed_s;
    publisher->is_retimed = true;
}

void publisher_stop(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    publisher->is_stopping = true;
    chore_stop(&publisher->chore);
    signer_close(publisher->signer);
    free(publisher);
}

void publisher_stopp(struct publisher **publisher)
{
    publisher_stop(*publisher);
    *publisher = NULL;
}
