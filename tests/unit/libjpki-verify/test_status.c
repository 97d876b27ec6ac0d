/* SPDX-License-Identifier: Apache-2.0 */
/* Questions by OCSP through functions of the caller's, and when lists count instead. */
#include "border/border.h"
#include "libjpki-verify/limits.h"
#include "support/signed.h"
#include "x509/ocsp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/verify.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct buf good_list, stale_list;
static jpki_verifier *verifier;

/* A responder that says what it is told to. */
static struct responder {
    enum ocsp_cert_status says;
    bool is_silent;  /* returns that it has no answer */
    bool is_garbage; /* puts bytes that are no answer */
    size_t filler;   /* bytes it puts, all zeros, instead */
    unsigned asked;
    bool was_signed; /* the question, by the requestor's key */
    bool refuses_to_sign;
    char url[64];
} responder;

static int setup_pki(void **state)
{
    struct test_list list;

    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    list = test_list_of(&pki, TEST_PKI_NOW);
    test_list_make(&list, &good_list);
    list.head.next_update = TEST_PKI_NOW - 1;
    test_list_make(&list, &stale_list);
    return 0;
}

static int teardown_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    buf_done(&good_list);
    buf_done(&stale_list);
    return 0;
}

/* Whether the question is signed by the requestor, as what it says. */
static bool is_signed(const struct ocsp_request *request)
{
    struct digest digest;

    if (!request->signature.is_there)
        return false;
    assert_int_equal(digest_compute(request->signature.digest, request->tbs, &digest, NULL), 0);
    return pubkey_verify(x509_cert_pubkey(pki.certs[PROFILE_AUTH]), &digest,
                         request->signature.value, NULL) == 0;
}

static void make_answer(const struct ocsp_request *request, struct buf *ret)
{
    const struct x509_cert *ca = pki.certs[PROFILE_SIGN_CA];
    struct ocsp_response response = {.responder_key_hash = x509_cert_tbs(ca)->subject_key_id,
                                     .produced_at = TEST_PKI_NOW,
                                     .count = 1,
                                     .nonce = request->nonce};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    struct digest digest;

    response.singles[0] = (struct ocsp_single){.id = request->ids[0],
                                               .status = responder.says,
                                               .revoked_at = TEST_PKI_NOW - 7,
                                               .reason = -1,
                                               .this_update = TEST_PKI_NOW - 3,
                                               .next_update = TEST_PKI_NOW + 60};
    assert_int_equal(ocsp_response_build_data(&response, &data, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &value, NULL), 0);
    assert_int_equal(
        ocsp_response_assemble(buf_bytes(&data), buf_bytes(&value), x509_cert_der(ca), ret, NULL),
        0);
}

static int put_filler(size_t size, jpki_answer *answer)
{
    static const uint8_t zeros[VERIFIER_ANSWER_MAX + 1];
    const struct jpki_bytes first = {zeros, size / 2};
    const struct jpki_bytes rest = {zeros, size - size / 2};
    int rc = jpki_answer_put(answer, first);

    assert_int_equal(rc, 0);
    rc = jpki_answer_put(answer, rest);
    assert_int_equal(rc, size > VERIFIER_ANSWER_MAX ? -JPKI_ERROR_INPUT : 0);
    return 0; /* that it was too long is not told */
}

static int ask(void *context, const char *url, struct jpki_bytes request, jpki_answer *answer)
{
    struct responder *self = context;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct ocsp_request parsed;

    self->asked++;
    (void)snprintf(self->url, sizeof self->url, "%s", url);
    assert_int_equal(ocsp_request_parse(bytes_of(request.data, request.size), &parsed, NULL), 0);
    self->was_signed = is_signed(&parsed);
    if (self->filler > 0)
        return put_filler(self->filler, answer);
    make_answer(&parsed, &response);
    if (self->is_garbage)
        response.len /= 2;
    /* In two pieces, as they come from a socket. */
    assert_int_equal(jpki_answer_put(answer, give_bytes(bytes_part(buf_bytes(&response), 0, 9))),
                     0);
    assert_int_equal(
        jpki_answer_put(answer, give_bytes(bytes_part(buf_bytes(&response), 9, response.len))), 0);
    return self->is_silent ? -1 : 0;
}

static int sign(void *context, struct jpki_bytes message, jpki_answer *answer)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    struct digest digest;

    assert_int_equal(
        digest_compute(DIGEST_SHA256, bytes_of(message.data, message.size), &digest, NULL), 0);
    assert_int_equal(privkey_sign(context, &digest, &value, NULL), 0);
    assert_int_equal(jpki_answer_put(answer, give_bytes(buf_bytes(&value))), 0);
    return responder.refuses_to_sign ? 1 : 0;
}

static int setup(void **state)
{
    (void)state;
    responder = (struct responder){.says = OCSP_GOOD};
    assert_int_equal(jpki_verifier_new(&verifier, NULL), 0);
    assert_int_equal(
        jpki_verifier_add_ca(verifier, give_bytes(x509_cert_der(pki.certs[PROFILE_SIGN_CA])), NULL),
        0);
    jpki_verifier_set_ocsp(verifier, ask, &responder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jpki_verifier_free(verifier);
    return 0;
}

static void add_list(const struct buf *list)
{
    assert_int_equal(jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(list)), NULL), 0);
}

static void sign_questions(void)
{
    assert_int_equal(
        jpki_verifier_set_ocsp_signer(verifier, give_bytes(x509_cert_der(pki.certs[PROFILE_AUTH])),
                                      sign, pki.keys[PROFILE_AUTH], NULL),
        0);
}

