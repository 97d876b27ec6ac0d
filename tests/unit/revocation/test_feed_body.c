/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of feeds and the states they make, judged by a plain bitmap. */
#include "revocation/feed_body.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t ca_key_id[20] = {1, 2, 3};

enum { ISSUED = 200000, NUMBER = 77 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Every number up to ISSUED is revoked with this chance in 256; two gaps. */
static void make_state(struct feed_state *state, uint32_t seed, unsigned chance)
{
    assert_int_equal(feed_state_init(state, NULL), 0);
    state->issued = ISSUED;
    state->number = NUMBER;
    assert_int_equal(gaps_add_range(&state->gaps, 3, 3, NULL), 0);
    assert_int_equal(gaps_add_range(&state->gaps, 65530, 65540, NULL), 0);
    for (uint32_t serial = 1; serial <= ISSUED; serial++)
        if (next_random(&seed) % 256 < chance && !gaps_contain(&state->gaps, serial))
            assert_int_equal(serial_set_add(state->revoked, serial, NULL), 0);
}

static void assert_same_state(const struct feed_state *a, const struct feed_state *b)
{
    struct digest first;
    struct digest second;

    assert_int_equal(a->number, b->number);
    for (uint32_t serial = 0; serial <= ISSUED + 1000; serial++)
        assert_int_equal(feed_state_find(a, serial), feed_state_find(b, serial));
    assert_int_equal(feed_state_digest(a, BYTES_ARRAY(ca_key_id), &first, NULL), 0);
    assert_int_equal(feed_state_digest(b, BYTES_ARRAY(ca_key_id), &second, NULL), 0);
    assert_memory_equal(first.value, second.value, first.len);
}

static void a_body_that_is_cut_off_or_goes_on_is_refused(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct feed_state read;

    (void)state;
    make_state(&made, 1, 12);
    assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
    for (size_t len = 0; len < body.len; len += len < 64 ? 1 : 977)
        assert_int_equal(feed_read_snapshot(bytes_of(body.ptr, len), NUMBER, &read, NULL),
                         -ERR_INPUT);
    assert_int_equal(buf_append_byte(&body, 0, NULL), 0);
    assert_int_equal(feed_read_snapshot(buf_bytes(&body), NUMBER, &read, NULL), -ERR_INPUT);
}

static void an_impossible_range_is_refused(void **state)
{
    static const struct {
        uint32_t first, issued;
    } rows[] = {{0, 10}, {2, 10}, {65536, 65535}, {65537, 70000}, {1, 0}};
    struct feed_state read;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[16] = {0};

        for (int octet = 0; octet < 4; octet++) {
            body[octet] = (uint8_t)(rows[i].first >> (24 - 8 * octet));
            body[4 + octet] = (uint8_t)(rows[i].issued >> (24 - 8 * octet));
        }
        assert_int_equal(feed_read_snapshot(BYTES_ARRAY(body), 0, &read, NULL), -ERR_INPUT);
    }
}

static void gaps_past_the_limit_are_refused(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    CLEANUP(feed_state_done) struct feed_state read = {.revoked = NULL};

    (void)state;
    assert_int_equal(feed_state_init(&made, NULL), 0);
    made.issued = ISSUED;
    for (uint32_t i = 1; i <= GAPS_MAX; i++)
        assert_int_equal(gaps_add_range(&made.gaps, 10 * i, 10 * i + 2, NULL), 0);
    assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
    assert_int_equal(feed_read_snapshot(buf_bytes(&body), 0, &read, NULL), 0);
    assert_int_equal(read.gaps.count, GAPS_MAX);
    body.ptr[9] = (uint8_t)(GAPS_MAX + 1); /* the low half of the count */
    feed_state_done(&read);
    assert_int_equal(feed_read_snapshot(buf_bytes(&body), 0, &read, NULL), -ERR_INPUT);
}

/* A gap may be widened over issued numbers, which hides those that are good, and no others. */
static void a_revocation_in_a_gap_is_one(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(feed_state_done) struct feed_state read = {.revoked = NULL};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const struct feed_change change = {
        .number = NUMBER, .first = 1, .issued = ISSUED, .has_gaps = true};

    (void)state;
    make_state(&made, 1, 0);
    assert_int_equal(serial_set_add(made.revoked, 3, NULL), 0);
    assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
    assert_int_equal(feed_read_snapshot(buf_bytes(&body), NUMBER, &read, NULL), 0);
    assert_same_state(&made, &read);
    assert_int_equal(feed_state_find(&read, 3), FEED_REVOKED);
    assert_int_equal(feed_state_find(&read, 65530), FEED_NOT_COVERED);
    assert_int_equal(feed_state_apply(&read, &change, NULL, NULL), 0);
    assert_int_equal(feed_state_find(&read, 3), FEED_REVOKED);
    assert_int_equal(feed_state_find(&read, 65530), FEED_GOOD);
}

