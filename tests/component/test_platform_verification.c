/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying a signature for a provider: what is refused, and what may be told. */
#include "platform/verification/verification.h"

#include "platform/verification/disclose.h"

#include "base/hex.h"
#include "crypto/jwe.h"
#include "support/auditlog.h"
#include "support/platform_site.h"
#include "support/token_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki look_alike; /* the same names, other keys */
static struct privkey *token;
static struct platform_site site;
static struct signer *signer;
static struct digest document;

static int make_keys(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&look_alike);
    assert_int_equal(privkey_generate(2048, &token, NULL), 0);
    return digest_compute(DIGEST_SHA256, BYTES_LITERAL("a contract"), &document, NULL);
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

/* Ask the platform about the document's digest, signed by key. */
static int ask_for(bool wants_reference, const struct x509_cert *cert, const struct privkey *key,
                   const struct digest *signed_digest, struct finding *ret)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct verification_request request = {
        .client_id = "bank", .digest = document, .wants_reference = wants_reference};

    platform_site_encrypt(&site, cert, &jwe);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    assert_int_equal(privkey_sign(key, signed_digest, &signature, NULL), 0);
    request.signature = buf_bytes(&signature);
    return verification_make(&site.platform, signer, &request, ret, NULL);
}

static int ask(const struct x509_cert *cert, const struct privkey *key,
               const struct digest *signed_digest, struct finding *ret)
{
    return ask_for(false, cert, key, signed_digest, ret);
}

/* The verdict must be this, for this reason, without attributes, and be remembered. */
static void assert_verdict(const struct finding *finding, enum verdict verdict, enum reason reason)
{
    struct verification kept;

    assert_int_equal(finding->report.verdict, verdict);
    assert_true(report_has(&finding->report, reason));
    assert_null(finding->signer);
    assert_int_equal(
        platform_get_verification(site.platform.store, finding->kept.id, "bank", &kept, NULL), 0);
    assert_string_equal(kept.verdict, verdict_name(verdict));
}

static void a_signature_over_another_document_is_invalid(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct digest other;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, BYTES_LITERAL("another"), &other, NULL), 0);
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &other, &finding), 0);
    assert_verdict(&finding, VERDICT_INVALID, REASON_SIGNATURE_BROKEN);
}

static void the_log_says_of_each_verdict_what_the_tenant_is_not_told(void **state)
{
    CLEANUP(finding_done) struct finding good = FINDING_INIT;
    CLEANUP(finding_done) struct finding held = FINDING_INIT;
    struct json *log;

    (void)state;
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &good), 0);
    report_add(&site.standing, REASON_HELD);
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &held), 0);
    assert_true(report_has(&held.report, REASON_REVOKED));
    assert_int_equal(audit_list(platform_store_db(site.platform.store), "2", &log, NULL), 0);
    assert_log(log, "verification.judged tenant:bank valid ocsp 1700000004/1700000005\n"
                    "holder.shown tenant:bank\n"
                    "verification.judged tenant:bank invalid held ocsp 1700000004/1700000005\n");
}

/* One reason more than there is room for is left out, and nothing else. */
static void a_verdict_with_every_reason_has_room_in_the_log(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    CLEANUP(json_freep) struct json *log = NULL;
    const struct json *records;
    const char *outcome;

    (void)state;
    for (unsigned i = 0; i < REASONS_; i++)
        report_add(&site.standing, (enum reason)i);
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &finding), 0);
    assert_int_equal(audit_list(platform_store_db(site.platform.store), "2", &log, NULL), 0);
    assert_int_equal(json_get_array(log, "records", &records, NULL), 0);
    assert_int_equal(json_get_text(json_at(records, 0), "outcome", &outcome, NULL), 0);
    assert_int_equal(strncmp(outcome, "invalid document-changed ", 25), 0);
    assert_non_null(strstr(outcome, " ocsp 1700000004/1700000005"));
    assert_true(strlen(outcome) <= AUDIT_OUTCOME_MAX);
}

static void a_look_alike_ca_is_never_believed(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    (void)state;
    assert_int_equal(
        ask(look_alike.certs[PROFILE_SIGN], look_alike.keys[PROFILE_SIGN], &document, &finding), 0);
    assert_int_not_equal(finding.report.verdict, VERDICT_VALID);
    assert_true(report_has(&finding.report, REASON_ISSUER_UNKNOWN));
    assert_null(finding.signer);
}

