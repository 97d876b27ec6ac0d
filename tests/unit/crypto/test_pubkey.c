/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/privkey.h"
#include "crypto/pubkey.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static EVP_PKEY *evp;
static struct pubkey *key;
static struct digest digest;
static struct buf signature;

/* m^d mod n without any padding: lets a test make any encoded message it likes. */
static void sign_message(const uint8_t em[256], uint8_t ret[256])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(evp, NULL);
    size_t len = 256;

    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, ret, &len, em, 256), 1);
    EVP_PKEY_CTX_free(ctx);
}

static void spki_of(EVP_PKEY *from, struct buf *ret)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(from, &der);

    assert_true(len > 0);
    assert_int_equal(buf_append(ret, bytes_of(der, (size_t)len), NULL), 0);
    OPENSSL_free(der);
}

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    uint8_t em[256];

    (void)state;
    evp = EVP_RSA_gen(2048);
    spki_of(evp, &spki);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &key, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("document"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    memset(em, 0xff, sizeof em);
    em[0] = 0;
    em[1] = 1;
    em[255 - info.len] = 0;
    memcpy(em + 256 - info.len, info.ptr, info.len);
    assert_int_equal(buf_reserve(&signature, 256, NULL), 0);
    sign_message(em, signature.ptr);
    signature.len = 256;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    EVP_PKEY_free(evp);
    pubkey_freep(&key);
    buf_done(&signature);
    return 0;
}

static void assert_no_key(struct bytes der)
{
    struct pubkey *parsed = NULL;
    struct err err = {0};

    assert_int_equal(pubkey_from_spki(der, &parsed, &err), -ERR_INPUT);
    assert_true(err.text[0] != '\0');
    assert_null(parsed);
    assert_int_equal(ERR_peek_error(), 0);
}

static void assert_refused(struct bytes sig)
{
    assert_int_equal(pubkey_verify(key, &digest, sig, NULL), -ERR_UNTRUSTED);
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_key_that_is_cut_or_longer_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(pubkey_spki(key), &der, NULL), 0);
    for (size_t len = 0; len < der.len; len += 7)
        assert_no_key(bytes_of(der.ptr, len));
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_no_key(buf_bytes(&der));
}

static void keys_of_other_kinds_are_refused_by_name(void **state)
{
    CLEANUP(buf_done) struct buf ec = BUF_INIT;
    CLEANUP(buf_done) struct buf pss = BUF_INIT;
    EVP_PKEY *p256 = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *rsa_pss = NULL;

    (void)state;
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &rsa_pss), 1);
    EVP_PKEY_CTX_free(ctx);
    spki_of(p256, &ec);
    spki_of(rsa_pss, &pss);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(rsa_pss);
    assert_no_key(buf_bytes(&ec));
    assert_no_key(buf_bytes(&pss));
}

/* n from random bytes: nothing here asks whether it has two prime factors. */
static void spki_with(unsigned bits, unsigned exponent, struct buf *ret)
{
    BIGNUM *n = BN_new();
    BIGNUM *e = BN_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *build = NULL;
    EVP_PKEY *made = NULL;

    assert_int_equal(BN_rand(n, (int)bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
    assert_int_equal(BN_set_word(e, exponent), 1);
    build = OSSL_PARAM_BLD_new();
    assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e), 1);
    params = OSSL_PARAM_BLD_to_param(build);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_PUBLIC_KEY, params), 1);
    spki_of(made, ret);
    EVP_PKEY_free(made);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_free(n);
    BN_free(e);
}

static void small_exponents_are_refused(void **state)
{
    static const unsigned exponents[] = {3, 17, 257, 65535, 65539};

    (void)state;
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        CLEANUP(buf_done) struct buf spki = BUF_INIT;

        spki_with(2048, exponents[i], &spki);
        assert_no_key(buf_bytes(&spki));
    }
}

static void odd_sizes_are_refused(void **state)
{
    static const unsigned sizes[] = {1024, 2047, 2056, 4104, 8192};
    static const unsigned good[] = {2048, 3072, 4096};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CLEANUP(buf_done) struct buf spki = BUF_INIT;

        spki_with(sizes[i], 65537, &spki);
        assert_no_key(buf_bytes(&spki));
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CLEANUP(buf_done) struct buf spki = BUF_INIT;
        CLEANUP(pubkey_freep) struct pubkey *parsed = NULL;

        spki_with(good[i], 65537, &spki);
        assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &parsed, NULL), 0);
        assert_int_equal(pubkey_bits(parsed), good[i]);
        assert_int_equal(pubkey_signature_size(parsed), good[i] / 8);
    }
}

