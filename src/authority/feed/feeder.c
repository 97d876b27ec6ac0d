/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With deltas each second, one is made at once when something was revoked, because the bell is
 * looked at more often than that; the second is for what was issued. Pauses are on the monotonic
 * clock and short: that is how a jump of the other one shows.
 */
#include "authority/feed/feeder.h"

#include "authority/schedule.h"
#include "base/chore.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TICK_MS = 200, MILLISECONDS = 1000, EAGER_S = 1 };

struct feeder {
    struct feeder_options options;
    struct signer *signer; /* NULL until signerd was there for the first time */
    struct chore chore;
    _Atomic bool is_retimed;
    _Atomic int daily; /* these two as in options, until they change */
    _Atomic int64_t every_s;
    int64_t next_ms;   /* monotonic: when to look again */
    int64_t planned;   /* the daily hour that the last run has seen to */
    uint64_t rings;    /* of the bell, before the last run */
    unsigned failures; /* in a row */
};

static int64_t planned_now(const struct feeder *f)
{
    return schedule_last(f->daily, clock_now(f->options.authority->clock));
}

static uint64_t rings_now(const struct feeder *f)
{
    return http_bell_rings(authority_changes(f->options.authority->store));
}

static int try_run(struct feeder *f, const struct feed_work *work, struct err *err)
{
    const struct authority *authority = f->options.authority;
    unsigned items;

    if (f->signer == NULL)
        TRY(signer_open(authority->signer, &f->signer, err));
    return feed_maker_run(authority->feeds, f->signer, work, &items, err);
}

static void attempt(struct feeder *f)
{
    int64_t now = clock_now(f->options.authority->clock);
    const struct feed_work work = {.planned = planned_now(f), .by = audit_by_self(now)};
    uint64_t rings = rings_now(f);
    struct err why = {0};
    bool works = try_run(f, &work, &why) == 0;

    f->failures = works ? 0 : f->failures + 1;
    f->planned = work.planned;
    f->rings = rings;
    f->next_ms = monotonic_ms() +
                 (works ? f->every_s * MILLISECONDS : schedule_backoff_ms(f->failures));
    if (f->options.report != NULL && !works)
        f->options.report(&why);
}

static bool is_time(const struct feeder *f)
{
    if (monotonic_ms() >= f->next_ms)
        return true;
    if (f->failures > 0)
        return false;
    return planned_now(f) != f->planned || (f->every_s <= EAGER_S && rings_now(f) != f->rings);
}

static void *run(void *argument)
{
    struct feeder *f = argument;

    do {
        if (atomic_exchange(&f->is_retimed, false) || is_time(f))
            attempt(f);
    } while (chore_rest(&f->chore, TICK_MS));
    return NULL;
}

int feeder_start(const struct feeder_options *options, struct feeder **ret, struct err *err)
{
    struct feeder *f = calloc(1, sizeof *f);
    int rc;

    if (f == NULL)
        return FAIL_NOMEM(err);
    f->options = *options;
    f->daily = options->daily;
    f->every_s = options->every_s;
    f->next_ms = monotonic_ms(); /* at once */
    rc = chore_start(&f->chore, run, f, err);
    if (rc < 0) {
        free(f);
        return rc;
    }
    *ret = f;
    return 0;
}

void feeder_retime(struct feeder *feeder, int daily, int64_t every_s)
{
    feeder->daily = daily;
    feeder->every_s = every_s;
    feeder->is_retimed = true;
}

void feeder_stop(struct feeder *feeder)
{
    if (feeder == NULL)
        return;
    chore_stop(&feeder->chore);
    signer_close(feeder->signer);
    free(feeder);
}
