/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/limits.h"
#include "crypto/privkey.h"
#include "crypto/pubkey.h"
#include "support/wrap.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static struct privkey *key;
static struct pubkey *public;
static struct secret passphrase;
static struct buf sealed;

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_generate(2048, &key, NULL), 0);
    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &public, NULL), 0);
    assert_int_equal(secret_copy(bytes_text("correct horse"), &passphrase, NULL), 0);
    return privkey_seal(key, &passphrase, &sealed, NULL);
}

static int teardown(void **state)
{
    (void)state;
    privkey_freep(&key);
    pubkey_freep(&public);
    secret_done(&passphrase);
    buf_done(&sealed);
    return 0;
}

static void odd_sizes_are_not_generated(void **state)
{
    static const unsigned sizes[] = {0, 512, 1024, 2047, 2049, 2560, 4097, 8192};
    struct privkey *made = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(privkey_generate(sizes[i], &made, NULL), -ERR_USAGE);
    assert_null(made);
}

static void a_wrong_passphrase_is_denied_and_leaves_no_trace(void **state)
{
    CLEANUP(secret_done) struct secret wrong = SECRET_INIT;
    struct privkey *opened = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(secret_copy(bytes_text("correct horsf"), &wrong, NULL), 0);
    assert_int_equal(privkey_open(buf_bytes(&sealed), &wrong, &opened, &err), -ERR_DENIED);
    assert_null(opened);
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_file_that_is_cut_or_longer_is_refused(void **state)
{
    struct privkey *opened = NULL;

    (void)state;
    for (size_t len = 0; len < sealed.len; len += 37)
        assert_int_equal(privkey_open(bytes_of(sealed.ptr, len), &passphrase, &opened, NULL),
                         -ERR_INPUT);
    assert_int_equal(buf_append_byte(&sealed, 0, NULL), 0);
    assert_int_equal(privkey_open(buf_bytes(&sealed), &passphrase, &opened, NULL), -ERR_INPUT);
    sealed.len--;
    assert_null(opened);
    assert_int_equal(ERR_peek_error(), 0);
}

/* One iteration would let anybody guess; 2^31 would keep us busy for an hour. */
static void another_number_of_iterations_is_refused(void **state)
{
    static const uint8_t iterations[] = {0x02, 0x03, 0x09, 0x27, 0xc0}; /* INTEGER 600000 */
    struct privkey *opened = NULL;
    size_t at = 0;

    (void)state;
    while (at + sizeof iterations < sealed.len &&
           !bytes_equal(bytes_of(sealed.ptr + at, sizeof iterations), BYTES_ARRAY(iterations)))
        at++;
    assert_in_range(at, 1, sealed.len - sizeof iterations - 1);
    sealed.ptr[at + 4] = 0xc1;
    assert_int_equal(privkey_open(buf_bytes(&sealed), &passphrase, &opened, NULL), -ERR_INPUT);
    sealed.ptr[at + 4] = 0xc0;
    assert_null(opened);
}

static void an_empty_or_overlong_passphrase_is_refused(void **state)
{
    CLEANUP(secret_done) struct secret longest = SECRET_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const struct secret empty = SECRET_INIT;

    (void)state;
    assert_int_equal(privkey_seal(key, &empty, &out, NULL), -ERR_USAGE);
    assert_int_equal(secret_new(PASSPHRASE_MAX + 1, &longest, NULL), 0);
    assert_int_equal(privkey_seal(key, &longest, &out, NULL), -ERR_USAGE);
    secret_cut(&longest, PASSPHRASE_MAX);
    assert_int_equal(privkey_seal(key, &longest, &out, NULL), 0);
}

static void raw_signing_takes_1_to_k_minus_11_bytes(void **state)
{
    static const uint8_t data[246] = {0x30};
    CLEANUP(buf_done) struct buf one = BUF_INIT;
    CLEANUP(buf_done) struct buf most = BUF_INIT;
    struct buf none = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_sign_raw(key, bytes_of(data, 0), &none, NULL), -ERR_INPUT);
    assert_int_equal(privkey_sign_raw(key, bytes_of(data, 246), &none, NULL), -ERR_INPUT);
    assert_null(none.ptr);
    assert_int_equal(privkey_sign_raw(key, bytes_of(data, 1), &one, NULL), 0);
    assert_int_equal(privkey_sign_raw(key, bytes_of(data, 245), &most, NULL), 0);
    assert_int_equal(most.len, 256);
}

static void a_sealed_key_opens_and_is_the_same_key(void **state)
{
    CLEANUP(privkey_freep) struct privkey *opened = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_open(buf_bytes(&sealed), &passphrase, &opened, NULL), 0);
    assert_int_equal(privkey_spki(opened, &spki, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&spki), pubkey_spki(public)));
}

