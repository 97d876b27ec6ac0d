/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to logins that a tenant has opened itself: everything that must not count, and what is
 * told of what does. Whose certificates they are, a real authority says.
 */
#include "platform/authentication/authentication.h"

#include "authority/party/party.h"
#include "base/hex.h"
#include "crypto/jwe.h"
#include "platform/authentication/presentation.h"
#include "platform/store_sqlite.h"
#include "support/auditlog.h"
#include "support/door_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BANK_ORIGIN "https://bank.example"

static struct door_site sites;
static struct platform_site *const site = &sites.platform;
static struct test_pki look_alike; /* the same names, other keys */
static struct signer *signer;
static const struct tenant bank = {"bank", "見本銀行", BANK_ORIGIN};
static const struct tenant shop = {"shop", "見本商店", "https://shop.example"};
static const uint8_t nonce[BOUND_NONCE_SIZE] = {7};
static struct x509_cert *hanako[CA_KINDS_], *taro[CA_KINDS_];

static int make(void **state)
{
    (void)state;
    door_site_make(&sites);
    test_pki_make(&look_alike);
    return 0;
}

static int done(void **state)
{
    (void)state;
    test_pki_done(&look_alike);
    door_site_done(&sites);
    return 0;
}

static struct x509_cert *issue(enum ca_kind kind, const char *subject)
{
    uint32_t serial = authority_site_issue(&sites.authority, kind, subject);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct x509_cert *cert = NULL;

    authority_site_certificate(&sites.authority, kind, serial, &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    return cert;
}

static int set_up(void **state)
{
    (void)state;
    door_site_open(&sites);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        hanako[kind] = issue((enum ca_kind)kind, SITE_HANAKO);
        taro[kind] = issue((enum ca_kind)kind, SITE_TARO);
    }
    return signer_open("", &signer, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        x509_cert_freep(&hanako[kind]);
        x509_cert_freep(&taro[kind]);
    }
    door_site_close(&sites);
    return 0;
}

/* What a tenant brings: the message it tells of, the one that was signed, by which keys. */
struct act {
    const struct tenant *tenant;
    struct bound told, signed_;
    const struct x509_cert *auth, *sign; /* sign NULL: none */
    const struct privkey *auth_key, *sign_key;
    bool wants_reference;
};

static struct bound message(const char *session)
{
    return (struct bound){.origin = BANK_ORIGIN,
                          .client_id = "a-shop-behind-the-bank",
                          .redirect_uri = "https://rp.example/cb",
                          .session = session,
                          .nonce = BYTES_ARRAY(nonce),
                          .expires_at = clock_now(&site->clock) + LOGIN_SECONDS};
}

/* An honest act of Hanako's auth key, to be spoilt. */
static struct act honest(const char *session)
{
    const struct test_pki *pki = &sites.authority.pki;

    return (struct act){.tenant = &bank,
                        .told = message(session),
                        .signed_ = message(session),
                        .auth = hanako[CA_AUTH],
                        .auth_key = pki->keys[PROFILE_AUTH],
                        .sign_key = pki->keys[PROFILE_SIGN]};
}

static struct act with_attributes(const char *session)
{
    struct act act = honest(session);

    act.sign = hanako[CA_SIGN];
    return act;
}

static void prepare(const struct x509_cert *cert, const struct privkey *key,
                    const struct bound *bound, struct buf *jwe, struct buf *signature)
{
    struct digest digest;

    assert_int_equal(bound_digest(bound, &digest, NULL), 0);
    platform_site_encrypt(site, cert, jwe);
    assert_int_equal(privkey_sign(key, &digest, signature, NULL), 0);
}

