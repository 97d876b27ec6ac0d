/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions with recorded sessions: what is sent, what is not, what is told. */
#include "base/file.h"

#include "support/recorded.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/jpki.h>

#define BEGIN REC_OPEN REC_JPKI

static const uint8_t digest[32] = {1, 2, 3};

/* A card that plays the session. */
static jpki_card *play(const char *session)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    char name[TEMPDIR_FILE_SIZE + 8];
    struct jpki_error error;
    jpki_card *card = NULL;

    (void)snprintf(name, sizeof name, "replay:%s", tempdir_file(&dir, "session", path));
    assert_int_equal(file_replace(path, 0600, bytes_text(session), NULL), 0);
    if (jpki_card_open(name, &card, &error) < 0)
        fail_msg("%s", error.text);
    return card;
}

static struct jpki_pin pin(const char *text)
{
    return (struct jpki_pin){{(const uint8_t *)text, strlen(text)}, 0};
}

static void a_reader_that_is_not_there_is_told(void **state)
{
    jpki_card *card = NULL;
    struct jpki_error error = {0};

    (void)state;
    assert_int_equal(jpki_card_open("replay:/nowhere", &card, &error), -JPKI_ERROR_ABSENT);
    assert_int_equal(error.kind, JPKI_ERROR_ABSENT);
    assert_non_null(strstr(error.text, "nowhere"));
    assert_null(card);
    assert_int_equal(jpki_card_open("direct:/nowhere", &card, NULL), -JPKI_ERROR_ABSENT);
}

static void numbers_that_mean_nothing_are_refused(void **state)
{
    jpki_card *card = play(REC_OPEN);
    struct jpki_digest hash = {JPKI_SHA256, {digest, sizeof digest}};
    jpki_data *data = NULL;
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, (enum jpki_pin_kind)0, &left, NULL), -JPKI_ERROR_USAGE);
    assert_int_equal(left, 99);
    assert_int_equal(jpki_card_certificate(card, (enum jpki_certificate)9, NULL, &data, NULL),
                     -JPKI_ERROR_USAGE);
    assert_int_equal(jpki_card_sign(card, (enum jpki_use)3, &hash, NULL, &data, NULL),
                     -JPKI_ERROR_USAGE);
    hash.hash = (enum jpki_hash)0;
    assert_int_equal(jpki_card_sign(card, JPKI_USE_AUTH, &hash, NULL, &data, NULL),
                     -JPKI_ERROR_USAGE);
    assert_null(jpki_card_token(card, (enum jpki_token_field)7));
    assert_null(data);
    jpki_card_free(card);
}

static void a_digest_is_as_long_as_its_hash(void **state)
{
    jpki_card *card = play(REC_OPEN);
    struct jpki_digest hash = {JPKI_SHA256, {digest, 0}};
    struct jpki_pin right = pin("1234");
    jpki_data *data = NULL;

    (void)state;
    for (hash.value.size = 31; hash.value.size <= 33; hash.value.size += 2)
        assert_int_equal(jpki_card_sign(card, JPKI_USE_AUTH, &hash, &right, &data, NULL),
                         -JPKI_ERROR_USAGE);
    hash.value = (struct jpki_bytes){NULL, 32};
    assert_int_equal(jpki_card_sign(card, JPKI_USE_AUTH, &hash, &right, &data, NULL),
                     -JPKI_ERROR_USAGE);
    jpki_card_free(card);
}

static void a_pin_that_cannot_be_right_is_not_sent(void **state)
{
    const char *bad[] = {"", "123", "12345", "abcd", "12345678901234567"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        jpki_card *card = play(BEGIN);
        struct jpki_pin typed = pin(bad[i]);

        assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_AUTH, &typed, NULL),
                         -JPKI_ERROR_DENIED);
        jpki_card_free(card);
    }
}

static void a_pin_with_unknown_flags_is_not_sent(void **state)
{
    jpki_card *card = play(BEGIN);
    struct jpki_pin typed = pin("1234");

    (void)state;
    typed.flags = 2;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_AUTH, &typed, NULL), -JPKI_ERROR_USAGE);
    jpki_card_free(card);
}

static void the_last_try_needs_a_word(void **state)
{
    jpki_card *card = play(BEGIN REC_SELECT("0018") REC_TRIES("63C1") /* refused */
                           REC_JPKI REC_SELECT("0018") REC_TRIES("63C1") REC_PIN4("9000") REC_ISD);
    struct jpki_pin typed = pin("1234");

    (void)state;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_AUTH, &typed, NULL), -JPKI_ERROR_DENIED);
    typed.flags = JPKI_LAST_TRY;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_AUTH, &typed, NULL), 0);
    jpki_card_free(card);
}

