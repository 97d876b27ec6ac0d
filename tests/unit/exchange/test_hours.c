/* SPDX-License-Identifier: Apache-2.0 */
/* Two regimes, told apart by the date; holidays; and hours that nobody could live by. */
#include "exchange/hours.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t jst(int year, int month, int day, int hour, int minute)
{
    return caltime_utc((struct caltime){{year, month, day}, hour, minute, 0}, JST_OFFSET_SECONDS);
}

static void hours_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"", "for ever"},
        {"hours\t2020-01-01\t-\tweekday\t8\t21\n", "for ever"},
        {"hours\t2020-01-01\t-\tweekday\t8\t25\n", "an hour is"},
        {"hours\t2020-01-01\t-\tweekday\t8\tx\n", "an hour is"},
        {"hours\t2020-01-01\t-\tweekday\t8\t8\n", "closes before it opens"},
        {"hours\t2020-01-01\t2019-01-01\tweekday\t8\t9\n", "ends before it begins"},
        {"hours\t2020-01-01\t-\tsunday\t8\t9\n", "kind of a day"},
        {"hours\t2020-01-01\t2020-02-01\trest\t8\t9\nhours\t2020-02-03\t-\trest\t8\t9\n",
         "line 2: does not begin the day after"},
        {"hours\t2020-01-01\t-\trest\t8\t9\nhours\t2020-02-03\t-\trest\t8\t9\n",
         "line 2: does not begin the day after"},
        {"holiday\t2020-01-02\nholiday\t2020-01-02\n", "line 2: not after"},
        {"holiday\t2020-02-30\n", "line 1"},
        {"feast\t2020-02-03\n", "none of its words"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hours *hours = NULL;
        struct err err = {0};

        assert_int_equal(hours_parse(bytes_text(rows[i].text), &hours, &err), -ERR_INPUT);
        if (strstr(err.text, rows[i].told) == NULL)
            fail_msg("row %zu: \"%s\" does not tell \"%s\"", i, err.text, rows[i].told);
    }
}

static void until_july_2021_it_closes_and_since_then_never(void **state)
{
    CLEANUP(hours_freep) struct hours *hours = NULL;

    (void)state;
    assert_int_equal(hours_load(EXCHANGE_DATA, &hours, NULL), 0);
    /* A Wednesday: 8 to 21. */
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 3, 7, 59)), jst(2020, 6, 3, 8, 0));
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 3, 8, 0)), jst(2020, 6, 3, 8, 0));
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 3, 20, 59)), jst(2020, 6, 3, 20, 59));
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 3, 21, 0)), jst(2020, 6, 4, 8, 0));
    /* A Saturday and a Sunday: 8 to 17. */
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 6, 16, 59)), jst(2020, 6, 6, 16, 59));
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 6, 17, 0)), jst(2020, 6, 7, 8, 0));
    assert_int_equal(hours_open_from(hours, jst(2020, 6, 7, 18, 0)), jst(2020, 6, 8, 8, 0));
    /* A Thursday that is a holiday. */
    assert_int_equal(hours_open_from(hours, jst(2020, 7, 23, 18, 0)), jst(2020, 7, 24, 8, 0));
    /* The last evening, and the first night. */
    assert_int_equal(hours_open_from(hours, jst(2021, 7, 31, 23, 0)), jst(2021, 8, 1, 0, 0));
    assert_int_equal(hours_open_from(hours, jst(2021, 8, 1, 3, 0)), jst(2021, 8, 1, 3, 0));
    assert_int_equal(hours_open_from(hours, jst(2026, 11, 26, 23, 59)), jst(2026, 11, 26, 23, 59));
    /* Before there was an exchange: its first morning. */
    assert_int_equal(hours_open_from(hours, jst(2001, 1, 1, 0, 0)), jst(2017, 11, 13, 8, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_that_are_none_are_refused),
        cmocka_unit_test(until_july_2021_it_closes_and_since_then_never),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