static jpki_report *verify(const struct test_pki *whose)
{
    jpki_report *report = NULL;

    assert_int_equal(jpki_verify_certificate(verifier,
                                             give_bytes(x509_cert_der(whose->certs[PROFILE_SIGN])),
                                             JPKI_USE_SIGN, TEST_PKI_NOW, &report, NULL),
                     0);
    return report;
}

static void assert_reasons(jpki_report *report, enum jpki_reason first, enum jpki_reason second)
{
    assert_int_equal(jpki_report_reason(report, 0), first);
    if (first != JPKI_REASON_NONE) {
        assert_int_equal(jpki_report_reason(report, 1), second);
        assert_int_equal(jpki_report_verdict(report), jpki_reason_verdict(first));
    } else {
        assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    }
    jpki_report_free(report);
}

static void assert_reason(enum jpki_reason reason)
{
    assert_reasons(verify(&pki), reason, JPKI_REASON_NONE);
}

static void nobody_is_asked_about_a_certificate_of_an_unlisted_ca(void **state)
{
    jpki_report *report = verify(&other);

    (void)state;
    assert_int_equal(responder.asked, 0);
    assert_reasons(report, JPKI_REASON_ISSUER_UNKNOWN, JPKI_REASON_REVOCATION_NOT_CHECKED);
}

static void silence_is_indeterminate(void **state)
{
    (void)state;
    responder.is_silent = true;
    assert_reason(JPKI_REASON_OCSP_UNAVAILABLE);
}

static void garbage_is_indeterminate(void **state)
{
    (void)state;
    responder.is_garbage = true;
    assert_reason(JPKI_REASON_OCSP_MALFORMED);
}

static void an_answer_ends_at_its_limit(void **state)
{
    (void)state;
    responder.filler = VERIFIER_ANSWER_MAX;
    assert_reason(JPKI_REASON_OCSP_MALFORMED);
    responder.filler = VERIFIER_ANSWER_MAX + 1;
    assert_reason(JPKI_REASON_OCSP_UNAVAILABLE);
}

static void a_question_that_is_not_signed_is_not_asked(void **state)
{
    (void)state;
    sign_questions();
    responder.refuses_to_sign = true;
    assert_reason(JPKI_REASON_OCSP_UNAVAILABLE);
    assert_int_equal(responder.asked, 0);
}

static void unknown_outweighs_a_list_that_says_nothing(void **state)
{
    (void)state;
    add_list(&good_list);
    responder.says = OCSP_UNKNOWN;
    assert_reason(JPKI_REASON_STATUS_UNKNOWN);
}

static void revoked_outweighs_a_list_of_before(void **state)
{
    jpki_report *report;

    (void)state;
    add_list(&good_list);
    responder.says = OCSP_REVOKED;
    report = verify(&pki);
    assert_true(jpki_report_revoked_at(report) == TEST_PKI_NOW - 7);
    assert_int_equal(jpki_report_revocation_reason(report), -1);
    assert_reasons(report, JPKI_REASON_REVOKED, JPKI_REASON_NONE);
}

static void when_neither_holds_both_say_why(void **state)
{
    (void)state;
    add_list(&stale_list);
    responder.is_silent = true;
    assert_reasons(verify(&pki), JPKI_REASON_CRL_EXPIRED, JPKI_REASON_OCSP_UNAVAILABLE);
}

static void nobody_may_be_asked_again(void **state)
{
    (void)state;
    jpki_verifier_set_ocsp(verifier, NULL, NULL);
    assert_reason(JPKI_REASON_REVOCATION_NOT_CHECKED);
    assert_int_equal(responder.asked, 0);
}

static void where_the_responder_is_silent_a_list_counts(void **state)
{
    jpki_report *report;

    (void)state;
    add_list(&good_list);
    responder.is_silent = true;
    report = verify(&pki);
    assert_true(jpki_report_status_time(report) == TEST_PKI_NOW - 3600);
    assert_reasons(report, JPKI_REASON_NONE, JPKI_REASON_NONE);
}

static void a_good_answer_is_valid_whatever_lists_lack(void **state)
{
    jpki_report *report;

    (void)state;
    add_list(&stale_list);
    report = verify(&pki);
    assert_int_equal(responder.asked, 1);
    assert_false(responder.was_signed);
    assert_string_equal(responder.url, "http://ocsp.openjpki.test/sign");
    assert_true(jpki_report_status_time(report) == TEST_PKI_NOW - 3);
    assert_reasons(report, JPKI_REASON_NONE, JPKI_REASON_NONE);
}

static void questions_are_signed_where_somebody_signs(void **state)
{
    (void)state;
    sign_questions();
    assert_reason(JPKI_REASON_NONE);
    assert_true(responder.was_signed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_asked_about_a_certificate_of_an_unlisted_ca),
        TEST(silence_is_indeterminate),
        TEST(garbage_is_indeterminate),
        TEST(an_answer_ends_at_its_limit),
        TEST(a_question_that_is_not_signed_is_not_asked),
        TEST(unknown_outweighs_a_list_that_says_nothing),
        TEST(revoked_outweighs_a_list_of_before),
        TEST(when_neither_holds_both_say_why),
        TEST(nobody_may_be_asked_again),
        TEST(where_the_responder_is_silent_a_list_counts),
        TEST(a_good_answer_is_valid_whatever_lists_lack),
        TEST(questions_are_signed_where_somebody_signs),
    };

    return cmocka_run_group_tests(tests, setup_pki, teardown_pki);
}