static void a_wrong_pin_is_sent_once_and_told(void **state)
{
    jpki_card *card = play(BEGIN REC_SELECT("0018") REC_TRIES("63C3") REC_PIN4("63C2") REC_ISD);
    struct jpki_pin typed = pin("1234");
    struct jpki_error error = {0};

    (void)state;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_AUTH, &typed, &error), -JPKI_ERROR_DENIED);
    assert_non_null(strstr(error.text, "tries left: 2"));
    jpki_card_free(card);
}

static void a_password_counts_in_either_case(void **state)
{
    jpki_card *card = play(BEGIN REC_SELECT("001B") REC_TRIES("63C5") REC_PIN6("9000") REC_ISD);
    struct jpki_pin typed = pin("abc123");

    (void)state;
    assert_int_equal(jpki_card_check_pin(card, JPKI_PIN_SIGN, &typed, NULL), 0);
    jpki_card_free(card);
}

static void a_missing_pin_is_denied_before_anything_is_sent(void **state)
{
    jpki_card *card = play(BEGIN REC_JPKI);
    struct jpki_digest hash = {JPKI_SHA256, {digest, sizeof digest}};
    jpki_data *data = NULL;

    (void)state;
    assert_int_equal(jpki_card_certificate(card, JPKI_CERTIFICATE_SIGN, NULL, &data, NULL),
                     -JPKI_ERROR_DENIED);
    assert_int_equal(jpki_card_sign(card, JPKI_USE_AUTH, &hash, NULL, &data, NULL),
                     -JPKI_ERROR_DENIED);
    assert_null(data);
    jpki_card_free(card);
}

static void a_card_that_is_pulled_out_is_absent(void **state)
{
    jpki_card *card = play(BEGIN REC_SELECT("0018") "> 00200080\n" REC_REMOVED);
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, JPKI_PIN_AUTH, &left, NULL), -JPKI_ERROR_ABSENT);
    assert_int_equal(left, 99);
    jpki_card_free(card);
}

static void a_signature_by_another_key_is_discarded(void **state)
{
    jpki_card *card;
    struct jpki_digest hash = {JPKI_SHA256, {digest, sizeof digest}};
    struct jpki_pin typed = pin("1234");
    jpki_data *data = NULL;
    char session[4096];
    int len = snprintf(session, sizeof session,
                       "%s> 802A0080 33 3031300D060960864801650304020105000420"
                       "0102030000000000000000000000000000000000000000000000000000000000 00\n< ",
                       BEGIN REC_SELECT("0018") REC_TRIES("63C3") REC_PIN4("9000")
                           REC_SELECT("0017"));

    (void)state;
    for (size_t i = 0; i < 256; i++)
        len += snprintf(session + len, sizeof session - (size_t)len, "5A");
    /* What stands in for its certificate is none: then nobody can say whose signature it is. */
    (void)snprintf(session + len, sizeof session - (size_t)len,
                   "9000\n" REC_SELECT("000A") "> 00B00000 00\n< 3003020101 9000\n" REC_ISD);
    card = play(session);
    assert_true(jpki_card_sign(card, JPKI_USE_AUTH, &hash, &typed, &data, NULL) < 0);
    assert_null(data);
    jpki_card_free(card);
}

static void what_the_card_says_of_itself(void **state)
{
    jpki_card *card = play(REC_OPEN);

    (void)state;
    assert_int_equal(jpki_card_kind(card), JPKI_CARD_PLASTIC);
    assert_string_equal(jpki_card_token(card, JPKI_TOKEN_LABEL), "JPKIAPICCTOKEN2");
    assert_string_equal(jpki_card_token(card, JPKI_TOKEN_SERIAL), "");
    assert_string_equal(jpki_card_reader(card), "replay");
    jpki_card_free(card);
    jpki_card_free(NULL);
    jpki_data_free(NULL);
}

static void tries_are_counted_without_a_cost(void **state)
{
    jpki_card *card = play(BEGIN REC_SELECT("001B") REC_TRIES("63C4"));
    unsigned left = 99;

    (void)state;
    assert_int_equal(jpki_card_tries(card, JPKI_PIN_SIGN, &left, NULL), 0);
    assert_int_equal(left, 4);
    jpki_card_free(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_is_not_there_is_told),
        cmocka_unit_test(numbers_that_mean_nothing_are_refused),
        cmocka_unit_test(a_digest_is_as_long_as_its_hash),
        cmocka_unit_test(a_pin_that_cannot_be_right_is_not_sent),
        cmocka_unit_test(a_pin_with_unknown_flags_is_not_sent),
        cmocka_unit_test(the_last_try_needs_a_word),
        cmocka_unit_test(a_wrong_pin_is_sent_once_and_told),
        cmocka_unit_test(a_password_counts_in_either_case),
        cmocka_unit_test(a_missing_pin_is_denied_before_anything_is_sent),
        cmocka_unit_test(a_card_that_is_pulled_out_is_absent),
        cmocka_unit_test(a_signature_by_another_key_is_discarded),
        cmocka_unit_test(what_the_card_says_of_itself),
        cmocka_unit_test(tries_are_counted_without_a_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
