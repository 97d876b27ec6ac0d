/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/signature.h"

#include "support/pki.h"
#include "verify/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct anchors *anchors;
static struct digest digest;
static struct buf signature; /* by the sign key over digest */
static struct buf login_signature;
static const uint8_t nonce[BOUND_NONCE_SIZE] = {7};
static const struct bound bound = {.origin = "https://login.openjpki.test",
                                   .client_id = "bank",
                                   .session = "session-1",
                                   .nonce = {nonce, sizeof nonce},
                                   .expires_at = TEST_PKI_NOW + 60};
static unsigned looked; /* how often revocation was asked for */

/* A source that says what context says: a verdict's reason, or good for NULL. */
static int look(const void *context, const struct status_question *question, struct report *report,
                struct status *ret, struct err *err)
{
    (void)err;
    assert_non_null(question->issuer);
    looked++;
    if (context != NULL)
        report_add(report, *(const enum reason *)context);
    *ret = (struct status){.answer = context == NULL ? STATUS_GOOD : STATUS_NOT_KNOWN};
    return 0;
}

static const struct status_source good = {look, NULL};

static int setup(void **state)
{
    struct digest message;

    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_AUTH_CA], NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("document"), &digest, NULL), 0);
    assert_int_equal(bound_digest(&bound, &message, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &message, &login_signature, NULL), 0);
    return privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    anchors_freep(&anchors);
    buf_done(&signature);
    buf_done(&login_signature);
    return 0;
}

static struct signature_inputs good_inputs(void)
{
    return (struct signature_inputs){.digest = digest,
                                     .signature = buf_bytes(&signature),
                                     .certificate = x509_cert_der(pki.certs[PROFILE_SIGN]),
                                     .purpose = PURPOSE_DOCUMENT,
                                     .trust = {anchors, &good, TEST_PKI_NOW}};
}

static struct login_inputs good_login(void)
{
    return (struct login_inputs){.bound = &bound,
                                 .signature = buf_bytes(&login_signature),
                                 .certificate = x509_cert_der(pki.certs[PROFILE_AUTH]),
                                 .trust = {anchors, &good, TEST_PKI_NOW}};
}

static void assert_report(struct signature_report *report, enum reason reason)
{
    assert_int_equal(report->report.reason_count, 1);
    assert_string_equal(reason_name(report->report.reasons[0]), reason_name(reason));
    assert_int_equal(report->report.verdict, reason_verdict(reason));
    signature_report_done(report);
}

static void assert_reason(const struct signature_inputs *inputs, enum reason reason)
{
    struct signature_report report = SIGNATURE_REPORT_INIT;

    assert_int_equal(signature_verify(inputs, &report, NULL), 0);
    assert_report(&report, reason);
}

static void assert_login_reason(const struct login_inputs *inputs, enum reason reason)
{
    struct signature_report report = SIGNATURE_REPORT_INIT;

    assert_int_equal(login_verify(inputs, &report, NULL), 0);
    assert_report(&report, reason);
}

static void a_signature_over_another_document_is_invalid(void **state)
{
    struct signature_inputs inputs = good_inputs();

    (void)state;
    inputs.digest.value[0] ^= 1;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs = good_inputs();
    inputs.signature.len--;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.signature.len = 0;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
}

static void sha_1_is_invalid(void **state)
{
    CLEANUP(buf_done) struct buf weak = BUF_INIT;
    struct signature_inputs inputs = good_inputs();

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA1, bytes_text("document"), &inputs.digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &inputs.digest, &weak, NULL), 0);
    inputs.signature = buf_bytes(&weak);
    assert_reason(&inputs, REASON_WEAK_HASH);
}

static void a_malformed_certificate_or_digest_is_refused(void **state)
{
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    inputs.certificate.len--;
    assert_int_equal(signature_verify(&inputs, &report, NULL), -ERR_INPUT);
    inputs = good_inputs();
    inputs.digest.len--;
    assert_int_equal(signature_verify(&inputs, &report, NULL), -ERR_USAGE);
    assert_null(report.signer);
}

static void a_bare_hash_is_signed_only_where_one_is_expected(void **state)
{
    CLEANUP(buf_done) struct buf bare = BUF_INIT;
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    inputs.form = FORM_BARE_HASH;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    assert_int_equal(privkey_sign_raw(pki.keys[PROFILE_SIGN], digest_bytes(&digest), &bare, NULL),
                     0);
    inputs.signature = buf_bytes(&bare);
    inputs.form = FORM_DIGESTINFO;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.form = FORM_BARE_HASH;
    inputs.digest.alg = DIGEST_SHA384;
    assert_int_equal(signature_verify(&inputs, &report, NULL), -ERR_USAGE);
    inputs.digest.alg = DIGEST_SHA256;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
}

