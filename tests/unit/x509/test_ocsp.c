/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/ocsp.h"

#include "support/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    return 0;
}

static int drop_pki(void **state)
{
    (void)state;
    test_pki_done(&pki);
    return 0;
}

static const struct tbs *sign_ca(void)
{
    return x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
}

static void make_cert_id(enum digest_alg alg, struct bytes serial, struct buf *ret)
{
    assert_int_equal(ocsp_cert_id_build(alg, sign_ca(), serial, ret, NULL), 0);
}

/* An unsigned request for count times the same certificate. */
static int make_request(size_t count, struct bytes nonce, struct buf *ret)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct bytes ids[OCSP_SINGLES_MAX + 1];
    struct ocsp_question question = {.cert_ids = ids, .count = count, .nonce = nonce};
    struct der contents;

    make_cert_id(DIGEST_SHA1, BYTES_LITERAL("\x05"), &id);
    for (size_t i = 0; i <= OCSP_SINGLES_MAX; i++)
        ids[i] = buf_bytes(&id);
    if (count <= OCSP_SINGLES_MAX) {
        TRY(ocsp_request_build(&question, &tbs, NULL));
        return ocsp_request_assemble(buf_bytes(&tbs), bytes_of(NULL, 0), bytes_of(NULL, 0), ret,
                                     NULL);
    }
    /* One more than the builder allows, for the parser: the list is longer by one element. */
    size_t marks[3];
    assert_int_equal(ocsp_request_build(&question, &tbs, NULL), -ERR_USAGE);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[0], NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[1], NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[2], NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(der_put(ret, DER_SEQUENCE, ids[i], NULL), 0);
    for (int i = 2; i >= 0; i--)
        assert_int_equal(der_finish(ret, marks[i], NULL), 0);
    return der_only(buf_bytes(ret), DER_SEQUENCE, "request", &contents, NULL);
}

static void requests_cut_off_or_longer_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct ocsp_request request;

    (void)state;
    assert_int_equal(make_request(2, BYTES_LITERAL("nonce"), &der), 0);
    for (size_t len = 0; len < der.len; len++)
        assert_int_equal(ocsp_request_parse(bytes_of(der.ptr, len), &request, NULL), -ERR_INPUT);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), -ERR_INPUT);
}

static void a_request_of_more_than_the_limit_is_refused(void **state)
{
    static uint8_t large[OCSP_REQUEST_MAX + 1];
    struct ocsp_request request;
    struct err err;

    (void)state;
    assert_int_equal(ocsp_request_parse(BYTES_ARRAY(large), &request, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than 16384 bytes"));
    assert_int_equal(ocsp_request_parse(bytes_of(large, OCSP_REQUEST_MAX), &request, &err),
                     -ERR_INPUT);
    assert_null(strstr(err.text, "more than 16384 bytes"));
}

static void as_many_certificates_as_the_limit_and_no_more(void **state)
{
    CLEANUP(buf_done) struct buf at = BUF_INIT;
    CLEANUP(buf_done) struct buf past = BUF_INIT;
    CLEANUP(buf_done) struct buf none = BUF_INIT;
    struct ocsp_request request;

    (void)state;
    assert_int_equal(make_request(0, bytes_of(NULL, 0), &none), -ERR_USAGE);
    assert_int_equal(make_request(OCSP_SINGLES_MAX, bytes_of(NULL, 0), &at), 0);
    assert_int_equal(ocsp_request_parse(buf_bytes(&at), &request, NULL), 0);
    assert_int_equal(request.count, OCSP_SINGLES_MAX);
    assert_int_equal(make_request(OCSP_SINGLES_MAX + 1, bytes_of(NULL, 0), &past), 0);
    assert_int_equal(ocsp_request_parse(buf_bytes(&past), &request, NULL), -ERR_INPUT);
}

/* RFC 9654, 2.1: 1 to 128 octets. */
static void nonces_have_their_limits(void **state)
{
    static const size_t allowed[] = {1, 15, 16, 32, 33, OCSP_NONCE_MAX};
    uint8_t octets[OCSP_NONCE_MAX + 1] = {7};
    struct ocsp_request request;

    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(make_request(1, bytes_of(octets, allowed[i]), &der), 0);
        assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
        assert_true(bytes_equal(request.nonce, bytes_of(octets, allowed[i])));
    }
    CLEANUP(buf_done) struct buf past = BUF_INIT;
    assert_int_equal(make_request(1, BYTES_ARRAY(octets), &past), -ERR_USAGE);
    /* An empty nonce and one too long, made by shortening and lengthening an allowed one. */
    assert_int_equal(
        ocsp_request_parse(
            BYTES_LITERAL("\x30\x5c\x30\x5a\x30\x41\x30\x3f\x30\x3d\x30\x09\x06\x05\x2b\x0e\x03\x02"
                          "\x1a\x05\x00\x04\x14"
                          "AAAAAAAAAAAAAAAAAAAA"
                          "\x04\x14"
                          "BBBBBBBBBBBBBBBBBBBB"
                          "\x02\x04\x01\x02\x03\x04"
                          "\xa2\x15\x30\x13\x30\x11\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02"
                          "\x04\x04\x04\x02"
                          "NN"),
            &request, NULL),
        0);
    assert_int_equal(
        ocsp_request_parse(
            BYTES_LITERAL("\x30\x5a\x30\x58\x30\x41\x30\x3f\x30\x3d\x30\x09\x06\x05\x2b\x0e\x03\x02"
                          "\x1a\x05\x00\x04\x14"
                          "AAAAAAAAAAAAAAAAAAAA"
                          "\x04\x14"
                          "BBBBBBBBBBBBBBBBBBBB"
                          "\x02\x04\x01\x02\x03\x04"
                          "\xa2\x13\x30\x11\x30\x0f\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02"
                          "\x04\x02\x04\x00"),
            &request, NULL),
        -ERR_INPUT);
}

static void a_cert_id_names_one_ca_and_one_serial(void **state)
{
    static const enum digest_alg algs[] = {DIGEST_SHA1, DIGEST_SHA256};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf id = BUF_INIT;
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct ocsp_request request;
        struct bytes one;
        bool is_ours;

        make_cert_id(algs[i], BYTES_LITERAL("\x80\x00\x00\x01"), &id);
        one = buf_bytes(&id);
        struct ocsp_question question = {.cert_ids = &one, .count = 1};
        assert_int_equal(ocsp_request_build(&question, &tbs, NULL), 0);
        assert_int_equal(ocsp_request_assemble(buf_bytes(&tbs), bytes_of(NULL, 0),
                                               bytes_of(NULL, 0), &der, NULL),
                         0);
        assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
        assert_true(ocsp_cert_id_serial(&request.ids[0]) == 0x80000001);
        assert_int_equal(ocsp_cert_id_names(&request.ids[0], sign_ca(), &is_ours, NULL), 0);
        assert_true(is_ours);
        assert_int_equal(ocsp_cert_id_names(&request.ids[0],
                                            x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]), &is_ours,
                                            NULL),
                         0);
        assert_false(is_ours);
    }
}