static void any_changed_byte_of_a_signature_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < signature.len; i++) {
        signature.ptr[i] ^= 1;
        assert_refused(buf_bytes(&signature));
        signature.ptr[i] ^= 1;
    }
}

static void a_signature_of_another_length_is_refused(void **state)
{
    uint8_t longer[257] = {0};

    (void)state;
    assert_refused(bytes_of(NULL, 0));
    assert_refused(bytes_of(signature.ptr, 255));
    memcpy(longer + 1, signature.ptr, 256);
    assert_refused(BYTES_ARRAY(longer)); /* the same number with a zero in front */
}

/* s + n is the same signature modulo n; RFC 8017, 5.2.2, step 1 refuses it. */
static void a_signature_not_below_the_modulus_is_refused(void **state)
{
    uint8_t ones[256];

    (void)state;
    memset(ones, 0xff, sizeof ones);
    assert_refused(BYTES_ARRAY(ones));
}

/* RFC 8017, 5.2.2, step 1: s + n would be as good as s where the range is not looked at. */
static void the_modulus_and_zero_are_no_signatures(void **state)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;
    uint8_t zeros[256] = {0};

    (void)state;
    assert_int_equal(pubkey_modulus(key, &modulus, NULL), 0);
    assert_refused(buf_bytes(&modulus));
    modulus.ptr[255] ^= 1; /* the number below it, which is in range */
    assert_refused(buf_bytes(&modulus));
    assert_refused(BYTES_ARRAY(zeros));
}

/* No key has one; nothing may be computed with it. */
static void under_an_even_modulus_nothing_is_signed(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *even = NULL;
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;

    (void)state;
    assert_int_equal(pubkey_modulus(key, &modulus, NULL), 0);
    modulus.ptr[255] &= 0xfe;
    assert_int_equal(pubkey_from_modulus(buf_bytes(&modulus), &even, NULL), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pubkey_verify(even, &digest, buf_bytes(&signature), NULL), -ERR_UNTRUSTED);
    assert_int_equal(ERR_peek_error(), 0);
}

enum { THREADS = 12, EACH = 50 };

static void *verify_many(void *context)
{
    struct pubkey *shared = context;
    uint8_t wrong[256];
    size_t right = 0;

    memcpy(wrong, signature.ptr, sizeof wrong);
    wrong[200] ^= 1;
    for (int i = 0; i < EACH; i++)
        right += pubkey_verify(shared, &digest, buf_bytes(&signature), NULL) == 0 &&
                 pubkey_verify(shared, &digest, BYTES_ARRAY(wrong), NULL) == -ERR_UNTRUSTED;
    return right == EACH ? NULL : context;
}

/* A key that nobody has used yet, in more hands than there are numbers in reserve. */
static void many_threads_use_one_key(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *shared = NULL;
    pthread_t threads[THREADS];
    void *wrong = NULL;

    (void)state;
    assert_int_equal(pubkey_from_spki(pubkey_spki(key), &shared, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_many, shared), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

static void another_digest_or_hash_is_refused(void **state)
{
    struct digest other = digest;

    (void)state;
    other.value[0] ^= 1;
    assert_int_equal(pubkey_verify(key, &other, buf_bytes(&signature), NULL), -ERR_UNTRUSTED);
    assert_int_equal(digest_compute(DIGEST_SHA512, bytes_text("document"), &other, NULL), 0);
    assert_int_equal(pubkey_verify(key, &other, buf_bytes(&signature), NULL), -ERR_UNTRUSTED);
}

/* The forgery that works where padding is searched instead of compared. */
static void a_digestinfo_followed_by_garbage_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    uint8_t em[256];
    uint8_t forged[256];

    (void)state;
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    memset(em, 0x5a, sizeof em);
    em[0] = 0;
    em[1] = 1;
    memset(em + 2, 0xff, 8);
    em[10] = 0;
    memcpy(em + 11, info.ptr, info.len);
    sign_message(em, forged);
    assert_refused(BYTES_ARRAY(forged));
}

static void short_padding_and_block_type_2_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    uint8_t em[256];
    uint8_t forged[256];

    (void)state;
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    memset(em, 0xff, sizeof em);
    em[0] = 0;
    em[1] = 2;
    em[255 - info.len] = 0;
    memcpy(em + 256 - info.len, info.ptr, info.len);
    sign_message(em, forged);
    assert_refused(BYTES_ARRAY(forged));
    em[1] = 1;
    em[100] = 0; /* padding that ends early */
    sign_message(em, forged);
    assert_refused(BYTES_ARRAY(forged));
}

