/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's part of a login and of a revocation, with our software card behind a reader that can
 * play a phone, a faulty card, or one that was exchanged: what is sent to it, and what is believed
 * of it.
 */
#include "card/issue.h"
#include "holder/challenge.h"
#include "holder/revoke.h"
#include "reader/backend.h"

#include "support/memory_card.h"
#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PIN      "1234"
#define PASSWORD "ABC123"
#define ORIGIN   "https://platform.example"

enum { INS_VERIFY = 0x20, INS_SIGN = 0x2a, INS_SELECT = 0xa4, INS_READ = 0xb0, AUTH_CERT = 0x0a };

struct slot {
    struct reader reader;
    unsigned verifies, signs; /* commands that were sent */
    bool is_phone;            /* the auth certificate is behind the PIN */
    bool is_faulty;           /* signatures are wrong */
    bool has_auth_cert, is_open;
};

static struct test_pki pki;
static struct card *card;
static struct memory_storage storage;
static struct slot slot;
static struct icc *icc;
static struct challenge challenge;

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    static const uint8_t refused[] = {0x69, 0x82};
    struct slot *here = (struct slot *)reader;
    uint8_t ins = command.ptr[1];

    here->signs += ins == INS_SIGN;
    if (ins == INS_SELECT)
        here->has_auth_cert = command.len >= 7 && command.ptr[6] == AUTH_CERT;
    if (here->is_phone && ins == INS_READ && here->has_auth_cert && !here->is_open)
        return buf_append(ret, BYTES_ARRAY(refused), err);
    TRY(card_apdu(card, command, ret, err));
    if (ins == INS_VERIFY && command.len > 4) {
        here->verifies++;
        here->is_open = ret->len == 2 && ret->ptr[0] == 0x90;
    }
    if (ins == INS_SIGN && here->is_faulty && ret->len > 2)
        ret->ptr[0] ^= 1;
    return 0;
}

static int begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    (void)reader;
    (void)err;
    *ret_was_reset = false;
    return 0;
}

static void end(struct reader *reader)
{
    (void)reader;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    (void)reader;
    if (leave == READER_RESET)
        card_reset(card);
}

static const struct reader_ops ops = {transmit, begin, end, release};

static void make_sign_cert(void)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);

    assert_int_equal(card_make_key(card, CARD_KEY_SIGN, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    inputs.not_after -= 86400; /* earlier than the auth certificate */
    x509_cert_freep(&pki.certs[PROFILE_SIGN]);
    test_pki_issue(&pki, PROFILE_SIGN, &inputs, &pki.certs[PROFILE_SIGN]);
}

static int make_everything(void **state)
{
    struct card_personalisation with = {
        .pins = {[CARD_PIN_AUTH] = BYTES_LITERAL(PIN), [CARD_PIN_SIGN] = BYTES_LITERAL(PASSWORD)},
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI", "SOFT", NULL},
    };
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs;

    (void)state;
    test_pki_make(&pki);
    card = memory_card_new_blank(&storage);
    inputs = test_pki_inputs(&pki, PROFILE_AUTH);
    assert_int_equal(card_make_key(card, CARD_KEY_AUTH, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    x509_cert_freep(&pki.certs[PROFILE_AUTH]);
    test_pki_issue(&pki, PROFILE_AUTH, &inputs, &pki.certs[PROFILE_AUTH]);
    make_sign_cert();
    with.files[CARD_SIGN_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN]);
    with.files[CARD_AUTH_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH_CA]);
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN_CA]);
    return card_personalise(card, &with, NULL);
}

static int release_everything(void **state)
{
    (void)state;
    card_freep(&card);
    memory_card_release_keys();
    test_pki_done(&pki);
    return 0;
}

static void list_issuer(const struct x509_cert *ca)
{
    struct bytes key_id = x509_cert_tbs(ca)->subject_key_id;

    assert_int_equal(key_id.len, sizeof challenge.issuers[0]);
    memcpy(challenge.issuers[0], key_id.ptr, key_id.len);
    challenge.issuer_count = 1;
}

static int open_card(void **state)
{
    (void)state;
    card_reset(card);
    slot = (struct slot){.verifies = 0};
    reader_init(&slot.reader, &ops, "slot");
    challenge = (struct challenge){
        .session = "s-1", .client_id = "shop", .nonce = {1, 2, 3}, .expires_at = TEST_PKI_NOW + 60};
    list_issuer(pki.certs[PROFILE_AUTH_CA]);
    return icc_open(&slot.reader, &icc, NULL);
}

