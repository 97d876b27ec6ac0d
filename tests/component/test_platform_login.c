/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in at a platform, and everything that must not count as logging in. */
#include "platform/login/login.h"

#include "crypto/bound.h"
#include "platform/store_sqlite.h"
#include "support/auditlog.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki look_alike; /* the same names, other keys */
static struct privkey *token;
static struct platform_site site;
static struct signer *signer;

/* What a person's program and card bring; the certificate goes encrypted. */
struct act {
    const struct x509_cert *cert;
    const struct privkey *key;
    struct bound bound;
    const char *secret, *code;
};

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&look_alike);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    return 0;
}

static int release_keys(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&look_alike);
    privkey_freep(&token);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    token_signer = (struct token_signer){.key = token};
    platform_site_make(&site, &pki);
    assert_int_equal(signer_open("", &signer, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    platform_site_done(&site);
    return 0;
}

static struct opened_login open_login(const char *client_id)
{
    struct opened_login opened;

    assert_int_equal(login_open(&site.platform, client_id, &opened, NULL), 0);
    return opened;
}

/* An honest answer to a login, to be spoilt. */
static struct act answer_to(const struct opened_login *opened)
{
    return (struct act){.cert = pki.certs[PROFILE_AUTH],
                        .key = pki.keys[PROFILE_AUTH],
                        .bound = {.origin = PLATFORM_SITE_ORIGIN,
                                  .client_id = opened->tenant.client_id,
                                  .session = opened->login.session,
                                  .nonce = BYTES_ARRAY(opened->login.nonce),
                                  .expires_at = opened->login.expires_at},
                        .secret = opened->secret};
}

static int send(const struct act *act, const char *session, const struct digest *signed_digest,
                struct err *err)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct login_answer answer = {.session = session, .secret = act->secret, .code = act->code};

    platform_site_encrypt(&site, act->cert, &jwe);
    assert_int_equal(buf_text(&jwe, &answer.certificate, NULL), 0);
    assert_int_equal(privkey_sign(act->key, signed_digest, &signature, NULL), 0);
    answer.signature = buf_bytes(&signature);
    return login_answer(&site.platform, signer, &answer, err);
}

static int give(const struct act *act, const char *session, struct err *err)
{
    struct digest digest;

    assert_int_equal(bound_digest(&act->bound, &digest, NULL), 0);
    return send(act, session, &digest, err);
}

static int redeem(const struct opened_login *opened, char ret[LOGIN_SUBJECT_SIZE])
{
    return login_redeem(&site.platform, opened->login.session, opened->secret, NULL, ret, NULL);
}

/* A login that was refused has nobody to redeem, and the honest answer still counts. */
static void assert_untouched(const struct opened_login *opened)
{
    struct act honest = answer_to(opened);
    char subject[LOGIN_SUBJECT_SIZE];

    assert_int_equal(redeem(opened, subject), -ERR_CONFLICT);
    assert_int_equal(give(&honest, opened->login.session, NULL), 0);
    assert_int_equal(redeem(opened, subject), 0);
}

static void a_client_that_is_not_registered_cannot_open_a_login(void **state)
{
    struct opened_login opened;

    (void)state;
    assert_int_equal(login_open(&site.platform, "stranger", &opened, NULL), -ERR_ABSENT);
}

static void an_answer_to_no_login_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    assert_int_equal(give(&act, "AAAAAAAAAAAAAAAAAAAAAA", NULL), -ERR_ABSENT);
    assert_untouched(&opened);
}

static void a_look_alike_origin_is_refused(void **state)
{
    static const char *const origins[] = {
        "https://platform.openjpki.test.example", "https://platform.openjpki.test:8443",
        "http://platform.openjpki.test", "https://platf\xd0\xberm.openjpki.test"};
    struct opened_login opened = open_login("bank");

    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        struct act act = answer_to(&opened);

        act.bound.origin = origins[i];
        assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    }
    assert_untouched(&opened);
}