static int give(const struct act *act, struct authentication *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf auth_jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf auth_signature = BUF_INIT;
    CLEANUP(buf_done) struct buf sign_jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf sign_signature = BUF_INIT;
    struct authentication_request request = {
        .tenant = act->tenant, .message = act->told, .wants_reference = act->wants_reference};

    prepare(act->auth, act->auth_key, &act->signed_, &auth_jwe, &auth_signature);
    assert_int_equal(buf_text(&auth_jwe, &request.auth.certificate, NULL), 0);
    request.auth.signature = buf_bytes(&auth_signature);
    if (act->sign != NULL) {
        prepare(act->sign, act->sign_key, &act->signed_, &sign_jwe, &sign_signature);
        assert_int_equal(buf_text(&sign_jwe, &request.sign.certificate, NULL), 0);
        request.sign.signature = buf_bytes(&sign_signature);
    }
    return authentication_make(&site->platform, signer, &request, ret, err);
}

/* Judged to be this, for this reason; nobody and nothing about him is told. */
static void assert_verdict(const struct act *act, enum verdict verdict, enum reason reason)
{
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct err err = {0};

    if (give(act, &made, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(made.report.verdict, verdict);
    assert_true(report_has(&made.report, reason));
    assert_string_equal(made.holder, "");
    assert_null(made.signer);
    assert_int_equal(made.reference.len, 0);
}

static void assert_fails(const struct act *act, int expected, const char *sentence)
{
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct err err = {0};

    assert_int_equal(give(act, &made, &err), expected);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("%s", err.text);
}

static void assert_valid(const struct act *act, char ret_holder[LOGIN_SUBJECT_SIZE])
{
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct err err = {0};

    if (give(act, &made, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(made.report.verdict, VERDICT_VALID);
    assert_int_equal(made.report.reason_count, 0);
    assert_int_equal(strlen(made.holder), LOGIN_SUBJECT_SIZE - 1);
    assert_int_equal(made.signer != NULL, act->sign != NULL);
    memcpy(ret_holder, made.holder, LOGIN_SUBJECT_SIZE);
}

static void what_was_signed_for_elsewhere_is_refused(void **state)
{
    static const char *const origins[] = {"https://bank.example.test", "http://bank.example",
                                          "https://bank.example:8443", "https://shop.example",
                                          PLATFORM_SITE_ORIGIN};

    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        struct act act = honest("s");

        act.told.origin = act.signed_.origin = origins[i];
        assert_fails(&act, -ERR_UNTRUSTED, "another origin");
        act = honest("s"); /* the tenant says what it should be, the card signed what it saw */
        act.signed_.origin = origins[i];
        assert_verdict(&act, VERDICT_INVALID, REASON_SIGNATURE_BROKEN);
    }
}

static void each_part_of_the_message_counts(void **state)
{
    static const uint8_t other[BOUND_NONCE_SIZE] = {8};

    (void)state;
    for (unsigned part = 0; part < 5; part++) {
        struct act act = with_attributes("s");

        switch (part) {
        case 0:
            act.told.client_id = "another";
            break;
        case 1:
            act.told.redirect_uri = NULL;
            break;
        case 2:
            act.told.session = "t";
            break;
        case 3:
            act.told.nonce = BYTES_ARRAY(other);
            break;
        default:
            act.told.expires_at--;
            break;
        }
        assert_verdict(&act, VERDICT_INVALID, REASON_SIGNATURE_BROKEN);
    }
}

static void a_message_that_is_none_is_the_tenants_fault(void **state)
{
    struct act act = honest("s");

    (void)state;
    act.told.session = "";
    assert_fails(&act, -ERR_INPUT, "message: a message without session");
    act = honest("s");
    act.told.nonce.len--;
    assert_fails(&act, -ERR_INPUT, "nonce has 31 octets");
    act = honest("s");
    act.told.expires_at = -1;
    assert_fails(&act, -ERR_INPUT, "before 1970");
}

static void too_late_is_invalid_and_too_far_ahead_refused(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = honest("s");

    (void)state;
    act.told.expires_at = act.signed_.expires_at = clock_now(&site->clock) - 1;
    assert_verdict(&act, VERDICT_INVALID, REASON_CHALLENGE_EXPIRED);
    act.told.expires_at = act.signed_.expires_at = clock_now(&site->clock) + AUTHENTICATION_AHEAD +
                                                   1;
    assert_fails(&act, -ERR_UNTRUSTED, "seconds from now");
    act.told.expires_at = --act.signed_.expires_at;
    assert_valid(&act, holder);
    act = honest("t");
    act.told.expires_at = act.signed_.expires_at = clock_now(&site->clock);
    assert_valid(&act, holder);
}

static void a_session_and_nonce_count_once_for_a_tenant(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = honest("s");

    (void)state;
    /* What did not hold, or could not be found out, has not counted. */
    report_add(&site->standing, REASON_OCSP_UNAVAILABLE);
    assert_verdict(&act, VERDICT_INDETERMINATE, REASON_REVOCATION_NOT_CHECKED);
    site->standing = (struct report){.verdict = VERDICT_VALID};
    assert_valid(&act, holder);
    assert_fails(&act, -ERR_CONFLICT, "counted already");
    /* Nor does another moment, or another person, make it count again. */
    act.told.expires_at = --act.signed_.expires_at;
    assert_fails(&act, -ERR_CONFLICT, "counted already");
    act.auth = taro[CA_AUTH];
    assert_fails(&act, -ERR_CONFLICT, "counted already");
    act = honest("t");
    assert_valid(&act, holder);
    act = honest("s"); /* the other tenant may call its sessions what it likes */
    act.tenant = &shop;
    act.told.origin = act.signed_.origin = shop.origin;
    assert_valid(&act, holder);
}

static void it_counts_once_until_its_time_is_over(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = honest("s");

    (void)state;
    assert_valid(&act, holder);
    door_site_later(&sites, LOGIN_SECONDS);
    struct act other = honest("t"); /* sweeps those that are over */
    assert_valid(&other, holder);
    assert_fails(&act, -ERR_CONFLICT, "counted already");
    door_site_later(&sites, 1);
    other = honest("u");
    assert_valid(&other, holder);
    assert_verdict(&act, VERDICT_INVALID, REASON_CHALLENGE_EXPIRED);
}

static void certificates_that_do_not_count_are_invalid(void **state)
{
    struct act act = honest("s");

    (void)state;
    act.auth = look_alike.certs[PROFILE_AUTH];
    act.auth_key = look_alike.keys[PROFILE_AUTH];
    assert_verdict(&act, VERDICT_INDETERMINATE, REASON_ISSUER_UNKNOWN);
    act = honest("s"); /* a sign certificate logs nobody in */
    act.auth = hanako[CA_SIGN];
    act.auth_key = act.sign_key;
    assert_verdict(&act, VERDICT_INVALID, REASON_WRONG_POLICY);
    act = with_attributes("s"); /* and an auth certificate has no attributes */
    act.sign = hanako[CA_AUTH];
    act.sign_key = act.auth_key;
    assert_verdict(&act, VERDICT_INVALID, REASON_WRONG_POLICY);
    act = honest("s"); /* somebody else's key */
    act.auth_key = act.sign_key;
    assert_verdict(&act, VERDICT_INVALID, REASON_SIGNATURE_BROKEN);
    act = with_attributes("s");
    act.sign_key = act.auth_key;
    assert_verdict(&act, VERDICT_INVALID, REASON_SIGNATURE_BROKEN);
}

static void revoked_and_held_are_one(void **state)
{
    static const enum reason reasons[] = {REASON_REVOKED, REASON_HELD};
    struct act act = with_attributes("s");

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        site->standing = (struct report){.verdict = VERDICT_VALID};
        report_add(&site->standing, reasons[i]);
        assert_verdict(&act, VERDICT_INVALID, REASON_REVOKED);
    }
}

static void two_persons_certificates_are_never_one_answer(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = with_attributes("s");

    (void)state;
    act.sign = taro[CA_SIGN];
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    act = with_attributes("s");
    act.auth = taro[CA_AUTH];
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    act = with_attributes("s"); /* of nobody whom the register named */
    CLEANUP(x509_cert_freep) struct x509_cert *nobodys = issue(CA_SIGN, NULL);
    act.sign = nobodys;
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    act = with_attributes("s"); /* that the authority has not issued */
    act.sign = sites.authority.pki.certs[PROFILE_SIGN];
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    act = with_attributes("s");
    assert_valid(&act, holder);
}

static void an_auth_certificate_that_was_replaced_goes_with_none(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    char then[LOGIN_SUBJECT_SIZE];
    struct act act = with_attributes("s");

    (void)state;
    assert_valid(&act, holder);
    door_site_later(&sites, 10);
    CLEANUP(x509_cert_freep) struct x509_cert *newer = issue(CA_AUTH, SITE_HANAKO);
    act = with_attributes("t");
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    act.auth = newer;
    assert_valid(&act, then);
    assert_string_equal(holder, then); /* and she stays who she is */
}

static void whose_they_are_must_be_found_out(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);
    struct platform *platform = &site->platform;
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = with_attributes("s");

    (void)state;
    platform->door.socket = "/nonexistent/v.sock";
    assert_fails(&act, -ERR_REMOTE, "does not answer");
    platform->door.socket = NULL;
    assert_fails(&act, -ERR_REMOTE, "no way to ask");
    platform->door.socket = sites.door->path;
    assert_int_equal(
        authority_take_step(sites.authority.store, SITE_PARTY, PARTY_SUSPEND, &by, NULL), 0);
    assert_fails(&act, -ERR_REMOTE, "no verifier that may ask");
    assert_int_equal(
        authority_take_step(sites.authority.store, SITE_PARTY, PARTY_RESUME, &by, NULL), 0);
    assert_valid(&act, holder);
}

static void the_sign_key_alone_tells_attributes(void **state)
{
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct act act = with_attributes("s");

    (void)state;
    assert_int_equal(give(&act, &made, NULL), 0);
    assert_true(bytes_equal(x509_cert_tbs(made.signer)->holder.name, test_pki_holder()->name));
    authentication_done(&made);
    act = honest("t"); /* nothing was asked of it, nothing is told */
    assert_int_equal(give(&act, &made, NULL), 0);
    assert_int_equal(made.report.verdict, VERDICT_VALID);
    assert_null(made.signer);
}

static void each_tenant_knows_a_person_by_another_name(void **state)
{
    char at_bank[LOGIN_SUBJECT_SIZE], again[LOGIN_SUBJECT_SIZE], at_shop[LOGIN_SUBJECT_SIZE];
    char login_there[LOGIN_SUBJECT_SIZE];
    const struct audit_origin by = audit_by_self(SITE_NOW);
    const struct tbs *tbs = x509_cert_tbs(hanako[CA_AUTH]);
    const struct holder_key who = {tbs->authority_key_id, tbs->serial};
    struct opened_login opened;
    struct act act = honest("s");

    (void)state;
    assert_valid(&act, at_bank);
    act = with_attributes("t");
    act.told.client_id = act.signed_.client_id = "another-behind-the-bank";
    assert_valid(&act, again);
    assert_string_equal(at_bank, again);
    act = honest("s");
    act.tenant = &shop;
    act.told.origin = act.signed_.origin = shop.origin;
    assert_valid(&act, at_shop);
    assert_string_not_equal(at_bank, at_shop);
    act = honest("u");
    act.auth = taro[CA_AUTH];
    assert_valid(&act, again);
    assert_string_not_equal(at_bank, again);
    /* The platform's own logins call her the same. */
    assert_int_equal(login_open(&site->platform, "bank", &opened, NULL), 0);
    assert_int_equal(
        platform_answer_login(site->platform.store, opened.login.session, &who, "valid", &by, NULL),
        0);
    assert_int_equal(
        login_redeem(&site->platform, opened.login.session, opened.secret, NULL, login_there, NULL),
        0);
    assert_string_equal(at_bank, login_there);
}

static void each_judgement_is_in_the_log_with_both_answers(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = with_attributes("s");
    struct json *log;

    (void)state;
    assert_valid(&act, holder);
    assert_fails(&act, -ERR_CONFLICT, "counted already"); /* told nothing, no record */
    act = with_attributes("t");
    act.sign = taro[CA_SIGN];
    assert_verdict(&act, VERDICT_INVALID, REASON_HOLDERS_DIFFER);
    report_add(&site->standing, REASON_HELD);
    act = honest("u");
    assert_verdict(&act, VERDICT_INVALID, REASON_REVOKED);
    assert_int_equal(audit_list(platform_store_db(site->platform.store), "2", &log, NULL), 0);
    assert_log(log, "holder.linked tenant:bank\n"
                    "holder.shown tenant:bank\n"
                    "authentication.judged tenant:bank valid ocsp 1700000004/1700000005"
                    " ocsp 1700000004/1700000005\n"
                    "authentication.judged tenant:bank invalid holders-differ"
                    " ocsp 1700000004/1700000005 ocsp 1700000004/1700000005\n"
                    "authentication.judged tenant:bank invalid held"
                    " ocsp 1700000004/1700000005\n");
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site->platform.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void without_its_record_nothing_is_told_and_nothing_has_counted(void **state)
{
    char holder[LOGIN_SUBJECT_SIZE];
    struct act act = honest("s");

    (void)state;
    execute("CREATE TRIGGER broken BEFORE INSERT ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the disk does not like this record'); END");
    assert_fails(&act, -ERR_CONFLICT, "");
    report_add(&site->standing, REASON_REVOKED);
    assert_fails(&act, -ERR_CONFLICT, "");
    execute("DROP TRIGGER broken");
    site->standing = (struct report){.verdict = VERDICT_VALID};
    assert_valid(&act, holder);
}

/* ---- references for the register ---- */

static void assert_reference(struct buf *compact, const struct privkey *reader,
                             const struct x509_cert *cert)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(json_freep) struct json *body = NULL;
    const char *text = NULL;
    uint64_t serial = 0;
    int64_t at;

    assert_int_equal(jwe_parse(buf_bytes(compact), &jwe, NULL), 0);
    assert_int_equal(privkey_unwrap(reader, buf_bytes(&jwe.encrypted_key), &key, NULL), 0);
    assert_int_equal(jwe_decrypt(&jwe, &key, &plain, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&plain), &body, NULL), 0);
    assert_int_equal(json_get_text(body, "issuer_key_id", &text, NULL), 0);
    assert_int_equal(hex_decode(text, &issuer, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&issuer), x509_cert_tbs(cert)->authority_key_id));
    for (size_t i = 0; i < x509_cert_tbs(cert)->serial.len; i++)
        serial = serial << 8 | x509_cert_tbs(cert)->serial.ptr[i];
    assert_int_equal(json_get_text(body, "serial", &text, NULL), 0);
    assert_int_equal(strtoull(text, NULL, 10), serial);
    assert_int_equal(json_get_int(body, "iat", &at, NULL), 0);
    assert_int_equal(at, clock_now(&site->clock));
}