static void an_export_that_is_cut_or_longer_is_not_imported(void **state)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    struct privkey *imported = NULL;

    (void)state;
    assert_int_equal(privkey_export(key, &der, NULL), 0);
    for (size_t len = 0; len < der.len; len += 16)
        assert_int_equal(privkey_import(bytes_of(der.ptr, len), &imported, NULL), -ERR_INPUT);
    assert_int_equal(buf_append(&longer, secret_bytes(&der), NULL), 0);
    assert_int_equal(buf_append_byte(&longer, 0, NULL), 0);
    assert_int_equal(privkey_import(buf_bytes(&longer), &imported, NULL), -ERR_INPUT);
    assert_int_equal(privkey_import(buf_bytes(&sealed), &imported, NULL), -ERR_INPUT);
    assert_null(imported);
}

static void an_exported_key_is_imported_as_the_same_key(void **state)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;
    CLEANUP(privkey_freep) struct privkey *imported = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_export(key, &der, NULL), 0);
    assert_int_equal(privkey_import(secret_bytes(&der), &imported, NULL), 0);
    assert_int_equal(privkey_spki(imported, &spki, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&spki), pubkey_spki(public)));
}

static void raw_signing_of_a_digestinfo_is_the_ordinary_signature(void **state)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf raw = BUF_INIT;
    CLEANUP(buf_done) struct buf ordinary = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("document"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    assert_int_equal(privkey_sign_raw(key, buf_bytes(&info), &raw, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &ordinary, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&raw), buf_bytes(&ordinary)));
    assert_int_equal(pubkey_verify(public, &digest, buf_bytes(&raw), NULL), 0);
}

/* OpenSSL is the judge: 1 if it accepts a PSS signature with this salt length. */
static int openssl_accepts_pss(const struct digest *digest, struct bytes signature, int salt_len)
{
    const unsigned char *p = pubkey_spki(public).ptr;
    EVP_PKEY *evp = d2i_PUBKEY(NULL, &p, (long)pubkey_spki(public).len);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(evp, NULL);
    int result;

    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt_len), 1);
    result = EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest->value, digest->len);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(evp);
    return result;
}

/* What a signature by it is worth is judged by openssl(1), in tests of the card. */
static void a_p384_key_signs_sha384_digests_and_nothing_else(void **state)
{
    CLEANUP(privkey_freep) struct privkey *p384 = NULL;
    CLEANUP(privkey_freep) struct privkey *opened = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(privkey_kind(key), KEY_RSA);
    assert_int_equal(privkey_generate_p384(&p384, NULL), 0);
    assert_int_equal(privkey_kind(p384), KEY_P384);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("text"), &digest, NULL), 0);
    assert_int_equal(privkey_sign(p384, &digest, &signature, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_pss(p384, &digest, 32, &signature, NULL), -ERR_USAGE);
    assert_int_equal(privkey_sign_raw(p384, bytes_text("text"), &signature, NULL), -ERR_USAGE);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("text"), &digest, NULL), 0);
    assert_int_equal(privkey_sign_pss(p384, &digest, 20, &signature, NULL), -ERR_USAGE);
    assert_null(signature.ptr);
    assert_int_equal(privkey_sign(p384, &digest, &signature, NULL), 0);
    assert_in_range(signature.len, 96, privkey_signature_size(p384));
    /* Services keep RSA keys only: one of the other kind does not come out of a file. */
    assert_int_equal(privkey_seal(p384, &passphrase, &file, NULL), 0);
    assert_int_equal(privkey_open(buf_bytes(&file), &passphrase, &opened, NULL), -ERR_INPUT);
}

static void assert_signs(enum digest_alg alg, const char *text)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(alg, bytes_text(text), &digest, NULL), 0);
    assert_int_equal(privkey_sign(key, &digest, &signature, NULL), 0);
    assert_int_equal(pubkey_verify(public, &digest, buf_bytes(&signature), NULL), 0);
}

/* What is kept for the next signature knows nothing of the one before. */
static void one_key_signs_with_one_hash_after_the_other(void **state)
{
    static const enum digest_alg order[] = {DIGEST_SHA256, DIGEST_SHA512, DIGEST_SHA256,
                                            DIGEST_SHA1,   DIGEST_SHA384, DIGEST_SHA256};
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("pss"), &digest, NULL), 0);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        CLEANUP(buf_done) struct buf pss = BUF_INIT;

        assert_signs(order[i], "a document");
        assert_int_equal(privkey_sign_pss(key, &digest, 32, &pss, NULL), 0);
        assert_int_equal(pubkey_verify_pss(public, &digest, buf_bytes(&pss), NULL), 0);
    }
}

