/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that answers everything with as much as it can, so that whatever the survey would let
 * through is in its text; and that counts what is sent to it.
 */
#include "client/icc.h"
#include "client/survey.h"
#include "iso7816/apdu.h"
#include "reader/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CANARY     "SECRET-CANARY-0123456789"
#define CANARY_HEX "5345435245542d43414e415259"

struct loud {
    struct reader reader;
    bool at_token;        /* the token information is selected */
    unsigned with_secret; /* commands that carry or change a PIN */
    unsigned commands;    /* all of them */
    unsigned removed_at;  /* the nth finds no card; 0: never */
};

static struct loud loud;

/* 160 bytes with the canary where the serial number is. */
static int answer_token(const struct apdu *apdu, struct buf *ret, struct err *err)
{
    uint8_t token[160] = "JPKIAPICCTOKEN2                 ";
    size_t offset = (size_t)apdu->p1 << 8 | apdu->p2;
    struct bytes part;

    memset(token + 32, ' ', 48);
    memcpy(token + 64, "MODEL-OF-CARD", 13);
    memcpy(token + 80, CANARY, 16);
    part = bytes_part(BYTES_ARRAY(token), offset, apdu->ne);
    if (part.len == 0)
        return buf_append(ret, bytes_of("\x6b\x00", 2), err);
    TRY(buf_append(ret, part, err));
    return buf_append(ret, bytes_of("\x90\x00", 2), err);
}

static int answer_select(struct loud *card, const struct apdu *apdu, struct buf *ret,
                         struct err *err)
{
    static const uint8_t fci[] = {0x6F, 0x11, 0x84, 0x03, 0x41, 0x42, 0x43, 0xA5, 0x0A, 0x9F,
                                  0x65, 0x07, 'S',  'E',  'C',  'R',  'E',  'T',  '-'};

    card->at_token = apdu->p1 == 0x02 && apdu->data.len == 2 && apdu->data.ptr[1] == 0x06;
    if (apdu->p2 == 0x00)
        TRY(buf_append(ret, BYTES_ARRAY(fci), err));
    return buf_append(ret, bytes_of("\x90\x00", 2), err);
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct loud *card = (struct loud *)reader;
    struct apdu apdu;

    card->commands++;
    if (card->removed_at != 0 && card->commands >= card->removed_at)
        return FAIL(err, ERR_ABSENT, "the card was removed");
    TRY(apdu_parse(command, &apdu, err));
    card->with_secret += (apdu.ins == 0x20 && apdu.data.len > 0) || apdu.ins == 0x24 ||
                         apdu.ins == 0x32 || apdu.ins == 0x2C;
    if (apdu.ins == 0xA4)
        return answer_select(card, &apdu, ret, err);
    if (apdu.ins == 0xB0 && card->at_token && (apdu.p1 & 0x80) == 0)
        return answer_token(&apdu, ret, err);
    if (apdu.ins == 0x20)
        return buf_append(
            ret, apdu.data.len > 0 ? bytes_of("\x90\x00", 2) : bytes_of("\x63\xc3", 2), err);
    if (apdu.ins == 0xCA && apdu.p1 == 0x5F) /* the one object that is shown */
        return buf_append(ret, bytes_of("\xe0\x00\x90\x00", 4), err);
    TRY(buf_append(ret, bytes_text(CANARY), err));
    return buf_append(ret, bytes_of("\x90\x00", 2), err);
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader, (void)leave;
}

static const struct reader_ops ops = {.transmit = transmit, .free = release};

static struct icc *open_loud(void)
{
    struct icc *icc = NULL;

    loud = (struct loud){.commands = 0};
    reader_init(&loud.reader, &ops, "loud");
    assert_int_equal(icc_open(&loud.reader, &icc, NULL), 0);
    return icc;
}

static void a_card_pulled_out_ends_it(void **state)
{
    struct icc *icc = open_loud();

    (void)state;
    for (unsigned after = 1; after < 400; after += 37) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        loud.removed_at = loud.commands + after;
        assert_int_equal(survey_card(icc, &text, NULL), -ERR_ABSENT);
        loud.removed_at = 0;
    }
    icc_free(icc);
}

static void nothing_of_the_answers_gets_through(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct icc *icc = open_loud();
    const char *shown;

    (void)state;
    assert_int_equal(survey_card(icc, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &shown, NULL), 0);
    assert_null(strstr(shown, "SECRET"));
    assert_null(strcasestr(shown, CANARY_HEX));
    assert_null(strcasestr(shown, "5345435245542d")); /* of the control information */
    assert_non_null(strstr(shown, "6F(17) { 84(3) A5(10) { 9F65(7) } }"));
    assert_non_null(strstr(shown, "their presence: 3 bytes\n< 9000, 24 bytes\n"));
    assert_non_null(strstr(shown, "answer to reset of the contacts\n< 9000 e000\n"));
    assert_non_null(strstr(shown, "4d4f44454c2d4f462d43415244")); /* the model */
    icc_free(icc);
}

static void no_question_carries_a_pin(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct icc *icc = open_loud();

    (void)state;
    assert_int_equal(survey_card(icc, &text, NULL), 0);
    assert_int_equal(loud.with_secret, 0);
    assert_true(loud.commands > 200);
    icc_free(icc);
}

static void with_the_pin_it_is_sent_once(void **state)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct icc *icc = open_loud();
    const char *shown;

    (void)state;
    assert_int_equal(secret_copy(bytes_text("1234"), &pin, NULL), 0);
    assert_int_equal(survey_card_with_pin(icc, &pin, false, &text, NULL), 0);
    assert_int_equal(loud.with_secret, 1);
    assert_int_equal(buf_text(&text, &shown, NULL), 0);
    assert_null(strstr(shown, "31323334"));
    assert_null(strstr(shown, "SECRET"));
    icc_free(icc);
}

static void files_are_measured(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct icc *icc = open_loud();
    const char *shown;

    (void)state;
    assert_int_equal(survey_card(icc, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &shown, NULL), 0);
    assert_non_null(strstr(shown, "\n0006: select 9000, read 9000, tries 63C3, 160 bytes\n"));
    assert_non_null(strstr(shown, "\n0001: select 9000, read 9000, tries 63C3, 32768 bytes\n"));
    icc_free(icc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_pulled_out_ends_it),
        cmocka_unit_test(nothing_of_the_answers_gets_through),
        cmocka_unit_test(no_question_carries_a_pin),
        cmocka_unit_test(with_the_pin_it_is_sent_once),
        cmocka_unit_test(files_are_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