static void a_reference_is_for_tenants_that_are_named_and_readable_by_the_register(void **state)
{
    const struct privkey *reader = sites.authority.pki.keys[PROFILE_SIGN];
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct act act = honest("s");

    (void)state;
    act.wants_reference = true;
    site->platform.reference.tenants = "bank";
    assert_fails(&act, -ERR_DENIED, "person references are not for this tenant"); /* no key */
    assert_int_equal(privkey_spki(reader, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &site->platform.reference.key, NULL),
                     0);
    site->platform.reference.tenants = "bankrupt shop";
    assert_fails(&act, -ERR_DENIED, "person references are not for this tenant");
    site->platform.reference.tenants = "shop bank";
    report_add(&site->standing, REASON_REVOKED);
    assert_verdict(&act, VERDICT_INVALID, REASON_REVOKED);
    site->standing = (struct report){.verdict = VERDICT_VALID};
    assert_int_equal(give(&act, &made, NULL), 0);
    assert_reference(&made.reference, reader, hanako[CA_AUTH]);
    pubkey_freep(&site->platform.reference.key);
}

/* ---- cards that sign nothing ---- */

static int present(const struct x509_cert *cert, struct presentation *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    struct presentation_request request = {.tenant = &bank};

    platform_site_encrypt(site, cert, &jwe);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    return presentation_make(&site->platform, signer, &request, ret, err);
}