static void *sign_many(void *context)
{
    for (int i = 0; i < 10; i++)
        assert_signs(DIGEST_SHA256, context);
    return NULL;
}

static void many_threads_sign_with_one_key(void **state)
{
    static char texts[][2] = {"a", "b", "c", "d", "e", "f"};
    enum { THREADS = sizeof texts / sizeof texts[0] };
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_many, texts[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void pss_signatures_satisfy_openssl(void **state)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct buf none = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("handshake"), &digest, NULL), 0);
    assert_int_equal(privkey_sign_pss(key, &digest, 32, &signature, NULL), 0);
    assert_int_equal(openssl_accepts_pss(&digest, buf_bytes(&signature), 32), 1);
    assert_int_equal(privkey_sign_pss(key, &digest, 256 - 32 - 1, &none, NULL), -ERR_INPUT);
    assert_null(none.ptr);
}

static int unwrap(struct bytes wrapped, struct bytes expected, struct err *err)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    int rc = privkey_unwrap(key, wrapped, &plain, err);

    if (rc < 0)
        assert_null(plain.ptr);
    else
        assert_true(bytes_equal(secret_bytes(&plain), expected));
    return rc;
}

static void assert_not_unwrapped(struct bytes wrapped)
{
    struct err err;

    assert_int_equal(unwrap(wrapped, wrapped, &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "not encrypted to this key");
    assert_int_equal(ERR_peek_error(), 0);
}

static void what_cannot_be_unwrapped_is_refused_with_one_text(void **state)
{
    static const uint8_t zeros[256];
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    struct bytes spki = pubkey_spki(public);

    (void)state;
    for (int form = WRAP_OAEP_256 + 1; form < WRAP_FORMS_; form++) {
        CLEANUP(buf_done) struct buf other = BUF_INIT;

        wrap_as((enum wrap_form)form, spki, BYTES_LITERAL("key"), &other);
        assert_not_unwrapped(buf_bytes(&other));
    }
    wrap_for(spki, BYTES_LITERAL("key"), &whole);
    assert_not_unwrapped(bytes_of(whole.ptr, whole.len - 1));
    assert_int_equal(buf_append_byte(&whole, 0, NULL), 0);
    assert_not_unwrapped(buf_bytes(&whole));
    whole.len--;
    whole.ptr[100] ^= 1;
    assert_not_unwrapped(buf_bytes(&whole));
    assert_not_unwrapped(BYTES_ARRAY(zeros));
    assert_not_unwrapped(BYTES_LITERAL("short"));
    buf_clear(&whole); /* nothing at all looks no different */
    wrap_for(spki, bytes_of(zeros, 0), &whole);
    assert_not_unwrapped(buf_bytes(&whole));
}

static void what_openssl_wraps_is_unwrapped(void **state)
{
    static const uint8_t plain[64] = {0, 1, 2};

    (void)state;
    for (size_t len = 1; len <= sizeof plain; len += 21) {
        CLEANUP(buf_done) struct buf wrapped = BUF_INIT;

        wrap_for(pubkey_spki(public), bytes_of(plain, len), &wrapped);
        assert_int_equal(unwrap(buf_bytes(&wrapped), bytes_of(plain, len), NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_sizes_are_not_generated),
        cmocka_unit_test(a_wrong_passphrase_is_denied_and_leaves_no_trace),
        cmocka_unit_test(a_file_that_is_cut_or_longer_is_refused),
        cmocka_unit_test(another_number_of_iterations_is_refused),
        cmocka_unit_test(an_empty_or_overlong_passphrase_is_refused),
        cmocka_unit_test(raw_signing_takes_1_to_k_minus_11_bytes),
        cmocka_unit_test(a_sealed_key_opens_and_is_the_same_key),
        cmocka_unit_test(an_export_that_is_cut_or_longer_is_not_imported),
        cmocka_unit_test(an_exported_key_is_imported_as_the_same_key),
        cmocka_unit_test(raw_signing_of_a_digestinfo_is_the_ordinary_signature),
        cmocka_unit_test(a_p384_key_signs_sha384_digests_and_nothing_else),
        cmocka_unit_test(one_key_signs_with_one_hash_after_the_other),
        cmocka_unit_test(many_threads_sign_with_one_key),
        cmocka_unit_test(pss_signatures_satisfy_openssl),
        cmocka_unit_test(what_cannot_be_unwrapped_is_refused_with_one_text),
        cmocka_unit_test(what_openssl_wraps_is_unwrapped),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
