/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our client and our software card, which share no code but the wire language, in one process:
 * a reader that hands commands over, and that can pull the card out or reset it.
 */
#include "card/issue.h"
#include "client/cert.h"
#include "client/icc.h"
#include "client/pin.h"
#include "client/sign.h"
#include "crypto/pubkey.h"
#include "reader/backend.h"

#include "support/memory_card.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define AUTH_PIN      "1234"
#define SIGN_PASSWORD "ABC123"

struct slot {
    struct reader reader;
    struct card *card;
    unsigned removed_at; /* the nth command finds no card; 0: never */
    unsigned commands;
    bool was_reset; /* by somebody else, before the next transaction */
    unsigned open_transactions, released;
};

static struct test_pki pki;
static struct card *card;
static struct memory_storage storage;
static struct slot slot;

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct slot *here = (struct slot *)reader;

    if (here->removed_at > 0 && ++here->commands >= here->removed_at) {
        card_reset(here->card);
        return FAIL(err, ERR_ABSENT, "the card was removed");
    }
    return card_apdu(here->card, command, ret, err);
}

static int begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    struct slot *here = (struct slot *)reader;

    (void)err;
    if (here->was_reset)
        card_reset(here->card);
    *ret_was_reset = here->was_reset;
    here->was_reset = false;
    here->open_transactions++;
    return 0;
}

static void end(struct reader *reader)
{
    ((struct slot *)reader)->open_transactions--;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    struct slot *here = (struct slot *)reader;

    if (leave == READER_RESET)
        card_reset(here->card);
    here->released++;
}

static const struct reader_ops ops = {transmit, begin, end, release};

/* A certificate of this kind over the card's own key. */
static void issue(enum profile_kind kind, enum card_key key)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(card_make_key(card, key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    x509_cert_freep(&pki.certs[kind]);
    test_pki_issue(&pki, kind, &inputs, &pki.certs[kind]);
}

static int make_everything(void **state)
{
    struct card_personalisation with = {
        .pins =
            {
                [CARD_PIN_AUTH] = BYTES_LITERAL(AUTH_PIN),
                [CARD_PIN_SIGN] = BYTES_LITERAL(SIGN_PASSWORD),
            },
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI", "SOFT", NULL},
    };
    struct err err = {0};

    (void)state;
    test_pki_make(&pki);
    card = memory_card_new_blank(&storage);
    issue(PROFILE_AUTH, CARD_KEY_AUTH);
    issue(PROFILE_SIGN, CARD_KEY_SIGN);
    with.files[CARD_AUTH_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH_CA]);
    with.files[CARD_SIGN_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN]);
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN_CA]);
    if (card_personalise(card, &with, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int release_everything(void **state)
{
    (void)state;
    card_freep(&card);
    memory_card_release_keys();
    test_pki_done(&pki);
    return 0;
}

static int open_slot(struct icc **ret, struct err *err)
{
    reader_init(&slot.reader, &ops, "slot");
    return icc_open(&slot.reader, ret, err);
}

static int power_off(void **state)
{
    (void)state;
    card_reset(card);
    slot = (struct slot){.card = card};
    return 0;
}

static int verify(struct icc *icc, enum icc_pin which, const char *text, bool last_try,
                  struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;

    assert_int_equal(secret_copy(bytes_text(text), &pin, NULL), 0);
    return icc_pin_verify(icc, which, &pin, last_try, err);
}

/* VERIFY in a transaction of its own. */
static int try_pin(struct icc *icc, enum icc_pin which, const char *text, bool last_try,
                   struct err *err)
{
    CLEANUP(icc_end) struct icc_txn txn = {NULL};

    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    return verify(icc, which, text, last_try, err);
}

static unsigned tries(struct icc *icc, enum icc_pin which)
{
    unsigned left = 99;

    assert_int_equal(icc_pin_tries(icc, which, &left, NULL), 0);
    return left;
}

static void a_wrong_pin_costs_one_try_and_a_right_one_gives_them_back(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct err err;

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 3);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, "9999", false, &err), -ERR_DENIED);
    assert_non_null(strstr(err.text, "tries left: 2"));
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 2);
    assert_int_equal(tries(icc, ICC_PIN_SIGN), 5);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, "9999", false, &err), -ERR_DENIED);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, AUTH_PIN, false, &err), -ERR_DENIED);
    assert_non_null(strstr(err.text, "consent"));
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 1);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, AUTH_PIN, true, &err), 0);
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 3);
}

static void a_pin_that_cannot_be_right_costs_nothing(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    assert_int_equal(try_pin(icc, ICC_PIN_SIGN, "abc123", true, NULL), -ERR_DENIED);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, "123", true, NULL), -ERR_DENIED);
    assert_int_equal(tries(icc, ICC_PIN_SIGN), 5);
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 3);
}

static void the_card_tells_what_it_is(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct icc_presence presence = {false, false, false};

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    assert_string_equal(icc_token(icc)->label, TOKEN_LABEL_PLASTIC);
    assert_string_equal(icc_token(icc)->manufacturer, "OpenJPKI");
    assert_int_equal(icc_read_presence(icc, &presence, NULL), 0);
    assert_true(presence.is_told && presence.sign && presence.auth);
}

static void assert_reads(struct icc *icc, enum icc_cert which, enum profile_kind kind)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    assert_int_equal(icc_read_cert(icc, which, &der, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&der), x509_cert_der(pki.certs[kind])));
}