static void a_card_that_signs_nothing_is_for_tenants_that_are_named(void **state)
{
    const struct privkey *reader = sites.authority.pki.keys[PROFILE_SIGN];
    CLEANUP(presentation_done) struct presentation made = PRESENTATION_INIT;
    CLEANUP(presentation_done) struct presentation revoked = PRESENTATION_INIT;
    CLEANUP(presentation_done) struct presentation wrong = PRESENTATION_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_spki(reader, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &site->platform.reference.key, NULL),
                     0);
    site->platform.reference.tenants = "shop";
    assert_int_equal(present(hanako[CA_AUTH], &made, NULL), -ERR_DENIED);
    site->platform.reference.tenants = "bank";
    report_add(&site->standing, REASON_HELD);
    assert_int_equal(present(hanako[CA_AUTH], &revoked, NULL), 0);
    assert_int_equal(revoked.report.verdict, VERDICT_INVALID);
    assert_true(report_has(&revoked.report, REASON_REVOKED)); /* and not that it is held */
    assert_int_equal(revoked.reference.len, 0);
    site->standing = (struct report){.verdict = VERDICT_VALID};
    assert_int_equal(present(hanako[CA_SIGN], &wrong, NULL), 0); /* no auth certificate */
    assert_int_equal(wrong.report.verdict, VERDICT_INVALID);
    assert_int_equal(wrong.reference.len, 0);
    assert_int_equal(present(hanako[CA_AUTH], &made, NULL), 0);
    assert_int_equal(made.report.verdict, VERDICT_VALID);
    assert_reference(&made.reference, reader, hanako[CA_AUTH]);
    pubkey_freep(&site->platform.reference.key);
}

