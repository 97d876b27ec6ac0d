/* SPDX-License-Identifier: Apache-2.0 */
#include "base/turns.h"

#include "support/failalloc.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned released;
static int first;

static void release(void *value)
{
    (void)value;
    released++;
}

static int set_up(void **state)
{
    released = 0;
    return turns_new(&first, (struct turns **)state, NULL);
}

static int tear_down(void **state)
{
    turns_freep((struct turns **)state);
    return 0;
}

static void whoever_holds_a_value_keeps_it(void **state)
{
    struct turns *turns = *state;
    struct turn *before = turns_hold(turns);
    struct turn *after;
    int second;

    assert_int_equal(turns_put(turns, &second, release, NULL), 0);
    after = turns_hold(turns);
    assert_ptr_equal(turn_value(before), &first);
    assert_ptr_equal(turn_value(after), &second);
    turn_releasep(&before);
    assert_null(before);
    assert_int_equal(turns_put(turns, &first, NULL, NULL), 0);
    assert_int_equal(released, 0); /* it is held still */
    turn_release(after);
    assert_int_equal(released, 1);
}

static void what_nobody_holds_is_released_when_its_turn_is_over(void **state)
{
    struct turns *turns = *state;
    int others[3];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(turns_put(turns, &others[i], release, NULL), 0);
        assert_int_equal(released, i);
    }
    turns_freep((struct turns **)state);
    assert_int_equal(released, 3);
    turns_freep((struct turns **)state);
}

static int put(void *context)
{
    return turns_put(context, &released, release, NULL);
}

static void without_memory_nothing_changes(void **state)
{
    struct turns *turns = *state;
    struct turn *turn;

    assert_int_equal(every_failed_allocation(put, turns), 1);
    turn = turns_hold(turns);
    assert_ptr_equal(turn_value(turn), &released);
    turn_release(turn);
    assert_int_equal(released, 0);
}

/* Each value counts how many hold it; a released one must not be met again. */
struct counted {
    atomic_int alive;
};

static atomic_bool is_over;

static void bury(void *value)
{
    struct counted *counted = value;

    atomic_store(&counted->alive, 0);
    free(counted);
}

static void *keep_holding(void *context)
{
    while (!atomic_load(&is_over)) {
        struct turn *turn = turns_hold(context);
        const struct counted *counted = turn_value(turn);

        assert_int_equal(atomic_load(&counted->alive), 1);
        turn_release(turn);
    }
    return NULL;
}

static void many_may_hold_while_it_changes(void **state)
{
    struct counted counted = {1};
    struct turns *turns;
    pthread_t threads[3];

    (void)state;
    assert_int_equal(turns_new(&counted, &turns, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_holding, turns), 0);
    for (int i = 0; i < 2000; i++) {
        struct counted *next = malloc(sizeof *next);

        assert_non_null(next);
        atomic_init(&next->alive, 1);
        assert_int_equal(turns_put(turns, next, bury, NULL), 0);
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    turns_freep(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_memory_nothing_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whoever_holds_a_value_keeps_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_holds_is_released_when_its_turn_is_over, set_up,
                                        tear_down),
        cmocka_unit_test(many_may_hold_while_it_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