static void an_answer_for_another_client_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.bound.client_id = "shop";
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void an_answer_for_another_session_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct opened_login other = open_login("bank");
    struct act act = answer_to(&other);

    (void)state;
    act.secret = opened.secret;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void an_old_challenge_under_a_new_session_is_refused(void **state)
{
    struct opened_login old = open_login("bank");
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.bound.nonce = BYTES_ARRAY(old.login.nonce);
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    act = answer_to(&opened);
    act.bound.expires_at++;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void an_answer_counts_up_to_the_limit_and_not_one_second_past_it(void **state)
{
    struct opened_login first = open_login("bank");
    struct opened_login second = open_login("bank");
    struct act act = answer_to(&first);
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    site.clock = clock_fixed(TEST_PKI_NOW + LOGIN_SECONDS);
    assert_int_equal(give(&act, first.login.session, NULL), 0);
    site.clock = clock_fixed(TEST_PKI_NOW + LOGIN_SECONDS + 1);
    act = answer_to(&second);
    assert_int_equal(give(&act, second.login.session, NULL), -ERR_ABSENT);
    assert_int_equal(redeem(&second, subject), -ERR_ABSENT);
    site.clock = clock_fixed(TEST_PKI_NOW + LOGIN_SECONDS + LOGIN_REDEEM_SECONDS);
    assert_int_equal(redeem(&first, subject), 0);
}

static void a_result_waits_for_its_opener_only_so_long(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    site.clock = clock_fixed(TEST_PKI_NOW + LOGIN_SECONDS + LOGIN_REDEEM_SECONDS + 1);
    assert_int_equal(redeem(&opened, subject), -ERR_ABSENT);
}

static void a_replayed_answer_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_CONFLICT);
    assert_int_equal(redeem(&opened, subject), 0);
    assert_int_equal(redeem(&opened, subject), -ERR_ABSENT);
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_ABSENT);
}

static void the_digest_of_a_document_is_no_answer(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    struct digest document;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &document, NULL),
                     0);
    assert_int_equal(send(&act, opened.login.session, &document, NULL), -ERR_UNTRUSTED);
    /* The nonce itself, as a naive client would sign it. */
    memcpy(document.value, opened.login.nonce, sizeof opened.login.nonce);
    assert_int_equal(send(&act, opened.login.session, &document, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void an_address_passed_on_needs_the_openers_code(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    act.secret = NULL;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    act.code = strcmp(opened.login.code, "000000") == 0 ? "000001" : "000000";
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    act.code = opened.login.code;
    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    assert_int_equal(redeem(&opened, subject), 0);
}

static void after_three_wrong_codes_no_code_is_right(void **state)
{
    const struct audit_origin by = audit_by_self(1);
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.secret = NULL;
    act.code = "wrong";
    for (int i = 0; i < LOGIN_CODES_MAX - 1; i++)
        assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    act.code = opened.login.code;
    assert_int_equal(
        platform_check_code(site.platform.store, opened.login.session, act.code, &by, NULL), 0);
    act.code = "wrong";
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    act.code = opened.login.code;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    assert_untouched(&opened); /* the opener's secret still counts */
}

static void another_logins_secret_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct opened_login other = open_login("bank");
    struct act act = answer_to(&opened);
    char subject[LOGIN_SUBJECT_SIZE];

    (void)state;
    act.secret = other.secret;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_DENIED);
    act.secret = opened.secret;
    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    assert_int_equal(
        login_redeem(&site.platform, opened.login.session, other.secret, NULL, subject, NULL),
        -ERR_DENIED);
    assert_int_equal(redeem(&opened, subject), 0);
}

static void the_challenge_read_again_has_neither_secret_nor_code(void **state)
{
    struct opened_login opened = open_login("bank");
    struct opened_login again;

    (void)state;
    assert_int_equal(login_get(&site.platform, opened.login.session, &again, NULL), 0);
    assert_string_equal(again.secret, "");
    assert_string_equal(again.login.code, "");
    assert_string_equal(again.tenant.name, opened.tenant.name);
}

static void a_certificate_of_a_look_alike_ca_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.cert = look_alike.certs[PROFILE_AUTH];
    act.key = look_alike.keys[PROFILE_AUTH];
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void the_log_tells_how_a_login_went(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    char subject[LOGIN_SUBJECT_SIZE];
    struct json *log;

    (void)state;
    act.cert = look_alike.certs[PROFILE_AUTH];
    act.key = look_alike.keys[PROFILE_AUTH];
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    act = answer_to(&opened);
    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_CONFLICT);
    assert_int_equal(redeem(&opened, subject), 0);
    assert_int_equal(redeem(&opened, subject), -ERR_ABSENT);
    assert_int_equal(audit_list(platform_store_db(site.platform.store), NULL, &log, NULL), 0);
    assert_log(log,
               "tenant.added self\n"
               "tenant.added self\n"
               "login.refused client:bank indeterminate issuer-unknown revocation-not-checked\n"
               "login.answered client:bank valid ocsp 1700000004/1700000005\n"
               "login.redeemed client:bank\n"
               "holder.shown client:bank\n");
}