static int close_card(void **state)
{
    (void)state;
    icc_freep(&icc);
    return 0;
}

/* typed: both PINs, the second one NULL if nobody was asked for it. */
static int sign_with(const char *const typed[2], int64_t now, struct challenge_proof *ret,
                     struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT, password = SECRET_INIT;
    struct challenge_signing with = {.origin = ORIGIN, .pin = &pin, .now = now};

    assert_int_equal(secret_copy(bytes_text(typed[0]), &pin, NULL), 0);
    if (typed[1] != NULL) {
        assert_int_equal(secret_copy(bytes_text(typed[1]), &password, NULL), 0);
        with.sign_pin = &password;
    }
    return challenge_sign(&challenge, icc, &with, ret, err);
}

/* Fails with this kind and sentence, and gives nothing out. */
static void assert_no_proof(const char *const typed[2], int64_t now, enum err_kind kind,
                            const char *sentence)
{
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    struct err err = {.text = ""};

    assert_int_equal(sign_with(typed, now, &proof, &err), -(int)kind);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("%s", err.text);
    assert_null(proof.cert);
    assert_null(proof.sign_cert);
    assert_int_equal(proof.signature.len + proof.sign_signature.len, 0);
}

static void assert_no_signature(const char *typed, int64_t now, enum err_kind kind,
                                const char *sentence)
{
    assert_no_proof((const char *const[]){typed, NULL}, now, kind, sentence);
}

static void after_the_time_nothing_is_sent_to_the_card(void **state)
{
    (void)state;
    assert_no_signature(PIN, TEST_PKI_NOW + 61, ERR_REMOTE, "the time of this login is over");
    assert_int_equal(slot.verifies, 0);
    assert_int_equal(slot.signs, 0);
}

static void a_wrong_pin_signs_nothing(void **state)
{
    (void)state;
    assert_no_signature("9999", TEST_PKI_NOW, ERR_DENIED, "tries left: 2");
    assert_int_equal(slot.signs, 0);
}

static void a_card_that_was_exchanged_after_it_was_checked_signs_nothing(void **state)
{
    (void)state;
    assert_int_equal(challenge_check_card(&challenge, icc, TEST_PKI_NOW, NULL), 0);
    list_issuer(pki.certs[PROFILE_SIGN_CA]);
    assert_no_signature(PIN, TEST_PKI_NOW, ERR_UNTRUSTED, "does not take cards of the authority");
    assert_int_equal(slot.signs, 0);
}

static void a_faulty_card_s_signature_is_not_given_out(void **state)
{
    (void)state;
    slot.is_faulty = true;
    assert_no_signature(PIN, TEST_PKI_NOW, ERR_REMOTE, "not by the key of its certificate");
    assert_int_equal(slot.signs, 1);
}

static void a_certificate_out_of_its_time_is_refused_before_the_pin(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    struct err err = {.text = ""};

    (void)state;
    assert_int_equal(challenge_check_card(&challenge, icc, tbs->not_before, NULL), 0);
    assert_int_equal(challenge_check_card(&challenge, icc, tbs->not_before - 1, &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "is valid only from"));
    assert_int_equal(challenge_check_card(&challenge, icc, tbs->not_after, NULL), 0);
    assert_int_equal(challenge_check_card(&challenge, icc, tbs->not_after + 1, &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "expired at"));
    assert_int_equal(slot.verifies, 0);
}

static void a_card_of_another_authority_is_refused_before_the_pin(void **state)
{
    (void)state;
    list_issuer(pki.certs[PROFILE_SIGN_CA]);
    assert_int_equal(challenge_check_card(&challenge, icc, TEST_PKI_NOW, NULL), -ERR_UNTRUSTED);
    assert_int_equal(slot.verifies, 0);
}