static void bare_and_wrapped_hashes_are_not_taken_for_each_other(void **state)
{
    uint8_t em[256];
    uint8_t bare[256];

    (void)state;
    memset(em, 0xff, sizeof em);
    em[0] = 0;
    em[1] = 1;
    em[255 - digest.len] = 0;
    memcpy(em + 256 - digest.len, digest.value, digest.len);
    sign_message(em, bare);
    assert_refused(BYTES_ARRAY(bare));
    assert_int_equal(pubkey_verify_bare(key, digest_bytes(&digest), buf_bytes(&signature), NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(pubkey_verify_bare(key, digest_bytes(&digest), BYTES_ARRAY(bare), NULL), 0);
}

static void a_bare_hash_of_no_known_length_is_refused(void **state)
{
    static const uint8_t data[64] = {0};

    (void)state;
    for (size_t len = 0; len < sizeof data; len++)
        if (len != 20 && len != 32 && len != 48)
            assert_int_equal(
                pubkey_verify_bare(key, bytes_of(data, len), buf_bytes(&signature), NULL),
                -ERR_USAGE);
}

static void an_honest_signature_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(pubkey_verify(key, &digest, buf_bytes(&signature), NULL), 0);
}

/* RFC 5280, 4.2.1.2, method 1; OpenSSL's is the judge. */
static void the_key_id_is_the_hash_of_the_bit_string(void **state)
{
    const unsigned char *p = pubkey_spki(key).ptr;
    X509_PUBKEY *judge = d2i_X509_PUBKEY(NULL, &p, (long)pubkey_spki(key).len);
    const unsigned char *bits = NULL;
    struct digest expected;
    uint8_t id[20];
    int len = 0;

    (void)state;
    assert_int_equal(X509_PUBKEY_get0_param(NULL, &bits, &len, NULL, judge), 1);
    assert_int_equal(digest_compute(DIGEST_SHA1, bytes_of(bits, (size_t)len), &expected, NULL), 0);
    assert_int_equal(pubkey_key_id(key, id, NULL), 0);
    assert_memory_equal(id, expected.value, sizeof id);
    X509_PUBKEY_free(judge);
}

/* P-384. */

static void generate_p384(struct privkey **ret, struct pubkey **ret_public)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_generate_p384(ret, NULL), 0);
    assert_int_equal(privkey_spki(*ret, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), ret_public, NULL), 0);
}

static void assert_named(EVP_PKEY *from, const char *why)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct pubkey *parsed = NULL;
    struct err err = {0};

    spki_of(from, &der);
    assert_int_equal(pubkey_from_spki(buf_bytes(&der), &parsed, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, why));
    assert_null(parsed);
    assert_int_equal(ERR_peek_error(), 0);
}

static void other_curves_are_refused_by_name(void **state)
{
    static const char *const curves[][2] = {{"P-256", "prime256v1"},
                                            {"P-521", "secp521r1"},
                                            {"secp256k1", "secp256k1"},
                                            {"brainpoolP384r1", "brainpoolP384r1"}};

    (void)state;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        EVP_PKEY *made = EVP_EC_gen(curves[i][0]);

        assert_non_null(made);
        assert_named(made, curves[i][1]);
        EVP_PKEY_free(made);
    }
}

static void other_spellings_of_a_p384_key_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"},
        {OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "hybrid"},
        {OSSL_PKEY_PARAM_EC_ENCODING, "explicit"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EVP_PKEY *made = EVP_EC_gen("P-384");

        assert_int_equal(EVP_PKEY_set_utf8_string_param(made, rows[i][0], rows[i][1]), 1);
        assert_named(made, "not written in full");
        EVP_PKEY_free(made);
    }
}