static void a_certificate_that_claims_a_listed_ca_is_invalid(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;

    (void)state;
    test_pki_sign(x509_cert_tbs(pki.certs[PROFILE_SIGN])->der, look_alike.keys[PROFILE_SIGN_CA],
                  &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
    assert_int_equal(ask(forged, pki.keys[PROFILE_SIGN], &document, &finding), 0);
    assert_verdict(&finding, VERDICT_INVALID, REASON_ISSUER_FORGED);
}

/* Cards of two generations count side by side; the name, which both have, decides nothing. */
static void cards_of_two_generations_are_verified_each_by_its_key(void **state)
{
    const struct test_pki *const generations[] = {&pki, &look_alike};

    (void)state;
    assert_int_equal(anchors_add(site.platform.sign_cas, look_alike.certs[PROFILE_SIGN_CA], NULL),
                     0);
    for (size_t i = 0; i < 2; i++) {
        const struct test_pki *other = generations[1 - i];
        CLEANUP(finding_done) struct finding good = FINDING_INIT;
        CLEANUP(finding_done) struct finding crossed = FINDING_INIT;
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        CLEANUP(x509_cert_freep) struct x509_cert *forged = NULL;

        assert_int_equal(ask(generations[i]->certs[PROFILE_SIGN],
                             generations[i]->keys[PROFILE_SIGN], &document, &good),
                         0);
        assert_int_equal(good.report.verdict, VERDICT_VALID);
        /* It names one generation's key, and the other one's, as good as that is, has signed it. */
        test_pki_sign(x509_cert_tbs(generations[i]->certs[PROFILE_SIGN])->der,
                      other->keys[PROFILE_SIGN_CA], &der);
        assert_int_equal(x509_cert_parse(buf_bytes(&der), &forged, NULL), 0);
        assert_int_equal(ask(forged, generations[i]->keys[PROFILE_SIGN], &document, &crossed), 0);
        assert_verdict(&crossed, VERDICT_INVALID, REASON_ISSUER_FORGED);
    }
}

static void a_login_key_signs_no_documents(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    (void)state;
    assert_int_equal(ask(pki.certs[PROFILE_AUTH], pki.keys[PROFILE_AUTH], &document, &finding), 0);
    assert_int_not_equal(finding.report.verdict, VERDICT_VALID);
    assert_null(finding.signer);
}

static void a_certificate_out_of_its_time_is_invalid(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    CLEANUP(finding_done) struct finding early = FINDING_INIT;
    CLEANUP(finding_done) struct finding late = FINDING_INIT;

    (void)state;
    site.clock = clock_fixed(tbs->not_before - 1);
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &early), 0);
    assert_verdict(&early, VERDICT_INVALID, REASON_NOT_YET_VALID);
    site.clock = clock_fixed(tbs->not_after + 1);
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &late), 0);
    assert_verdict(&late, VERDICT_INVALID, REASON_EXPIRED);
}

static void revoked_and_held_look_alike_to_a_provider(void **state)
{
    static const enum reason reasons[] = {REASON_REVOKED, REASON_HELD};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(finding_done) struct finding finding = FINDING_INIT;

        site.standing = (struct report){.verdict = VERDICT_VALID};
        report_add(&site.standing, reasons[i]);
        assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &finding),
                         0);
        assert_verdict(&finding, VERDICT_INVALID, REASON_REVOKED);
        assert_int_equal(finding.report.reason_count, 1);
    }
}

static void whatever_keeps_revocation_unknown_is_indeterminate_and_one_reason(void **state)
{
    (void)state;
    for (unsigned reason = REASON_STATUS_UNKNOWN; reason <= REASON_FEED_TOO_OLD; reason++) {
        CLEANUP(finding_done) struct finding finding = FINDING_INIT;

        site.standing = (struct report){.verdict = VERDICT_VALID};
        report_add(&site.standing, (enum reason)reason);
        assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &finding),
                         0);
        assert_verdict(&finding, VERDICT_INDETERMINATE, REASON_REVOCATION_NOT_CHECKED);
        assert_int_equal(finding.report.reason_count, 1);
    }
}

