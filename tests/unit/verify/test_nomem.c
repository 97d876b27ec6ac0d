/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing, signing and verifying with every allocation failing once. */
#include "support/failalloc.h"
#include "support/pki.h"
#include "verify/document.h"

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

static int setup(void **state)
{
    struct digest digest;

    (void)state;
    test_pki_make(&pki);
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
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
