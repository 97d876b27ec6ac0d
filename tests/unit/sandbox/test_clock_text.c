/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_text.h"

#include "sandbox/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_is_no_shift_is_refused(void **state)
{
    static const char *const bad[] = {"",      "+",    "1d",   "d",     "+d",   "+1",   "+0d",
                                      "+1x",   "+1D",  "+1dd", "+1d ",  " +1d", "+ 1d", "+1.5d",
                                      "+1d2h", "++1d", "+-1d", "+0x1d", "+1 d", "+٣d",  "+1d\n"};
    int64_t got = 77;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(clock_shift_parse(bad[i], &got, NULL), -ERR_INPUT);
        assert_int_equal(got, 77);
    }
}

static void a_shift_backward_is_refused_with_the_reason(void **state)
{
    struct err err = {0};
    int64_t got = 77;

    (void)state;
    assert_int_equal(clock_shift_parse("-1d", &got, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "only goes forward"));
    assert_non_null(strstr(err.text, "reset"));
    assert_int_equal(got, 77);
}

static void a_shift_may_be_as_long_as_the_clock_may_go(void **state)
{
    struct err err = {0};
    int64_t got = 77;

    (void)state;
    assert_int_equal(SANDBOX_CLOCK_LATEST_MAX, INT64_C(4102444799));
    assert_int_equal(clock_shift_parse("+4102444800s", &got, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "too far"));
    assert_int_equal(clock_shift_parse("+47482d", &got, NULL), -ERR_INPUT);
    assert_int_equal(clock_shift_parse("+99999999999999999999999999999999w", &got, NULL),
                     -ERR_INPUT);
    assert_int_equal(got, 77);
    assert_int_equal(clock_shift_parse("+4102444799s", &got, NULL), 0);
    assert_int_equal(got, SANDBOX_CLOCK_LATEST_MAX);
    assert_int_equal(clock_shift_parse("+47481d", &got, NULL), 0);
    assert_int_equal(got, INT64_C(47481) * 86400);
}

static void a_shift_is_a_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"+1s", 1},     {"+90s", 90},    {"+30m", 1800},    {"+2h", 7200},
                {"+1d", 86400}, {"+1w", 604800}, {"+007d", 604800}, {"+400d", 34560000}};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t got = 0;

        assert_int_equal(clock_shift_parse(good[i].text, &got, NULL), 0);
        assert_int_equal(got, good[i].seconds);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "now",
        "2027",
        "2027-3-1",
        "2027-02-29",
        "2027-13-01",
        "0000-01-01",
        "2027-03-01 09:00",
        "2027-03-01t09:00",
        "2027-03-01T",
        "2027-03-01T9:00",
        "2027-03-01T09",
        "2027-03-01T09:",
        "2027-03-01T24:00",
        "2027-03-01T09:60",
        "2027-03-01T09:00:",
        "2027-03-01T09:00:60",
        "2027-03-01T09:00:00.5",
        "2027-03-01T09:00z",
        "2027-03-01T09:00ZZ",
        "2027-03-01T09:00Z+09:00",
        "2027-03-01T09:00+09:00Z",
        "2027-03-01T09:00Z ",
        "2027-03-01T09:00 Z",
        "2027-03-01T09:00+",
        "2027-03-01T09:00+9",
        "2027-03-01T09:00+0900",
        "2027-03-01T09:00+09:0",
        "2027-03-01T09:00+09:60",
        "2027-03-01T09:00+15:00",
        "2027-03-01T09:00+14:01",
        "2027-03-01T09:00-14:01",
        "2027-03-01T09:00JST",
        "12027-03-01",
        " 2027-03-01",
        "2027-03-01\n",
    };
    int64_t got = 77;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};

        if (clock_time_parse(bad[i], &got, &err) != -ERR_INPUT)
            fail_msg("'%s' is taken", bad[i]);
        assert_non_null(strstr(err.text, bad[i]));
        assert_int_equal(got, 77);
    }
}

static void a_time_is_japans_unless_a_zone_is_given(void **state)
{
    /* 1803859200 is 2027-03-01T00:00:00Z. */
    static const struct {
        const char *text;
        int64_t utc;
    } good[] = {
        {"2027-03-01", 1803859200 - 9 * 3600},
        {"2027-03-01Z", 1803859200},
        {"2027-03-01+09:00", 1803859200 - 9 * 3600},
        {"2027-03-01T09:00", 1803859200},
        {"2027-03-01T09:00:30", 1803859230},
        {"2027-03-01T09:00+09:00", 1803859200},
        {"2027-03-01T09:00:30Z", 1803859230 + 9 * 3600},
        {"2027-03-01T23:59:59+00:00", 1803859200 + 86399},
        {"2027-03-01T00:00-05:30", 1803859200 + 5 * 3600 + 1800},
        {"2027-03-01T00:00-14:00", 1803859200 + 14 * 3600},
        {"2027-03-01T14:00+14:00", 1803859200},
        {"1969-12-31T23:59:59Z", -1},
        {"2028-02-29T09:00", 1835395200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t got = 0;

        assert_int_equal(clock_time_parse(good[i].text, &got, NULL), 0);
        if (got != good[i].utc)
            fail_msg("'%s' is %lld", good[i].text, (long long)got);
    }
}

static void a_span_is_told_in_days_and_a_clock(void **state)
{
    char text[CLOCK_SPAN_TEXT_SIZE];

    (void)state;
    clock_span_format(0, text);
    assert_string_equal(text, "0 d 00:00:00");
    clock_span_format(3 * 86400 + 2 * 3600 + 5 * 60 + 9, text);
    assert_string_equal(text, "3 d 02:05:09");
    clock_span_format(SANDBOX_CLOCK_LATEST_MAX, text);
    assert_string_equal(text, "47481 d 23:59:59");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_shift_is_refused),
        cmocka_unit_test(a_shift_backward_is_refused_with_the_reason),
        cmocka_unit_test(a_shift_may_be_as_long_as_the_clock_may_go),
        cmocka_unit_test(a_shift_is_a_number_and_a_unit),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_time_is_japans_unless_a_zone_is_given),
        cmocka_unit_test(a_span_is_told_in_days_and_a_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
