/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time is cut into years of equal length, counted from 1970. In each, each kind of event happens
 * once or not at all, by what is drawn for this person and year: so nothing before has to be known.
 */
#include "nation/life.h"

#include "nation/mix.h"
#include "nation/tables.h"

#include <stdlib.h>

enum {
    DAY = 86400,
    YEAR = 31557600, /* of 365.25 days */
    LANE = 1 << 16,  /* chances are drawn in steps of 1/65536 */
    CARD_YEARS = 5,
    NEWBORN_DAYS = 30,
    SIGN_AGE_MIN_YEARS = 15,
    DEATH_BASE = 10000,
    EVENT_BASE = 100000,
};

static const char *const event_names[NATION_EVENT_KINDS_] = {
    [NATION_MOVE] = "move",       [NATION_RENAME] = "rename", [NATION_LOSS] = "loss",
    [NATION_RENEWAL] = "renewal", [NATION_DEATH] = "death",
};

/* What an event does to the certificates of a card (pki.md 2). */
static const struct {
    bool ends[NATION_CERT_KINDS_];
    enum crl_reason reason;
} consequences[NATION_EVENT_KINDS_] = {
    [NATION_MOVE] = {{[NATION_SIGN] = true}, CRL_AFFILIATION_CHANGED},
    [NATION_RENAME] = {{[NATION_SIGN] = true}, CRL_AFFILIATION_CHANGED},
    [NATION_LOSS] = {{true, true}, CRL_CERTIFICATE_HOLD},
    [NATION_RENEWAL] = {{true, true}, CRL_SUPERSEDED},
    [NATION_DEATH] = {{true, true}, CRL_CESSATION_OF_OPERATION},
};

_Static_assert((int)YEARLY_EVENTS == (int)NATION_DEATH, "death comes behind those of the table");

const char *nation_event_name(enum nation_event_kind kind)
{
    return event_names[kind];
}

struct life life_of(const struct nation *nation, uint64_t index)
{
    uint64_t seed = nation->options.seed;
    uint64_t birth = mix(seed, index, MIX_BIRTH, 0);
    unsigned group = draw_age_group(birth);
    int64_t days = (int64_t)mix_below(birth << 32, (uint64_t)AGE_STEP * YEAR / DAY) + 1;
    int64_t age_days = (int64_t)group * AGE_STEP * (YEAR / 3600) / 24 + days;
    struct life life = {.born = NATION_EPOCH - age_days * DAY, .age_group = group};
    int64_t earliest = life.born + NEWBORN_DAYS * (int64_t)DAY;

    life.card_at = NATION_EPOCH - 1 -
                   (int64_t)mix_below(mix(seed, index, MIX_CARD, 0), (uint64_t)CARD_YEARS * YEAR);
    if (life.card_at < earliest)
        life.card_at = earliest;
    return life;
}

/* In the year that begins at `begin`, in which it may have happened. */
static int64_t event_time(const struct nation *nation, uint64_t index, int64_t begin,
                          enum nation_event_kind kind)
{
    uint64_t year = (uint64_t)(begin / YEAR);
    uint64_t drawn = mix(nation->options.seed, index, MIX_TIME, year << 3 | (uint64_t)kind);

    return begin + (int64_t)mix_below(drawn, YEAR);
}

/* Which events happen in a year, as bits. */
static unsigned draw_events(const struct nation *nation, uint64_t index, const struct life *life,
                            int64_t begin)
{
    uint64_t year = (uint64_t)(begin / YEAR);
    uint64_t drawn = mix(nation->options.seed, index, MIX_EVENTS, year);
    unsigned group = begin < life->born ? 0 : (unsigned)((begin - life->born) / YEAR / AGE_STEP);
    unsigned happen = 0;

    for (unsigned i = 0; i < YEARLY_EVENTS; i++, drawn >>= 16)
        happen |= (unsigned)((drawn % LANE) * EVENT_BASE < (uint64_t)event_rate(i) * LANE) << i;
    drawn = mix(nation->options.seed, index, MIX_DEATH, year);
    if (mix_below(drawn, DEATH_BASE) < age_group_at(group)->deaths)
        happen |= 1U << NATION_DEATH;
    return happen;
}

static int compare(const void *a, const void *b)
{
    const struct nation_event *left = a;
    const struct nation_event *right = b;

    return (left->at > right->at) - (left->at < right->at);
}

/* The events of one year behind those that are there, in order, the last one death if he dies. */
static size_t append_year(const struct nation *nation, uint64_t index, const struct life *life,
                          int64_t begin, struct nation_event *ret)
{
    unsigned happen = draw_events(nation, index, life, begin);
    size_t count = 0;

    for (unsigned kind = 0; happen != 0 && kind < NATION_EVENT_KINDS_; kind++) {
        int64_t at;

        if ((happen >> kind & 1) == 0)
            continue;
        at = event_time(nation, index, begin, (enum nation_event_kind)kind);
        if (at > life->card_at && at < nation->options.until)
            ret[count++] = (struct nation_event){(enum nation_event_kind)kind, at};
    }
    if (count > 1)
        qsort(ret, count, sizeof ret[0], compare);
    for (size_t i = 0; i < count; i++)
        if (ret[i].kind == NATION_DEATH)
            return i + 1;
    return count;
}

static size_t events_of(const struct nation *nation, uint64_t index, const struct life *life,
                        struct nation_event ret[NATION_EVENTS_MAX])
{
    size_t count = 0;

    for (int64_t begin = life->card_at / YEAR * YEAR; begin < nation->options.until;
         begin += YEAR) {
        if (count + NATION_EVENT_KINDS_ > NATION_EVENTS_MAX)
            break;
        count += append_year(nation, index, life, begin, ret + count);
        if (count > 0 && ret[count - 1].kind == NATION_DEATH)
            break;
    }
    return count;
}

size_t nation_events(const struct nation *nation, uint64_t index,
                     struct nation_event ret[NATION_EVENTS_MAX])
{
    struct life life = life_of(nation, index);

    return events_of(nation, index, &life, ret);
}

/* The fifth birthday after the issue, at its end (pki.md 1.3 and 4). */
static int64_t end_of(const struct life *life)
{
    struct caldate birth = caltime_at(life->born, JST_OFFSET_SECONDS).date;
    struct caldate issued = caltime_at(life->card_at, JST_OFFSET_SECONDS).date;
    struct caltime last = {caldate_birthday_after(birth, issued, CARD_YEARS), 23, 59, 59};

    return caltime_utc(last, JST_OFFSET_SECONDS);
}

bool nation_cert(const struct nation *nation, uint64_t index, enum nation_cert_kind kind,
                 struct nation_cert *ret)
{
    struct nation_event events[NATION_EVENTS_MAX];
    struct life life = life_of(nation, index);
    size_t count;

    if (kind == NATION_SIGN && life.card_at - life.born < (int64_t)SIGN_AGE_MIN_YEARS * YEAR)
        return false;
    *ret = (struct nation_cert){.not_before = life.card_at, .not_after = end_of(&life)};
    count = events_of(nation, index, &life, events);
    for (size_t i = 0; i < count; i++) {
        if (!consequences[events[i].kind].ends[kind] || events[i].at > ret->not_after)
            continue;
        ret->revoked_at = events[i].at;
        ret->reason = consequences[events[i].kind].reason;
        break;
    }
    return true;
}