static void a_signed_request_carries_its_signer(void **state)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct bytes cert = x509_cert_der(pki.certs[PROFILE_AUTH]);
    struct ocsp_request request;
    struct bytes one;

    (void)state;
    make_cert_id(DIGEST_SHA256, BYTES_LITERAL("\x01"), &id);
    one = buf_bytes(&id);
    struct ocsp_question question = {.cert_ids = &one,
                                     .count = 1,
                                     .nonce = BYTES_LITERAL("0123456789abcdef"),
                                     .requestor = sign_ca()->subject};
    assert_int_equal(ocsp_request_build(&question, &tbs, NULL), 0);
    assert_int_equal(
        ocsp_request_assemble(buf_bytes(&tbs), BYTES_LITERAL("signature"), cert, &der, NULL), 0);
    assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL), 0);
    assert_true(bytes_equal(request.requestor, sign_ca()->subject));
    assert_true(request.signature.is_there);
    assert_int_equal(request.signature.digest, DIGEST_SHA256);
    assert_true(bytes_equal(request.signature.value, BYTES_LITERAL("signature")));
    assert_int_equal(request.signature.cert_count, 1);
    assert_true(bytes_equal(request.signature.certs[0], cert));
    assert_true(bytes_equal(request.tbs, buf_bytes(&tbs)));
}

static void more_certificates_than_the_limit_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf certs = BUF_INIT;
    CLEANUP(buf_done) struct buf request_tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    struct bytes one;

    (void)state;
    make_cert_id(DIGEST_SHA256, BYTES_LITERAL("\x01"), &id);
    one = buf_bytes(&id);
    struct ocsp_question question = {.cert_ids = &one, .count = 1};
    assert_int_equal(ocsp_request_build(&question, &request_tbs, NULL), 0);
    for (int count = 1; count <= OCSP_CERTS_MAX + 1; count++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct ocsp_request request;

        assert_int_equal(buf_append(&certs, BYTES_LITERAL("\x30\x00"), NULL), 0);
        assert_int_equal(ocsp_request_assemble(buf_bytes(&request_tbs), BYTES_LITERAL("s"),
                                               buf_bytes(&certs), &der, NULL),
                         0);
        assert_int_equal(ocsp_request_parse(buf_bytes(&der), &request, NULL),
                         count <= OCSP_CERTS_MAX ? 0 : -ERR_INPUT);
    }
}