/* What may be told is what disclose makes of all reasons: no name more, none less. */
static void the_reasons_in_the_document_are_those_that_can_be_told(void **state)
{
    bool said[REASONS_] = {false};
    size_t listed = 0, sayable = 0;

    (void)state;
    for (unsigned reason = 0; reason < REASONS_; reason++) {
        struct report report = {.verdict = VERDICT_VALID};

        report_add(&report, (enum reason)reason);
        said[disclose(&report).reasons[0]] = true;
    }
    for (; disclosed_reasons[listed] != NULL; listed++) {
        bool is_sayable = false;

        for (unsigned reason = 0; reason < REASONS_; reason++)
            is_sayable |= said[reason] &&
                          strcmp(reason_name((enum reason)reason), disclosed_reasons[listed]) == 0;
        if (!is_sayable)
            fail_msg("%s is listed and never told", disclosed_reasons[listed]);
    }
    for (unsigned reason = 0; reason < REASONS_; reason++)
        sayable += said[reason];
    assert_int_equal(listed, sayable);
}

static void without_anybody_to_ask_nothing_is_valid(void **state)
{
    CLEANUP(finding_done) struct finding none = FINDING_INIT;
    CLEANUP(finding_done) struct finding dead = FINDING_INIT;

    (void)state;
    site.platform.status = NULL;
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &none), 0);
    assert_verdict(&none, VERDICT_INDETERMINATE, REASON_REVOCATION_NOT_CHECKED);
    site.platform.ocsp.socket = "/nonexistent/ocsp.sock";
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &dead), 0);
    assert_verdict(&dead, VERDICT_INDETERMINATE, REASON_REVOCATION_NOT_CHECKED);
}

static void a_jwe_for_somebody_else_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {
        .client_id = "bank", .digest = document, .signature = BYTES_LITERAL("x")};
    struct err err = {0};

    (void)state;
    assert_int_equal(jwe_encrypt(x509_cert_pubkey(pki.certs[PROFILE_AUTH]),
                                 x509_cert_der(pki.certs[PROFILE_SIGN]), &jwe, NULL),
                     0);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    assert_int_equal(verification_make(&site.platform, signer, &request, &finding, &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "encrypted to another key"));
}

/* One bit, once in the encrypted key and once in the content: the same sentence. */
static void a_changed_jwe_does_not_say_where(void **state)
{
    struct err failures[2] = {{0}, {0}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf jwe = BUF_INIT;
        CLEANUP(finding_done) struct finding finding = FINDING_INIT;
        struct verification_request request = {
            .client_id = "bank", .digest = document, .signature = BYTES_LITERAL("x")};
        const char *text;
        size_t at;

        platform_site_encrypt(&site, pki.certs[PROFILE_SIGN], &jwe);
        assert_int_equal(buf_text(&jwe, &text, NULL), 0);
        at = (size_t)((i == 0 ? strchr(text, '.') + 20 : strrchr(text, '.') - 20) - text);
        jwe.ptr[at] = jwe.ptr[at] == 'A' ? 'B' : 'A';
        assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
        assert_int_equal(
            verification_make(&site.platform, signer, &request, &finding, &failures[i]),
            -ERR_UNTRUSTED);
    }
    assert_string_equal(failures[0].text, failures[1].text);
}

static void something_else_than_a_certificate_is_the_senders_fault(void **state)
{
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {
        .client_id = "bank", .digest = document, .signature = BYTES_LITERAL("x")};

    (void)state;
    assert_int_equal(jwe_encrypt(site.platform.exchange_key, BYTES_LITERAL("hello"), &jwe, NULL),
                     0);
    assert_int_equal(buf_text(&jwe, &request.certificate, NULL), 0);
    assert_int_equal(verification_make(&site.platform, signer, &request, &finding, NULL),
                     -ERR_INPUT);
}

static void a_verdict_is_its_tenants_alone(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification kept;

    (void)state;
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &finding), 0);
    assert_int_equal(
        platform_get_verification(site.platform.store, finding.kept.id, "shop", &kept, NULL),
        -ERR_ABSENT);
}

