/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/schedule.h"

#include "authority/limits.h"
#include "base/caltime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SEVEN = 7 * 3600, MIDNIGHT = 0, LAST_MINUTE = 23 * 3600 + 59 * 60 };

static void what_is_no_hour_is_refused(void **state)
{
    static const char *const rows[] = {"",      "7:00",  "07:0",  "0700",  "07:00 ", " 7:00",
                                       "24:00", "29:59", "3:000", "07:60", "07.00",  "07:00:00",
                                       "-1:00", "0x:00", "07:0a", "never"};
    int daily = 42;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(schedule_read(rows[i], &daily, NULL), -ERR_INPUT);
    assert_int_equal(daily, 42);
}

static void an_hour_is_read(void **state)
{
    static const struct {
        const char *text;
        int daily;
    } rows[] = {{"07:00", SEVEN}, {"00:00", MIDNIGHT}, {"23:59", LAST_MINUTE}, {"19:05", 68700}};
    int daily;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(schedule_read(rows[i].text, &daily, NULL), 0);
        assert_int_equal(daily, rows[i].daily);
    }
}

static int64_t in_japan(int year, int month, int day, int hour, int minute, int second)
{
    return caltime_utc((struct caltime){{year, month, day}, hour, minute, second},
                       JST_OFFSET_SECONDS);
}

static void the_next_publication_is_the_first_after_a_moment(void **state)
{
    const struct {
        int daily;
        int64_t after, next;
    } rows[] = {
        /* before, exactly at, after the hour */
        {SEVEN, in_japan(2026, 11, 25, 6, 59, 59), in_japan(2026, 11, 25, 7, 0, 0)},
        {SEVEN, in_japan(2026, 11, 25, 7, 0, 0), in_japan(2026, 11, 26, 7, 0, 0)},
        {SEVEN, in_japan(2026, 11, 25, 7, 0, 1), in_japan(2026, 11, 26, 7, 0, 0)},
        /* around midnight, in Japan and in UTC (09:00 in Japan) */
        {SEVEN, in_japan(2026, 11, 25, 23, 59, 59), in_japan(2026, 11, 26, 7, 0, 0)},
        {SEVEN, in_japan(2026, 11, 26, 0, 0, 0), in_japan(2026, 11, 26, 7, 0, 0)},
        {SEVEN, in_japan(2026, 11, 25, 8, 59, 59), in_japan(2026, 11, 26, 7, 0, 0)},
        {SEVEN, in_japan(2026, 11, 25, 9, 0, 0), in_japan(2026, 11, 26, 7, 0, 0)},
        {MIDNIGHT, in_japan(2026, 12, 31, 23, 59, 59), in_japan(2027, 1, 1, 0, 0, 0)},
        {MIDNIGHT, in_japan(2027, 1, 1, 0, 0, 0), in_japan(2027, 1, 2, 0, 0, 0)},
        {LAST_MINUTE, in_japan(2026, 12, 31, 23, 59, 0), in_japan(2027, 1, 1, 23, 59, 0)},
        /* the 29th of February, where there is one */
        {SEVEN, in_japan(2028, 2, 28, 7, 0, 0), in_japan(2028, 2, 29, 7, 0, 0)},
        {SEVEN, in_japan(2028, 2, 29, 7, 0, 0), in_japan(2028, 3, 1, 7, 0, 0)},
        {SEVEN, in_japan(2027, 2, 28, 7, 0, 0), in_japan(2027, 3, 1, 7, 0, 0)},
        /* days on which clocks change elsewhere */
        {SEVEN, in_japan(2026, 3, 28, 12, 0, 0), in_japan(2026, 3, 29, 7, 0, 0)},
        {SEVEN, in_japan(2026, 10, 24, 12, 0, 0), in_japan(2026, 10, 25, 7, 0, 0)},
        /* and before 1970 */
        {SEVEN, in_japan(1969, 12, 31, 8, 0, 0), in_japan(1970, 1, 1, 7, 0, 0)},
        {SEVEN, in_japan(1969, 6, 1, 7, 0, 0), in_japan(1969, 6, 2, 7, 0, 0)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(schedule_next(rows[i].daily, rows[i].after), rows[i].next);
        assert_int_equal(schedule_last(rows[i].daily, rows[i].next), rows[i].next);
        assert_int_equal(schedule_last(rows[i].daily, rows[i].next - 1), rows[i].next - 86400);
    }
}

static void each_failure_waits_twice_as_long_up_to_a_limit(void **state)
{
    (void)state;
    assert_int_equal(schedule_backoff_ms(1), 1000);
    assert_int_equal(schedule_backoff_ms(2), 2000);
    assert_int_equal(schedule_backoff_ms(6), 32000);
    assert_int_equal(schedule_backoff_ms(7), BACKOFF_MAX_MS);
    assert_int_equal(schedule_backoff_ms(4000000000U), BACKOFF_MAX_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_hour_is_refused),
        cmocka_unit_test(an_hour_is_read),
        cmocka_unit_test(the_next_publication_is_the_first_after_a_moment),
        cmocka_unit_test(each_failure_waits_twice_as_long_up_to_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