/* The key identifier of the listed CA, too, and still another key behind it. */
static void a_certificate_that_claims_a_listed_ca_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;

    (void)state;
    test_pki_sign(x509_cert_tbs(pki.certs[PROFILE_AUTH])->der, look_alike.keys[PROFILE_AUTH_CA],
                  &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
    act.cert = forged;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

/* Both have the CA's name; whose a card is, and who it is, goes by the key. */
static void cards_of_two_generations_log_in(void **state)
{
    char subjects[2][LOGIN_SUBJECT_SIZE];

    (void)state;
    assert_int_equal(anchors_add(site.platform.auth_cas, look_alike.certs[PROFILE_AUTH_CA], NULL),
                     0);
    for (size_t i = 0; i < 2; i++) {
        struct opened_login opened = open_login("bank");
        struct act act = answer_to(&opened);
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;

        if (i == 1) {
            act.cert = look_alike.certs[PROFILE_AUTH];
            act.key = look_alike.keys[PROFILE_AUTH];
        }
        test_pki_sign(x509_cert_tbs(act.cert)->der,
                      (i == 1 ? pki : look_alike).keys[PROFILE_AUTH_CA], &der);
        assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
        struct act crossed = act;

        crossed.cert = forged;
        assert_int_equal(give(&crossed, opened.login.session, NULL), -ERR_UNTRUSTED);
        assert_int_equal(give(&act, opened.login.session, NULL), 0);
        assert_int_equal(redeem(&opened, subjects[i]), 0);
    }
    /* The same serial number of two generations is two people's. */
    assert_string_not_equal(subjects[0], subjects[1]);
}

static void a_sign_certificate_is_no_login(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.cert = pki.certs[PROFILE_SIGN];
    act.key = pki.keys[PROFILE_SIGN];
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void somebody_elses_certificate_is_refused(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    act.key = look_alike.keys[PROFILE_AUTH];
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    assert_untouched(&opened);
}

static void a_certificate_out_of_its_time_is_refused(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    const int64_t times[] = {tbs->not_before - 1, tbs->not_after + 1};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct opened_login opened;
        struct act act;

        site.clock = clock_fixed(times[i]);
        opened = open_login("bank");
        act = answer_to(&opened);
        assert_int_equal(give(&act, opened.login.session, NULL), -ERR_UNTRUSTED);
    }
}

static int answer_while(enum reason reason, const struct opened_login *opened, struct err *err)
{
    struct act act = answer_to(opened);
    int rc;

    report_add(&site.standing, reason);
    rc = give(&act, opened->login.session, err);
    site.standing = (struct report){.verdict = VERDICT_VALID};
    return rc;
}

static void a_revoked_certificate_is_refused_without_a_word_on_why(void **state)
{
    struct opened_login opened = open_login("bank");
    struct err revoked = {0};
    struct err held = {0};

    (void)state;
    assert_int_equal(answer_while(REASON_REVOKED, &opened, &revoked), -ERR_UNTRUSTED);
    assert_int_equal(answer_while(REASON_HELD, &opened, &held), -ERR_UNTRUSTED);
    assert_string_equal(revoked.text, held.text);
    assert_untouched(&opened);
}

static void what_cannot_be_found_out_is_not_believed(void **state)
{
    static const enum reason reasons[] = {REASON_OCSP_UNAVAILABLE, REASON_OCSP_TRY_LATER,
                                          REASON_OCSP_STALE, REASON_OCSP_FORGED,
                                          REASON_STATUS_UNKNOWN};
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        assert_int_equal(answer_while(reasons[i], &opened, NULL), -ERR_REMOTE);
    site.platform.status = NULL; /* and no responder is configured */
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_REMOTE);
    site.platform.status = &site.status;
    assert_untouched(&opened);
}

static void a_malformed_certificate_is_the_senders_fault(void **state)
{
    static const char *const texts[] = {"", "a.b.c.d.e", "....", "{}"};
    struct opened_login opened = open_login("bank");

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct login_answer answer = {.session = opened.login.session,
                                      .certificate = texts[i],
                                      .signature = BYTES_LITERAL("x"),
                                      .secret = opened.secret};

        assert_int_equal(login_answer(&site.platform, signer, &answer, NULL), -ERR_INPUT);
    }
    assert_untouched(&opened);
}

static void a_dead_signerd_is_nobodys_login(void **state)
{
    struct opened_login opened = open_login("bank");
    struct act act = answer_to(&opened);

    (void)state;
    token_signer.is_down = true;
    assert_int_equal(give(&act, opened.login.session, NULL), -ERR_REMOTE);
    token_signer.is_down = false;
    assert_untouched(&opened);
}

