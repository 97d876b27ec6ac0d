/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/requester.h"

#include "support/ocsp_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned place;

enum { NOW = TEST_PKI_NOW };

static struct test_pki pki;
static struct requesters *registered;

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    assert_int_equal(requesters_new(&registered, NULL), 0);
    assert_int_equal(requesters_add(registered, x509_cert_der(pki.certs[PROFILE_SIGN]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    assert_int_equal(requesters_add(registered, x509_cert_der(pki.certs[PROFILE_AUTH]),
                                    REQUESTER_UNCOUNTED, NULL),
                     0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    requesters_freep(&registered);
    test_pki_done(&pki);
    return 0;
}

static int check(const struct test_question *changes, int64_t now)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct bytes serial = BYTES_LITERAL("\x07");
    struct test_question question = *changes;
    struct ocsp_request request;

    question.serials = &serial;
    question.count = 1;
    test_question_make(&pki, &question, &der);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    return requesters_check(registered, &request, now, &place, NULL);
}

static void strangers_are_refused(void **state)
{
    const struct test_question rows[] = {
        {.is_unsigned = true},
        {.cert = pki.certs[PROFILE_SIGN_CA], .key = pki.keys[PROFILE_SIGN_CA]},
        {.cert = pki.certs[PROFILE_OCSP_SIGN], .key = pki.keys[PROFILE_OCSP_SIGN]},
        /* a registered certificate beside another key's signature */
        {.key = pki.keys[PROFILE_SIGN]},
        {.cert = pki.certs[PROFILE_SIGN], .key = pki.keys[PROFILE_AUTH]},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(check(&rows[i], NOW), -ERR_UNTRUSTED);
}

static void a_certificate_counts_while_it_is_valid(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    const struct test_question question = {.alg = DIGEST_SHA1};

    (void)state;
    assert_int_equal(check(&question, tbs->not_before - 1), -ERR_UNTRUSTED);
    assert_int_equal(check(&question, tbs->not_after + 1), -ERR_UNTRUSTED);
    assert_int_equal(check(&question, tbs->not_before), 0);
    assert_int_equal(check(&question, tbs->not_after), 0);
}

static void every_registered_one_may_ask(void **state)
{
    const struct test_question other = {.cert = pki.certs[PROFILE_SIGN],
                                        .key = pki.keys[PROFILE_SIGN]};

    (void)state;
    assert_int_equal(check(&(struct test_question){.cert = NULL}, NOW), 0);
    assert_int_equal(check(&other, NOW), 0);
}

static void sha1_and_a_missing_certificate_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf weak = BUF_INIT;
    struct digest digest;
    const struct bytes serial = BYTES_LITERAL("\x07");
    const struct test_question question = {.serials = &serial, .count = 1};
    struct ocsp_request request;

    (void)state;
    test_question_make(&pki, &question, &der);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    assert_int_equal(requesters_check(registered, &request, NOW, &place, NULL), 0);
    request.signature.cert_count = 0;
    assert_int_equal(requesters_check(registered, &request, NOW, &place, NULL), -ERR_UNTRUSTED);
    request.signature.cert_count = 1;
    /* By the right key, and otherwise as it should be. */
    assert_int_equal(digest_compute(DIGEST_SHA1, request.tbs, &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_AUTH], &digest, &weak, NULL), 0);
    request.signature.digest = DIGEST_SHA1;
    request.signature.value = buf_bytes(&weak);
    assert_int_equal(requesters_check(registered, &request, NOW, &place, NULL), -ERR_UNTRUSTED);
}

/* The answer to a request without certificates, under a name. */
static int check_named(const struct test_question *changes, struct bytes name, int64_t now)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct bytes serial = BYTES_LITERAL("\x07");
    struct test_question question = *changes;
    struct ocsp_request request;

    question.serials = &serial;
    question.count = 1;
    question.requestor = name;
    test_question_make(&pki, &question, &der);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    request.signature.cert_count = 0;
    return requesters_check(registered, &request, now, &place, NULL);
}

static void without_a_certificate_the_name_tells_who_must_have_signed(void **state)
{
    const struct tbs *auth = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    const struct tbs *sign = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    const struct tbs *ocsp = x509_cert_tbs(pki.certs[PROFILE_OCSP_SIGN]);
    const struct test_question by_auth = {.cert = NULL};
    const struct test_question by_stranger = {.key = pki.keys[PROFILE_OCSP_SIGN]};

    (void)state;
    assert_false(bytes_equal(auth->subject, sign->subject));
    assert_int_equal(check_named(&by_auth, bytes_of(NULL, 0), NOW), -ERR_UNTRUSTED);
    assert_int_equal(check_named(&by_auth, sign->subject, NOW), -ERR_UNTRUSTED);
    assert_int_equal(check_named(&by_stranger, auth->subject, NOW), -ERR_UNTRUSTED);
    assert_int_equal(check_named(&by_stranger, ocsp->subject, NOW), -ERR_UNTRUSTED);
    assert_int_equal(check_named(&by_auth, auth->subject, auth->not_after + 1), -ERR_UNTRUSTED);
    assert_int_equal(check_named(&by_auth, auth->subject, NOW), 0);
}

static void requesters_have_their_number_and_are_certificates(void **state)
{
    CLEANUP(requesters_freep) struct requesters *many = NULL;
    struct bytes der = x509_cert_der(pki.certs[PROFILE_AUTH]);

    (void)state;
    assert_int_equal(requesters_new(&many, NULL), 0);
    assert_int_equal(
        requesters_add(many, BYTES_LITERAL("no certificate"), REQUESTER_UNCOUNTED, NULL),
        -ERR_INPUT);
    for (int i = 0; i < REQUESTERS_MAX; i++)
        assert_int_equal(requesters_add(many, der, REQUESTER_UNCOUNTED, NULL), 0);
    assert_int_equal(requesters_add(many, der, REQUESTER_UNCOUNTED, NULL), -ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(a_certificate_counts_while_it_is_valid),
        cmocka_unit_test(every_registered_one_may_ask),
        cmocka_unit_test(sha1_and_a_missing_certificate_are_refused),
        cmocka_unit_test(without_a_certificate_the_name_tells_who_must_have_signed),
        cmocka_unit_test(requesters_have_their_number_and_are_certificates),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