static void a_ca_of_the_same_name_is_unknown_and_nobody_is_asked(void **state)
{
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    looked = 0;
    assert_int_equal(privkey_sign(other.keys[PROFILE_SIGN], &digest, &own, NULL), 0);
    inputs.signature = buf_bytes(&own);
    inputs.certificate = x509_cert_der(other.certs[PROFILE_SIGN]);
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_true(report_has(&report.report, REASON_ISSUER_UNKNOWN));
    assert_int_not_equal(report.report.verdict, VERDICT_VALID);
    assert_null(report.issuer);
    assert_int_equal(looked, 0);
    signature_report_done(&report);
}

static void revocation_is_not_asked_for_what_is_invalid_anyway(void **state)
{
    struct signature_inputs inputs = good_inputs();

    (void)state;
    looked = 0;
    inputs.trust.at = x509_cert_tbs(pki.certs[PROFILE_SIGN])->not_after + 1;
    assert_reason(&inputs, REASON_EXPIRED);
    inputs.trust.at = x509_cert_tbs(pki.certs[PROFILE_SIGN])->not_before - 1;
    assert_reason(&inputs, REASON_NOT_YET_VALID);
    assert_int_equal(looked, 0);
}

static void what_the_source_says_counts(void **state)
{
    static const enum reason reasons[] = {REASON_REVOKED, REASON_HELD, REASON_OCSP_UNAVAILABLE};
    struct signature_inputs inputs = good_inputs();

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        const struct status_source source = {look, &reasons[i]};

        inputs.trust.status = &source;
        assert_reason(&inputs, reasons[i]);
    }
    inputs.trust.status = NULL;
    assert_reason(&inputs, REASON_REVOCATION_NOT_CHECKED);
}

static void the_two_kinds_of_certificate_are_not_taken_for_each_other(void **state)
{
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;
    struct digest message;

    (void)state;
    inputs.purpose = PURPOSE_LOGIN;
    assert_reason(&inputs, REASON_WRONG_POLICY);
    inputs = good_inputs();
    assert_int_equal(bound_digest(&bound, &message, NULL), 0);
    inputs.digest = message;
    inputs.signature = buf_bytes(&login_signature);
    inputs.certificate = x509_cert_der(pki.certs[PROFILE_AUTH]);
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_true(report_has(&report.report, REASON_WRONG_USAGE));
    assert_true(report_has(&report.report, REASON_WRONG_POLICY));
    assert_int_equal(report.report.verdict, VERDICT_INVALID);
    signature_report_done(&report);
}

static void a_login_for_something_else_is_invalid(void **state)
{
    static const uint8_t other_nonce[BOUND_NONCE_SIZE] = {8};
    struct bound variants[] = {bound, bound, bound, bound, bound, bound};
    struct login_inputs inputs = good_login();

    (void)state;
    variants[0].origin = "https://login.0penjpki.test";
    variants[1].client_id = "shop";
    variants[2].session = "session-2";
    variants[3].nonce = BYTES_ARRAY(other_nonce);
    variants[4].redirect_uri = "https://bank.example/cb";
    variants[5].expires_at++;
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        inputs.bound = &variants[i];
        assert_login_reason(&inputs, REASON_SIGNATURE_BROKEN);
    }
    /* A signed document is no answer to a challenge. */
    inputs = good_login();
    inputs.signature = buf_bytes(&signature);
    assert_login_reason(&inputs, REASON_SIGNATURE_BROKEN);
}

