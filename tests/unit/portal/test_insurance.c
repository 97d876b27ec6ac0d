/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the insurances that somebody has had holds on a day. */
#include "portal/eligibility/insurance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ITEM(code, content) "{\"code\":\"" code "\",\"content\":\"" content "\"}"
#define RECORD(insurer, number, from, share, more)                                                 \
    "{\"day\":\"" from "\",\"items\":[" ITEM("0010400010", insurer) "," ITEM(                      \
        "0010400020", number) "," ITEM("0010400030", from) "," ITEM("0010400040", share) more "]}"
#define UNTIL(day) "," ITEM("0010400080", day)

static int read(const char *records, int year, struct insurance *ret)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    char text[2048];

    (void)snprintf(text, sizeof text, "{\"records\":[%s]}", records);
    assert_int_equal(json_parse(bytes_text(text), &answer, NULL), 0);
    return insurance_read(answer, (struct caldate){year, 6, 15}, ret, NULL);
}

static void what_lacks_something_is_refused(void **state)
{
    static const char *const records[] = {
        "{\"day\":\"2020-01-01\",\"items\":[]}",
        "{\"day\":\"2020-01-01\",\"items\":[" ITEM("0010400010", "A") "]}",
        RECORD("A", "1", "2020-13-01", "30", ""),
        RECORD("A", "1", "2020-01-01", "101", ""),
        RECORD("A", "1", "2020-01-01", "30", UNTIL("tomorrow")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct insurance found;

        if (read(records[i], 2026, &found) != -ERR_INPUT)
            fail_msg("%s", records[i]);
    }
}

static void the_one_that_holds_is_told(void **state)
{
    static const char records[] = RECORD(
        "A", "1", "2010-01-01", "30",
        UNTIL("2020-06-14")) "," RECORD("B", "S・2", "2020-06-15", "20",
                                        UNTIL("2024-06-15")) "," RECORD("C", "3", "2028-01-01",
                                                                        "10", "");
    static const struct {
        int year;
        enum insurance_state state;
        const char *insurer;
    } rows[] = {{2009, INSURANCE_NONE, ""},     {2010, INSURANCE_HOLDS, "A"},
                {2019, INSURANCE_HOLDS, "A"},   {2020, INSURANCE_HOLDS, "B"},
                {2024, INSURANCE_HOLDS, "B"},   {2025, INSURANCE_EXPIRED, "B"},
                {2027, INSURANCE_EXPIRED, "B"}, {2028, INSURANCE_HOLDS, "C"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct insurance found;

        assert_int_equal(read(records, rows[i].year, &found), 0);
        assert_int_equal(found.state, rows[i].state);
        assert_string_equal(found.insurer, rows[i].insurer);
    }
}

static void symbol_and_number_are_two(void **state)
{
    struct insurance found;

    (void)state;
    assert_int_equal(read(RECORD("A", "記号・１・２", "2020-01-01", "0", ""), 2026, &found), 0);
    assert_string_equal(found.symbol, "記号");
    assert_string_equal(found.number, "１・２");
    assert_int_equal(found.share, 0);
    assert_int_equal(read(RECORD("A", "１２", "2020-01-01", "100", ""), 2026, &found), 0);
    assert_string_equal(found.symbol, "");
    assert_string_equal(found.number, "１２");
    assert_int_equal(found.share, 100);
}

static void what_is_unknown_is_told_as_null(void **state)
{
    CLEANUP(json_freep) struct json *told = NULL;
    struct insurance found;
    const char *text;

    (void)state;
    assert_int_equal(read(RECORD("A", "1", "2020-01-01", "30", UNTIL("2030-01-01")), 2026, &found),
                     0);
    assert_int_equal(insurance_tell(&found, &told, NULL), 0);
    assert_true(json_is_null_member(told, "symbol"));
    assert_true(json_is_null_member(told, "limit_category"));
    assert_int_equal(json_get_text(told, "valid_until", &text, NULL), 0);
    assert_string_equal(text, "2030-01-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lacks_something_is_refused),
        cmocka_unit_test(the_one_that_holds_is_told),
        cmocka_unit_test(symbol_and_number_are_two),
        cmocka_unit_test(what_is_unknown_is_told_as_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
