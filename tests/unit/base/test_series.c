/* SPDX-License-Identifier: Apache-2.0 */
#include "base/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static bool fails(struct series *series, enum err_kind kind, const char *text)
{
    struct err failure = {.kind = kind};

    (void)snprintf(failure.text, sizeof failure.text, "%s", text);
    return series_note(series, &failure);
}

static void the_same_failure_in_a_row_is_told_once(void **state)
{
    struct series series = {.last = {0}};

    (void)state;
    assert_true(fails(&series, ERR_REMOTE, "nobody answers"));
    assert_false(fails(&series, ERR_REMOTE, "nobody answers"));
    assert_true(fails(&series, ERR_REMOTE, "it is late"));
    assert_true(fails(&series, ERR_UNTRUSTED, "it is late"));
    assert_false(fails(&series, ERR_UNTRUSTED, "it is late"));
}

static void after_a_recovery_it_is_told_again(void **state)
{
    struct series series = {.last = {0}};

    (void)state;
    assert_false(series_note(&series, NULL));
    assert_true(fails(&series, ERR_REMOTE, "nobody answers"));
    assert_false(series_note(&series, NULL));
    assert_true(fails(&series, ERR_REMOTE, "nobody answers"));
    assert_false(fails(&series, ERR_REMOTE, "nobody answers"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_failure_in_a_row_is_told_once),
        cmocka_unit_test(after_a_recovery_it_is_told_again),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