static void a_login_ends_with_its_challenge(void **state)
{
    struct login_inputs inputs = good_login();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    inputs.trust.at = bound.expires_at + 1;
    assert_login_reason(&inputs, REASON_CHALLENGE_EXPIRED);
    inputs.trust.at = bound.expires_at;
    assert_int_equal(login_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
}

static void half_a_challenge_is_refused(void **state)
{
    struct bound half = bound;
    struct login_inputs inputs = good_login();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    half.session = NULL;
    inputs.bound = &half;
    assert_int_equal(login_verify(&inputs, &report, NULL), -ERR_INPUT);
    assert_null(report.signer);
}

static void a_signature_with_a_good_certificate_is_valid(void **state)
{
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;

    (void)state;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    assert_int_equal(report.report.reason_count, 0);
    assert_int_equal(report.status.answer, STATUS_GOOD);
    assert_true(
        bytes_equal(x509_cert_der(report.issuer), x509_cert_der(pki.certs[PROFILE_SIGN_CA])));
    signature_report_done(&report);
}

/* What the platform verifies are signatures of RSA cards; others are refused, not judged. */
static void keys_that_are_not_rsa_are_refused(void **state)
{
    struct signature_inputs inputs = good_inputs();
    struct login_inputs login = good_login();
    struct signature_report report = SIGNATURE_REPORT_INIT;
    struct test_pki p384 = {.algorithm = KEY_P384};
    struct err err = {0};

    (void)state;
    test_pki_make_kind(&p384, KEY_P384);
    inputs.certificate = x509_cert_der(p384.certs[PROFILE_SIGN]);
    assert_int_equal(signature_verify(&inputs, &report, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "such signatures are made by RSA keys"));
    login.certificate = x509_cert_der(p384.certs[PROFILE_AUTH]);
    assert_int_equal(login_verify(&login, &report, NULL), -ERR_INPUT);
    assert_null(report.signer);
    test_pki_done(&p384);
}

static void pss_is_one_hash_and_its_size_of_salt(void **state)
{
    CLEANUP(buf_done) struct buf pss = BUF_INIT;
    CLEANUP(buf_done) struct buf short_salt = BUF_INIT;
    struct signature_report report = SIGNATURE_REPORT_INIT;
    struct signature_inputs inputs = good_inputs();

    (void)state;
    assert_int_equal(privkey_sign_pss(pki.keys[PROFILE_SIGN], &digest, 32, &pss, NULL), 0);
    assert_int_equal(privkey_sign_pss(pki.keys[PROFILE_SIGN], &digest, 20, &short_salt, NULL), 0);
    inputs.form = FORM_PSS;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN); /* PKCS#1 v1.5 */
    inputs.signature = buf_bytes(&short_salt);
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.signature = bytes_part(buf_bytes(&pss), 0, pss.len - 1);
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.signature = buf_bytes(&pss);
    inputs.form = FORM_DIGESTINFO;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.form = FORM_PSS;
    inputs.digest.value[0] ^= 1;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.digest = digest;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
}

/* pki.md 1.6: as on a card, each for its own purpose. */
static void certificates_in_phones_are_judged_like_those_on_cards(void **state)
{
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    struct signature_report report = SIGNATURE_REPORT_INIT;
    struct signature_inputs inputs = good_inputs();

    (void)state;
    inputs.certificate = x509_cert_der(pki.certs[PROFILE_PHONE_AUTH]);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_PHONE_AUTH], &digest, &made, NULL), 0);
    inputs.signature = buf_bytes(&made);
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_true(report_has(&report.report, REASON_WRONG_POLICY));
    assert_true(report_has(&report.report, REASON_WRONG_USAGE));
    signature_report_done(&report);
    inputs.purpose = PURPOSE_LOGIN;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
    buf_done(&made);
    inputs.certificate = x509_cert_der(pki.certs[PROFILE_PHONE_SIGN]);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_PHONE_SIGN], &digest, &made, NULL), 0);
    inputs.signature = buf_bytes(&made);
    assert_reason(&inputs, REASON_WRONG_POLICY);
    inputs.purpose = PURPOSE_DOCUMENT;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
}

static void ecdsa_is_by_p384_keys_over_sha_384(void **state)
{
    CLEANUP(anchors_freep) struct anchors *of_p384 = NULL;
    CLEANUP(buf_done) struct buf ecdsa = BUF_INIT;
    struct signature_report report = SIGNATURE_REPORT_INIT;
    struct signature_inputs inputs = good_inputs();
    struct test_pki p384;
    struct digest sha384;

    (void)state;
    inputs.form = FORM_ECDSA;
    assert_int_equal(signature_verify(&inputs, &report, NULL), -ERR_INPUT); /* an RSA key */
    test_pki_make_kind(&p384, KEY_P384);
    assert_int_equal(anchors_new(&of_p384, NULL), 0);
    assert_int_equal(anchors_add(of_p384, p384.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &sha384, NULL), 0);
    assert_int_equal(privkey_sign(p384.keys[PROFILE_SIGN], &sha384, &ecdsa, NULL), 0);
    inputs.certificate = x509_cert_der(p384.certs[PROFILE_SIGN]);
    inputs.signature = buf_bytes(&ecdsa);
    inputs.trust.anchors = of_p384;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN); /* over SHA-256 */
    inputs.digest = sha384;
    inputs.signature.len--;
    assert_reason(&inputs, REASON_SIGNATURE_BROKEN);
    inputs.signature.len++;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    assert_int_equal(report.report.verdict, VERDICT_VALID);
    signature_report_done(&report);
    test_pki_done(&p384);
}

/* Whether a certificate and a signature by this key are valid for a purpose. */
static void judge_phone(enum profile_kind kind, enum purpose purpose,
                        struct signature_report *report)
{
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    struct signature_inputs inputs = good_inputs();

