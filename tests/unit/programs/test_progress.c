/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct progress thousand = {.what = "rows", .total = 1000};

static void there_is_no_estimate_before_there_is_something_to_go_by(void **state)
{
    char text[PROGRESS_TEXT_SIZE];

    (void)state;
    progress_format(&thousand, 0, 60000, text);
    assert_string_equal(text, "rows 0.0 % of 1000");
    progress_format(&thousand, 500, 999, text);
    assert_string_equal(text, "rows 50.0 % of 1000");
}

static void what_is_left_takes_as_long_as_what_was_done(void **state)
{
    char text[PROGRESS_TEXT_SIZE];

    (void)state;
    progress_format(&thousand, 250, 30000, text);
    assert_string_equal(text, "rows 25.0 % of 1000, 1 min 30 s left");
    progress_format(&thousand, 1000, 30000, text);
    assert_string_equal(text, "rows 100.0 % of 1000, 0 min 0 s left");
}

static void nothing_at_all_is_done_at_once(void **state)
{
    static const struct progress nothing = {.what = "rows"};
    char text[PROGRESS_TEXT_SIZE];

    (void)state;
    progress_format(&nothing, 0, 2000, text);
    assert_string_equal(text, "rows 100.0 % of 0, 0 min 0 s left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_estimate_before_there_is_something_to_go_by),
        cmocka_unit_test(what_is_left_takes_as_long_as_what_was_done),
        cmocka_unit_test(nothing_at_all_is_done_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
