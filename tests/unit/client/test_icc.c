/* SPDX-License-Identifier: Apache-2.0 */
#include "client/icc.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int open_recording(const char *text, struct icc **ret, struct err *err)
{
    struct reader *reader = NULL;

    assert_int_equal(replay_open(bytes_text(text), &reader, NULL), 0);
    return icc_open(reader, ret, err);
}

static void assert_not_opened(const char *text, int rc, const char *reason)
{
    struct icc *icc = NULL;
    struct err err;

    assert_int_equal(open_recording(text, &icc, &err), rc);
    assert_non_null(strstr(err.text, reason));
    assert_null(icc);
}

static void other_cards_are_no_my_number_cards(void **state)
{
    (void)state;
    assert_not_opened("> 00A4040C0AD392F000260100000001\n< 6A82\n", -ERR_ABSENT,
                      "is no My Number Card");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n< "
                                                  "4A504B494150494343544F4B454E202020202020202020"
                                                  "20202020202020202020209000\n",
                      -ERR_ABSENT, "old Basic Resident Register card");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n< "
                                                  "4A504B494150494343544F4B454E332020202020202020"
                                                  "20202020202020202020209000\n",
                      -ERR_ABSENT, "its label is 'JPKIAPICCTOKEN3'");
}

static void odd_answers_are_told_with_their_status_word(void **state)
{
    (void)state;
    assert_not_opened("> 00A4040C0AD392F000260100000001\n< 6D00\n", -ERR_REMOTE, "6D00");
    assert_not_opened(REC_JPKI "> 00A4020C020006\n< 6A82\n", -ERR_ABSENT, "no file 0006");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n< 6982\n", -ERR_DENIED, "6982");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n< 4A509000\n", -ERR_REMOTE,
                      "cut off after 2 bytes");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n< 90\n", -ERR_REMOTE, "garbage");
}

static void a_card_removed_at_any_command_is_told_so(void **state)
{
    (void)state;
    assert_not_opened("> 00A4040C0AD392F000260100000001\n! removed\n", -ERR_ABSENT, "was removed");
    assert_not_opened(REC_JPKI "> 00A4020C020006\n! removed\n", -ERR_ABSENT, "was removed");
    assert_not_opened(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n! removed\n", -ERR_ABSENT,
                      "was removed");
}

static void a_command_outside_of_a_transaction_is_not_sent(void **state)
{
    const struct apdu apdu = {.ins = 0x20, .p2 = 0x80};
    struct icc *icc = NULL;
    uint16_t sw;

    (void)state;
    assert_int_equal(open_recording(REC_OPEN, &icc, NULL), 0);
    assert_int_equal(icc_transmit(icc, &apdu, NULL, &sw, NULL), -ERR_USAGE);
    icc_free(icc);
}

static void a_first_answer_of_6f00_is_forgiven_once(void **state)
{
    struct icc *icc = NULL;

    (void)state;
    assert_int_equal(
        open_recording("> 00A4040C0AD392F000260100000001\n< 6F00\n" REC_OPEN, &icc, NULL), 0);
    icc_free(icc);
    assert_not_opened("> 00A4040C0AD392F000260100000001\n< 6F00\n"
                      "> 00A4040C0AD392F000260100000001\n< 6F00\n",
                      -ERR_REMOTE, "6F00");
}

