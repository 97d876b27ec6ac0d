/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that the public library does, with every allocation failing once. */
#include "border/border.h"
#include "support/failalloc.h"
#include "support/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jpki/verify.h>

static struct test_pki pki;
static struct buf cms, list, signature;
static struct digest digest;
static jpki_verifier *verifier;

/* Outside, memory has another number. */
static int inside(int rc)
{
    return rc == -JPKI_ERROR_NOMEM ? -ERR_NOMEM : rc;
}

static struct jpki_bytes cert_bytes(enum profile_kind kind)
{
    return give_bytes(x509_cert_der(pki.certs[kind]));
}

static int setup(void **state)
{
    struct test_list good;

    (void)state;
    test_pki_make(&pki);
    test_document_sign(&pki, bytes_text("document"), TEST_PKI_NOW, &cms);
    good = test_list_of(&pki, TEST_PKI_NOW);
    test_list_make(&good, &list);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("m"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN], &digest, &signature, NULL), 0);
    assert_int_equal(jpki_verifier_new(&verifier, NULL), 0);
    assert_int_equal(jpki_verifier_add_ca(verifier, cert_bytes(PROFILE_SIGN_CA), NULL), 0);
    return jpki_verifier_add_crl(verifier, give_bytes(buf_bytes(&list)), NULL);
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    buf_done(&cms);
    buf_done(&list);
    buf_done(&signature);
    jpki_verifier_free(verifier);
    return 0;
}

static int prepare(void *context)
{
    jpki_verifier *made = NULL;
    int rc = jpki_verifier_new(&made, NULL);

    (void)context;
    if (rc < 0) {
        assert_null(made);
        return inside(rc);
    }
    rc = jpki_verifier_add_ca(made, cert_bytes(PROFILE_SIGN_CA), NULL);
    if (rc == 0)
        rc = jpki_verifier_add_crl(made, give_bytes(buf_bytes(&list)), NULL);
    if (rc == 0)
        rc = jpki_verifier_set_crl_path(made, "/nowhere", NULL);
    if (rc == 0)
        rc = jpki_verifier_set_ocsp_signer(made, cert_bytes(PROFILE_AUTH), NULL, NULL, NULL);
    jpki_verifier_free(made);
    return inside(rc);
}

/* A report is there and valid, or there is none. */
static int finish(int rc, jpki_report *report)
{
    if (rc == 0)
        assert_int_equal(jpki_report_verdict(report), JPKI_VALID);
    else
        assert_null(report);
    jpki_report_free(report);
    return inside(rc);
}

static int judge_document(void *context)
{
    jpki_report *report = NULL;
    int rc = jpki_verify_document(verifier, give_bytes(buf_bytes(&cms)),
                                  give_bytes(bytes_text("document")), TEST_PKI_NOW, &report, NULL);

    (void)context;
    return finish(rc, report);
}

static int judge_signature(void *context)
{
    const struct jpki_raw_signature raw = {.use = JPKI_USE_SIGN,
                                           .form = JPKI_FORM_DIGESTINFO,
                                           .hash = JPKI_SHA256,
                                           .digest = give_bytes(digest_bytes(&digest)),
                                           .value = give_bytes(buf_bytes(&signature)),
                                           .certificate = cert_bytes(PROFILE_SIGN)};
    jpki_report *report = NULL;
    int rc = jpki_verify_signature(verifier, &raw, TEST_PKI_NOW, &report, NULL);

    (void)context;
    return finish(rc, report);
}

static int judge_certificate(void *context)
{
    jpki_report *report = NULL;
    int rc = jpki_verify_certificate(verifier, cert_bytes(PROFILE_SIGN), JPKI_USE_SIGN,
                                     TEST_PKI_NOW, &report, NULL);

    (void)context;
    return finish(rc, report);
}

/* A responder that does not look whether its answer was taken. */
static int ask(void *context, const char *url, struct jpki_bytes request, jpki_answer *answer)
{
    (void)context;
    (void)url;
    (void)jpki_answer_put(answer, request);
    return 0;
}

static int judge_online(void *context)
{
    jpki_report *report = NULL;
    int rc;

    (void)context;
    jpki_verifier_set_ocsp(verifier, ask, NULL);
    rc = jpki_verify_certificate(verifier, cert_bytes(PROFILE_SIGN), JPKI_USE_SIGN, TEST_PKI_NOW,
                                 &report, NULL);
    jpki_verifier_set_ocsp(verifier, NULL, NULL);
    return finish(rc, report);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_in_range(every_failed_allocation(prepare, NULL), 5, 1000);
    assert_in_range(every_failed_allocation(judge_document, NULL), 5, 1000);
    assert_in_range(every_failed_allocation(judge_signature, NULL), 5, 1000);
    assert_in_range(every_failed_allocation(judge_certificate, NULL), 4, 1000);
    assert_in_range(every_failed_allocation(judge_online, NULL), 6, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failed_allocation_is_survived)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
