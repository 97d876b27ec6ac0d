/* SPDX-License-Identifier: Apache-2.0 */
#include "http/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void nothing_passes_in_an_empty_queue(void **state)
{
    struct deadline_queue queue = {.duration_ms = 10};
    struct deadline one = {0};

    (void)state;
    assert_null(deadline_passed(&queue, 1000));
    assert_int_equal(deadline_wait(&queue, 1000, -1), -1);
    assert_int_equal(deadline_wait(&queue, 1000, 7), 7);
    deadline_stop(&one); /* was never started */
}

static void a_deadline_passes_at_its_millisecond(void **state)
{
    struct deadline_queue queue = {.duration_ms = 10};
    struct deadline one = {0};

    (void)state;
    deadline_start(&one, &queue, 100);
    assert_null(deadline_passed(&queue, 109));
    assert_int_equal(deadline_wait(&queue, 109, -1), 1);
    assert_int_equal(deadline_wait(&queue, 100, 3), 3);
    assert_ptr_equal(deadline_passed(&queue, 110), &one);
    assert_int_equal(deadline_wait(&queue, 500, 3), 0);
    deadline_stop(&one);
    assert_null(deadline_passed(&queue, 500));
}

static void starting_again_moves_to_the_end_of_the_new_queue(void **state)
{
    struct deadline_queue first = {.duration_ms = 10};
    struct deadline_queue second = {.duration_ms = 20};
    struct deadline at[3] = {0};

    (void)state;
    for (int i = 0; i < 3; i++)
        deadline_start(&at[i], &first, i);
    deadline_start(&at[0], &first, 5);
    assert_ptr_equal(first.first, &at[1]);
    assert_ptr_equal(first.last, &at[0]);
    deadline_start(&at[2], &second, 6); /* out of the middle */
    assert_ptr_equal(at[1].after, &at[0]);
    assert_ptr_equal(at[0].before, &at[1]);
    assert_ptr_equal(second.first, &at[2]);
    assert_int_equal(at[2].at_ms, 26);
    deadline_stop(&at[0]);
    assert_ptr_equal(first.last, &at[1]);
    deadline_stop(&at[1]);
    assert_null(first.first);
    assert_null(first.last);
    deadline_stop(&at[1]);
    deadline_stop(&at[2]);
    assert_null(second.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_passes_in_an_empty_queue),
        cmocka_unit_test(a_deadline_passes_at_its_millisecond),
        cmocka_unit_test(starting_again_moves_to_the_end_of_the_new_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
