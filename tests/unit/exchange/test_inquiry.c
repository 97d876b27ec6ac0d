/* SPDX-License-Identifier: Apache-2.0 */
/* One record written out by hand; every other spelling of it is refused. */
#include "exchange/inquiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct inquiry sample = {
    .numbering = "99",
    .addressee = "000000000000042",
    .asked_at = INT64_C(1795424894123), /* 2026-11-23T18:08:14.123+09:00 */
    .department = "kosodate",
    .user = "clerk.7",
    .asker = "M13101",
    .is_hidden = true,
    .duty = "JM99000000000010",
    .procedure = "JT99000000000101",
    .delegating_provider = "P13",
    .provider = "M27100",
    .info = "TM00000000000002",
    .condition = INQUIRY_YEAR,
    .year = INQUIRY_FISCAL_YEAR,
    .first = {2026, 4, 1},
    .last = {2027, 3, 31},
};

static const char written[] = "99"
                              "000000000000042"
                              "               "
                              "20261123180814123"
                              "kosodate            "
                              "clerk.7             "
                              "M13101          "
                              "1"
                              "JM99000000000010"
                              "JT99000000000101"
                              "                "
                              "P13             "
                              "M27100          "
                              "TM00000000000002"
                              "2"
                              "2"
                              "20260401"
                              "20270331";
_Static_assert(sizeof written == INQUIRY_LEN + 1, "18 fields of 220 characters together");

static void a_record_is_written_field_by_field_and_read_again(void **state)
{
    char record[INQUIRY_LEN + 1];
    struct inquiry again;

    (void)state;
    assert_int_equal(inquiry_encode(&sample, record, NULL), 0);
    assert_string_equal(record, written);
    assert_int_equal(inquiry_decode(bytes_text(written), &again, NULL), 0);
    assert_int_equal(again.asked_at, sample.asked_at);
    assert_string_equal(again.department, "kosodate");
    assert_string_equal(again.unified, "");
    assert_true(again.is_hidden);
    assert_int_equal(again.year, INQUIRY_FISCAL_YEAR);
    assert_int_equal(again.last.day, 31);
}

/* At most one other character at each place makes a record, and then that very one. */
static void no_two_records_are_the_same_inquiry(void **state)
{
    static const char others[] = " 09A\t~\x80";
    struct inquiry inquiry;

    (void)state;
    for (size_t i = 0; i < INQUIRY_LEN; i++) {
        for (const char *c = others; *c != '\0'; c++) {
            char changed[INQUIRY_LEN + 1];
            char again[INQUIRY_LEN + 1];

            memcpy(changed, written, sizeof changed);
            changed[i] = *c;
            if (inquiry_decode(bytes_text(changed), &inquiry, NULL) < 0)
                continue;
            assert_int_equal(inquiry_encode(&inquiry, again, NULL), 0);
            assert_string_equal(again, changed);
        }
    }
    assert_int_equal(inquiry_decode(bytes_of(written, INQUIRY_LEN - 1), &inquiry, NULL),
                     -ERR_INPUT);
    assert_int_equal(inquiry_decode(bytes_of(written, INQUIRY_LEN + 1), &inquiry, NULL),
                     -ERR_INPUT);
}

static void what_is_no_inquiry_is_refused(void **state)
{
    static const struct {
        size_t at;
        const char *text;
    } rows[] = {
        {0, "9 "},                    /* numbering system */
        {2, "00000000000004 "},       /* addressee */
        {17, "1              "},      /* unified addressee: all or nothing */
        {32, "20261323180814123"},    /* month 13 */
        {32, "20261123240814123"},    /* hour 24 */
        {32, "20261123186014123"},    /* minute 60 */
        {32, "19691231235959999"},    /* before 1970 */
        {49, "                    "}, /* department */
        {49, "koso date           "},
        {89, "m13101          "},  /* a body in small letters */
        {105, "2"},                /* non-disclosure */
        {106, "JT99000000000010"}, /* a duty that is a procedure */
        {122, "                "}, /* no procedure */
        {186, "TM0000000000000A"},
        {202, "3"},
        {202, "0"}, /* the latest, with days */
        {203, "0"}, /* a year of no kind */
        {204, "20260229"},
        {204, "20270401"}, /* ends before it begins */
        {204, "        "},
        {212, "        "},
    };
    struct inquiry inquiry;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char changed[INQUIRY_LEN + 1];

        memcpy(changed, written, sizeof changed);
        memcpy(changed + rows[i].at, rows[i].text, strlen(rows[i].text));
        if (inquiry_decode(bytes_text(changed), &inquiry, NULL) != -ERR_INPUT)
            fail_msg("row %zu is taken", i);
    }
}

static void what_cannot_be_written_is_refused(void **state)
{
    char record[INQUIRY_LEN + 1];
    struct inquiry inquiry = sample;

    (void)state;
    inquiry.department[0] = '\n';
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), -ERR_INPUT);
    inquiry = sample;
    inquiry.asked_at = -1;
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), -ERR_INPUT);
    inquiry = sample;
    inquiry.first = (struct caldate){2026, 2, 30};
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), -ERR_INPUT);
    inquiry = sample;
    inquiry.condition = INQUIRY_LATEST;
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), -ERR_INPUT);
    inquiry.first = inquiry.last = (struct caldate){0, 0, 0};
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), -ERR_INPUT); /* still of a year */
    inquiry.year = INQUIRY_NO_YEAR;
    assert_int_equal(inquiry_encode(&inquiry, record, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_written_field_by_field_and_read_again),
        cmocka_unit_test(no_two_records_are_the_same_inquiry),
        cmocka_unit_test(what_is_no_inquiry_is_refused),
        cmocka_unit_test(what_cannot_be_written_is_refused),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