static void a_point_that_is_not_on_the_curve_is_refused(void **state)
{
    CLEANUP(privkey_freep) struct privkey *own = NULL;
    CLEANUP(pubkey_freep) struct pubkey *p384 = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    generate_p384(&own, &p384);
    assert_int_equal(buf_copy(pubkey_spki(p384), &der, NULL), 0);
    assert_int_equal(der.len, 120);
    der.ptr[der.len - 1] ^= 1;
    assert_no_key(buf_bytes(&der));
    memset(der.ptr + 24, 0, 96);
    assert_no_key(buf_bytes(&der));
    for (size_t len = 0; len < der.len; len++)
        assert_no_key(bytes_of(pubkey_spki(p384).ptr, len));
}

/* Whether libcrypto's decoder, which is not asked for such keys, takes one. */
static bool openssl_takes(struct bytes spki)
{
    const unsigned char *at = spki.ptr;
    EVP_PKEY *found = d2i_PUBKEY(NULL, &at, (long)spki.len);
    bool is_taken = found != NULL && at == spki.ptr + spki.len;

    EVP_PKEY_free(found);
    ERR_clear_error();
    return is_taken;
}

static void assert_same_verdict(enum key_kind kind, struct bytes spki, unsigned *count)
{
    CLEANUP(pubkey_freep) struct pubkey *taken = NULL;
    int rc = kind == KEY_P384 ? pubkey_from_spki(spki, &taken, NULL)
                              : pubkey_from_spki_jws(spki, &taken, NULL);

    assert_int_equal(rc, openssl_takes(spki) ? 0 : -ERR_INPUT);
    if (rc < 0)
        return;
    ++*count;
    assert_int_equal(pubkey_kind(taken), kind);
    assert_true(bytes_equal(pubkey_spki(taken), spki));
}

