/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_run_that_is_none_or_does_not_follow_is_refused(void **state)
{
    static const struct serial_run rows[] = {{0, 1},  {9, 0}, {9, RUN_GENERATION_MAX + 1},
                                             {20, 2}, {7, 1}, {5, 1}};
    struct serial_runs runs = {.count = 0};

    (void)state;
    assert_int_equal(serial_runs_add(&runs, 5, 1, NULL), -ERR_INPUT); /* it is the first's anyway */
    assert_int_equal(serial_runs_add(&runs, 7, 2, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(serial_runs_add(&runs, rows[i].first, rows[i].generation, NULL),
                         -ERR_INPUT);
    assert_int_equal(runs.count, 1);
    assert_int_equal(serial_runs_add(&runs, UINT32_MAX, RUN_GENERATION_MAX, NULL), 0);
}

static void runs_at_the_limit_are_taken_and_one_past_it_refused(void **state)
{
    struct serial_runs runs = {.count = 0};

    (void)state;
    for (uint32_t i = 0; i < RUNS_MAX; i++)
        assert_int_equal(serial_runs_add(&runs, i + 2, 2 - i % 2, NULL), 0);
    assert_int_equal(serial_runs_add(&runs, RUNS_MAX + 2, 2 - RUNS_MAX % 2, NULL), -ERR_CONFLICT);
    assert_int_equal(runs.count, RUNS_MAX);
}

static void without_runs_all_is_of_the_first_generation(void **state)
{
    const struct serial_runs runs = {.count = 0};
    struct serial_view all = {10, {.ranges = {{4, 5}}, .count = 1}};
    struct serial_view got;

    (void)state;
    assert_int_equal(serial_runs_find(&runs, 1), 1);
    assert_int_equal(serial_runs_find(&runs, UINT32_MAX), 1);
    serial_runs_view(&runs, 1, &all, &got);
    assert_int_equal(got.issued, 10);
    assert_int_equal(got.gaps.count, 1);
    assert_int_equal(got.gaps.ranges[0].first, 4);
    serial_runs_view(&runs, 2, &all, &got);
    assert_int_equal(got.issued, 0);
    assert_int_equal(got.gaps.count, 0);
}

static void a_number_belongs_to_the_last_run_that_began(void **state)
{
    struct serial_runs runs = {.count = 0};

    (void)state;
    assert_int_equal(serial_runs_add(&runs, 5, 2, NULL), 0);
    assert_int_equal(serial_runs_add(&runs, 6, 1, NULL), 0);
    assert_int_equal(serial_runs_add(&runs, 9, 3, NULL), 0);
    for (uint32_t number = 0; number < 20; number++)
        assert_int_equal(serial_runs_find(&runs, number), number >= 9 ? 3 : number == 5 ? 2 : 1);
}

/* Every number, by the definition: of a generation if its run is, it is issued and no gap. */
static void assert_view(const struct serial_runs *runs, unsigned generation,
                        const struct serial_view *all)
{
    struct serial_view got;

    serial_runs_view(runs, generation, all, &got);
    assert_true(got.issued <= all->issued);
    assert_true(got.issued == 0 || !gaps_contain(&got.gaps, got.issued));
    for (uint32_t number = 1; number <= all->issued + 3; number++) {
        bool is_its = number <= all->issued && !gaps_contain(&all->gaps, number) &&
                      serial_runs_find(runs, number) == generation;

        assert_int_equal(number <= got.issued && !gaps_contain(&got.gaps, number), is_its);
    }
    for (size_t i = 1; i < got.gaps.count; i++)
        assert_true(got.gaps.ranges[i].first > got.gaps.ranges[i - 1].last + 1);
    assert_true(got.gaps.count == 0 || got.gaps.ranges[got.gaps.count - 1].last < got.issued);
}

static void a_view_has_what_the_generation_has_issued_and_nothing_else(void **state)
{
    enum { ROUNDS = 2000 };

    (void)state;
    srandom(7);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct serial_runs runs = {.count = 0};
        struct serial_view all = {(uint32_t)(1 + random() % 60), {.count = 0}};

        for (uint32_t number = 1; number < 70; number++)
            if (random() % 6 == 0) {
                unsigned before = serial_runs_find(&runs, number);

                assert_int_equal(serial_runs_add(&runs, number,
                                                 1 + (before + (unsigned)(random() % 2)) % 3, NULL),
                                 0);
            }
        for (uint32_t number = 2; number < all.issued; number++)
            if (random() % 4 == 0)
                gaps_add_number(&all.gaps, number);
        for (unsigned generation = 1; generation <= 4; generation++)
            assert_view(&runs, generation, &all);
    }
}

/* More gaps than there may be: numbers are called gaps that are none, and never the other way. */
static void too_many_gaps_grow_together(void **state)
{
    struct serial_runs runs = {.count = 0};
    struct serial_view all = {6 * GAPS_MAX, {.count = 0}};
    struct serial_view got;

    (void)state;
    for (uint32_t i = 0; i < RUNS_MAX; i++)
        assert_int_equal(serial_runs_add(&runs, 2 * i + 2, 2 - i % 2, NULL), 0);
    for (uint32_t i = 0; i < GAPS_MAX; i++)
        gaps_add_number(&all.gaps, 2 * GAPS_MAX + 10 + 3 * i);
    serial_runs_view(&runs, 1 + RUNS_MAX % 2, &all, &got);
    assert_true(got.gaps.count <= GAPS_MAX);
    for (uint32_t number = 1; number <= all.issued; number++)
        if (gaps_contain(&all.gaps, number) || serial_runs_find(&runs, number) != 1 + RUNS_MAX % 2)
            assert_true(number > got.issued || gaps_contain(&got.gaps, number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_none_or_does_not_follow_is_refused),
        cmocka_unit_test(runs_at_the_limit_are_taken_and_one_past_it_refused),
        cmocka_unit_test(without_runs_all_is_of_the_first_generation),
        cmocka_unit_test(a_number_belongs_to_the_last_run_that_began),
        cmocka_unit_test(a_view_has_what_the_generation_has_issued_and_nothing_else),
        cmocka_unit_test(too_many_gaps_grow_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
