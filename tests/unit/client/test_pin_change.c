/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a PIN: what is sent, that nothing is sent twice, and what is said of a lost answer. */
#include "client/icc.h"
#include "client/pin_change.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BEGIN    REC_OPEN REC_JPKI
#define AUTH     BEGIN REC_SELECT("0018") REC_TRIES("63C3") REC_PIN4("9000")
#define NEW4(sw) "> 00240180 04 35363738\n< " sw "\n"
#define NEW6(sw) "> 00240180 06 58595A373839\n< " sw "\n"

#define TEXT_AID "D3921000310001010408"
#define JUKI_AID "D3921000310001010401"
#define APP(aid) REC_OPEN "> 00A4040C 0A " aid "\n< 9000\n"
#define TEXT     APP(TEXT_AID) REC_SELECT("0011") REC_TRIES("63C3") REC_PIN4("9000")
/* Attributes that are nothing but the birth date 19900415 (card.md 3.2). */
#define BIRTH REC_SELECT("0002") "> 00B00000 00\n< FF20 0B DF24 08 3139393030343135 FFFF 9000\n"

struct change {
    const char *recording;
    enum icc_pin which;
    const char *old, *replacement;
    bool may_use_last_try;
    int rc;
    const char *reason;
    enum icc_app app;
};

static void assert_change(const struct change *change)
{
    CLEANUP(secret_done) struct secret old = SECRET_INIT;
    CLEANUP(secret_done) struct secret replacement = SECRET_INIT;
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn txn = {NULL};
    struct err err = {.text = ""};

    assert_int_equal(replay_open(bytes_text(change->recording), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(secret_copy(bytes_text(change->old), &old, NULL), 0);
    assert_int_equal(secret_copy(bytes_text(change->replacement), &replacement, NULL), 0);
    assert_int_equal(icc_begin_app(icc, change->app, &txn, NULL), 0);
    assert_int_equal(icc_pin_change(icc,
                                    &(struct icc_pin_change){change->which, &old, &replacement,
                                                             change->may_use_last_try},
                                    &err),
                     change->rc);
    if (change->rc < 0 && strstr(err.text, change->reason) == NULL)
        fail_msg("'%s' is not in '%s'", change->reason, err.text);
    icc_end(&txn);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
}

static void the_old_one_again_is_not_sent(void **state)
{
    (void)state;
    assert_change(&(struct change){BEGIN, ICC_PIN_AUTH, "1234", "1234", true, -ERR_DENIED,
                                   "nothing was sent"});
}

static void a_wrong_old_one_ends_it(void **state)
{
    (void)state;
    assert_change(
        &(struct change){BEGIN REC_SELECT("0018") REC_TRIES("63C3") REC_PIN4("63C2") REC_ISD,
                         ICC_PIN_AUTH, "1234", "5678", true, -ERR_DENIED, "tries left: 2"});
    assert_change(&(struct change){BEGIN REC_SELECT("0018") REC_TRIES("63C1"), ICC_PIN_AUTH, "1234",
                                   "5678", false, -ERR_DENIED, "consent"});
    assert_change(&(struct change){BEGIN REC_SELECT("0018") REC_TRIES("63C0"), ICC_PIN_AUTH, "1234",
                                   "5678", true, -ERR_DENIED, "is locked"});
}

static void a_refusal_leaves_the_old_one(void **state)
{
    static const struct {
        const char *sw;
        int rc;
    } rows[] = {{"6A80", -ERR_REMOTE},
                {"6982", -ERR_DENIED},
                {"6700", -ERR_REMOTE},
                {"6D00", -ERR_REMOTE},
                {"63C0", -ERR_REMOTE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];

        (void)snprintf(text, sizeof text, AUTH NEW4("%s") REC_ISD, rows[i].sw);
        assert_change(&(struct change){text, ICC_PIN_AUTH, "1234", "5678", false, rows[i].rc,
                                       "the old authentication PIN still counts"});
    }
}

static void after_a_lost_answer_nobody_knows(void **state)
{
    static const struct {
        const char *answer;
        int rc;
    } rows[] = {
        {"< 90\n" REC_ISD, -ERR_REMOTE},
        {"< 6581\n" REC_ISD, -ERR_REMOTE},
        {"< 6F00\n" REC_ISD, -ERR_REMOTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];

        (void)snprintf(text, sizeof text, AUTH "> 00240180 04 35363738\n%s", rows[i].answer);
        assert_change(&(struct change){text, ICC_PIN_AUTH, "1234", "5678", false, rows[i].rc,
                                       "the old or the new authentication PIN may count now"});
    }
    assert_change(&(struct change){AUTH "> 00240180 04 35363738\n! removed\n"
                                        "> 00A4040C 07 A0000001510000\n! removed\n",
                                   ICC_PIN_AUTH, "1234", "5678", false, -ERR_ABSENT,
                                   "the card was removed; the old or the new"});
}

static void a_change_is_the_new_one_alone_behind_the_old(void **state)
{
    (void)state;
    assert_change(
        &(struct change){AUTH NEW4("9000") REC_ISD, ICC_PIN_AUTH, "1234", "5678", false, 0, NULL});
    assert_change(&(struct change){BEGIN REC_SELECT("001B") REC_TRIES("63C5") REC_PIN6("9000")
                                       NEW6("9000") REC_ISD,
                                   ICC_PIN_SIGN, "ABC123", "XYZ789", false, 0, NULL});
}

static void a_birth_date_is_no_text_pin(void **state)
{
    static const char *const rows[] = {"1990", "9004", "0415", "0204"}; /* Heisei 2 */

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_change(&(struct change){TEXT BIRTH REC_ISD, ICC_PIN_TEXT, "1234", rows[i], false,
                                       -ERR_DENIED, "part of your date of birth", ICC_APP_TEXT});
    assert_change(&(struct change){TEXT BIRTH REC_SELECT("0011") NEW4("9000") REC_ISD, ICC_PIN_TEXT,
                                   "1234", "5678", false, 0, NULL, ICC_APP_TEXT});
    /* A card that has no attributes has nothing to compare with. */
    assert_change(&(struct change){TEXT "> 00A4020C 02 0002\n< 6A82\n" REC_SELECT("0011")
                                       NEW4("9000") REC_ISD,
                                   ICC_PIN_TEXT, "1234", "5678", false, 0, NULL, ICC_APP_TEXT});
}

static void the_resident_register_has_a_command_of_its_own(void **state)
{
    (void)state;
    assert_change(&(struct change){APP(JUKI_AID) REC_SELECT("001C") REC_TRIES("63C3")
                                       REC_PIN4("9000") "> 80320080 04 35363738\n< 9000\n" REC_ISD,
                                   ICC_PIN_JUKI, "1234", "5678", false, 0, NULL, ICC_APP_JUKI});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_one_again_is_not_sent),
        cmocka_unit_test(a_wrong_old_one_ends_it),
        cmocka_unit_test(a_refusal_leaves_the_old_one),
        cmocka_unit_test(after_a_lost_answer_nobody_knows),
        cmocka_unit_test(a_birth_date_is_no_text_pin),
        cmocka_unit_test(the_resident_register_has_a_command_of_its_own),
        cmocka_unit_test(a_change_is_the_new_one_alone_behind_the_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