/* Whole points, points with one octet changed, nothing and everything. */
static void points_are_taken_that_openssls_decoder_takes(void **state)
{
    static const struct {
        enum key_kind kind;
        const char *name;
        size_t at, half;
    } rows[] = {{KEY_P384, "P-384", 24, 48}, {KEY_P256, "P-256", 27, 32}};

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        unsigned taken = 0;

        for (unsigned i = 0; i < 8; i++) {
            CLEANUP(buf_done) struct buf spki = BUF_INIT;
            EVP_PKEY *made = EVP_EC_gen(rows[row].name);
            unsigned char *der = NULL;
            int len = i2d_PUBKEY(made, &der);

            assert_int_equal(len, rows[row].at + 2 * rows[row].half);
            assert_int_equal(buf_copy(bytes_of(der, (size_t)len), &spki, NULL), 0);
            OPENSSL_free(der);
            EVP_PKEY_free(made);
            assert_same_verdict(rows[row].kind, buf_bytes(&spki), &taken);
            for (size_t at = rows[row].at; at < spki.len; at++) {
                spki.ptr[at] ^= (uint8_t)(1 << i);
                assert_same_verdict(rows[row].kind, buf_bytes(&spki), &taken);
                spki.ptr[at] ^= (uint8_t)(1 << i);
            }
            memset(spki.ptr + rows[row].at, i < 4 ? 0 : 0xff, 2 * rows[row].half);
            assert_same_verdict(rows[row].kind, buf_bytes(&spki), &taken);
        }
        assert_true(taken >= 8);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

static void what_is_for_rsa_refuses_p384(void **state)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(privkey_freep) struct privkey *own = NULL;
    CLEANUP(pubkey_freep) struct pubkey *p384 = NULL;
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    struct pubkey *parsed = NULL;
    struct buf out = BUF_INIT;
    struct digest hash;

    (void)state;
    generate_p384(&own, &p384);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &hash, NULL), 0);
    assert_int_equal(privkey_sign(own, &hash, &made, NULL), 0);
    assert_int_equal(secret_copy(bytes_text("secret"), &secret, NULL), 0);
    assert_int_equal(pubkey_from_spki_rsa(pubkey_spki(p384), &parsed, NULL), -ERR_INPUT);
    assert_null(parsed);
    assert_int_equal(pubkey_modulus(p384, &out, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_wrap(p384, &secret, &out, NULL), -ERR_USAGE);
    assert_null(out.ptr);
    assert_int_equal(pubkey_verify(p384, &hash, buf_bytes(&made), NULL), -ERR_UNTRUSTED);
    assert_int_equal(pubkey_verify_bare(p384, digest_bytes(&hash), buf_bytes(&made), NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(pubkey_verify_encoded(p384, digest_bytes(&hash), buf_bytes(&made), NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(pubkey_from_spki_rsa(pubkey_spki(key), &parsed, NULL), 0);
    pubkey_free(parsed);
}

static void assert_kind_refused(const struct pubkey *with, enum key_kind kind,
                                const struct digest *hash, struct bytes sig)
{
    assert_int_equal(pubkey_verify_kind(with, kind, hash, sig, NULL), -ERR_UNTRUSTED);
    assert_int_equal(ERR_peek_error(), 0);
}

static void an_ecdsa_signature_is_by_one_key_hash_and_spelling(void **state)
{
    CLEANUP(privkey_freep) struct privkey *own = NULL;
    CLEANUP(privkey_freep) struct privkey *stranger = NULL;
    CLEANUP(pubkey_freep) struct pubkey *p384 = NULL;
    CLEANUP(pubkey_freep) struct pubkey *strange = NULL;
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    struct digest hash;
    struct digest other;

    (void)state;
    generate_p384(&own, &p384);
    generate_p384(&stranger, &strange);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &hash, NULL), 0);
    assert_int_equal(privkey_sign(own, &hash, &made, NULL), 0);
    assert_kind_refused(strange, KEY_P384, &hash, buf_bytes(&made));
    assert_kind_refused(p384, KEY_RSA, &hash, buf_bytes(&made));
    assert_kind_refused(key, KEY_P384, &hash, buf_bytes(&made));
    assert_kind_refused(key, KEY_P384, &digest, buf_bytes(&signature));
    assert_kind_refused(p384, KEY_P384, &digest, buf_bytes(&made)); /* SHA-256 */
    other = hash;
    other.len = 32;
    assert_kind_refused(p384, KEY_P384, &other, buf_bytes(&made));
    other = hash;
    other.value[0] ^= 1;
    assert_kind_refused(p384, KEY_P384, &other, buf_bytes(&made));
    for (size_t len = 0; len < made.len; len++)
        assert_kind_refused(p384, KEY_P384, &hash, bytes_of(made.ptr, len));
    for (size_t i = 0; i < made.len; i++) {
        made.ptr[i] ^= 1;
        assert_kind_refused(p384, KEY_P384, &hash, buf_bytes(&made));
        made.ptr[i] ^= 1;
    }
    assert_int_equal(pubkey_verify_kind(p384, KEY_P384, &hash, buf_bytes(&made), NULL), 0);
    assert_int_equal(pubkey_verify_kind(key, KEY_RSA, &digest, buf_bytes(&signature), NULL), 0);
    assert_int_equal(buf_append_byte(&made, 0, NULL), 0);
    assert_kind_refused(p384, KEY_P384, &hash, buf_bytes(&made));
}

/* r and s with a zero too many, in long form, and out of range. */
static void odd_numbers_are_no_ecdsa_signature(void **state)
{
    CLEANUP(privkey_freep) struct privkey *own = NULL;
    CLEANUP(pubkey_freep) struct pubkey *p384 = NULL;
    CLEANUP(buf_done) struct buf made = BUF_INIT;
    CLEANUP(buf_done) struct buf odd = BUF_INIT;
    struct digest hash;
    uint8_t large[104] = {0x30, 0x66, 0x02, 0x31, 0x00};

    (void)state;
    generate_p384(&own, &p384);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &hash, NULL), 0);
    do {
        buf_done(&made);
        assert_int_equal(privkey_sign(own, &hash, &made, NULL), 0);
    } while (made.len > 102); /* so that a zero still fits into what is looked at */
    assert_int_equal(buf_append(&odd, bytes_of(made.ptr, 3), NULL), 0);
    assert_int_equal(buf_append_byte(&odd, made.ptr[3], NULL), 0);
    odd.ptr[1]++;
    odd.ptr[3]++;
    assert_int_equal(buf_append_byte(&odd, 0, NULL), 0);
    assert_int_equal(buf_append(&odd, bytes_of(made.ptr + 4, made.len - 4), NULL), 0);
    assert_kind_refused(p384, KEY_P384, &hash, buf_bytes(&odd));
    buf_clear(&odd);
    assert_int_equal(buf_append(&odd, BYTES_LITERAL("\x30\x81"), NULL), 0); /* long form */
    assert_int_equal(buf_append(&odd, bytes_of(made.ptr + 1, made.len - 1), NULL), 0);
    assert_kind_refused(p384, KEY_P384, &hash, buf_bytes(&odd));
    assert_kind_refused(p384, KEY_P384, &hash, BYTES_LITERAL("\x30\x06\x02\x01\x00\x02\x01\x00"));
    assert_kind_refused(p384, KEY_P384, &hash, BYTES_LITERAL("\x30\x06\x02\x01\x81\x02\x01\x81"));
    memset(large + 5, 0xff, 48);
    large[53] = 0x02;
    large[54] = 0x31;
    memset(large + 56, 0xff, 48);
    assert_kind_refused(p384, KEY_P384, &hash, BYTES_ARRAY(large)); /* not below the order */
}

