/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pki.h"
#include "x509/algorithm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct test_pki other; /* the same names, other keys */
static struct test_pki p384;  /* and another kind of them */

static int setup(void **state)
{
    (void)state;
    test_pki_make(&pki);
    test_pki_make(&other);
    test_pki_make_kind(&p384, KEY_P384);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_pki_done(&pki);
    test_pki_done(&other);
    test_pki_done(&p384);
    return 0;
}

static void assert_no_file(struct bytes contents)
{
    struct x509_cert *cert = NULL;
    struct err err = {0};

    assert_int_equal(x509_cert_parse_file(contents, &cert, &err), -ERR_INPUT);
    assert_true(err.text[0] != '\0');
    assert_null(cert);
}

static void a_certificate_that_is_cut_or_longer_is_refused(void **state)
{
    struct bytes der = x509_cert_der(pki.certs[PROFILE_SIGN]);
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    struct x509_cert *cert = NULL;

    (void)state;
    for (size_t len = 0; len < der.len; len += 13)
        assert_int_equal(x509_cert_parse(bytes_of(der.ptr, len), &cert, NULL), -ERR_INPUT);
    assert_int_equal(buf_copy(der, &longer, NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&longer), &cert, NULL), -ERR_INPUT);
    assert_null(cert);
}

/* A card's file is larger than the limit before it is anything else. */
static void a_certificate_beyond_the_limit_is_refused(void **state)
{
    static const uint8_t zeros[X509_CERT_MAX + 1] = {DER_SEQUENCE};
    struct x509_cert *cert = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(x509_cert_parse(BYTES_ARRAY(zeros), &cert, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "8192"));
}

/* RFC 5280, 4.1.1.2 */
static void two_signature_algorithms_are_refused(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct x509_cert *cert = NULL;
    size_t outer = (size_t)(tbs->der.ptr + tbs->der.len - x509_cert_der(pki.certs[3]).ptr);

    (void)state;
    assert_int_equal(buf_copy(x509_cert_der(pki.certs[PROFILE_AUTH]), &der, NULL), 0);
    der.ptr[outer + 12] = 0x0c; /* sha384WithRSAEncryption outside */
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), -ERR_INPUT);
    assert_null(cert);
}

static void another_key_did_not_sign_it(void **state)
{
    (void)state;
    assert_int_equal(x509_cert_is_signed_by(pki.certs[PROFILE_SIGN],
                                            x509_cert_pubkey(pki.certs[PROFILE_AUTH_CA]), NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(x509_cert_is_signed_by(pki.certs[PROFILE_SIGN],
                                            x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]), NULL),
                     0);
}

/* Design 6, rule 3 */
static void the_same_name_alone_is_no_issuer(void **state)
{
    (void)state;
    assert_int_equal(
        x509_cert_is_issued_by(pki.certs[PROFILE_SIGN], other.certs[PROFILE_SIGN_CA], NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        x509_cert_is_issued_by(pki.certs[PROFILE_SIGN], pki.certs[PROFILE_AUTH_CA], NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        x509_cert_is_issued_by(pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA], NULL), 0);
}

/* RFC 5280, 6.1.3 (a)(4): key identifier and signature are the CA's, the name is another. */
static void another_name_of_the_issuer_is_refused(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(buf_copy(tbs->der, &changed, NULL), 0);
    changed.ptr[tbs->issuer.ptr - tbs->der.ptr + (ptrdiff_t)tbs->issuer.len - 1] ^= 3;
    test_pki_sign(buf_bytes(&changed), pki.keys[PROFILE_SIGN_CA], &der);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    assert_int_equal(x509_cert_is_issued_by(cert, pki.certs[PROFILE_SIGN_CA], &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "another name"));
}

/* RFC 5280, 6.1.4 (k) and (n): a holder's certificate issues nothing. */
static void a_holder_is_no_issuer(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(x509_cert_is_issued_by(pki.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN], &err),
                     -ERR_UNTRUSTED);
    assert_non_null(strstr(err.text, "no CA"));
}

