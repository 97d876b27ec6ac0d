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
    enum icc_app app;
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
    assert_int_equal(icc_begin_app(icc, attempt->app, &txn, NULL), 0);
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
                                     "1234", false, -ERR_DENIED, "consent"});
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

/* A PIN with two places is sent to the one in the application that is open. */
static void each_pin_is_sent_to_its_own_place(void **state)
{
    static const struct {
        enum icc_app app;
        const char *select, *ief;
        enum icc_pin which;
        const char *pin, *sent;
    } rows[] = {
        {ICC_APP_TEXT, REC_TEXT, "0011", ICC_PIN_TEXT, "1234", "04 31323334"},
        {ICC_APP_JUKI, REC_JUKI, "001C", ICC_PIN_JUKI, "1234", "04 31323334"},
        {ICC_APP_COMMON, REC_COMMON, "001C", ICC_PIN_JUKI, "1234", "04 31323334"},
        {ICC_APP_TEXT, REC_TEXT, "0014", ICC_PIN_A, "123456789018", "0C 313233343536373839303138"},
        {ICC_APP_VISUAL, REC_VISUAL, "0013", ICC_PIN_A, "123456789018",
         "0C 313233343536373839303138"},
        {ICC_APP_TEXT, REC_TEXT, "0015", ICC_PIN_B, "55021720352285",
         "0E 3535303231373230333532323835"},
        {ICC_APP_VISUAL, REC_VISUAL, "0012", ICC_PIN_B, "55021720352285",
         "0E 3535303231373230333532323835"},
        {ICC_APP_VISUAL, REC_VISUAL, "0011", ICC_PIN_BIRTH, "550217", "06 353530323137"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];

        (void)snprintf(text, sizeof text,
                       REC_OPEN "%s> 00A4020C02%s\n< 9000\n" REC_TRIES(
                           "63CA") "> 00200080 %s\n< 9000\n" REC_ISD,
                       rows[i].select, rows[i].ief, rows[i].sent);
        assert_attempt(
            &(struct attempt){text, rows[i].which, rows[i].pin, false, 0, NULL, rows[i].app});
    }
}

static void a_pin_is_not_sent_to_an_application_without_it(void **state)
{
    (void)state;
    assert_attempt(&(struct attempt){REC_OPEN REC_TEXT, ICC_PIN_AUTH, "1234", true, -ERR_USAGE,
                                     "has no authentication PIN", ICC_APP_TEXT});
    assert_attempt(&(struct attempt){BEGIN, ICC_PIN_B, "55021720352285", true, -ERR_USAGE,
                                     "has no check code B", ICC_APP_JPKI});
}

/* A typing mistake that the check digit, or the calendar, finds costs no try. */
static void a_code_that_cannot_be_right_is_not_sent(void **state)
{
    static const struct {
        enum icc_pin which;
        const char *code;
    } rows[] = {
        {ICC_PIN_TEXT, "12345"},           {ICC_PIN_JUKI, "123"},
        {ICC_PIN_A, "123456789017"},       {ICC_PIN_A, "1234 5678 9018"},
        {ICC_PIN_B, "5502172035228"},      {ICC_PIN_B, "55133120352285"},
        {ICC_PIN_B, "1980-02-17 2035 22"}, {ICC_PIN_BIRTH, "550230"},
        {ICC_PIN_BIRTH, "1980-02-17"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_attempt(&(struct attempt){REC_OPEN REC_TEXT, rows[i].which, rows[i].code, true,
                                         -ERR_DENIED, "nothing was sent", ICC_APP_TEXT});
}

static void what_people_type_for_a_code_becomes_the_code(void **state)
{
    static const struct {
        enum icc_pin which;
        const char *typed, *sent;
    } rows[] = {
        {ICC_PIN_A, "1234 5678 9018", "123456789018"},
        {ICC_PIN_B, "1980-02-17 2035 2285", "55021720352285"},
        {ICC_PIN_BIRTH, "1980-02-17", "550217"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(secret_done) struct secret code = SECRET_INIT;

        assert_int_equal(secret_copy(bytes_text(rows[i].typed), &code, NULL), 0);
        assert_int_equal(icc_pin_normalise(rows[i].which, &code, NULL), 0);
        assert_true(bytes_equal(secret_bytes(&code), bytes_text(rows[i].sent)));
        assert_non_null(icc_pin_hint(rows[i].which));
    }
}

static void the_places_and_tries_of_each_pin_are_told(void **state)
{
    static const struct {
        const char *name;
        size_t places;
        unsigned tries;
    } rows[] = {
        [ICC_PIN_AUTH] = {"auth", 1, 3},    [ICC_PIN_SIGN] = {"sign", 1, 5},
        [ICC_PIN_TEXT] = {"text", 1, 3},    [ICC_PIN_JUKI] = {"juki", 2, 3},
        [ICC_PIN_A] = {"a", 2, 10},         [ICC_PIN_B] = {"b", 2, 10},
        [ICC_PIN_BIRTH] = {"birth", 1, 10},
    };

    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], ICC_PINS_);
    for (int which = 0; which < ICC_PINS_; which++) {
        const struct icc_pin_place *places = NULL;

        assert_string_equal(icc_pin_name((enum icc_pin)which), rows[which].name);
        assert_int_equal(icc_pin_places((enum icc_pin)which, &places), rows[which].places);
        assert_int_equal(icc_pin_tries_max((enum icc_pin)which), rows[which].tries);
    }
}

static void tries_are_told_of_each_place(void **state)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    unsigned tries = 99;

    (void)state;
    assert_int_equal(replay_open(BYTES_LITERAL(REC_OPEN REC_TEXT REC_SELECT("0014") REC_TRIES(
                                     "63CA") REC_VISUAL REC_SELECT("0013") REC_TRIES("63C7")),
                                 &reader, NULL),
                     0);
    assert_int_equal(icc_open(reader, &icc, NULL), 0);
    assert_int_equal(icc_pin_tries(icc, ICC_PIN_A, &tries, NULL), 0);
    assert_int_equal(tries, 10);
    assert_int_equal(icc_pin_tries_in(icc, ICC_PIN_A, ICC_APP_VISUAL, &tries, NULL), 0);
    assert_int_equal(tries, 7);
    assert_true(replay_is_finished(reader));
    icc_free(icc);
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
        cmocka_unit_test(each_pin_is_sent_to_its_own_place),
        cmocka_unit_test(a_pin_is_not_sent_to_an_application_without_it),
        cmocka_unit_test(a_code_that_cannot_be_right_is_not_sent),
        cmocka_unit_test(what_people_type_for_a_code_becomes_the_code),
        cmocka_unit_test(the_places_and_tries_of_each_pin_are_told),
        cmocka_unit_test(tries_are_told_of_each_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
