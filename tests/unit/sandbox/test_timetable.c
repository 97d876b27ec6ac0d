/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/timetable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void another_name_is_refused(void **state)
{
    static const char *const names[] = {"", "Real", "fastest", "slow"};
    enum timetable timetable = TIMETABLE_REAL;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(timetable_from_name(names[i], &timetable, &err), -ERR_USAGE);
        assert_non_null(strstr(err.text, "fast or real"));
    }
    assert_int_equal(timetable, TIMETABLE_REAL);
}

static void both_have_a_name_and_settings_of_their_own(void **state)
{
    enum timetable timetable = TIMETABLE_FAST;

    (void)state;
    assert_int_equal(timetable_from_name("real", &timetable, NULL), 0);
    assert_string_equal(timetable_name(timetable), "real");
    assert_non_null(strstr(timetable_authority_lines(timetable), "07:00"));
    assert_non_null(strstr(timetable_ocsp_lines(timetable), "refresh_s = 900\n"));
    assert_int_equal(timetable_from_name("fast", &timetable, NULL), 0);
    assert_string_equal(timetable_name(timetable), "fast");
    assert_null(strstr(timetable_authority_lines(timetable), "07:00"));
    assert_null(strstr(timetable_ocsp_lines(timetable), "refresh_s"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_name_is_refused),
        cmocka_unit_test(both_have_a_name_and_settings_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