#define WITH_SITES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITES(what_was_signed_for_elsewhere_is_refused),
        WITH_SITES(a_reference_is_for_tenants_that_are_named_and_readable_by_the_register),
        WITH_SITES(a_card_that_signs_nothing_is_for_tenants_that_are_named),
        WITH_SITES(each_part_of_the_message_counts),
        WITH_SITES(a_message_that_is_none_is_the_tenants_fault),
        WITH_SITES(too_late_is_invalid_and_too_far_ahead_refused),
        WITH_SITES(a_session_and_nonce_count_once_for_a_tenant),
        WITH_SITES(it_counts_once_until_its_time_is_over),
        WITH_SITES(certificates_that_do_not_count_are_invalid),
        WITH_SITES(revoked_and_held_are_one),
        WITH_SITES(two_persons_certificates_are_never_one_answer),
        WITH_SITES(an_auth_certificate_that_was_replaced_goes_with_none),
        WITH_SITES(whose_they_are_must_be_found_out),
        WITH_SITES(the_sign_key_alone_tells_attributes),
        WITH_SITES(each_tenant_knows_a_person_by_another_name),
        WITH_SITES(without_its_record_nothing_is_told_and_nothing_has_counted),
        WITH_SITES(each_judgement_is_in_the_log_with_both_answers),
    };

    return cmocka_run_group_tests(tests, make, done);
}