/* card.md 3.1: there the certificate is read after the PIN. */
static void a_phone_is_known_by_its_authority_before_the_pin(void **state)
{
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};

    (void)state;
    slot.is_phone = true;
    list_issuer(pki.certs[PROFILE_SIGN_CA]);
    assert_int_equal(challenge_check_card(&challenge, icc, TEST_PKI_NOW, NULL), -ERR_UNTRUSTED);
    list_issuer(pki.certs[PROFILE_AUTH_CA]);
    assert_int_equal(challenge_check_card(&challenge, icc, TEST_PKI_NOW, NULL), 0);
    assert_int_equal(slot.verifies, 0);
    assert_int_equal(sign_with((const char *const[]){PIN, NULL}, TEST_PKI_NOW, &proof, NULL), 0);
    assert_int_equal(slot.verifies, 1);
}

/* The server's side: built from what it knows, not by the client's function. */
static int verify_for(const char *origin, const char *redirect_uri, const struct x509_cert *cert,
                      const struct buf *signature)
{
    const struct bound bound = {.origin = origin,
                                .client_id = challenge.client_id,
                                .redirect_uri = redirect_uri,
                                .session = challenge.session,
                                .nonce = BYTES_ARRAY(challenge.nonce),
                                .expires_at = challenge.expires_at};
    struct digest digest;

    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    return pubkey_verify(x509_cert_pubkey(cert), &digest, buf_bytes(signature), NULL);
}

static void the_card_signs_once_for_one_origin(void **state)
{
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    static const char *const typed[2] = {PIN, NULL};

    (void)state;
    assert_int_equal(sign_with(typed, TEST_PKI_NOW + 60, &proof, NULL), 0);
    assert_true(bytes_equal(x509_cert_der(proof.cert), x509_cert_der(pki.certs[PROFILE_AUTH])));
    assert_int_equal(verify_for(ORIGIN, NULL, proof.cert, &proof.signature), 0);
    assert_int_equal(verify_for(ORIGIN ":444", NULL, proof.cert, &proof.signature), -ERR_UNTRUSTED);
    assert_int_equal(slot.verifies, 1);
    assert_int_equal(slot.signs, 1);
    assert_null(proof.sign_cert);
}

static void where_the_browser_goes_on_is_part_of_what_is_signed(void **state)
{
    static const char uri[] = "https://shop.example/callback";
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};
    static const char *const typed[2] = {PIN, NULL};

    (void)state;
    (void)snprintf(challenge.redirect_uri, sizeof challenge.redirect_uri, "%s", uri);
    assert_int_equal(sign_with(typed, TEST_PKI_NOW, &proof, NULL), 0);
    assert_int_equal(verify_for(ORIGIN, uri, proof.cert, &proof.signature), 0);
    assert_int_equal(verify_for(ORIGIN, NULL, proof.cert, &proof.signature), -ERR_UNTRUSTED);
    assert_int_equal(verify_for(ORIGIN, "https://shop.example/other", proof.cert, &proof.signature),
                     -ERR_UNTRUSTED);
}

static void a_login_with_wishes_is_not_begun_without_the_password(void **state)
{
    (void)state;
    challenge.wants = CHALLENGE_WANTS_NAME;
    assert_no_signature(PIN, TEST_PKI_NOW, ERR_USAGE, "needs the signature password");
    assert_int_equal(slot.verifies, 0);
}

/* The auth key has signed by then: nothing of it may leave alone. */
static void a_wrong_password_gives_nothing_out_of_either_key(void **state)
{
    static const char *const typed[2] = {PIN, "WRONG123"};

    (void)state;
    challenge.wants = CHALLENGE_WANTS_NAME;
    assert_no_proof(typed, TEST_PKI_NOW, ERR_DENIED, "tries left: 4");
    assert_int_equal(slot.signs, 1);
}

static void a_wrong_pin_does_not_use_the_password(void **state)
{
    static const char *const typed[2] = {"9999", PASSWORD};

    (void)state;
    challenge.wants = CHALLENGE_WANTS_NAME;
    assert_no_proof(typed, TEST_PKI_NOW, ERR_DENIED, "tries left: 2");
    assert_int_equal(slot.verifies, 1);
}

static void a_sign_certificate_out_of_its_time_proves_nothing(void **state)
{
    static const char *const typed[2] = {PIN, PASSWORD};
    const int64_t after = x509_cert_tbs(pki.certs[PROFILE_SIGN])->not_after + 1;

    (void)state;
    challenge.wants = CHALLENGE_WANTS_ADDRESS;
    challenge.expires_at = after + 60;
    assert_no_proof(typed, after, ERR_UNTRUSTED, "signature certificate expired at");
    assert_int_equal(slot.signs, 1);
}

