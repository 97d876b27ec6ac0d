/* SPDX-License-Identifier: Apache-2.0 */
#include "base/caltime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void dates_that_do_not_exist_are_refused(void **state)
{
    static const char *const wrong[] = {"2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
                                        "2026-04-31", "0000-01-01", "2026-1-1",   "2026/01/01",
                                        "2026-01-0a", "",           "2026-01-011"};
    struct caldate date;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(caldate_parse_iso(wrong[i], &date, NULL), -ERR_INPUT);
    assert_int_equal(caldate_parse_basic("20260229", &date, NULL), -ERR_INPUT);
    assert_int_equal(caldate_parse_basic("2026022", &date, NULL), -ERR_INPUT);
    assert_int_equal(caldate_parse_basic("2026-2-2", &date, NULL), -ERR_INPUT);
}

static void leap_days_exist_where_the_calendar_has_them(void **state)
{
    struct caldate date;

    (void)state;
    assert_int_equal(caldate_parse_iso("2024-02-29", &date, NULL), 0);
    assert_int_equal(caldate_parse_basic("20000229", &date, NULL), 0);
    assert_int_equal(date.day, 29);
    assert_true(caldate_is_leap(2000));
    assert_false(caldate_is_leap(1900));
}

static void known_moments_have_their_known_seconds(void **state)
{
    static const struct {
        struct caltime time;
        int offset;
        int64_t utc;
    } known[] = {
        {{{1970, 1, 1}, 0, 0, 0}, 0, 0},
        {{{2000, 3, 1}, 0, 0, 0}, 0, 951868800},
        {{{2026, 11, 23}, 18, 8, 14}, JST_OFFSET_SECONDS, 1795424894},
        {{{1969, 12, 31}, 23, 59, 59}, 0, -1},
        {{{1, 1, 1}, 0, 0, 0}, 0, -62135596800},
        {{{9999, 12, 31}, 23, 59, 59}, 0, 253402300799},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct caltime back = caltime_at(known[i].utc, known[i].offset);

        assert_true(caltime_utc(known[i].time, known[i].offset) == known[i].utc);
        assert_int_equal(caldate_compare(back.date, known[i].time.date), 0);
        assert_int_equal(back.hour, known[i].time.hour);
        assert_int_equal(back.minute, known[i].time.minute);
        assert_int_equal(back.second, known[i].time.second);
    }
}

static void every_day_of_four_centuries_survives_the_way_there_and_back(void **state)
{
    struct caldate before = {1799, 12, 31};

    (void)state;
    for (int64_t day = -62091; day < 84006; day++) { /* 1800-01-01 to 2199-12-31 */
        struct caltime at = caltime_at(day * 86400, 0);

        assert_true(caldate_is_valid(at.date));
        assert_true(caldate_compare(before, at.date) < 0);
        assert_true(caltime_utc(at, 0) == day * 86400);
        before = at.date;
    }
}

static void times_are_written_as_iso_8601(void **state)
{
    char text[CALTIME_TEXT_SIZE];

    (void)state;
    caltime_format(1795424894, 0, text);
    assert_string_equal(text, "2026-11-23T09:08:14Z");
    caltime_format(1795424894, JST_OFFSET_SECONDS, text);
    assert_string_equal(text, "2026-11-23T18:08:14+09:00");
    caldate_format_iso((struct caldate){2026, 1, 2}, text);
    assert_string_equal(text, "2026-01-02");
    caldate_format_basic((struct caldate){2026, 1, 2}, text);
    assert_string_equal(text, "20260102");
}

static void a_leap_day_is_a_birthday_on_the_28th_but_a_year_of_life_on_1_march(void **state)
{
    struct caldate leap = {2008, 2, 29};

    (void)state;
    assert_int_equal(caldate_compare(caldate_birthday(leap, 2027), (struct caldate){2027, 2, 28}),
                     0);
    assert_int_equal(caldate_compare(caldate_birthday(leap, 2028), leap) > 0, 1);
    assert_int_equal(caldate_birthday(leap, 2028).day, 29);
    assert_int_equal(caldate_age(leap, (struct caldate){2023, 2, 28}), 14);
    assert_int_equal(caldate_age(leap, (struct caldate){2023, 3, 1}), 15);
    assert_int_equal(caldate_age(leap, (struct caldate){2024, 2, 29}), 16);
}

static void ages_are_complete_years(void **state)
{
    struct caldate birth = {2011, 11, 23};

    (void)state;
    assert_int_equal(caldate_age(birth, (struct caldate){2026, 11, 22}), 14);
    assert_int_equal(caldate_age(birth, (struct caldate){2026, 11, 23}), 15);
    assert_int_equal(caldate_age(birth, birth), 0);
    assert_int_equal(caldate_age(birth, (struct caldate){2000, 1, 1}), 0);
}

static void the_day_itself_is_no_birthday_after_it(void **state)
{
    static const struct {
        struct caldate birth, day;
        int count;
        struct caldate expected;
    } rows[] = {
        {{1980, 2, 17}, {2026, 11, 23}, 5, {2031, 2, 17}},
        {{1980, 11, 24}, {2026, 11, 23}, 5, {2030, 11, 24}},
        {{1980, 11, 23}, {2026, 11, 23}, 5, {2031, 11, 23}},
        {{1980, 2, 29}, {2026, 2, 28}, 1, {2027, 2, 28}},
        {{1980, 2, 29}, {2026, 2, 27}, 1, {2026, 2, 28}},
        {{1980, 2, 29}, {2026, 11, 23}, 10, {2036, 2, 29}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            caldate_compare(caldate_birthday_after(rows[i].birth, rows[i].day, rows[i].count),
                            rows[i].expected),
            0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_that_do_not_exist_are_refused),
        cmocka_unit_test(leap_days_exist_where_the_calendar_has_them),
        cmocka_unit_test(known_moments_have_their_known_seconds),
        cmocka_unit_test(every_day_of_four_centuries_survives_the_way_there_and_back),
        cmocka_unit_test(times_are_written_as_iso_8601),
        cmocka_unit_test(a_leap_day_is_a_birthday_on_the_28th_but_a_year_of_life_on_1_march),
        cmocka_unit_test(ages_are_complete_years),
        cmocka_unit_test(the_day_itself_is_no_birthday_after_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