static void a_snapshot_is_read_as_it_was(void **state)
{
    static const unsigned chances[] = {0, 1, 12, 64, 200, 255};

    (void)state;
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
        CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
        CLEANUP(feed_state_done) struct feed_state read = {.revoked = NULL};
        CLEANUP(buf_done) struct buf body = BUF_INIT;

        make_state(&made, (uint32_t)i, chances[i]);
        assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
        assert_int_equal(feed_read_snapshot(buf_bytes(&body), NUMBER, &read, NULL), 0);
        assert_same_state(&made, &read);
    }
}

static void what_is_not_covered_is_neither_good_nor_revoked(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};

    (void)state;
    make_state(&made, 1, 12);
    assert_int_equal(feed_state_find(&made, 0), FEED_NOT_COVERED);
    assert_int_equal(feed_state_find(&made, 3), FEED_NOT_COVERED);
    assert_int_equal(feed_state_find(&made, 65540), FEED_NOT_COVERED);
    assert_int_equal(feed_state_find(&made, ISSUED + 1), FEED_NOT_COVERED);
    assert_int_equal(feed_state_find(&made, UINT32_MAX), FEED_NOT_COVERED);
    assert_int_not_equal(feed_state_find(&made, ISSUED), FEED_NOT_COVERED);
    assert_int_not_equal(feed_state_find(&made, 1), FEED_NOT_COVERED);
}