static void a_good_signature_is_valid_and_tells_who_signed(void **state)
{
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;

    (void)state;
    assert_int_equal(ask(pki.certs[PROFILE_SIGN], pki.keys[PROFILE_SIGN], &document, &finding), 0);
    assert_int_equal(finding.report.verdict, VERDICT_VALID);
    assert_int_equal(finding.report.reason_count, 0);
    assert_non_null(finding.signer);
    assert_true(bytes_equal(x509_cert_tbs(finding.signer)->holder.name, test_pki_holder()->name));
}

/* What the register reads in it: the serial number of the certificate, and its CA. */
static void assert_reads(const struct buf *compact, const struct privkey *reader,
                         const struct tbs *tbs)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(json_freep) struct json *body = NULL;
    const char *text = NULL;

    assert_int_equal(jwe_parse(buf_bytes(compact), &jwe, NULL), 0);
    assert_int_equal(privkey_unwrap(reader, buf_bytes(&jwe.encrypted_key), &key, NULL), 0);
    assert_int_equal(jwe_decrypt(&jwe, &key, &plain, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&plain), &body, NULL), 0);
    assert_int_equal(json_get_text(body, "issuer_key_id", &text, NULL), 0);
    assert_int_equal(hex_decode(text, &issuer, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&issuer), tbs->authority_key_id));
    assert_int_equal(json_get_text(body, "serial", &text, NULL), 0);
    assert_int_equal(strtoll(text, NULL, 10), tbs_serial_number(tbs));
}

static void a_reference_is_for_tenants_that_are_named(void **state)
{
    const struct x509_cert *cert = pki.certs[PROFILE_SIGN];
    const struct privkey *key = pki.keys[PROFILE_SIGN];
    const struct privkey *reader = look_alike.keys[PROFILE_SIGN];
    struct digest other = document;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    CLEANUP(finding_done) struct finding wrong = FINDING_INIT;
    CLEANUP(finding_done) struct finding unasked = FINDING_INIT;

    (void)state;
    site.platform.reference.tenants = "bank";
    assert_int_equal(ask_for(true, cert, key, &document, &finding), -ERR_DENIED); /* no key */
    assert_int_equal(privkey_spki(reader, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(buf_bytes(&spki), &site.platform.reference.key, NULL), 0);
    site.platform.reference.tenants = "bankrupt shop";
    assert_int_equal(ask_for(true, cert, key, &document, &finding), -ERR_DENIED);
    site.platform.reference.tenants = "shop bank";
    other.value[0] ^= 1;
    assert_int_equal(ask_for(true, cert, key, &other, &wrong), 0);
    assert_int_equal(wrong.report.verdict, VERDICT_INVALID);
    assert_int_equal(wrong.reference.len, 0);
    assert_int_equal(ask(cert, key, &document, &unasked), 0);
    assert_int_equal(unasked.reference.len, 0);
    assert_int_equal(ask_for(true, cert, key, &document, &finding), 0);
    assert_reads(&finding.reference, reader, x509_cert_tbs(cert));
    pubkey_freep(&site.platform.reference.key);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_signature_over_another_document_is_invalid),
        WITH_SITE(the_log_says_of_each_verdict_what_the_tenant_is_not_told),
        WITH_SITE(a_verdict_with_every_reason_has_room_in_the_log),
        WITH_SITE(a_look_alike_ca_is_never_believed),
        WITH_SITE(a_certificate_that_claims_a_listed_ca_is_invalid),
        WITH_SITE(cards_of_two_generations_are_verified_each_by_its_key),
        WITH_SITE(a_login_key_signs_no_documents),
        WITH_SITE(a_certificate_out_of_its_time_is_invalid),
        WITH_SITE(revoked_and_held_look_alike_to_a_provider),
        WITH_SITE(whatever_keeps_revocation_unknown_is_indeterminate_and_one_reason),
        cmocka_unit_test(the_reasons_in_the_document_are_those_that_can_be_told),
        WITH_SITE(without_anybody_to_ask_nothing_is_valid),
        WITH_SITE(a_jwe_for_somebody_else_is_refused),
        WITH_SITE(a_changed_jwe_does_not_say_where),
        WITH_SITE(something_else_than_a_certificate_is_the_senders_fault),
        WITH_SITE(a_verdict_is_its_tenants_alone),
        WITH_SITE(a_good_signature_is_valid_and_tells_who_signed),
        WITH_SITE(a_reference_is_for_tenants_that_are_named),
    };

    return cmocka_run_group_tests(tests, make_keys, release_keys);
}
