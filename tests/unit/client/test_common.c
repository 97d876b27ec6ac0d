/* SPDX-License-Identifier: Apache-2.0 */
#include "client/common.h"
#include "client/icc.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define RECORD                                                                                     \
    "\x01\x1c"                                                                                     \
    "000012345678901"                                                                              \
    "13101"                                                                                        \
    "20350415"

static void records_of_another_form_are_refused(void **state)
{
    static const struct bytes rows[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\x01", 1},
        {(const uint8_t *)RECORD, 29},
        {(const uint8_t *)"\x02\x1c"
                          "0000123456789011310120350415",
         30},
        {(const uint8_t *)"\x01\x1d"
                          "00001234567890113101203504150",
         31},
        {(const uint8_t *)"\x01\x1c"
                          "00001234567890113101203504\x1b[",
         30},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct common_record record;

        assert_int_equal(common_parse_record(rows[i], &record, NULL), -ERR_INPUT);
    }
}

static int open_recording(const char *text, struct reader **ret_reader, struct icc **ret)
{
    assert_int_equal(replay_open(bytes_text(text), ret_reader, NULL), 0);
    return icc_open(*ret_reader, ret, NULL);
}

static void what_the_card_gives_instead_of_the_record_is_told(void **state)
{
    static const struct {
        const char *recording;
        int rc;
        const char *reason;
    } rows[] = {
        {REC_OPEN "> 00A4040C0AD3921000310001010100\n< 6A82\n", -ERR_ABSENT, "common application"},
        {REC_OPEN REC_COMMON "> 00B2010C00\n< 6A83\n", -ERR_ABSENT, "no such record"},
        {REC_OPEN REC_COMMON "> 00B2010C00\n< 01029000\n", -ERR_REMOTE, "garbage"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(icc_freep) struct icc *icc = NULL;
        struct reader *reader = NULL;
        struct common_record record;
        struct err err;

        assert_int_equal(open_recording(rows[i].recording, &reader, &icc), 0);
        assert_int_equal(common_read_record(icc, &record, &err), rows[i].rc);
        assert_non_null(strstr(err.text, rows[i].reason));
        assert_true(replay_is_finished(reader));
    }
}

static void the_record_is_taken_apart(void **state)
{
    struct common_record record;

    (void)state;
    /* Filler behind it does no harm. */
    assert_int_equal(common_parse_record(BYTES_LITERAL(RECORD "\xff"), &record, NULL), 0);
    assert_string_equal(record.manufacture_number, "000012345678901");
    assert_string_equal(record.municipality, "13101");
    assert_string_equal(record.expiry, "20350415");
}

static void objects_that_are_missing_stay_empty(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(card_objects_done) struct card_objects objects = {{BUF_INIT}};
    struct reader *reader = NULL;

    (void)state;
    assert_int_equal(open_recording(REC_OPEN REC_ISD "> 00CA004200\n< 420241429000\n"
                                                     "> 00CA004500\n< 6A88\n"
                                                     "> 00CA006600\n< 6A82\n"
                                                     "> 00CA00F000\n< 31339000\n"
                                                     "> 00CA00F200\n< 6A86\n"
                                                     "> 00CA5F5100\n< 6985\n",
                                    &reader, &icc),
                     0);
    assert_int_equal(common_read_objects(icc, &objects, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&objects.objects[CARD_OBJECT_ISSUER]), BYTES_LITERAL("AB")));
    assert_int_equal(objects.objects[CARD_OBJECT_ID].len, 0);
    assert_true(
        bytes_equal(buf_bytes(&objects.objects[CARD_OBJECT_MUNICIPALITY]), BYTES_LITERAL("13")));
    assert_int_equal(objects.objects[CARD_OBJECT_ATR].len, 0);
    assert_true(replay_is_finished(reader));
}

static void a_card_that_is_pulled_out_is_no_card_without_objects(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(card_objects_done) struct card_objects objects = {{BUF_INIT}};
    struct reader *reader = NULL;

    (void)state;
    assert_int_equal(open_recording(REC_OPEN REC_ISD "> 00CA004200\n! removed\n", &reader, &icc),
                     0);
    assert_int_equal(common_read_objects(icc, &objects, NULL), -ERR_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_another_form_are_refused),
        cmocka_unit_test(what_the_card_gives_instead_of_the_record_is_told),
        cmocka_unit_test(the_record_is_taken_apart),
        cmocka_unit_test(objects_that_are_missing_stay_empty),
        cmocka_unit_test(a_card_that_is_pulled_out_is_no_card_without_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
