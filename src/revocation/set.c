/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serials stand in one array, what is known about each in another: a search touches serials only,
 * so its cache lines are full of them. Date and reason share 32 bits: 29 for the date, three for
 * seven reasons.
 */
#include "revocation/set.h"

#include <stdlib.h>
#include <string.h>

enum {
    REASON_BITS = 3,
    DATE_MASK = REVOCATION_SPAN_MAX - 1,
    CAPACITY_FIRST = 64,
    NARROW_MIN = 64, /* entries that are searched as they are */
};

/*
 * While a set grows nobody knows its first date, so the last 29 bits of each date are kept; from
 * the first date on they say all, because the dates lie within 2^29 seconds.
 */
struct revocation_set {
    int64_t first_at, last_at; /* of all dates */
    size_t count;
    size_t capacity;
    size_t max;
    uint32_t *serials;
    uint32_t *facts;
};

/* Both arrays; capacity is at least 1. */
static int resize(struct revocation_set *set, size_t capacity, struct err *err)
{
    uint32_t *serials = reallocarray(set->serials, capacity, sizeof *serials);
    uint32_t *facts;

    if (serials == NULL)
        return FAIL_NOMEM(err);
    set->serials = serials;
    facts = reallocarray(set->facts, capacity, sizeof *facts);
    if (facts == NULL)
        return FAIL_NOMEM(err);
    set->facts = facts;
    set->capacity = capacity;
    return 0;
}

int revocation_set_begin(size_t max, struct revocation_set **ret, struct err *err)
{
    struct revocation_set *set = calloc(1, sizeof *set);

    if (set == NULL)
        return FAIL_NOMEM(err);
    set->max = max;
    set->first_at = INT64_MAX;
    set->last_at = INT64_MIN;
    *ret = set;
    return 0;
}

int revocation_set_add(struct revocation_set *set, const struct revocation *entry, struct err *err)
{
    uint32_t last = set->count == 0 ? 0 : set->serials[set->count - 1];

    if (entry->serial <= last)
        return FAIL(err, ERR_INPUT, "revocations out of order");
    if (set->count == set->max)
        return FAIL(err, ERR_INPUT, "more than %zu revocations", set->max);
    if (set->count == set->capacity)
        TRY(resize(set, set->capacity == 0 ? CAPACITY_FIRST : 2 * set->capacity, err));
    set->first_at = entry->at < set->first_at ? entry->at : set->first_at;
    set->last_at = entry->at > set->last_at ? entry->at : set->last_at;
    set->serials[set->count] = entry->serial;
    set->facts[set->count] = ((uint32_t)entry->at & DATE_MASK) << REASON_BITS |
                             (uint32_t)entry->reason;
    set->count++;
    return 0;
}

int revocation_set_finish(struct revocation_set *set, struct err *err)
{
    if (set->count == 0)
        set->first_at = set->last_at = 0;
    if (set->last_at - set->first_at >= REVOCATION_SPAN_MAX)
        return FAIL(err, ERR_INPUT, "revocations further apart than %d seconds",
                    REVOCATION_SPAN_MAX);
    return resize(set, set->count == 0 ? 1 : set->count, err);
}

int revocation_set_new(const struct revocation_source *source, struct revocation_set **ret,
                       struct err *err)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    struct revocation entry;
    int rc;

    TRY(revocation_set_begin(SIZE_MAX, &set, err));
    TRY(source->rewind(source->context, err));
    while ((rc = source->next(source->context, &entry, err)) == 0)
        TRY(revocation_set_add(set, &entry, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(revocation_set_finish(set, err));
    *ret = set;
    set = NULL;
    return 0;
}

void revocation_set_free(struct revocation_set *set)
{
    if (set == NULL)
        return;
    free(set->serials);
    free(set->facts);
    free(set);
}

void revocation_set_freep(struct revocation_set **set)
{
    revocation_set_free(*set);
    *set = NULL;
}

static struct revocation unpack(const struct revocation_set *set, size_t index)
{
    uint32_t facts = set->facts[index];
    uint32_t since = ((facts >> REASON_BITS) - (uint32_t)set->first_at) & DATE_MASK;

    return (struct revocation){set->serials[index], set->first_at + since,
                               (enum crl_reason)(facts & ((1u << REASON_BITS) - 1))};
}

/*
 * Serials come from one sequence, so where one would stand is guessed well from the first and the
 * last: what is searched then is a few pages of memory instead of all of it. From a bad guess the
 * steps double until the place lies between two of them. Between *ret_low and *ret_left behind it
 * is then the first that is not smaller.
 */
static void narrow(const struct revocation_set *set, uint32_t serial, size_t *ret_low,
                   size_t *ret_left)
{
    const uint32_t *all = set->serials;
    size_t step = NARROW_MIN;
    size_t guess;

    if (set->count < NARROW_MIN || serial <= all[0] || serial >= all[set->count - 1])
        return;
    guess = (size_t)((uint64_t)(serial - all[0]) * (set->count - 1) /
                     (all[set->count - 1] - all[0]));
    if (all[guess] < serial) {
        size_t low = guess + 1;

        while (step < set->count - low && all[low + step] < serial) {
            low += step + 1;
            step *= 2;
        }
        *ret_low = low;
        *ret_left = step < set->count - low ? step : set->count - low;
    } else {
        size_t high = guess;

        while (step <= high && all[high - step] >= serial) {
            high -= step;
            step *= 2;
        }
        *ret_low = step <= high ? high - step + 1 : 0;
        *ret_left = high - *ret_low;
    }
}

int revocation_set_find(const struct revocation_set *set, uint32_t serial, struct revocation *ret,
                        struct err *err)
{
    size_t low = 0;
    size_t left = set->count;

    narrow(set, serial, &low, &left);
    while (left > 0) {
        size_t half = left / 2;

        if (set->serials[low + half] < serial) {
            low += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    if (low == set->count || set->serials[low] != serial)
        return FAIL(err, ERR_ABSENT, "not revoked");
    *ret = unpack(set, low);
    return 0;
}

size_t revocation_set_count(const struct revocation_set *set)
{
    return set->count;
}

size_t revocation_set_memory(const struct revocation_set *set)
{
    return sizeof *set + set->capacity * (sizeof *set->serials + sizeof *set->facts);
}

static int cursor_rewind(void *context, struct err *err)
{
    struct revocation_cursor *cursor = context;

    (void)err;
    cursor->next = 0;
    return 0;
}

static int cursor_next(void *context, struct revocation *ret, struct err *err)
{
    struct revocation_cursor *cursor = context;

    if (cursor->next == cursor->set->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = unpack(cursor->set, cursor->next++);
    return 0;
}

struct revocation_source revocation_set_source(struct revocation_cursor *cursor)
{
    return (struct revocation_source){cursor, cursor_rewind, cursor_next};
}
