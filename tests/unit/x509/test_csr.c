/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/privkey.h"
#include "x509/csr.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509.h>

static struct privkey *key;
static struct privkey *stranger;
static struct buf subject;
static struct buf spki;
static struct buf info;
static struct buf request;

static void sign(struct bytes what, const struct privkey *with, enum digest_alg alg,
                 struct buf *ret)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(alg, what, &digest, NULL), 0);
    assert_int_equal(privkey_sign(with, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(what, privkey_kind(with), buf_bytes(&signature), ret, NULL), 0);
}

static int setup(void **state)
{
    static const struct name_row row = {OID_COMMON_NAME, DER_UTF8_STRING, "card"};

    (void)state;
    assert_int_equal(privkey_generate(2048, &key, NULL), 0);
    assert_int_equal(privkey_generate(2048, &stranger, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(name_build(&row, 1, &subject, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&subject), buf_bytes(&spki), &info, NULL), 0);
    sign(buf_bytes(&info), key, DIGEST_SHA256, &request);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    privkey_freep(&key);
    privkey_freep(&stranger);
    buf_done(&subject);
    buf_done(&spki);
    buf_done(&info);
    buf_done(&request);
    return 0;
}

static void assert_refused(struct bytes der, enum err_kind kind)
{
    struct csr csr = {.der = {NULL, 99}};
    struct err err = {0};

    assert_int_equal(csr_parse(der, &csr, &err), -(int)kind);
    assert_true(err.text[0] != '\0');
    assert_int_equal(csr.der.len, 99);
}

static void a_request_signed_by_another_key_proves_nothing(void **state)
{
    CLEANUP(buf_done) struct buf forged = BUF_INIT;

    (void)state;
    sign(buf_bytes(&info), stranger, DIGEST_SHA256, &forged);
    assert_refused(buf_bytes(&forged), ERR_UNTRUSTED);
}

static void a_changed_subject_is_noticed(void **state)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct csr csr;
    size_t at;

    (void)state;
    assert_int_equal(csr_parse(buf_bytes(&request), &csr, NULL), 0);
    at = (size_t)(csr.subject.ptr + csr.subject.len - 1 - request.ptr);
    assert_int_equal(buf_copy(buf_bytes(&request), &copy, NULL), 0);
    copy.ptr[at] = 'D';
    assert_refused(buf_bytes(&copy), ERR_UNTRUSTED);
}

/* The request says sha256WithRSAEncryption; the signature must be over that. */
static void a_signature_over_another_hash_proves_nothing(void **state)
{
    CLEANUP(buf_done) struct buf other = BUF_INIT;

    (void)state;
    sign(buf_bytes(&info), key, DIGEST_SHA384, &other);
    assert_refused(buf_bytes(&other), ERR_UNTRUSTED);
}

/* A request over the P-384 key, put together as if the key were of the kind given. */
static void build_p384(const struct privkey *over, const struct privkey *with, enum digest_alg alg,
                       enum key_kind kind, struct buf *ret)
{
    CLEANUP(buf_done) struct buf own = BUF_INIT;
    CLEANUP(buf_done) struct buf what = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    buf_done(ret);
    assert_int_equal(privkey_spki(over, &own, NULL), 0);
    assert_int_equal(csr_build_info(buf_bytes(&subject), buf_bytes(&own), &what, NULL), 0);
    assert_int_equal(digest_compute(alg, buf_bytes(&what), &digest, NULL), 0);
    assert_int_equal(privkey_sign(with, &digest, &signature, NULL), 0);
    assert_int_equal(csr_assemble(buf_bytes(&what), kind, buf_bytes(&signature), ret, NULL), 0);
}

static void a_p384_request_is_signed_by_its_own_key_and_kind(void **state)
{
    CLEANUP(privkey_freep) struct privkey *p384 = NULL;
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct csr csr;
    size_t at;

    (void)state;
    assert_int_equal(privkey_generate_p384(&p384, NULL), 0);
    assert_int_equal(privkey_generate_p384(&other, NULL), 0);
    build_p384(p384, other, DIGEST_SHA384, KEY_P384, &der);
    assert_refused(buf_bytes(&der), ERR_UNTRUSTED);
    build_p384(p384, key, DIGEST_SHA384, KEY_P384, &der); /* an RSA signature */
    assert_refused(buf_bytes(&der), ERR_UNTRUSTED);
    build_p384(p384, key, DIGEST_SHA256, KEY_RSA, &der);
    assert_refused(buf_bytes(&der), ERR_UNTRUSTED);
    build_p384(key, p384, DIGEST_SHA384, KEY_P384, &der);
    assert_refused(buf_bytes(&der), ERR_UNTRUSTED);
    build_p384(p384, p384, DIGEST_SHA384, KEY_RSA, &der); /* says sha256WithRSAEncryption */
    assert_int_equal(csr_parse(buf_bytes(&der), &csr, NULL), -ERR_UNTRUSTED);
    build_p384(p384, p384, DIGEST_SHA384, KEY_P384, &der);
    assert_int_equal(csr_parse(buf_bytes(&der), &csr, NULL), 0);
    assert_int_equal(csr.kind, KEY_P384);
    at = (size_t)(csr.info.ptr + csr.info.len - der.ptr) + 11;
    assert_int_equal(der.ptr[at], 0x03);
    der.ptr[at] = 0x02; /* ecdsa-with-SHA256 */
    assert_refused(buf_bytes(&der), ERR_INPUT);
}

