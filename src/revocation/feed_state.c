/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change is looked at as a whole before anything is changed. What can still fail then is memory,
 * and the digest, which is known only afterwards: both are answered by undoing, for which no
 * memory is needed.
 */
#include "revocation/feed_state.h"

#include <stdlib.h>
#include <string.h>

int feed_state_init(struct feed_state *state, struct err *err)
{
    struct serial_set *revoked;

    TRY(serial_set_new(&revoked, err));
    *state = (struct feed_state){.number = 0, .first = 1, .issued = 1, .revoked = revoked};
    return 0;
}

void feed_state_done(struct feed_state *state)
{
    serial_set_freep(&state->revoked);
}

enum feed_answer feed_state_find(const struct feed_state *state, uint32_t serial)
{
    if (serial < state->first || serial > state->issued)
        return FEED_NOT_COVERED;
    if (serial_set_has(state->revoked, serial))
        return FEED_REVOKED; /* also where a gap reaches over it */
    return gaps_contain(&state->gaps, serial) ? FEED_NOT_COVERED : FEED_GOOD;
}

static int put_number(struct buf *out, uint64_t number, unsigned octets, struct err *err)
{
    while (octets-- > 0)
        TRY(buf_append_byte(out, (uint8_t)(number >> 8 * octets), err));
    return 0;
}

static int put_head(const struct feed_state *state, struct buf *out, struct err *err)
{
    TRY(put_number(out, state->number, sizeof state->number, err));
    TRY(put_number(out, state->first, sizeof state->first, err));
    TRY(put_number(out, state->issued, sizeof state->issued, err));
    TRY(put_number(out, state->gaps.count, sizeof state->first, err));
    for (size_t i = 0; i < state->gaps.count; i++) {
        TRY(put_number(out, state->gaps.ranges[i].first, sizeof state->first, err));
        TRY(put_number(out, state->gaps.ranges[i].last, sizeof state->first, err));
    }
    return 0;
}

/* Two levels, so that a change of few pages costs little whatever the number of revocations. */
int feed_state_digest(const struct feed_state *state, struct bytes ca_key_id, struct digest *ret,
                      struct err *err)
{
    static const char purpose[] = "OpenJPKI revocation feed, state 1";
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    uint32_t pages = serial_set_pages(state->revoked);

    TRY(buf_append(&text, bytes_of(purpose, sizeof purpose), err));
    TRY(buf_append(&text, ca_key_id, err));
    TRY(put_head(state, &text, err));
    for (uint32_t page = state->first >> SERIAL_PAGE_BITS; page < pages; page++) {
        struct digest digest;
        int rc = serial_set_digest(state->revoked, page, &digest, err);

        if (rc == -ERR_ABSENT)
            continue;
        TRY(rc);
        TRY(put_number(&text, page, 2, err));
        TRY(buf_append(&text, digest_bytes(&digest), err));
    }
    return digest_compute(DIGEST_SHA256, buf_bytes(&text), ret, err);
}

void feed_change_done(struct feed_change *change)
{
    free(change->added);
    free(change->released);
    *change = (struct feed_change){.number = 0};
}

bool feed_first_is_possible(uint32_t first, uint32_t issued)
{
    return first <= issued && (first == 1 || (first > 0 && first % SERIAL_PAGE_SIZE == 0));
}

/* Gaps that lie within what is covered; gaps.c made sure of their order. */
static bool are_within(const struct gaps *gaps, uint32_t first, uint32_t issued)
{
    return gaps->count == 0 ||
           (gaps->ranges[0].first >= first && gaps->ranges[gaps->count - 1].last <= issued);
}

static const struct gaps *gaps_after(const struct feed_state *state,
                                     const struct feed_change *change)
{
    return change->has_gaps ? &change->gaps : &state->gaps;
}

static int check_head(const struct feed_state *state, const struct feed_change *change,
                      struct err *err)
{
    if (change->number < state->number || change->issued < state->issued ||
        change->first < state->first)
        return FAIL(err, ERR_INPUT, "a change of the feed in which a number goes back");
    if (!feed_first_is_possible(change->first, change->issued) ||
        !are_within(gaps_after(state, change), change->first, change->issued))
        return FAIL(err, ERR_INPUT, "a change of the feed covers an impossible range");
    return 0;
}

static int check_lists(const struct feed_state *state, const struct feed_change *change,
                       struct err *err)
{
    for (size_t i = 0; i < change->added_count; i++)
        if (serial_set_has(state->revoked, change->added[i]) || change->added[i] < change->first ||
            change->added[i] > change->issued)
            return FAIL(err, ERR_INPUT, "the feed revokes what is revoked or not covered");
    for (size_t i = 0; i < change->released_count; i++)
        if (!serial_set_has(state->revoked, change->released[i]))
            return FAIL(err, ERR_INPUT, "the feed releases what is not revoked");
    return 0;
}

/* The lists' beginnings that were taken in, out again: needs no memory, so does not fail. */
static int undo(struct serial_set *set, const struct feed_change *change, size_t added,
                size_t released, struct err *err)
{
    for (size_t i = 0; i < released; i++)
        TRY(serial_set_add(set, change->released[i], err));
    for (size_t i = 0; i < added; i++)
        TRY(serial_set_remove(set, change->added[i], err));
    return 0;
}

