/* SPDX-License-Identifier: Apache-2.0 */
/* card.md 11.2, 2 to 4: what is sent, and above all what is not. */
#include "client/icc.h"
#include "client/pin.h"
#include "reader/replay.h"

#include "support/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BEGIN REC_OPEN REC_JPKI

struct attempt {
    const char *recording; /* of everything that may be sent */
    enum icc_pin which;
    const char *pin;
    bool may_use_last_try;
    int rc;
    const char *reason;
};

static void assert_attempt(const struct attempt *attempt)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct icc_txn txn = {NULL};
    struct err err = {.text = ""};

    assert_int_equal(replay_open(bytes_text(attempt->recording), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(secret_copy(bytes_text(attempt->pin), &pin, NULL), 0);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(icc_pin_verify(icc, attempt->which, &pin, attempt->may_use_last_try, &err),
                     attempt->rc);
    if (attempt->rc < 0)
        assert_non_null(strstr(err.text, attempt->reason));
    icc_end(&txn);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
}

static void a_pin_that_cannot_be_right_is_not_sent(void **state)
{
    static const struct {
        enum icc_pin which;
        const char *pin;
    } rows[] = {
        {ICC_PIN_AUTH, "123"},      {ICC_PIN_AUTH, "12345"},   {ICC_PIN_AUTH, "12a4"},
        {ICC_PIN_AUTH, "１２"},     {ICC_PIN_SIGN, "ABC12"},   {ICC_PIN_SIGN, "ABCDEFGH123456789"},
        {ICC_PIN_SIGN, "ABCDEF"},   {ICC_PIN_SIGN, "123456"},  {ICC_PIN_SIGN, "ABC 123"},
        {ICC_PIN_SIGN, "abc123"}, /* not normalised */
        {ICC_PIN_SIGN, "ABC123\n"}, {ICC_PIN_SIGN, "ABC-123"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_attempt(&(struct attempt){BEGIN, rows[i].which, rows[i].pin, true, -ERR_DENIED,
                                         "nothing was sent"});
}

static void a_locked_pin_is_not_sent_and_says_where_to_go(void **state)
{
    static const char *const locked[] = {"63C0", "6983", "6984"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char text[512];

        (void)snprintf(text, sizeof text, BEGIN REC_SELECT("0018") REC_TRIES("%s"), locked[i]);
        assert_attempt(&(struct attempt){text, ICC_PIN_AUTH, "1234", true, -ERR_DENIED,
                                         "the counter of your municipality"});
        (void)snprintf(text, sizeof text, BEGIN REC_SELECT("001B") REC_TRIES("%s"), locked[i]);
        assert_attempt(&(struct attempt){text, ICC_PIN_SIGN, "ABC123", true, -ERR_DENIED,
                                         "convenience-store kiosk"});
    }
}

static void the_last_try_needs_consent(void **state)
{
    (void)state;
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C1"), ICC_PIN_AUTH,
                                     "1234", false, -ERR_DENIED, "--last-try"});
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C1") REC_PIN4("9000")
                                         REC_ISD,
                                     ICC_PIN_AUTH, "1234", true, 0, NULL});
}

static void without_a_counter_no_pin_is_sent(void **state)
{
    static const char *const odd[] = {"9000", "6300", "6700", "6D00", "6A88"};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char text[512];

        (void)snprintf(text, sizeof text, BEGIN REC_SELECT("0018") REC_TRIES("%s"), odd[i]);
        assert_attempt(
            &(struct attempt){text, ICC_PIN_AUTH, "1234", true, -ERR_REMOTE, "nothing was sent"});
    }
}

static void a_wrong_pin_is_sent_once(void **state)
{
    (void)state;
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C3") REC_PIN4("63C2")
                                         REC_ISD,
                                     ICC_PIN_AUTH, "1234", false, -ERR_DENIED, "tries left: 2"});
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("001B") REC_TRIES("63C2") REC_PIN6("63C1")
                                         REC_ISD,
                                     ICC_PIN_SIGN, "ABC123", false, -ERR_DENIED, "tries left: 1"});
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C1") REC_PIN4("63C0")
                                         REC_ISD,
                                     ICC_PIN_AUTH, "1234", true, -ERR_DENIED, "is locked"});
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C2") REC_PIN4("6984")
                                         REC_ISD,
                                     ICC_PIN_AUTH, "1234", true, -ERR_DENIED, "is locked"});
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("0018") REC_TRIES("63C2") REC_PIN4("6F00")
                                         REC_ISD,
                                     ICC_PIN_AUTH, "1234", true, -ERR_REMOTE, "6F00"});
}