static void make_response(struct buf *ret)
{
    static const uint8_t key_hash[20] = {1, 2, 3};
    struct buf ids[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct ocsp_response response = {.responder_key_hash = BYTES_ARRAY(key_hash),
                                     .produced_at = TEST_PKI_NOW,
                                     .count = 3,
                                     .nonce = BYTES_LITERAL("n")};

    for (int i = 0; i < 3; i++) {
        const uint8_t serial = (uint8_t)(i + 1);

        make_cert_id(DIGEST_SHA1, bytes_of(&serial, 1), &ids[i]);
        response.singles[i] = (struct ocsp_single){.id = {.der = buf_bytes(&ids[i])},
                                                   .status = (enum ocsp_cert_status)i,
                                                   .revoked_at = TEST_PKI_NOW - 9,
                                                   .reason = 3,
                                                   .this_update = TEST_PKI_NOW - 5,
                                                   .next_update = i == 0 ? 0 : TEST_PKI_NOW + 5};
    }
    assert_int_equal(ocsp_response_build_data(&response, &data, NULL), 0);
    assert_int_equal(ocsp_response_assemble(buf_bytes(&data), BYTES_LITERAL("sig"),
                                            x509_cert_der(pki.certs[PROFILE_AUTH]), ret, NULL),
                     0);
    for (int i = 0; i < 3; i++)
        buf_done(&ids[i]);
}

static void responses_cut_off_or_longer_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    static uint8_t large[OCSP_RESPONSE_MAX + 1];
    struct ocsp_response response;

    (void)state;
    make_response(&der);
    for (size_t len = 0; len < der.len; len++)
        assert_int_equal(ocsp_response_parse(bytes_of(der.ptr, len), &response, NULL), -ERR_INPUT);
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_int_equal(ocsp_response_parse(buf_bytes(&der), &response, NULL), -ERR_INPUT);
    assert_int_equal(ocsp_response_parse(BYTES_ARRAY(large), &response, NULL), -ERR_INPUT);
}

static void what_is_answered_is_read(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct ocsp_response response;

    (void)state;
    make_response(&der);
    assert_int_equal(ocsp_response_parse(buf_bytes(&der), &response, NULL), 0);
    assert_int_equal(response.status, OCSP_SUCCESSFUL);
    assert_int_equal(response.responder_key_hash.len, 20);
    assert_int_equal(response.responder_name.len, 0);
    assert_true(response.produced_at == TEST_PKI_NOW);
    assert_int_equal(response.count, 3);
    assert_true(bytes_equal(response.nonce, BYTES_LITERAL("n")));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(response.singles[i].status, i);
        assert_true(ocsp_cert_id_serial(&response.singles[i].id) == (uint64_t)i + 1);
        assert_true(response.singles[i].this_update == TEST_PKI_NOW - 5);
        assert_true(response.singles[i].next_update == (i == 0 ? 0 : TEST_PKI_NOW + 5));
    }
    assert_true(response.singles[OCSP_REVOKED].revoked_at == TEST_PKI_NOW - 9);
    assert_int_equal(response.singles[OCSP_REVOKED].reason, 3);
    assert_int_equal(response.singles[OCSP_GOOD].reason, -1);
    assert_int_equal(response.signature.cert_count, 1);
}

/* RFC 6960, 4.2.1: 4 is not used, 7 and more do not exist. */
static void a_refusal_is_a_status_and_nothing_else(void **state)
{
    static const int known[] = {1, 2, 3, 5, 6};
    struct ocsp_response response;
    struct buf none = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        assert_int_equal(ocsp_response_refuse((enum ocsp_status)known[i], &der, NULL), 0);
        assert_int_equal(der.len, 5);
        assert_int_equal(ocsp_response_parse(buf_bytes(&der), &response, NULL), 0);
        assert_int_equal(response.status, known[i]);
    }
    assert_int_equal(ocsp_response_refuse(OCSP_SUCCESSFUL, &none, NULL), -ERR_USAGE);
    assert_int_equal(ocsp_response_refuse((enum ocsp_status)4, &none, NULL), -ERR_USAGE);
    assert_int_equal(ocsp_response_parse(BYTES_LITERAL("\x30\x03\x0a\x01\x04"), &response, NULL),
                     -ERR_INPUT);
    assert_int_equal(ocsp_response_parse(BYTES_LITERAL("\x30\x03\x0a\x01\x00"), &response, NULL),
                     -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_cut_off_or_longer_are_refused),
        cmocka_unit_test(a_request_of_more_than_the_limit_is_refused),
        cmocka_unit_test(as_many_certificates_as_the_limit_and_no_more),
        cmocka_unit_test(nonces_have_their_limits),
        cmocka_unit_test(more_certificates_than_the_limit_are_refused),
        cmocka_unit_test(a_cert_id_names_one_ca_and_one_serial),
        cmocka_unit_test(a_signed_request_carries_its_signer),
        cmocka_unit_test(responses_cut_off_or_longer_are_refused),
        cmocka_unit_test(what_is_answered_is_read),
        cmocka_unit_test(a_refusal_is_a_status_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, make_pki, drop_pki);
}