    assert_int_equal(privkey_sign(pki.keys[kind], &digest, &made, NULL), 0);
    inputs.signature = buf_bytes(&made);
    inputs.certificate = x509_cert_der(pki.certs[kind]);
    inputs.purpose = purpose;
    assert_int_equal(signature_verify(&inputs, report, NULL), 0);
}

static void a_phones_certificates_serve_as_the_cards_do_and_for_nothing_else(void **state)
{
    static const struct {
        enum profile_kind kind;
        enum purpose good, bad;
    } rows[] = {{PROFILE_PHONE_SIGN, PURPOSE_DOCUMENT, PURPOSE_LOGIN},
                {PROFILE_PHONE_AUTH, PURPOSE_LOGIN, PURPOSE_DOCUMENT}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct signature_report report = SIGNATURE_REPORT_INIT;

        judge_phone(rows[i].kind, rows[i].bad, &report);
        assert_int_equal(report.report.verdict, VERDICT_INVALID);
        assert_true(report_has(&report.report, REASON_WRONG_POLICY));
        signature_report_done(&report);
        judge_phone(rows[i].kind, rows[i].good, &report);
        assert_int_equal(report.report.verdict, VERDICT_VALID);
        signature_report_done(&report);
    }
}

static enum verdict judge_generation(const struct test_pki *generation, const struct anchors *known)
{
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    struct signature_inputs inputs = good_inputs();
    struct signature_report report = SIGNATURE_REPORT_INIT;
    enum verdict verdict;

    assert_int_equal(privkey_sign(generation->keys[PROFILE_SIGN], &digest, &made, NULL), 0);
    inputs.signature = buf_bytes(&made);
    inputs.certificate = x509_cert_der(generation->certs[PROFILE_SIGN]);
    inputs.trust.anchors = known;
    assert_int_equal(signature_verify(&inputs, &report, NULL), 0);
    verdict = report.report.verdict;
    signature_report_done(&report);
    return verdict;
}

/* pki.md 1.2: one name, three keys. Whoever looked a CA up by its name would find a wrong one. */
static void three_generations_of_one_name_are_told_apart_by_their_keys(void **state)
{
    struct test_pki third;
    const struct test_pki *const generations[] = {&pki, &other, &third};
    CLEANUP(anchors_freep) struct anchors *all = NULL;

    (void)state;
    test_pki_make(&third);
    assert_int_equal(anchors_new(&all, NULL), 0);
    for (size_t i = 0; i < 3; i++) {
        const struct tbs *ca = x509_cert_tbs(generations[i]->certs[PROFILE_SIGN_CA]);

        assert_true(bytes_equal(ca->subject, x509_cert_tbs(pki.certs[PROFILE_SIGN_CA])->subject));
        /* Those of before are known, and are not taken for this one. */
        if (i > 0)
            assert_int_equal(judge_generation(generations[i], all), VERDICT_INDETERMINATE);
        assert_int_equal(anchors_add(all, generations[i]->certs[PROFILE_SIGN_CA], NULL), 0);
        for (size_t j = 0; j <= i; j++)
            assert_int_equal(judge_generation(generations[j], all), VERDICT_VALID);
    }
    test_pki_done(&third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_that_are_not_rsa_are_refused),
        cmocka_unit_test(certificates_in_phones_are_judged_like_those_on_cards),
        cmocka_unit_test(pss_is_one_hash_and_its_size_of_salt),
        cmocka_unit_test(ecdsa_is_by_p384_keys_over_sha_384),
        cmocka_unit_test(a_signature_over_another_document_is_invalid),
        cmocka_unit_test(sha_1_is_invalid),
        cmocka_unit_test(a_malformed_certificate_or_digest_is_refused),
        cmocka_unit_test(a_bare_hash_is_signed_only_where_one_is_expected),
        cmocka_unit_test(a_ca_of_the_same_name_is_unknown_and_nobody_is_asked),
        cmocka_unit_test(revocation_is_not_asked_for_what_is_invalid_anyway),
        cmocka_unit_test(what_the_source_says_counts),
        cmocka_unit_test(the_two_kinds_of_certificate_are_not_taken_for_each_other),
        cmocka_unit_test(a_login_for_something_else_is_invalid),
        cmocka_unit_test(a_login_ends_with_its_challenge),
        cmocka_unit_test(half_a_challenge_is_refused),
        cmocka_unit_test(a_signature_with_a_good_certificate_is_valid),
        cmocka_unit_test(a_phones_certificates_serve_as_the_cards_do_and_for_nothing_else),
        cmocka_unit_test(three_generations_of_one_name_are_told_apart_by_their_keys),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
