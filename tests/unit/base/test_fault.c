/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 4, TIMES = 10000 };

static void each_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAULTS_; i++) {
        const char *name = fault_name((enum fault)i);

        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(name, fault_name((enum fault)j));
    }
}

static void *note(void *unused)
{
    (void)unused;
    for (int i = 0; i < TIMES; i++)
        fault_note(FAULT_DISK_FULL);
    return NULL;
}

static void each_is_counted_by_all_threads(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, note, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(fault_count(FAULT_DISK_FULL), THREADS * TIMES);
    assert_int_equal(fault_count(FAULT_CLOCK_BACK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_name_of_its_own),
        cmocka_unit_test(each_is_counted_by_all_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