static void a_card_removed_with_the_pin_is_not_asked_again(void **state)
{
    (void)state;
    assert_attempt(&(struct attempt){
        BEGIN REC_SELECT("0018") REC_TRIES("63C2") "> 0020008004 31323334\n! removed\n"
                                                   "> 00A4040C07A0000001510000\n! removed\n",
        ICC_PIN_AUTH, "1234", true, -ERR_ABSENT, "was removed"});
}

static void outside_of_a_transaction_no_pin_is_sent(void **state)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct reader *reader = NULL;
    struct icc *icc = NULL;

    (void)state;
    assert_int_equal(replay_open(BYTES_LITERAL(REC_OPEN), &reader, NULL), 0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(secret_copy(BYTES_LITERAL("1234"), &pin, NULL), 0);
    assert_int_equal(icc_pin_verify(icc, ICC_PIN_AUTH, &pin, true, NULL), -ERR_USAGE);
    icc_free(icc);
}

static void the_longest_and_shortest_passwords_are_sent(void **state)
{
    (void)state;
    assert_attempt(&(struct attempt){
        BEGIN REC_SELECT("001B")
            REC_TRIES("63C5") "> 00200080 10 30303030303030303030303030303041\n< 9000\n" REC_ISD,
        ICC_PIN_SIGN, "000000000000000A", false, 0, NULL});
    assert_int_equal(strlen("000000000000000A"), ICC_PIN_MAX);
    assert_attempt(&(struct attempt){BEGIN REC_SELECT("001B") REC_TRIES("63C5") REC_PIN6("9000")
                                         REC_ISD,
                                     ICC_PIN_SIGN, "ABC123", false, 0, NULL});
}

static void small_letters_of_a_password_become_capitals(void **state)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;

    (void)state;
    assert_int_equal(secret_copy(BYTES_LITERAL("abC12z"), &pin, NULL), 0);
    assert_int_equal(icc_pin_normalise(ICC_PIN_SIGN, &pin, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&pin), BYTES_LITERAL("ABC12Z")));
    assert_int_equal(icc_pin_normalise(ICC_PIN_AUTH, &pin, NULL), -ERR_DENIED);
}

static void tries_are_told_and_cost_nothing(void **state)
{
    static const struct {
        const char *sw;
        int rc;
        unsigned tries;
    } rows[] = {
        {"63C5", 0, 5}, {"63C0", 0, 0}, {"6983", 0, 0}, {"6984", 0, 0}, {"9000", -ERR_REMOTE, 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reader *reader = NULL;
        struct icc *icc = NULL;
        unsigned tries = 9;
        char text[512];

        (void)snprintf(text, sizeof text, BEGIN REC_SELECT("001B") REC_TRIES("%s"), rows[i].sw);
        assert_int_equal(replay_open(bytes_text(text), &reader, NULL), 0);
        assert_int_equal(icc_open(reader, &icc, NULL), 0);
        assert_int_equal(icc_pin_tries(icc, ICC_PIN_SIGN, &tries, NULL), rows[i].rc);
        assert_int_equal(tries, rows[i].tries);
        icc_free(icc);
    }
    assert_int_equal(icc_pin_tries_max(ICC_PIN_AUTH), 3);
    assert_int_equal(icc_pin_tries_max(ICC_PIN_SIGN), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_that_cannot_be_right_is_not_sent),
        cmocka_unit_test(a_locked_pin_is_not_sent_and_says_where_to_go),
        cmocka_unit_test(the_last_try_needs_consent),
        cmocka_unit_test(without_a_counter_no_pin_is_sent),
        cmocka_unit_test(a_wrong_pin_is_sent_once),
        cmocka_unit_test(a_card_removed_with_the_pin_is_not_asked_again),
        cmocka_unit_test(outside_of_a_transaction_no_pin_is_sent),
        cmocka_unit_test(the_longest_and_shortest_passwords_are_sent),
        cmocka_unit_test(small_letters_of_a_password_become_capitals),
        cmocka_unit_test(tries_are_told_and_cost_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