static void sha_1_proves_nothing(void **state)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct csr csr;
    size_t at;

    (void)state;
    assert_int_equal(csr_parse(buf_bytes(&request), &csr, NULL), 0);
    at = (size_t)(csr.info.ptr + csr.info.len - request.ptr) + 12;
    assert_int_equal(buf_copy(buf_bytes(&request), &copy, NULL), 0);
    assert_int_equal(copy.ptr[at], 0x0b);
    copy.ptr[at] = 0x05; /* sha1WithRSAEncryption */
    assert_refused(buf_bytes(&copy), ERR_UNTRUSTED);
}

static void a_request_that_is_cut_or_longer_is_malformed(void **state)
{
    CLEANUP(buf_done) struct buf longer = BUF_INIT;

    (void)state;
    for (size_t len = 0; len < request.len; len += 11)
        assert_refused(bytes_of(request.ptr, len), ERR_INPUT);
    assert_int_equal(buf_copy(buf_bytes(&request), &longer, NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_refused(buf_bytes(&longer), ERR_INPUT);
}

/* A request from these pieces of CertificationRequestInfo, properly signed. */
static void sign_pieces(unsigned version, struct bytes key_info, struct bytes attributes,
                        struct buf *ret)
{
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    size_t mark;

    assert_int_equal(der_begin(&changed, DER_SEQUENCE, &mark, NULL), 0);
    assert_int_equal(der_put_uint(&changed, version, NULL), 0);
    assert_int_equal(buf_append(&changed, buf_bytes(&subject), NULL), 0);
    assert_int_equal(buf_append(&changed, key_info, NULL), 0);
    assert_int_equal(der_put(&changed, DER_CONTEXT_CONSTRUCTED(0), attributes, NULL), 0);
    assert_int_equal(der_finish(&changed, mark, NULL), 0);
    sign(buf_bytes(&changed), key, DIGEST_SHA256, ret);
}

static void attributes_and_other_versions_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf with_attribute = BUF_INIT;
    CLEANUP(buf_done) struct buf version_1 = BUF_INIT;

    (void)state;
    sign_pieces(0, buf_bytes(&spki), BYTES_LITERAL("\x30\x00"), &with_attribute);
    assert_refused(buf_bytes(&with_attribute), ERR_INPUT);
    sign_pieces(1, buf_bytes(&spki), bytes_of(NULL, 0), &version_1);
    assert_refused(buf_bytes(&version_1), ERR_INPUT);
}

static void a_key_that_is_none_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf no_key = BUF_INIT;

    (void)state;
    sign_pieces(0, BYTES_LITERAL("\x30\x02\x05\x00"), bytes_of(NULL, 0), &no_key);
    assert_refused(buf_bytes(&no_key), ERR_INPUT);
}

static void requests_end_at_their_limit(void **state)
{
    static const uint8_t zeros[X509_CSR_MAX + 1] = {DER_SEQUENCE};
    struct csr csr;
    struct err err = {0};

    (void)state;
    assert_int_equal(csr_parse(BYTES_ARRAY(zeros), &csr, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than 4096"));
    assert_int_equal(csr_parse(bytes_of(zeros, X509_CSR_MAX), &csr, &err), -ERR_INPUT);
    assert_null(strstr(err.text, "more than")); /* refused for what is in it */
}

static void an_honest_request_is_taken_apart(void **state)
{
    struct csr csr;

    (void)state;
    assert_int_equal(csr_parse(buf_bytes(&request), &csr, NULL), 0);
    assert_true(bytes_equal(csr.info, buf_bytes(&info)));
    assert_true(bytes_equal(csr.subject, buf_bytes(&subject)));
    assert_true(bytes_equal(csr.spki, buf_bytes(&spki)));
}

static void openssl_accepts_our_request(void **state)
{
    const unsigned char *p = request.ptr;
    X509_REQ *judge = d2i_X509_REQ(NULL, &p, (long)request.len);

    (void)state;
    assert_non_null(judge);
    assert_ptr_equal(p, request.ptr + request.len);
    assert_int_equal(X509_REQ_verify(judge, X509_REQ_get0_pubkey(judge)), 1);
    X509_REQ_free(judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_signed_by_another_key_proves_nothing),
        cmocka_unit_test(a_changed_subject_is_noticed),
        cmocka_unit_test(a_signature_over_another_hash_proves_nothing),
        cmocka_unit_test(a_p384_request_is_signed_by_its_own_key_and_kind),
        cmocka_unit_test(sha_1_proves_nothing),
        cmocka_unit_test(a_request_that_is_cut_or_longer_is_malformed),
        cmocka_unit_test(attributes_and_other_versions_are_refused),
        cmocka_unit_test(a_key_that_is_none_is_refused),
        cmocka_unit_test(requests_end_at_their_limit),
        cmocka_unit_test(an_honest_request_is_taken_apart),
        cmocka_unit_test(openssl_accepts_our_request),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