static void log_in(const char *client_id, char ret[LOGIN_SUBJECT_SIZE])
{
    struct opened_login opened = open_login(client_id);
    struct act act = answer_to(&opened);

    assert_int_equal(give(&act, opened.login.session, NULL), 0);
    assert_int_equal(redeem(&opened, ret), 0);
}

static void a_person_is_the_same_at_one_provider_and_another_at_the_next(void **state)
{
    char first[LOGIN_SUBJECT_SIZE];
    char again[LOGIN_SUBJECT_SIZE];
    char elsewhere[LOGIN_SUBJECT_SIZE];

    (void)state;
    log_in("bank", first);
    log_in("bank", again);
    log_in("shop", elsewhere);
    assert_string_equal(first, again);
    assert_string_not_equal(first, elsewhere);
    /* Also after a restart, which unwraps the secret again. */
    secret_done(&site.platform.pseudonym_key);
    pubkey_freep(&site.platform.exchange_key);
    assert_int_equal(platform_load_keys(&site.platform, NULL), 0);
    log_in("bank", again);
    assert_string_equal(first, again);
}

static void another_key_at_signerd_stops_the_platform(void **state)
{
    (void)state;
    secret_done(&site.platform.pseudonym_key);
    pubkey_freep(&site.platform.exchange_key);
    token_signer.key = pki.keys[PROFILE_SIGN];
    assert_int_equal(platform_load_keys(&site.platform, NULL), -ERR_CONFLICT);
}

/* So many logins of the bank in one transaction. */
static void fill_with_logins(int count)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.platform.store->db, &txn, NULL), 0);
    for (int i = 0; i < count; i++) {
        char session[LOGIN_SESSION_SIZE];

        (void)snprintf(session, sizeof session, "%022d", i);
        assert_int_equal(db_execute(&txn,
                                    "INSERT INTO login VALUES (?, 'bank', zeroblob(32), ?,"
                                    " zeroblob(32), '000000', 0, NULL, 0, NULL)",
                                    DB_WITH(DB_TEXT(session), DB_INT(TEST_PKI_NOW + LOGIN_SECONDS)),
                                    NULL),
                         0);
    }
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void as_many_logins_as_the_limit_are_kept_and_one_more_refused(void **state)
{
    struct opened_login opened;

    (void)state;
    fill_with_logins(LOGINS_OPEN_MAX - 1);
    opened = open_login("bank");
    assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), -ERR_REMOTE);
    site.clock = clock_fixed(TEST_PKI_NOW + LOGIN_SECONDS + LOGIN_REDEEM_SECONDS + 1);
    assert_int_equal(login_open(&site.platform, "bank", &opened, NULL), 0);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_client_that_is_not_registered_cannot_open_a_login),
        WITH_SITE(an_answer_to_no_login_is_refused),
        WITH_SITE(a_look_alike_origin_is_refused),
        WITH_SITE(an_answer_for_another_client_is_refused),
        WITH_SITE(an_answer_for_another_session_is_refused),
        WITH_SITE(an_old_challenge_under_a_new_session_is_refused),
        WITH_SITE(an_answer_counts_up_to_the_limit_and_not_one_second_past_it),
        WITH_SITE(a_result_waits_for_its_opener_only_so_long),
        WITH_SITE(a_replayed_answer_is_refused),
        WITH_SITE(the_digest_of_a_document_is_no_answer),
        WITH_SITE(an_address_passed_on_needs_the_openers_code),
        WITH_SITE(after_three_wrong_codes_no_code_is_right),
        WITH_SITE(another_logins_secret_is_refused),
        WITH_SITE(the_challenge_read_again_has_neither_secret_nor_code),
        WITH_SITE(a_certificate_of_a_look_alike_ca_is_refused),
        WITH_SITE(the_log_tells_how_a_login_went),
        WITH_SITE(a_certificate_that_claims_a_listed_ca_is_refused),
        WITH_SITE(cards_of_two_generations_log_in),
        WITH_SITE(a_sign_certificate_is_no_login),
        WITH_SITE(somebody_elses_certificate_is_refused),
        WITH_SITE(a_certificate_out_of_its_time_is_refused),
        WITH_SITE(a_revoked_certificate_is_refused_without_a_word_on_why),
        WITH_SITE(what_cannot_be_found_out_is_not_believed),
        WITH_SITE(a_malformed_certificate_is_the_senders_fault),
        WITH_SITE(a_dead_signerd_is_nobodys_login),
        WITH_SITE(a_person_is_the_same_at_one_provider_and_another_at_the_next),
        WITH_SITE(another_key_at_signerd_stops_the_platform),
        WITH_SITE(as_many_logins_as_the_limit_are_kept_and_one_more_refused),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