static void each_transaction_selects_the_application_anew(void **state)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn outer = {NULL};
    struct icc_txn inner = {NULL};

    (void)state;
    assert_int_equal(
        replay_open(BYTES_LITERAL(REC_OPEN "! reset\n" REC_JPKI REC_JPKI), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(icc_begin(icc, &outer, NULL), 0);
    assert_int_equal(icc_begin(icc, &inner, NULL), 0);
    icc_end(&inner);
    icc_end(&outer);
    icc_end(&outer);
    assert_int_equal(icc_begin(icc, &outer, NULL), 0);
    icc_end(&outer);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
}

static void a_second_application_has_to_wait_for_the_first(void **state)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn outer = {NULL};
    struct icc_txn inner = {NULL};

    (void)state;
    assert_int_equal(replay_open(BYTES_LITERAL(REC_OPEN REC_TEXT REC_JPKI), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(icc_begin_app(icc, ICC_APP_TEXT, &outer, NULL), 0);
    assert_int_equal(icc_begin(icc, &inner, NULL), -ERR_USAGE);
    assert_null(inner.icc);
    assert_int_equal(icc_current_app(icc), ICC_APP_TEXT);
    assert_int_equal(icc_begin_app(icc, ICC_APP_TEXT, &inner, NULL), 0);
    icc_end(&inner);
    icc_end(&outer);
    assert_int_equal(icc_begin(icc, &outer, NULL), 0);
    icc_end(&outer);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
}

static void an_application_that_is_not_there_is_told_and_the_card_stays_usable(void **state)
{
    static const struct {
        enum icc_app app;
        const char *aid, *reason;
    } rows[] = {
        {ICC_APP_TEXT, "0AD3921000310001010408", "no text about its holder"},
        {ICC_APP_VISUAL, "0AD3921000310001010402", "no card face"},
        {ICC_APP_JUKI, "0AD3921000310001010401", "resident register"},
        {ICC_APP_COMMON, "0AD3921000310001010100", "common application"},
        {ICC_APP_MANAGER, "07A0000001510000", "no card manager"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct icc_txn txn = {NULL};
        struct icc *icc = NULL;
        struct err err = {0};
        char text[512];

        (void)snprintf(text, sizeof text, REC_OPEN "> 00A4040C%s\n< 6A82\n" REC_JPKI, rows[i].aid);
        assert_int_equal(open_recording(text, &icc, NULL), 0);
        assert_int_equal(icc_begin_app(icc, rows[i].app, &txn, &err), -ERR_ABSENT);
        assert_non_null(strstr(err.text, rows[i].reason));
        assert_int_equal(err.detail, SW_FILE_NOT_FOUND);
        assert_int_equal(icc_begin(icc, &txn, NULL), 0);
        icc_end(&txn);
        icc_free(icc);
    }
}

static void a_transaction_that_could_not_begin_is_not_left_open(void **state)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn txn = {NULL};

    (void)state;
    assert_int_equal(replay_open(BYTES_LITERAL(REC_OPEN "> 00A4040C0AD392F000260100000001\n"
                                                        "< 6A82\n" REC_JPKI),
                                 &reader, NULL),
                     0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(icc_begin(icc, &txn, NULL), -ERR_ABSENT);
    assert_null(txn.icc);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    icc_end(&txn);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
}

static void the_token_is_told_without_its_filler(void **state)
{
    struct icc *icc = NULL;

    (void)state;
    assert_int_equal(
        open_recording(REC_JPKI REC_SELECT("0006") "> 00B00000A0\n"
                                                   "< 4A504B494150475053 45544F4B454E 0000000000"
                                                   "  000000000000000000000000"
                                                   "  4D414B45520A2020 202020202020202020202020"
                                                   "  202020202020202020202020"
                                                   "  45313652 3031 FFFFFFFFFFFFFFFFFFFF"
                                                   "  30303030303030303230353030303033 9000\n",
                       &icc, NULL),
        0);
    assert_int_equal(icc_token(icc)->kind, ICC_ANDROID);
    assert_string_equal(icc_kind_name(icc_token(icc)->kind), "android");
    assert_string_equal(icc_token(icc)->label, "JPKIAPGPSETOKEN");
    assert_string_equal(icc_token(icc)->manufacturer, "MAKER?");
    assert_string_equal(icc_token(icc)->model, "E16R01");
    assert_string_equal(icc_token(icc)->serial, "0000000020500003");
    assert_string_equal(icc_reader_name(icc), "replay");
    icc_free(icc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_cards_are_no_my_number_cards),
        cmocka_unit_test(odd_answers_are_told_with_their_status_word),
        cmocka_unit_test(a_card_removed_at_any_command_is_told_so),
        cmocka_unit_test(a_command_outside_of_a_transaction_is_not_sent),
        cmocka_unit_test(a_second_application_has_to_wait_for_the_first),
        cmocka_unit_test(an_application_that_is_not_there_is_told_and_the_card_stays_usable),
        cmocka_unit_test(a_transaction_that_could_not_begin_is_not_left_open),
        cmocka_unit_test(a_first_answer_of_6f00_is_forgiven_once),
        cmocka_unit_test(each_transaction_selects_the_application_anew),
        cmocka_unit_test(the_token_is_told_without_its_filler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
