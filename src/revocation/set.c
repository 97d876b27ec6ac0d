/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serials stand in one array, what is known about each in another: a search touches serials only,
 * so its cache lines are full of them. Date and reason share 32 bits: seconds since the first date
 * of the set, 29 of them, and three bits for seven reasons.
 */
#include "revocation/set.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_BITS = 3, NARROW_MIN = 64 };

struct revocation_set {
    int64_t first_at; /* what packed dates count from */
    size_t count;
    size_t capacity;
    uint32_t *serials;
    uint32_t *facts;
};

/* First pass: how many there are and when the first was. */
static int survey(const struct revocation_source *source, struct revocation_set *set,
                  struct err *err)
{
    struct revocation entry;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    int rc;

    TRY(source->rewind(source->context, err));
    while ((rc = source->next(source->context, &entry, err)) == 0) {
        first = entry.at < first ? entry.at : first;
        last = entry.at > last ? entry.at : last;
        set->capacity++;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    if (set->capacity > 0 && last - first >= REVOCATION_SPAN_MAX)
        return FAIL(err, ERR_INPUT, "revocations further apart than %d seconds",
                    REVOCATION_SPAN_MAX);
    set->first_at = set->capacity > 0 ? first : 0;
    return 0;
}

static int allocate(struct revocation_set *set, struct err *err)
{
    size_t count = set->capacity == 0 ? 1 : set->capacity;

    set->serials = calloc(count, sizeof *set->serials);
    set->facts = calloc(count, sizeof *set->facts);
    return set->serials == NULL || set->facts == NULL ? FAIL_NOMEM(err) : 0;
}

/* Second pass: it must give what the first gave. */
static int collect(const struct revocation_source *source, struct revocation_set *set,
                   struct err *err)
{
    struct revocation entry;
    uint32_t last = 0;
    int rc;

    TRY(source->rewind(source->context, err));
    while ((rc = source->next(source->context, &entry, err)) == 0) {
        int64_t since = entry.at - set->first_at;

        if (entry.serial <= last)
            return FAIL(err, ERR_INPUT, "revocations out of order");
        if (since < 0 || since >= REVOCATION_SPAN_MAX || set->count == set->capacity)
            return FAIL(err, ERR_USAGE, "the revocations changed while they were collected");
        set->serials[set->count] = last = entry.serial;
        set->facts[set->count] = (uint32_t)since << REASON_BITS | (uint32_t)entry.reason;
        set->count++;
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

int revocation_set_new(const struct revocation_source *source, struct revocation_set **ret,
                       struct err *err)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = calloc(1, sizeof *set);

    if (set == NULL)
        return FAIL_NOMEM(err);
    TRY(survey(source, set, err));
    TRY(allocate(set, err));
    TRY(collect(source, set, err));
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

    return (struct revocation){set->serials[index], set->first_at + (facts >> REASON_BITS),
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