static void both_keys_sign_one_message_if_there_are_wishes(void **state)
{
    static const char *const typed[2] = {PIN, PASSWORD};
    CLEANUP(challenge_proof_done) struct challenge_proof proof = {.cert = NULL};

    (void)state;
    challenge.wants = CHALLENGE_WANTS_NAME | CHALLENGE_WANTS_SEX;
    assert_int_equal(sign_with(typed, TEST_PKI_NOW, &proof, NULL), 0);
    assert_true(bytes_equal(x509_cert_der(proof.cert), x509_cert_der(pki.certs[PROFILE_AUTH])));
    assert_true(
        bytes_equal(x509_cert_der(proof.sign_cert), x509_cert_der(pki.certs[PROFILE_SIGN])));
    assert_int_equal(verify_for(ORIGIN, NULL, proof.cert, &proof.signature), 0);
    assert_int_equal(verify_for(ORIGIN, NULL, proof.sign_cert, &proof.sign_signature), 0);
    assert_int_equal(verify_for(ORIGIN, NULL, proof.cert, &proof.sign_signature), -ERR_UNTRUSTED);
    assert_int_equal(slot.verifies, 2);
    assert_int_equal(slot.signs, 2);
}

/* Revoke the auth certificate; the rest of the wish is as it should be. */
static int revoke(const char *typed, const char *reason, struct revoke_order *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    const struct revoke_wish wish = {
        .kind = OWN_AUTH, .origin = ORIGIN, .reason = reason, .pin = &pin, .now = TEST_PKI_NOW};

    assert_int_equal(secret_copy(bytes_text(typed), &pin, NULL), 0);
    return revoke_sign(&wish, icc, ret, err);
}

/* What is signed is a SHA-256 digest, which such a card does not sign. */
static void a_card_with_p384_keys_is_refused_before_the_pin(void **state)
{
    struct card_personalisation with = {
        .pins = {[CARD_PIN_AUTH] = BYTES_LITERAL(PIN)},
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI", "SOFT", NULL},
    };
    struct test_pki p384 = {.algorithm = KEY_P384};
    CLEANUP(revoke_order_done) struct revoke_order order = REVOKE_ORDER_INIT;
    struct card *rsa = card;
    struct memory_storage other;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs;
    struct err err = {.text = ""};

    (void)state;
    test_pki_make_kind(&p384, KEY_P384);
    card = memory_card_new_blank(&other);
    assert_int_equal(card_set_options(card, "algorithm=p384", NULL), 0);
    assert_int_equal(card_make_key(card, CARD_KEY_AUTH, &spki, NULL), 0);
    inputs = test_pki_inputs(&p384, PROFILE_AUTH);
    inputs.spki = buf_bytes(&spki);
    x509_cert_freep(&p384.certs[PROFILE_AUTH]);
    test_pki_issue(&p384, PROFILE_AUTH, &inputs, &p384.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CERT] = x509_cert_der(p384.certs[PROFILE_AUTH]);
    with.files[CARD_AUTH_CA_CERT] = x509_cert_der(p384.certs[PROFILE_AUTH_CA]);
    with.files[CARD_SIGN_CA_CERT] = x509_cert_der(p384.certs[PROFILE_SIGN_CA]);
    assert_int_equal(card_personalise(card, &with, NULL), 0);
    list_issuer(p384.certs[PROFILE_AUTH_CA]);
    assert_int_equal(challenge_check_card(&challenge, icc, TEST_PKI_NOW, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "revocations are by RSA keys"));
    assert_int_equal(slot.verifies, 0);
    assert_no_signature(PIN, TEST_PKI_NOW, ERR_INPUT, "revocations are by RSA keys");
    assert_int_equal(revoke(PIN, "keyCompromise", &order, &err), -ERR_INPUT);
    assert_int_equal(slot.signs, 0);
    card_freep(&card);
    card = rsa;
    test_pki_done(&p384);
}

static void a_reason_that_is_not_the_holder_s_is_refused_before_the_pin(void **state)
{
    CLEANUP(revoke_order_done) struct revoke_order order = REVOKE_ORDER_INIT;

    (void)state;
    assert_int_equal(revoke(PIN, "affiliationChanged", &order, NULL), -ERR_INPUT);
    assert_int_equal(slot.verifies, 0);
    assert_null(order.cert);
}

