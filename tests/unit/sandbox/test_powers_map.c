/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/powers_file.h"

#include "base/file.h"
#include "support/tempdir.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static int enter(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "powers", path);
    assert_int_equal(setenv(SANDBOX_POWERS_VARIABLE, path, 1), 0);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    assert_int_equal(unsetenv(SANDBOX_POWERS_VARIABLE), 0);
    tempdir_done(&dir);
    return 0;
}

static void write_page(const struct powers_page *page, size_t len)
{
    assert_int_equal(file_replace(path, 0600, bytes_of(page, len), NULL), 0);
}

static void a_daemon_without_a_sandbox_has_no_page(void **state)
{
    struct powers_page *page = (struct powers_page *)state;

    assert_int_equal(unsetenv(SANDBOX_POWERS_VARIABLE), 0);
    assert_int_equal(powers_open(&page, NULL), 0);
    assert_null(page);
}

static void what_is_no_page_is_refused(void **state)
{
    struct powers_page page = powers_page_init();
    struct powers_page *mapped = NULL;

    (void)state;
    assert_int_equal(powers_open(&mapped, NULL), -ERR_SYSTEM); /* there is no such file */
    write_page(&page, sizeof page - 1);
    assert_int_equal(powers_open(&mapped, NULL), -ERR_INPUT);
    page.magic[0] = 'X';
    write_page(&page, sizeof page);
    assert_int_equal(powers_open(&mapped, NULL), -ERR_INPUT);
    page = powers_page_init();
    page.version++;
    write_page(&page, sizeof page);
    assert_int_equal(powers_open(&mapped, NULL), -ERR_INPUT);
    assert_null(mapped);
}

static void a_rotation_is_over_once_it_was_seen_to(void **state)
{
    struct powers_page page = powers_page_init();
    bool is_done = false;

    (void)state;
    assert_int_equal(powers_turn_due(&page), 0);
    assert_int_equal(powers_ask_turn(&page), 1);
    assert_int_equal(powers_ask_turn(&page), 2);
    assert_false(powers_turn_is_over(&page, 1, &is_done));
    assert_int_equal(powers_turn_due(&page), 2);
    assert_int_equal(powers_ask_turn(&page), 3); /* meanwhile */
    powers_turn_seen(&page, 2, true);
    assert_true(powers_turn_is_over(&page, 2, &is_done));
    assert_true(is_done);
    assert_false(powers_turn_is_over(&page, 3, &is_done));
    assert_int_equal(powers_turn_due(&page), 3);
    powers_turn_seen(&page, 3, false);
    assert_int_equal(powers_turn_due(&page), 0);
    assert_true(powers_turn_is_over(&page, 3, &is_done));
    assert_false(is_done);
}

static void a_fault_is_met_as_often_as_it_was_set(void **state)
{
    struct powers_page page = powers_page_init();

    (void)state;
    assert_false(powers_take(&page, NAMED_SLOW));
    assert_int_equal(powers_arm(&page, NAMED_SLOW, 2, NULL), 0);
    assert_true(powers_take(&page, NAMED_SLOW));
    assert_false(powers_take(&page, NAMED_OCSP_DOWN));
    assert_true(powers_take(&page, NAMED_SLOW));
    assert_false(powers_take(&page, NAMED_SLOW));
    assert_int_equal(powers_get(&page, NAMED_SLOW).times, 2);
    assert_int_equal(powers_arm(&page, NAMED_SLOW, 0, NULL), 0);
    for (unsigned i = 0; i < 5; i++)
        assert_true(powers_take(&page, NAMED_SLOW));
    assert_int_equal(powers_get(&page, NAMED_SLOW).left, POWERS_UNTIL_CLEARED);
    powers_clear(&page);
    assert_false(powers_take(&page, NAMED_SLOW));
}

static void times_have_their_bounds_and_acts_none(void **state)
{
    struct powers_page page = powers_page_init();

    (void)state;
    assert_int_equal(powers_arm(&page, NAMED_SLOW, POWERS_TIMES_MAX, NULL), 0);
    assert_int_equal(powers_arm(&page, NAMED_SLOW, POWERS_TIMES_MAX + 1, NULL), -ERR_INPUT);
    assert_int_equal(powers_arm(&page, NAMED_SLOW, -1, NULL), -ERR_INPUT);
    assert_int_equal(powers_get(&page, NAMED_SLOW).left, POWERS_TIMES_MAX);
    assert_int_equal(powers_arm(&page, NAMED_PIN_LOCKED, 1, NULL), -ERR_INPUT);
}

enum { TAKERS = 4, TAKES = 1000 };

static void *take_many(void *argument)
{
    struct powers_page *page = argument;
    size_t taken = 0;

    for (unsigned i = 0; i < TAKES; i++)
        taken += powers_take(page, NAMED_SLOW);
    return (void *)taken;
}

static void no_time_is_counted_twice(void **state)
{
    struct powers_page page = powers_page_init();
    pthread_t threads[TAKERS];
    size_t sum = 0;

    (void)state;
    assert_int_equal(powers_arm(&page, NAMED_SLOW, TAKES, NULL), 0);
    for (unsigned i = 0; i < TAKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &page), 0);
    for (unsigned i = 0; i < TAKERS; i++) {
        void *taken = NULL;

        assert_int_equal(pthread_join(threads[i], &taken), 0);
        sum += (size_t)taken;
    }
    assert_int_equal(sum, TAKES);
}

static void the_longest_name_is_seen_through_another_mapping(void **state)
{
    const struct powers_page page = powers_page_init();
    char longest[SANDBOX_PERSONA_NAME_MAX + 1];
    char seen[SANDBOX_PERSONA_NAME_MAX + 1];
    struct powers_page *one = NULL;
    struct powers_page *other = NULL;

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    write_page(&page, sizeof page);
    assert_int_equal(powers_open(&one, NULL), 0);
    assert_int_equal(powers_open(&other, NULL), 0);
    powers_get_name(other, seen);
    assert_string_equal(seen, "");
    powers_set_name(one, longest);
    powers_set_loose(one, true);
    powers_get_name(other, seen);
    assert_string_equal(seen, longest);
    assert_true(powers_is_loose(other));
    powers_set_name(one, "ab");
    powers_get_name(other, seen);
    assert_string_equal(seen, "ab");
    powers_page_done(&one);
    powers_page_done(&other);
}

static void each_fault_has_one_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NAMED_FAULTS_; i++) {
        enum named_fault found = NAMED_FAULTS_;

        assert_int_equal(named_fault_find(named_faults[i].name, &found, NULL), 0);
        assert_int_equal(found, i);
        assert_int_equal(strspn(named_faults[i].name, "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(named_faults[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_daemon_without_a_sandbox_has_no_page, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_no_page_is_refused, enter, leave),
        cmocka_unit_test(a_rotation_is_over_once_it_was_seen_to),
        cmocka_unit_test(a_fault_is_met_as_often_as_it_was_set),
        cmocka_unit_test(times_have_their_bounds_and_acts_none),
        cmocka_unit_test(no_time_is_counted_twice),
        cmocka_unit_test_setup_teardown(the_longest_name_is_seen_through_another_mapping, enter,
                                        leave),
        cmocka_unit_test(each_fault_has_one_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
