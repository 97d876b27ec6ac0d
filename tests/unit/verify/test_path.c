/* SPDX-License-Identifier: Apache-2.0 */
/* What the conformance suite does not ask: our own PKI, missing lists, malformed input. */
#include "verify/path.h"

#include "revocation/crl_write.h"
#include "support/pki.h"
#include "support/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    return 0;
}

/* A list of the sign CA with one revoked serial, which other programs understand as well. */
static void make_list(uint32_t serial, struct buf *ret)
{
    const struct revocation entry = {serial, TEST_PKI_NOW - 100, CRL_SUPERSEDED};
    struct test_revocations array = {.entries = &entry, .count = 1};
    struct revocation_source source = test_revocations_source(&array);
    const struct tbs *ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    const struct crl_head head = {
        .issuer = ca->subject,
        .authority_key_id = ca->subject_key_id,
        .number = 1,
        .this_update = TEST_PKI_NOW - 60,
        .next_update = TEST_PKI_NOW + 60,
        .distribution_point = x509_cert_tbs(pki.certs[PROFILE_SIGN])->distribution_point,
        .scope = CRL_SCOPE_USERS};
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct crl_sink sink = crl_sink_buf(&tbs);
    struct crl_sink whole = crl_sink_buf(ret);
    struct digest digest;

    assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&tbs), &digest, NULL), 0);
    assert_int_equal(privkey_sign(pki.keys[PROFILE_SIGN_CA], &digest, &signature, NULL), 0);
    assert_int_equal(crl_assemble(buf_bytes(&tbs), buf_bytes(&signature), &whole, NULL), 0);
}

/* The sign CA of pki, and a list with this serial; 0: no list. */
static struct path_store *make_store(uint32_t serial)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT;
    struct path_store *store = NULL;

    assert_int_equal(path_store_new(&store, NULL), 0);
    assert_int_equal(path_store_add_anchor(store, x509_cert_der(pki.certs[PROFILE_SIGN_CA]), NULL),
                     0);
    if (serial != 0) {
        make_list(serial, &list);
        assert_int_equal(path_store_add_crl(store, buf_bytes(&list), NULL), 0);
    }
    return store;
}

static struct path_question the_question(void)
{
    return (struct path_question){.cert = x509_cert_der(pki.certs[PROFILE_SIGN]),
                                  .at = TEST_PKI_NOW};
}

static void assert_refused(const struct path_store *store, const struct path_question *question,
                           int why)
{
    struct err err = {.kind = ERR_NONE};

    assert_int_equal(path_verify(store, question, &err), -ERR_UNTRUSTED);
    assert_int_equal(err.detail, why);
    assert_int_equal(ERR_peek_error(), 0);
}

static void malformed_input_is_refused(void **state)
{
    CLEANUP(path_store_freep) struct path_store *store = make_store(0);
    struct path_question question = the_question();
    struct bytes garbage = bytes_text("garbage");

    (void)state;
    assert_int_equal(path_store_add_anchor(store, garbage, NULL), -ERR_INPUT);
    assert_int_equal(path_store_add_intermediate(store, garbage, NULL), -ERR_INPUT);
    assert_int_equal(path_store_add_crl(store, garbage, NULL), -ERR_INPUT);
    assert_int_equal(path_store_add_crl(store, bytes_text(""), NULL), -ERR_INPUT);
    assert_int_equal(path_store_add_anchor(store, question.cert, NULL), 0);
    question.cert.len--;
    assert_int_equal(path_verify(store, &question, NULL), -ERR_INPUT);
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_policy_that_is_no_identifier_is_the_callers_fault(void **state)
{
    static const char *const policies[] = {"sign", NULL};
    CLEANUP(path_store_freep) struct path_store *store = make_store(7);
    struct path_question question = the_question();

    (void)state;
    question.policies = policies;
    assert_int_equal(path_verify(store, &question, NULL), -ERR_USAGE);
}

static void without_a_list_nothing_is_good(void **state)
{
    CLEANUP(path_store_freep) struct path_store *store = make_store(0);
    struct path_question question = the_question();

    (void)state;
    assert_refused(store, &question, X509_V_ERR_UNABLE_TO_GET_CRL);
}

static void a_ca_of_the_same_name_is_another(void **state)
{
    CLEANUP(path_store_freep) struct path_store *store = make_store(7);
    struct path_question question = the_question();

    (void)state;
    question.cert = x509_cert_der(other.certs[PROFILE_SIGN]);
    assert_refused(store, &question, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

static void revocation_time_and_policy_count(void **state)
{
    static const char *const auth[] = {"1.2.392.200149.8.5.1.3.30", NULL};
    CLEANUP(path_store_freep) struct path_store *good = make_store(7);
    CLEANUP(path_store_freep) struct path_store *revoked = make_store(2);
    struct path_question question = the_question();

    (void)state;
    assert_refused(revoked, &question, X509_V_ERR_CERT_REVOKED);
    question.at = TEST_PKI_NOW + 61;
    assert_refused(good, &question, X509_V_ERR_CRL_HAS_EXPIRED);
    question = the_question();
    question.policies = auth;
    question.explicit_policy = true;
    assert_refused(good, &question, X509_V_ERR_NO_EXPLICIT_POLICY);
}

static void our_own_certificate_and_list_are_good(void **state)
{
    static const char *const sign[] = {"1.2.392.200149.8.5.1.0.20", NULL};
    CLEANUP(path_store_freep) struct path_store *store = make_store(7);
    struct path_question question = the_question();
    struct err err = {.kind = ERR_NONE};

    (void)state;
    question.policies = sign;
    question.explicit_policy = true;
    if (path_verify(store, &question, &err) < 0)
        fail_msg("%s", err.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_input_is_refused),
        cmocka_unit_test(a_policy_that_is_no_identifier_is_the_callers_fault),
        cmocka_unit_test(without_a_list_nothing_is_good),
        cmocka_unit_test(a_ca_of_the_same_name_is_another),
        cmocka_unit_test(revocation_time_and_policy_count),
        cmocka_unit_test(our_own_certificate_and_list_are_good),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
