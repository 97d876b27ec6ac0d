/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/exit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_failure_ends_with_a_code_that_is_not_zero(void **state)
{
    (void)state;
    for (unsigned kind = ERR_NONE + 1; kind <= ERR_KINDS_; kind++) {
        assert_int_not_equal(exit_code_of((enum err_kind)kind), EXIT_CODE_DONE);
        assert_int_not_equal(exit_code_of((enum err_kind)kind), EXIT_CODE_INDETERMINATE);
        assert_non_null(exit_sentence((enum err_kind)kind));
    }
}

static void the_codes_are_the_published_ones(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of(ERR_NONE), 0);
    assert_int_equal(exit_code_of(ERR_UNTRUSTED), 1);
    assert_int_equal(exit_code_of(ERR_USAGE), 2);
    assert_int_equal(exit_code_of(ERR_INPUT), 2);
    assert_int_equal(exit_code_of(ERR_ABSENT), 3);
    assert_int_equal(exit_code_of(ERR_DENIED), 4);
    assert_int_equal(exit_code_of(ERR_REMOTE), 5);
    assert_int_equal(exit_code_of(ERR_CONFLICT), 6);
    assert_int_equal(exit_code_of(ERR_NOMEM), 6);
    assert_int_equal(exit_code_of(ERR_SYSTEM), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_ends_with_a_code_that_is_not_zero),
        cmocka_unit_test(the_codes_are_the_published_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