static void a_ca_with_keys_of_another_kind_is_no_issuer(void **state)
{
    (void)state;
    assert_int_equal(
        x509_cert_is_issued_by(p384.certs[PROFILE_SIGN], pki.certs[PROFILE_SIGN_CA], NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        x509_cert_is_issued_by(pki.certs[PROFILE_SIGN], p384.certs[PROFILE_SIGN_CA], NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        x509_cert_is_issued_by(p384.certs[PROFILE_SIGN], p384.certs[PROFILE_AUTH_CA], NULL),
        -ERR_UNTRUSTED);
    assert_int_equal(
        x509_cert_is_issued_by(p384.certs[PROFILE_SIGN], p384.certs[PROFILE_SIGN_CA], NULL), 0);
}

/* A signature over SHA-384 counts only if the certificate says by which algorithm it was made. */
static void assert_algorithm_counts(const struct test_pki *of, uint8_t last,
                                    const struct privkey *key, const struct x509_cert *ca)
{
    const struct tbs *tbs = x509_cert_tbs(of->certs[PROFILE_AUTH]);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;
    size_t at = (size_t)(tbs->algorithm.ptr - tbs->der.ptr) + 3 + tbs->algorithm.ptr[3];

    assert_int_equal(buf_copy(tbs->der, &changed, NULL), 0);
    changed.ptr[at] = last; /* the last arc of the algorithm */
    assert_int_equal(digest_compute(DIGEST_SHA384, buf_bytes(&changed), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(cert_assemble(buf_bytes(&changed), buf_bytes(&signature), &der, NULL), 0);
    assert_int_equal(x509_cert_parse(buf_bytes(&der), &cert, NULL), 0);
    assert_int_equal(x509_cert_tbs(cert)->algorithm_digest, DIGEST_SHA384);
    assert_int_equal(x509_cert_is_signed_by(cert, x509_cert_pubkey(ca), NULL), -ERR_UNTRUSTED);
}

static void the_algorithm_that_is_named_is_the_one_that_counts(void **state)
{
    (void)state;
    /* sha384WithRSAEncryption, signed with ECDSA; ecdsa-with-SHA384, signed with RSA */
    assert_algorithm_counts(&pki, 0x0c, p384.keys[PROFILE_AUTH_CA], p384.certs[PROFILE_AUTH_CA]);
    assert_algorithm_counts(&p384, 0x03, pki.keys[PROFILE_AUTH_CA], pki.certs[PROFILE_AUTH_CA]);
}

static int take_any(struct bytes der)
{
    struct algorithm_id got = {.id = OID_UNKNOWN};

    return algorithm_take_any_signature(&der, "it", &got, NULL);
}

/* RFC 5758, 3.2 */
static void ecdsa_is_with_sha_384_and_has_no_parameters(void **state)
{
#define ECDSA "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03"
    struct bytes good = BYTES_LITERAL("\x30\x0a" ECDSA "\x03");
    struct algorithm_id got = {.id = OID_UNKNOWN};

    (void)state;
    assert_int_equal(take_any(BYTES_LITERAL("\x30\x0c" ECDSA "\x03\x05\x00")), -ERR_INPUT);
    assert_int_equal(take_any(BYTES_LITERAL("\x30\x0a" ECDSA "\x02")), -ERR_INPUT);
    assert_int_equal(take_any(BYTES_LITERAL("\x30\x0a" ECDSA "\x04")), -ERR_INPUT);
    assert_int_equal(algorithm_take_signature(&good, "it", &got, NULL), -ERR_INPUT);
    assert_int_equal(algorithm_take_any_signature(&good, "it", &got, NULL), 0);
    assert_int_equal(got.kind, KEY_P384);
    assert_int_equal(got.alg, DIGEST_SHA384);
    assert_int_equal(good.len, 0);
}

static void garbage_is_not_assembled(void **state)
{
    struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(cert_assemble(BYTES_LITERAL("\x30\x00"), bytes_text("x"), &der, NULL),
                     -ERR_INPUT);
    assert_null(der.ptr);
}

static void append_pem(struct buf *out, enum profile_kind kind)
{
    assert_int_equal(x509_cert_append_pem(out, pki.certs[kind], NULL), 0);
}

static void files_with_none_or_several_certificates_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf two = BUF_INIT;

    (void)state;
    assert_no_file(bytes_of(NULL, 0));
    assert_no_file(bytes_text("-----BEGIN RSA PRIVATE KEY-----\n"));
    append_pem(&two, PROFILE_SIGN_CA);
    append_pem(&two, PROFILE_AUTH_CA);
    assert_no_file(buf_bytes(&two));
}

static void pem_that_is_cut_or_has_other_characters_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    (void)state;
    append_pem(&pem, PROFILE_SIGN_CA);
    assert_no_file(bytes_of(pem.ptr, pem.len - 30));
    pem.ptr[100] = '*';
    assert_no_file(buf_bytes(&pem));
}

static void pem_files_end_at_their_limit(void **state)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    (void)state;
    append_pem(&file, PROFILE_AUTH);
    while (file.len < X509_PEM_MAX)
        assert_int_equal(buf_append_byte(&file, '\n', NULL), 0);
    assert_int_equal(x509_cert_parse_file(buf_bytes(&file), &cert, NULL), 0);
    assert_int_equal(buf_append_byte(&file, '\n', NULL), 0);
    assert_no_file(buf_bytes(&file));
}

static void der_and_pem_files_are_the_same_certificate(void **state)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *from_pem = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *from_der = NULL;
    struct bytes der = x509_cert_der(pki.certs[PROFILE_SIGN]);

    (void)state;
    /* Text in front, as openssl x509 -text writes it. */
    assert_int_equal(buf_append_text(&pem, "Certificate:\n    Data:\r\n", NULL), 0);
    append_pem(&pem, PROFILE_SIGN);
    assert_int_equal(x509_cert_parse_file(buf_bytes(&pem), &from_pem, NULL), 0);
    assert_int_equal(x509_cert_parse_file(der, &from_der, NULL), 0);
    assert_true(bytes_equal(x509_cert_der(from_pem), der));
    assert_true(bytes_equal(x509_cert_der(from_der), der));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_that_is_cut_or_longer_is_refused),
        cmocka_unit_test(a_certificate_beyond_the_limit_is_refused),
        cmocka_unit_test(two_signature_algorithms_are_refused),
        cmocka_unit_test(another_key_did_not_sign_it),
        cmocka_unit_test(the_same_name_alone_is_no_issuer),
        cmocka_unit_test(another_name_of_the_issuer_is_refused),
        cmocka_unit_test(a_holder_is_no_issuer),
        cmocka_unit_test(a_ca_with_keys_of_another_kind_is_no_issuer),
        cmocka_unit_test(the_algorithm_that_is_named_is_the_one_that_counts),
        cmocka_unit_test(ecdsa_is_with_sha_384_and_has_no_parameters),
        cmocka_unit_test(garbage_is_not_assembled),
        cmocka_unit_test(files_with_none_or_several_certificates_are_refused),
        cmocka_unit_test(pem_that_is_cut_or_has_other_characters_is_refused),
        cmocka_unit_test(pem_files_end_at_their_limit),
        cmocka_unit_test(der_and_pem_files_are_the_same_certificate),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