/* From one random state to another, over the wire. */
static void a_delta_leads_from_one_state_to_the_other(void **state)
{
    CLEANUP(feed_state_done) struct feed_state from = {.revoked = NULL};
    CLEANUP(feed_state_done) struct feed_state to = {.revoked = NULL};
    CLEANUP(feed_change_done) struct feed_change change = {.number = 0};
    CLEANUP(feed_change_done) struct feed_change read = {.number = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    (void)state;
    make_state(&from, 5, 12);
    make_state(&to, 6, 20);
    to.number = NUMBER + 9;
    to.issued = ISSUED + 500;
    to.gaps.count = 1;
    assert_int_equal(feed_state_compare(&from, &to, &change, NULL), 0);
    assert_true(change.added_count > 10000 && change.released_count > 5000 && change.has_gaps);
    assert_int_equal(feed_write_delta(&change, &body, NULL), 0);
    assert_int_equal(feed_read_delta(buf_bytes(&body), change.number, &read, NULL), 0);
    assert_int_equal(feed_state_apply(&from, &read, NULL, NULL), 0);
    assert_same_state(&from, &to);
}

/* What is wrong with a change of a state in which 10 is revoked and 20 is not, of 100. */
static const struct wrong {
    uint64_t number;
    uint32_t first, issued, added[2], released[2];
} wrong[] = {
    {NUMBER - 1, 1, ISSUED, {0}, {0}},      /* goes back */
    {NUMBER, 1, ISSUED - 1, {0}, {0}},      /* issues less */
    {NUMBER, 2, ISSUED, {0}, {0}},          /* begins within a page */
    {NUMBER, 1, ISSUED, {10}, {0}},         /* revokes what is revoked */
    {NUMBER, 1, ISSUED, {ISSUED + 1}, {0}}, /* or not issued */
    {NUMBER, 65536, ISSUED, {20}, {0}},     /* or no longer covered */
    {NUMBER, 1, ISSUED, {0}, {20}},         /* releases what is not revoked */
    {NUMBER, 1, ISSUED, {20, 20}, {0}},     /* twice the same */
    {NUMBER, 1, ISSUED, {20}, {10, 10}},
};

static size_t length_of(const uint32_t list[2])
{
    return list[0] == 0 ? 0 : list[1] == 0 ? 1 : 2;
}

static void a_change_that_does_not_fit_changes_nothing(void **state)
{
    static const uint8_t other[32] = {9};
    const struct feed_expectation expected = {BYTES_ARRAY(ca_key_id), BYTES_ARRAY(other)};
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(feed_state_done) struct feed_state before = {.revoked = NULL};
    uint32_t good[2] = {20, 30};
    struct feed_change change = {NUMBER + 1, 65536, ISSUED + 1, false, {.count = 0},
                                 NULL,       0,     good,       0};

    (void)state;
    make_state(&made, 1, 0);
    make_state(&before, 1, 0);
    assert_int_equal(serial_set_add(made.revoked, 10, NULL), 0);
    assert_int_equal(serial_set_add(before.revoked, 10, NULL), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wrong row = wrong[i];
        struct feed_change bad = {.number = row.number,
                                  .first = row.first,
                                  .issued = row.issued,
                                  .added = row.added,
                                  .added_count = length_of(row.added),
                                  .released = row.released,
                                  .released_count = length_of(row.released)};

        assert_int_equal(feed_state_apply(&made, &bad, NULL, NULL), -ERR_INPUT);
        assert_same_state(&made, &before);
    }
    /* All of it fits, but the result is not the one that was promised. */
    change.first = 1;
    change.added = good;
    change.added_count = 2;
    change.released = (uint32_t[]){10};
    change.released_count = 1;
    assert_int_equal(feed_state_apply(&made, &change, &expected, NULL), -ERR_UNTRUSTED);
    assert_same_state(&made, &before);
    assert_int_equal(feed_state_apply(&made, &change, NULL, NULL), 0);
    assert_int_equal(feed_state_find(&made, 10), FEED_GOOD);
    assert_int_equal(feed_state_find(&made, 20), FEED_REVOKED);
}

static void what_is_below_the_first_is_forgotten(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(feed_state_done) struct feed_state read = {.revoked = NULL};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct feed_change change = {
        .number = NUMBER, .first = 131072, .issued = ISSUED, .has_gaps = true};

    (void)state;
    make_state(&made, 4, 12);
    assert_int_equal(feed_state_apply(&made, &change, NULL, NULL), 0);
    assert_int_equal(feed_state_find(&made, 131071), FEED_NOT_COVERED);
    assert_int_not_equal(feed_state_find(&made, 131072), FEED_NOT_COVERED);
    assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
    assert_int_equal(feed_read_snapshot(buf_bytes(&body), NUMBER, &read, NULL), 0);
    assert_same_state(&made, &read);
}

static void changes_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    CLEANUP(feed_change_done) struct feed_change read = {.number = 0};
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    uint32_t *serials = calloc(FEED_CHANGES_MAX + 1, sizeof *serials);
    struct feed_change change = {.number = 1, .first = 1, .issued = UINT32_MAX, .added = serials};

    (void)state;
    assert_non_null(serials);
    for (uint32_t i = 0; i <= FEED_CHANGES_MAX; i++)
        serials[i] = i + 1;
    change.added_count = FEED_CHANGES_MAX + 1;
    assert_int_equal(feed_write_delta(&change, &body, NULL), -ERR_USAGE);
    change.added_count = FEED_CHANGES_MAX;
    assert_int_equal(feed_write_delta(&change, &body, NULL), 0);
    assert_int_equal(feed_read_delta(buf_bytes(&body), 1, &read, NULL), 0);
    assert_int_equal(read.added_count, FEED_CHANGES_MAX);
    /* The last two bits of its count and one, 2^20 + 1 as a gamma code behind 65 bits: one more. */
    body.ptr[13] ^= 0xc0;
    feed_change_done(&read);
    assert_int_equal(feed_read_delta(buf_bytes(&body), 1, &read, NULL), -ERR_INPUT);
    free(serials);
}

/* Of the dense numbers of a nation, a twentieth revoked: the code is near what is possible. */
static void a_revocation_takes_seven_bits_at_most(void **state)
{
    CLEANUP(feed_state_done) struct feed_state made = {.revoked = NULL};
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    (void)state;
    make_state(&made, 8, 13);
    assert_int_equal(feed_write_snapshot(&made, &body, NULL), 0);
    assert_true(8 * body.len < 7 * serial_set_count(made.revoked));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_is_cut_off_or_goes_on_is_refused),
        cmocka_unit_test(an_impossible_range_is_refused),
        cmocka_unit_test(gaps_past_the_limit_are_refused),
        cmocka_unit_test(a_revocation_in_a_gap_is_one),
        cmocka_unit_test(a_snapshot_is_read_as_it_was),
        cmocka_unit_test(what_is_not_covered_is_neither_good_nor_revoked),
        cmocka_unit_test(a_delta_leads_from_one_state_to_the_other),
        cmocka_unit_test(a_change_that_does_not_fit_changes_nothing),
        cmocka_unit_test(what_is_below_the_first_is_forgotten),
        cmocka_unit_test(changes_at_the_limit_are_taken_and_one_past_it_refused),
        cmocka_unit_test(a_revocation_takes_seven_bits_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
