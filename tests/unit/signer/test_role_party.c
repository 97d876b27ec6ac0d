/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_party.h"

#include "docsign/cms.h"
#include "support/pki.h"
#include "x509/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN "https://authority.example"
#define NONCE  "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define FRAME                                                                                      \
    "\"origin\":\"" ORIGIN "\",\"at\":1790000000,\"nonce\":\"" NONCE "\",\"request_id\":\"r-1\""

static const struct party_rules rules = {ORIGIN};
static struct test_pki pki;

static int set_up(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static void wrap(struct bytes request, struct bytes certificate, struct buf *ret)
{
    size_t mark;

    assert_int_equal(der_begin(ret, DER_SEQUENCE, &mark, NULL), 0);
    assert_int_equal(der_put(ret, DER_OCTET_STRING, request, NULL), 0);
    assert_int_equal(buf_append(ret, certificate, NULL), 0);
    assert_int_equal(der_finish(ret, mark, NULL), 0);
}

static int check_by(const char *request, enum profile_kind certificate, struct err *err)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    int rc;

    wrap(bytes_text(request), x509_cert_der(pki.certs[certificate]), &tbs);
    rc = role_party_check(&rules, test_pki_spki(&pki, PROFILE_AUTH), buf_bytes(&tbs), &attributes,
                          err);
    assert_int_equal(rc == 0, attributes.len > 0);
    return rc;
}

static int check(const char *request)
{
    return check_by(request, PROFILE_AUTH, NULL);
}

static void what_is_no_request_of_a_verifier_is_refused(void **state)
{
    static const struct {
        const char *request;
        int rc;
    } rows[] = {
        {"", -ERR_INPUT},
        {"[]", -ERR_INPUT},
        {"{" FRAME "}", -ERR_INPUT}, /* for no act */
        {"{" FRAME ",\"act\":\"certificate\"}", -ERR_UNTRUSTED},
        {"{" FRAME ",\"act\":\"standing\",\"want\":\"newest\"}", -ERR_UNTRUSTED},
        {"{" FRAME ",\"act\":\"link\",\"document\":\"\"}", -ERR_UNTRUSTED},
        {"{\"origin\":\"https://other.example\",\"at\":1,\"nonce\":\"" NONCE
         "\",\"request_id\":\"r\",\"act\":\"standing\"}",
         -ERR_UNTRUSTED},
        {"{\"origin\":\"" ORIGIN "\",\"at\":1,\"nonce\":\"MDE=\",\"request_id\":\"r\","
         "\"act\":\"standing\"}",
         -ERR_INPUT},
        {"{\"origin\":\"" ORIGIN "\",\"at\":\"now\",\"nonce\":\"" NONCE
         "\",\"request_id\":\"r\",\"act\":\"standing\"}",
         -ERR_INPUT},
        {"{" FRAME ",\"act\":\"standing\"} ", 0},
        {"{" FRAME ",\"act\":\"link\",\"want\":\"newest\",\"certificate\":\"AA==\"}", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (check(rows[i].request) != rows[i].rc)
            fail_msg("%s", rows[i].request);
    }
}

static void it_signs_with_the_certificate_of_its_key_alone(void **state)
{
    const char *request = "{" FRAME ",\"act\":\"standing\"}";
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;

    (void)state;
    assert_int_equal(check_by(request, PROFILE_SIGN, NULL), -ERR_UNTRUSTED);
    assert_int_equal(check_by(request, PROFILE_AUTH, NULL), 0);
    assert_int_equal(role_party_check(&rules, test_pki_spki(&pki, PROFILE_AUTH),
                                      bytes_text(request), &attributes, NULL),
                     -ERR_INPUT);
}

/* What others would sign is not taken for a request, and the attributes are of this request. */
static void the_attributes_are_those_of_a_document_signature(void **state)
{
    const char *request = "{" FRAME ",\"act\":\"standing\"}";
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    struct digest digest;

    (void)state;
    wrap(bytes_text(request), x509_cert_der(pki.certs[PROFILE_AUTH]), &tbs);
    assert_int_equal(role_party_check(&rules, test_pki_spki(&pki, PROFILE_AUTH), buf_bytes(&tbs),
                                      &attributes, NULL),
                     0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text(request), &digest, NULL), 0);
    assert_int_equal(cms_prepare(&digest, pki.certs[PROFILE_AUTH], TEST_PKI_NOW, &expected, NULL),
                     0);
    assert_true(bytes_equal(buf_bytes(&attributes), buf_bytes(&expected)));
}

static void a_request_at_the_limit_is_taken_and_one_past_it_refused(void **state)
{
    char request[SIGNERD_REQUEST_MAX + 2];
    int len = snprintf(request, sizeof request, "{" FRAME ",\"act\":\"standing\"}");

    (void)state;
    memset(request + len, ' ', sizeof request - (size_t)len);
    request[SIGNERD_REQUEST_MAX] = '\0';
    assert_int_equal(check(request), 0);
    request[SIGNERD_REQUEST_MAX] = ' ';
    request[SIGNERD_REQUEST_MAX + 1] = '\0';
    assert_int_equal(check(request), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_request_of_a_verifier_is_refused),
        cmocka_unit_test(it_signs_with_the_certificate_of_its_key_alone),
        cmocka_unit_test(the_attributes_are_those_of_a_document_signature),
        cmocka_unit_test(a_request_at_the_limit_is_taken_and_one_past_it_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