/* OpenSSL's own signer and the key identifier of its certificates are the judges. */
static void an_ecdsa_signature_of_openssl_is_accepted(void **state)
{
    EVP_PKEY *made = EVP_EC_gen("P-384");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(made, NULL);
    CLEANUP(pubkey_freep) struct pubkey *p384 = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    uint8_t sig[104];
    size_t len = sizeof sig;
    uint8_t id[20];
    struct digest hash;
    struct digest expected;

    (void)state;
    spki_of(made, &spki);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &p384, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("document"), &hash, NULL), 0);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, sig, &len, hash.value, hash.len), 1);
    assert_int_equal(pubkey_verify_kind(p384, KEY_P384, &hash, bytes_of(sig, len), NULL), 0);
    assert_int_equal(pubkey_bits(p384), 384);
    assert_int_equal(pubkey_kind(p384), KEY_P384);
    assert_int_equal(
        digest_compute(DIGEST_SHA1, bytes_part(buf_bytes(&spki), 23, spki.len), &expected, NULL),
        0);
    assert_int_equal(pubkey_key_id(p384, id, NULL), 0);
    assert_memory_equal(id, expected.value, sizeof id);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_curves_are_refused_by_name),
        cmocka_unit_test(other_spellings_of_a_p384_key_are_refused),
        cmocka_unit_test(a_point_that_is_not_on_the_curve_is_refused),
        cmocka_unit_test(points_are_taken_that_openssls_decoder_takes),
        cmocka_unit_test(what_is_for_rsa_refuses_p384),
        cmocka_unit_test(an_ecdsa_signature_is_by_one_key_hash_and_spelling),
        cmocka_unit_test(odd_numbers_are_no_ecdsa_signature),
        cmocka_unit_test(an_ecdsa_signature_of_openssl_is_accepted),
        cmocka_unit_test(a_key_that_is_cut_or_longer_is_refused),
        cmocka_unit_test(keys_of_other_kinds_are_refused_by_name),
        cmocka_unit_test(small_exponents_are_refused),
        cmocka_unit_test(odd_sizes_are_refused),
        cmocka_unit_test(any_changed_byte_of_a_signature_is_refused),
        cmocka_unit_test(a_signature_of_another_length_is_refused),
        cmocka_unit_test(a_signature_not_below_the_modulus_is_refused),
        cmocka_unit_test(the_modulus_and_zero_are_no_signatures),
        cmocka_unit_test(under_an_even_modulus_nothing_is_signed),
        cmocka_unit_test(many_threads_use_one_key),
        cmocka_unit_test(another_digest_or_hash_is_refused),
        cmocka_unit_test(a_digestinfo_followed_by_garbage_is_refused),
        cmocka_unit_test(short_padding_and_block_type_2_are_refused),
        cmocka_unit_test(bare_and_wrapped_hashes_are_not_taken_for_each_other),
        cmocka_unit_test(a_bare_hash_of_no_known_length_is_refused),
        cmocka_unit_test(an_honest_signature_is_accepted),
        cmocka_unit_test(the_key_id_is_the_hash_of_the_bit_string),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