static void certificates_are_read_as_they_were_written(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    assert_reads(icc, ICC_CERT_AUTH, PROFILE_AUTH);
    assert_reads(icc, ICC_CERT_AUTH_CA, PROFILE_AUTH_CA);
    assert_reads(icc, ICC_CERT_SIGN_CA, PROFILE_SIGN_CA);
    assert_int_equal(icc_read_cert(icc, ICC_CERT_SIGN, &der, NULL), -ERR_DENIED);
    assert_null(der.ptr);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(verify(icc, ICC_PIN_SIGN, SIGN_PASSWORD, false, NULL), 0);
    assert_reads(icc, ICC_CERT_SIGN, PROFILE_SIGN);
}

/* PIN, signature and check of the signature in one transaction, as a program does it. */
static int sign(enum icc_pin pin, enum icc_key key, enum profile_kind kind, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(icc_end) struct icc_txn txn = {NULL};
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("document"), &digest, NULL), 0);
    TRY(open_slot(&icc, err));
    TRY(icc_begin(icc, &txn, err));
    TRY(verify(icc, pin, pin == ICC_PIN_AUTH ? AUTH_PIN : SIGN_PASSWORD, false, err));
    TRY(icc_sign(icc, key, &digest, &signature, err));
    assert_int_equal(
        pubkey_verify(x509_cert_pubkey(pki.certs[kind]), &digest, buf_bytes(&signature), NULL), 0);
    return 0;
}

static void each_key_signs_after_its_own_pin_only(void **state)
{
    (void)state;
    assert_int_equal(sign(ICC_PIN_SIGN, ICC_KEY_AUTH, PROFILE_AUTH, NULL), -ERR_DENIED);
    assert_int_equal(sign(ICC_PIN_AUTH, ICC_KEY_SIGN, PROFILE_SIGN, NULL), -ERR_DENIED);
    assert_int_equal(sign(ICC_PIN_AUTH, ICC_KEY_AUTH, PROFILE_AUTH, NULL), 0);
    assert_int_equal(sign(ICC_PIN_SIGN, ICC_KEY_SIGN, PROFILE_SIGN, NULL), 0);
}

static void what_a_pin_opened_is_closed_with_the_transaction(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct icc_txn txn = {NULL};
    struct digest digest = {.alg = DIGEST_SHA256, .len = 32};

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, AUTH_PIN, false, NULL), 0);
    assert_int_equal(icc_begin(icc, &txn, NULL), 0);
    assert_int_equal(icc_sign(icc, ICC_KEY_AUTH, &digest, &signature, NULL), -ERR_DENIED);
    icc_end(&txn);
    slot.was_reset = true;
    assert_int_equal(tries(icc, ICC_PIN_AUTH), 3);
}

static void a_card_removed_at_any_command_is_told_and_released(void **state)
{
    unsigned nth = 1;

    (void)state;
    for (;; nth++) {
        struct err err = {0};
        int rc;

        assert_int_equal(power_off(NULL), 0);
        slot.removed_at = nth;
        rc = sign(ICC_PIN_SIGN, ICC_KEY_SIGN, PROFILE_SIGN, &err);
        assert_int_equal(slot.open_transactions, 0);
        assert_int_equal(slot.released, 1);
        assert_int_equal(storage.tries[CARD_PIN_SIGN], 5);
        if (rc == 0)
            break;
        assert_int_equal(rc, -ERR_ABSENT);
        assert_string_equal(err.text, "the card was removed");
    }
    /* Open, begin, query, verify, sign: the session has this many commands. */
    assert_true(nth >= 9);
}

static void a_card_that_cannot_count_gives_no_answer_about_the_pin(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct err err;

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    storage.is_broken = true;
    assert_int_equal(try_pin(icc, ICC_PIN_AUTH, "9999", false, &err), -ERR_REMOTE);
    storage.is_broken = false;
    assert_non_null(strstr(err.text, "6581"));
}

/* Last: the card is of no use afterwards. */
static void a_locked_pin_stays_locked_and_the_right_one_is_not_sent(void **state)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    struct err err;

    (void)state;
    assert_int_equal(open_slot(&icc, NULL), 0);
    for (unsigned left = 5; left > 0; left--) {
        assert_int_equal(tries(icc, ICC_PIN_SIGN), left);
        assert_int_equal(try_pin(icc, ICC_PIN_SIGN, "WRONG1", true, &err), -ERR_DENIED);
    }
    assert_non_null(strstr(err.text, "is locked"));
    assert_int_equal(tries(icc, ICC_PIN_SIGN), 0);
    assert_int_equal(try_pin(icc, ICC_PIN_SIGN, SIGN_PASSWORD, true, &err), -ERR_DENIED);
    assert_non_null(strstr(err.text, "is locked"));
    assert_int_equal(sign(ICC_PIN_AUTH, ICC_KEY_AUTH, PROFILE_AUTH, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_wrong_pin_costs_one_try_and_a_right_one_gives_them_back,
                               power_off),
        cmocka_unit_test_setup(a_pin_that_cannot_be_right_costs_nothing, power_off),
        cmocka_unit_test_setup(the_card_tells_what_it_is, power_off),
        cmocka_unit_test_setup(certificates_are_read_as_they_were_written, power_off),
        cmocka_unit_test_setup(each_key_signs_after_its_own_pin_only, power_off),
        cmocka_unit_test_setup(what_a_pin_opened_is_closed_with_the_transaction, power_off),
        cmocka_unit_test_setup(a_card_removed_at_any_command_is_told_and_released, power_off),
        cmocka_unit_test_setup(a_card_that_cannot_count_gives_no_answer_about_the_pin, power_off),
        cmocka_unit_test_setup(a_locked_pin_stays_locked_and_the_right_one_is_not_sent, power_off),
    };

    return cmocka_run_group_tests(tests, make_everything, release_everything);
}