static void a_wrong_pin_revokes_nothing(void **state)
{
    CLEANUP(revoke_order_done) struct revoke_order order = REVOKE_ORDER_INIT;

    (void)state;
    assert_int_equal(revoke("9999", "keyCompromise", &order, NULL), -ERR_DENIED);
    assert_int_equal(slot.signs, 0);
    assert_null(order.cert);
}

static void a_faulty_card_revokes_nothing(void **state)
{
    CLEANUP(revoke_order_done) struct revoke_order order = REVOKE_ORDER_INIT;
    struct err err = {.text = ""};

    (void)state;
    slot.is_faulty = true;
    assert_int_equal(revoke(PIN, "keyCompromise", &order, &err), -ERR_REMOTE);
    assert_non_null(strstr(err.text, "not by the key of its certificate"));
    assert_null(order.cert);
}

static int verify_order(const struct revoke_order *order, const char *origin, const char *reason)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    const struct bound_revocation message = {.origin = origin,
                                             .issuer = tbs->authority_key_id,
                                             .serial = tbs->serial,
                                             .reason = reason,
                                             .at = TEST_PKI_NOW,
                                             .nonce = BYTES_ARRAY(order->nonce)};
    struct digest digest;

    assert_int_equal(bound_revocation_digest(&message, &digest, NULL), 0);
    return pubkey_verify(x509_cert_pubkey(pki.certs[PROFILE_AUTH]), &digest,
                         buf_bytes(&order->signature), NULL);
}

static void a_revocation_is_signed_for_one_authority_and_reason_and_never_twice_alike(void **state)
{
    CLEANUP(revoke_order_done) struct revoke_order order = REVOKE_ORDER_INIT;
    CLEANUP(revoke_order_done) struct revoke_order again = REVOKE_ORDER_INIT;

    (void)state;
    assert_int_equal(revoke(PIN, "keyCompromise", &order, NULL), 0);
    assert_int_equal(verify_order(&order, ORIGIN, "keyCompromise"), 0);
    assert_int_equal(verify_order(&order, ORIGIN, "unspecified"), -ERR_UNTRUSTED);
    assert_int_equal(verify_order(&order, ORIGIN ":444", "keyCompromise"), -ERR_UNTRUSTED);
    assert_int_equal(slot.verifies, 1);
    assert_int_equal(slot.signs, 1);
    assert_int_equal(revoke(PIN, "keyCompromise", &again, NULL), 0);
    assert_memory_not_equal(order.nonce, again.nonce, sizeof order.nonce);
}

#define WITH_CARD(test) cmocka_unit_test_setup_teardown(test, open_card, close_card)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_CARD(after_the_time_nothing_is_sent_to_the_card),
        WITH_CARD(a_wrong_pin_signs_nothing),
        WITH_CARD(a_card_that_was_exchanged_after_it_was_checked_signs_nothing),
        WITH_CARD(a_faulty_card_s_signature_is_not_given_out),
        WITH_CARD(a_certificate_out_of_its_time_is_refused_before_the_pin),
        WITH_CARD(a_card_of_another_authority_is_refused_before_the_pin),
        WITH_CARD(a_phone_is_known_by_its_authority_before_the_pin),
        WITH_CARD(a_card_with_p384_keys_is_refused_before_the_pin),
        WITH_CARD(the_card_signs_once_for_one_origin),
        WITH_CARD(where_the_browser_goes_on_is_part_of_what_is_signed),
        WITH_CARD(a_login_with_wishes_is_not_begun_without_the_password),
        WITH_CARD(a_wrong_password_gives_nothing_out_of_either_key),
        WITH_CARD(a_wrong_pin_does_not_use_the_password),
        WITH_CARD(a_sign_certificate_out_of_its_time_proves_nothing),
        WITH_CARD(both_keys_sign_one_message_if_there_are_wishes),
        WITH_CARD(a_reason_that_is_not_the_holder_s_is_refused_before_the_pin),
        WITH_CARD(a_wrong_pin_revokes_nothing),
        WITH_CARD(a_faulty_card_revokes_nothing),
        WITH_CARD(a_revocation_is_signed_for_one_authority_and_reason_and_never_twice_alike),
    };

    return cmocka_run_group_tests_name("holder_card", tests, make_everything, release_everything);
}