/* A list that names one twice passes check_lists, but not this. */
static int change_set(struct serial_set *set, const struct feed_change *change, struct err *err)
{
    for (size_t i = 0; i < change->added_count; i++) {
        int rc = serial_set_add(set, change->added[i], err);

        if (rc < 0) {
            TRY(undo(set, change, i, 0, err));
            return rc == -ERR_CONFLICT ? FAIL(err, ERR_INPUT, "the feed revokes one twice") : rc;
        }
    }
    for (size_t i = 0; i < change->released_count; i++)
        if (serial_set_remove(set, change->released[i], err) < 0) {
            TRY(undo(set, change, change->added_count, i, err));
            return FAIL(err, ERR_INPUT, "the feed releases one twice");
        }
    return 0;
}

/* All of it, or nothing. What is below the first stays, so that all of it can be undone. */
static int change_state(struct feed_state *state, const struct feed_change *change, struct err *err)
{
    TRY(check_head(state, change, err));
    TRY(check_lists(state, change, err));
    TRY(change_set(state->revoked, change, err));
    state->number = change->number;
    state->first = change->first;
    state->issued = change->issued;
    if (change->has_gaps)
        state->gaps = change->gaps;
    return 0;
}

static int change_back(struct feed_state *state, const struct feed_state *before,
                       const struct feed_change *change, struct err *err)
{
    TRY(undo(state->revoked, change, change->added_count, change->released_count, err));
    *state = *before;
    return 0;
}

int feed_state_digest_after(struct feed_state *state, const struct feed_change *change,
                            struct bytes ca_key_id, struct digest *ret, struct err *err)
{
    const struct feed_state before = *state;
    int rc;

    TRY(change_state(state, change, err));
    rc = feed_state_digest(state, ca_key_id, ret, err);
    TRY(change_back(state, &before, change, err));
    return rc;
}

static int check_after(const struct feed_state *state, const struct feed_expectation *must_be,
                       struct err *err)
{
    struct digest digest;

    TRY(feed_state_digest(state, must_be->ca_key_id, &digest, err));
    if (!bytes_equal(digest_bytes(&digest), must_be->digest))
        return FAIL(err, ERR_UNTRUSTED, "the state after this change is not the one it names");
    return 0;
}

int feed_state_apply(struct feed_state *state, const struct feed_change *change,
                     const struct feed_expectation *must_be, struct err *err)
{
    const struct feed_state before = *state;
    int rc;

    TRY(change_state(state, change, err));
    rc = must_be == NULL ? 0 : check_after(state, must_be, err);
    if (rc < 0) {
        TRY(change_back(state, &before, change, NULL));
        return rc;
    }
    serial_set_drop_below(state->revoked, state->first >> SERIAL_PAGE_BITS);
    return 0;
}

static bool same_gaps(const struct gaps *a, const struct gaps *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->ranges[i].first != b->ranges[i].first || a->ranges[i].last != b->ranges[i].last)
            return false;
    return true;
}

/* Whatever is in list and not in other, appended. */
static size_t differ(const uint32_t *list, size_t count, const struct serial_set *other,
                     uint32_t *ret, size_t found)
{
    for (size_t i = 0; i < count; i++)
        if (!serial_set_has(other, list[i]))
            ret[found++] = list[i];
    return found;
}

/* Members of one set that are not in the other, from a page on. */
static int list_others(const struct serial_set *set, const struct serial_set *other, uint32_t page,
                       uint32_t **ret, size_t *ret_count, struct err *err)
{
    uint32_t *all = calloc(serial_set_count(set) + 1, sizeof *all);
    uint32_t *list = calloc(SERIAL_PAGE_SIZE, sizeof *list);
    size_t count = 0;

    if (all == NULL || list == NULL) {
        free(all);
        free(list);
        return FAIL_NOMEM(err);
    }
    for (uint32_t pages = serial_set_pages(set); page < pages; page++)
        count = differ(list, serial_set_list(set, page, list), other, all, count);
    free(list);
    *ret = all;
    *ret_count = count;
    return 0;
}

int feed_state_compare(const struct feed_state *from, const struct feed_state *to,
                       struct feed_change *ret, struct err *err)
{
    struct feed_change change = {.number = to->number, .first = to->first, .issued = to->issued};
    uint32_t page = to->first >> SERIAL_PAGE_BITS;
    int rc;

    change.has_gaps = !same_gaps(&from->gaps, &to->gaps);
    if (change.has_gaps)
        change.gaps = to->gaps;
    if (to->number < from->number || to->issued < from->issued || to->first < from->first)
        return FAIL(err, ERR_USAGE, "the states of a feed are the wrong way round");
    rc = list_others(to->revoked, from->revoked, page, &change.added, &change.added_count, err);
    if (rc == 0)
        rc = list_others(from->revoked, to->revoked, page, &change.released, &change.released_count,
                         err);
    if (rc < 0)
        feed_change_done(&change);
    else
        *ret = change;
    return rc;
}
