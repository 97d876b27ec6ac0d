/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/gaps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_range_that_is_none_or_does_not_follow_is_refused(void **state)
{
    static const struct gap rows[] = {{0, 0}, {0, 3}, {9, 8}, {1, 1}, {7, 7}, {4, 9}, {8, 8}};
    struct gaps gaps = {.count = 0};

    (void)state;
    assert_int_equal(gaps_add_range(&gaps, 5, 7, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(gaps_add_range(&gaps, rows[i].first, rows[i].last, NULL), -ERR_INPUT);
    assert_int_equal(gaps.count, 1);
    assert_int_equal(gaps_add_range(&gaps, 9, UINT32_MAX, NULL), 0);
    /* Nothing follows the last number there is. */
    assert_int_equal(gaps_add_range(&gaps, 1, 1, NULL), -ERR_INPUT);
    assert_int_equal(gaps_add_range(&gaps, UINT32_MAX, UINT32_MAX, NULL), -ERR_INPUT);
}

static void ranges_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    struct gaps gaps = {.count = 0};

    (void)state;
    for (uint32_t i = 1; i <= GAPS_MAX; i++)
        assert_int_equal(gaps_add_range(&gaps, 2 * i, 2 * i, NULL), 0);
    assert_int_equal(gaps_add_range(&gaps, 2 * GAPS_MAX + 2, 2 * GAPS_MAX + 2, NULL),
                     -ERR_CONFLICT);
    assert_int_equal(gaps.count, GAPS_MAX);
}

static void what_is_in_no_range_is_no_gap(void **state)
{
    struct gaps gaps = {.count = 0};

    (void)state;
    assert_false(gaps_contain(&gaps, 0));
    assert_false(gaps_contain(&gaps, 7));
    assert_int_equal(gaps_add_range(&gaps, 5, 7, NULL), 0);
    assert_int_equal(gaps_add_range(&gaps, 10, 10, NULL), 0);
    assert_int_equal(gaps_add_range(&gaps, 4000000000U, UINT32_MAX, NULL), 0);
    for (uint32_t number = 0; number < 20; number++)
        assert_int_equal(gaps_contain(&gaps, number), (number >= 5 && number <= 7) || number == 10);
    assert_false(gaps_contain(&gaps, 3999999999U));
    assert_true(gaps_contain(&gaps, 4000000000U) && gaps_contain(&gaps, UINT32_MAX));
}

static void numbers_in_a_row_are_one_range(void **state)
{
    static const uint32_t numbers[] = {2, 3, 4, 6, 8, 9};
    struct gaps gaps = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        gaps_add_number(&gaps, numbers[i]);
    assert_int_equal(gaps.count, 3);
    assert_int_equal(gaps.ranges[0].first, 2);
    assert_int_equal(gaps.ranges[0].last, 4);
    assert_int_equal(gaps.ranges[1].first, 6);
    assert_int_equal(gaps.ranges[1].last, 6);
    assert_int_equal(gaps.ranges[2].last, 9);
}

/* No gap is ever left out; numbers that are none become part of the last range. */
static void past_the_limit_the_last_range_grows(void **state)
{
    struct gaps gaps = {.count = 0};

    (void)state;
    for (uint32_t i = 1; i <= GAPS_MAX; i++)
        gaps_add_number(&gaps, 2 * i);
    assert_int_equal(gaps.count, GAPS_MAX);
    assert_false(gaps_contain(&gaps, 2 * GAPS_MAX - 1));
    assert_false(gaps_contain(&gaps, 2 * GAPS_MAX + 1));
    gaps_add_number(&gaps, 2 * GAPS_MAX + 2);
    assert_int_equal(gaps.count, GAPS_MAX);
    assert_false(gaps_contain(&gaps, 2 * GAPS_MAX - 1));
    assert_true(gaps_contain(&gaps, 2 * GAPS_MAX + 1) && gaps_contain(&gaps, 2 * GAPS_MAX + 2));
    assert_false(gaps_contain(&gaps, 2 * GAPS_MAX + 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_that_is_none_or_does_not_follow_is_refused),
        cmocka_unit_test(ranges_at_the_limit_are_taken_and_one_past_it_refused),
        cmocka_unit_test(what_is_in_no_range_is_no_gap),
        cmocka_unit_test(numbers_in_a_row_are_one_range),
        cmocka_unit_test(past_the_limit_the_last_range_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
