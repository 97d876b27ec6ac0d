/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing, signing and verifying with every allocation failing once. */
#include "support/failalloc.h"
#include "support/pki.h"
#include "verify/document.h"
#include "verify/ocsp_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct test_pki pki;
static struct anchors *anchors;
static struct digest document;
static struct buf attributes;
static struct buf signature;
static struct buf signed_file;
static struct buf ocsp_answer; /* the certificate is good, says the CA */
static const uint8_t nonce[] = {1, 2, 3};

static void make_ocsp_answer(void)
{
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    struct ocsp_response response = {.responder_key_hash = ca->subject_key_id,
                                     .produced_at = TEST_PKI_NOW,
                                     .count = 1,
                                     .nonce = BYTES_ARRAY(nonce)};
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    struct digest digest;

    assert_int_equal(ocsp_cert_id_build(DIGEST_SHA256, ca,
                                        x509_cert_tbs(pki.certs[PROFILE_SIGN])->serial, &id, NULL),
                     0);
    response.singles[0] = (struct ocsp_single){.id = {.der = buf_bytes(&id)},
                                               .status = OCSP_GOOD,
                                               .reason = -1,
                                               .this_update = TEST_PKI_NOW,
                                               .next_update = TEST_PKI_NOW + 60};
    assert_int_equal(ocsp_response_build_data(&response, &data, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &value, NULL), 0);
    assert_int_equal(ocsp_response_assemble(buf_bytes(&data), buf_bytes(&value),
                                            x509_cert_der(pki.certs[PROFILE_SIGN_CA]), &ocsp_answer,
                                            NULL),
                     0);
}

static int setup(void **state)
{
    struct digest digest;

    (void)state;
    test_pki_make(&pki);
    make_ocsp_answer();
    assert_int_equal(anchors_new(&anchors, NULL), 0);
    assert_int_equal(anchors_add(anchors, pki.certs[PROFILE_SIGN_CA], NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("document"), &document, NULL), 0);
    assert_int_equal(
        cms_prepare(&document, pki.certs[PROFILE_SIGN], TEST_PKI_NOW, &attributes, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&attributes), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    return cms_complete(buf_bytes(&attributes), buf_bytes(&signature), pki.certs[PROFILE_SIGN],
                        pki.certs[PROFILE_SIGN_CA], &signed_file, NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    anchors_freep(&anchors);
    buf_done(&attributes);
    buf_done(&signature);
    buf_done(&signed_file);
    buf_done(&ocsp_answer);
    return 0;
}

static int build(void *context)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    int rc;

    (void)context;
    inputs.spki = test_pki_spki(&pki, PROFILE_SIGN);
    rc = profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, NULL);
    assert_true((rc == 0) == (tbs.ptr != NULL));
    return rc;
}

static int check(void *context)
{
    (void)context;
    return profile_check(profile_of(PROFILE_SIGN), x509_cert_tbs(pki.certs[PROFILE_SIGN]), NULL);
}

static int parse(void *context)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    int rc;

    (void)context;
    rc = x509_cert_parse(x509_cert_der(pki.certs[PROFILE_SIGN]), &cert, NULL);
    assert_true((rc == 0) == (cert != NULL));
    return rc;
}

static int prepare(void *context)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int rc;

    (void)context;
    rc = cms_prepare(&document, pki.certs[PROFILE_SIGN], TEST_PKI_NOW, &out, NULL);
    assert_true((rc == 0) == (out.ptr != NULL));
    return rc;
}

static int complete(void *context)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int rc;

    (void)context;
    rc = cms_complete(buf_bytes(&attributes), buf_bytes(&signature), pki.certs[PROFILE_SIGN],
                      pki.certs[PROFILE_SIGN_CA], &out, NULL);
    assert_true((rc == 0) == (out.ptr != NULL));
    return rc;
}

static int verify(void *context)
{
    const struct document_inputs inputs = {
        buf_bytes(&signed_file), document, {anchors, NULL, TEST_PKI_NOW}};
    CLEANUP(document_report_done) struct document_report report = DOCUMENT_REPORT_INIT;
    int rc;

    (void)context;
    rc = document_verify(&inputs, &report, NULL);
    assert_true((rc == 0) == (report.signer != NULL));
    if (rc == 0) /* running out of memory never changes a verdict */
        assert_int_equal(report.report.reason_count, 1);
    return rc;
}

static int judge(void *context)
{
    const struct status_question question = {pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA],
                                             TEST_PKI_NOW};
    struct report report = {.verdict = VERDICT_VALID};
    struct status status = {.answer = STATUS_NOT_KNOWN};
    int rc;

    (void)context;
    rc = ocsp_status_judge(&question, BYTES_ARRAY(nonce), buf_bytes(&ocsp_answer), &report, &status,
                           NULL);
    assert_int_equal(report.reason_count, 0); /* it is our trouble, not the certificate's */
    assert_int_equal(status.answer, rc == 0 ? STATUS_GOOD : STATUS_NOT_KNOWN);
    return rc;
}

static void an_ocsp_answer_is_judged_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(judge, NULL) > 0);
}

static void a_certificate_is_built_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(build, NULL) > 5);
}

static void a_shape_is_checked_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(check, NULL) > 5);
}

static void a_certificate_is_parsed_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(parse, NULL) > 2);
}

static void attributes_are_prepared_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(prepare, NULL) > 4);
}

static void a_signature_file_is_completed_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(complete, NULL) > 4);
}

static void a_verdict_is_given_or_not(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(verify, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_built_or_not),
        cmocka_unit_test(a_shape_is_checked_or_not),
        cmocka_unit_test(a_certificate_is_parsed_or_not),
        cmocka_unit_test(attributes_are_prepared_or_not),
        cmocka_unit_test(a_signature_file_is_completed_or_not),
        cmocka_unit_test(a_verdict_is_given_or_not),
        cmocka_unit_test(an_ocsp_answer_is_judged_or_not),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
