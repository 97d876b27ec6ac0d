/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include "base/base64.h"
#include "crypto/limits.h"
#include "crypto/privkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#define KID  "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
#define GOOD "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\""

static struct privkey *private_key;
static struct pubkey *public_key;
static struct buf sealed; /* a compact JWE of "hello" to public_key */
/* The same with a key on P-256. */
static struct privkey *private_point;
static struct pubkey *public_point;
static struct buf agreed;

static int setup(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_generate(2048, &private_key, NULL), 0);
    assert_int_equal(privkey_spki(private_key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &public_key, NULL), 0);
    assert_int_equal(jwe_encrypt(public_key, bytes_text("hello"), &sealed, NULL), 0);
    buf_done(&spki);
    assert_int_equal(privkey_generate_p256(&private_point, NULL), 0);
    assert_int_equal(privkey_spki(private_point, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &public_point, NULL), 0);
    return jwe_encrypt(public_point, bytes_text("hello"), &agreed, NULL);
}

static int teardown(void **state)
{
    (void)state;
    privkey_freep(&private_key);
    pubkey_freep(&public_key);
    buf_done(&sealed);
    privkey_freep(&private_point);
    pubkey_freep(&public_point);
    buf_done(&agreed);
    return 0;
}

/* The two steps with the key between them, as signerd and the platform do it. */
static int open_compact(struct bytes compact, struct buf *ret)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret content_key = SECRET_INIT;

    TRY(jwe_parse(compact, &jwe, NULL));
    TRY(jwe.encrypted_key.len == 256
            ? privkey_unwrap(private_key, buf_bytes(&jwe.encrypted_key), &content_key, NULL)
            : privkey_agree(private_point, buf_bytes(&jwe.encrypted_key), &content_key, NULL));
    return jwe_decrypt(&jwe, &content_key, ret, NULL);
}

/* A JWE whose parts have possible sizes, with this header. */
static int parse_with(const char *header, size_t key_size, struct err *err)
{
    static const uint8_t zeros[256];
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    const size_t sizes[] = {key_size, 16, 32, 16};

    assert_int_equal(base64_append(&text, BASE64_URL, bytes_text(header), NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(buf_append_byte(&text, '.', NULL), 0);
        assert_int_equal(base64_append(&text, BASE64_URL, bytes_of(zeros, sizes[i]), NULL), 0);
    }
    return jwe_parse(buf_bytes(&text), &jwe, err);
}

static int parse_header(const char *header, struct err *err)
{
    return parse_with(header, 256, err);
}

static void assert_header_refused(const char *header, const char *because)
{
    struct err err = {.kind = ERR_NONE};

    assert_int_equal(parse_header(header, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, because));
}

static void headers_that_ask_for_more_are_refused(void **state)
{
    (void)state;
    assert_header_refused(GOOD ",\"crit\":[\"exp\"]}", "crit");
    assert_header_refused(GOOD ",\"zip\":\"DEF\"}", "zip");
    assert_header_refused(GOOD ",\"jku\":\"http://a.example/\"}", "jku");
    assert_header_refused(GOOD ",\"x5u\":\"http://a.example/\"}", "x5u");
    assert_header_refused(GOOD ",\"jwk\":{}}", "jwk");
    assert_header_refused(GOOD ",\"p2c\":1000000}", "p2c");
}

static void other_algorithms_are_refused(void **state)
{
    (void)state;
    assert_header_refused("{\"alg\":\"RSA1_5\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\"}",
                          "alg");
    assert_header_refused("{\"alg\":\"RSA-OAEP\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\"}",
                          "alg");
    assert_header_refused("{\"alg\":\"dir\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\"}", "alg");
    assert_header_refused("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128GCM\",\"kid\":\"" KID "\"}",
                          "enc");
    assert_header_refused(
        "{\"alg\":[\"RSA-OAEP-256\"],\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\"}", "alg");
}

static void headers_that_are_no_header_are_refused(void **state)
{
    (void)state;
    assert_header_refused("", "not JSON");
    assert_header_refused("[]", "not a JSON object");
    assert_header_refused("{}", "alg");
    assert_header_refused(GOOD ",\"alg\":\"RSA-OAEP-256\"}", "not JSON");
    assert_header_refused("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128CBC-HS256\"}", "kid");
    assert_header_refused("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128CBC-HS256\",\"kid\":\"key-1\"}",
                          "thumbprint");
}

static void a_header_ends_at_its_limit(void **state)
{
    char header[JWE_HEADER_MAX + 2];
    size_t start = strlen(GOOD);

    (void)state;
    memset(header, ' ', sizeof header);
    memcpy(header, GOOD, start);
    header[JWE_HEADER_MAX - 1] = '}';
    header[JWE_HEADER_MAX] = 0;
    assert_int_equal(parse_header(header, NULL), 0);
    header[JWE_HEADER_MAX - 1] = ' ';
    header[JWE_HEADER_MAX] = '}';
    header[JWE_HEADER_MAX + 1] = 0;
    assert_header_refused(header, "more than");
}

static void typ_and_cty_are_let_through(void **state)
{
    (void)state;
    assert_int_equal(parse_header(GOOD ",\"typ\":\"JOSE\",\"cty\":\"pkix-cert\"}", NULL), 0);
}

static void assert_no_changed_character_opens(const struct buf *whole)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    assert_int_equal(buf_copy(buf_bytes(whole), &copy, NULL), 0);
    for (size_t i = 0; i < copy.len; i++) {
        uint8_t was = copy.ptr[i];
        int rc;

        copy.ptr[i] = was == 'A' ? 'B' : 'A';
        rc = open_compact(buf_bytes(&copy), &plain);
        assert_true(rc == -ERR_INPUT || rc == -ERR_UNTRUSTED);
        assert_null(plain.ptr);
        copy.ptr[i] = was;
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void any_changed_character_is_refused(void **state)
{
    (void)state;
    assert_no_changed_character_opens(&sealed);
    assert_no_changed_character_opens(&agreed);
}

static void assert_nothing_shorter_or_longer_opens(const struct buf *whole)
{
    CLEANUP(buf_done) struct buf longer = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    static const char *const ends[] = {".", "=", "A", "\n", " ", "AAAA", ".AAAA"};

    for (size_t len = 0; len < whole->len; len++)
        assert_true(open_compact(bytes_of(whole->ptr, len), &plain) < 0);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        buf_clear(&longer);
        assert_int_equal(buf_append(&longer, buf_bytes(whole), NULL), 0);
        assert_int_equal(buf_append_text(&longer, ends[i], NULL), 0);
        assert_int_equal(open_compact(buf_bytes(&longer), &plain), -ERR_INPUT);
    }
    assert_null(plain.ptr);
}

static void any_shorter_piece_and_any_longer_one_is_refused(void **state)
{
    (void)state;
    assert_nothing_shorter_or_longer_opens(&sealed);
    assert_nothing_shorter_or_longer_opens(&agreed);
}

static void a_text_ends_at_its_limit(void **state)
{
    static const uint8_t zeros[JWE_PLAIN_MAX + 1];
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    (void)state;
    assert_int_equal(jwe_encrypt(public_key, BYTES_ARRAY(zeros), &out, NULL), -ERR_USAGE);
    assert_int_equal(jwe_encrypt(public_key, bytes_text(""), &out, NULL), -ERR_USAGE);
    assert_null(out.ptr);
    assert_int_equal(jwe_encrypt(public_key, bytes_of(zeros, JWE_PLAIN_MAX), &out, NULL), 0);
    assert_true(out.len <= JWE_MAX);
    assert_int_equal(open_compact(buf_bytes(&out), &plain), 0);
    assert_int_equal(plain.len, JWE_PLAIN_MAX);
}

static void a_jwe_ends_at_its_limit(void **state)
{
    static char dots[JWE_MAX + 1];
    struct err err = {.kind = ERR_NONE};
    struct jwe jwe = JWE_INIT;

    (void)state;
    memset(dots, 'A', sizeof dots);
    assert_int_equal(jwe_parse(bytes_of(dots, JWE_MAX), &jwe, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "five parts"));
    assert_int_equal(jwe_parse(bytes_of(dots, JWE_MAX + 1), &jwe, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "more than"));
}

static void a_secret_wrapped_for_another_key_or_otherwise_stays_shut(void **state)
{
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(secret_done) struct secret most = SECRET_INIT;
    CLEANUP(secret_done) struct secret more = SECRET_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;

    (void)state;
    assert_int_equal(privkey_generate(2048, &other, NULL), 0);
    assert_int_equal(secret_new(256 - 66, &most, NULL), 0);
    assert_int_equal(secret_new(256 - 65, &more, NULL), 0);
    assert_int_equal(pubkey_wrap(public_key, &more, &wrapped, NULL), -ERR_USAGE);
    assert_int_equal(pubkey_wrap(public_key, &most, &wrapped, NULL), 0);
    assert_int_equal(privkey_unwrap(other, buf_bytes(&wrapped), &plain, NULL), -ERR_UNTRUSTED);
    assert_int_equal(privkey_unwrap(private_key, bytes_of(wrapped.ptr, 255), &plain, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(privkey_unwrap(private_key, bytes_text(""), &plain, NULL), -ERR_UNTRUSTED);
    assert_null(plain.ptr);
    assert_int_equal(privkey_unwrap(private_key, buf_bytes(&wrapped), &plain, NULL), 0);
    assert_int_equal(plain.len, 256 - 66);
    assert_int_equal(ERR_peek_error(), 0);
}

/* Encrypt as another program would, with hash as the digest of OAEP and of MGF1. */
static void wrap_elsewhere(char *hash, const char *text, uint8_t ret[256])
{
    struct bytes spki = pubkey_spki(public_key);
    const unsigned char *at = spki.ptr;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.len);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    char oaep[] = "oaep";
    size_t len = 256;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, oaep, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, hash, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, hash, 0),
        OSSL_PARAM_construct_end()};

    assert_int_equal(EVP_PKEY_encrypt_init_ex(ctx, params), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, ret, &len, (const unsigned char *)text, strlen(text)),
                     1);
    assert_int_equal(len, 256);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

static void only_oaep_with_sha_256_is_unwrapped(void **state)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    uint8_t wrapped[256];
    char sha1[] = "SHA1";
    char sha256[] = "SHA256";

    (void)state;
    wrap_elsewhere(sha1, "key", wrapped);
    assert_int_equal(privkey_unwrap(private_key, BYTES_ARRAY(wrapped), &plain, NULL),
                     -ERR_UNTRUSTED);
    wrap_elsewhere(sha256, "", wrapped);
    assert_int_equal(privkey_unwrap(private_key, BYTES_ARRAY(wrapped), &plain, NULL),
                     -ERR_UNTRUSTED);
    wrap_elsewhere(sha256, "key", wrapped);
    assert_int_equal(privkey_unwrap(private_key, BYTES_ARRAY(wrapped), &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), bytes_text("key")));
}

static void what_was_encrypted_comes_back_and_names_its_key(void **state)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct jwk_thumbprint kid;

    (void)state;
    assert_int_equal(open_compact(buf_bytes(&sealed), &plain), 0);
    assert_true(bytes_equal(buf_bytes(&plain), bytes_text("hello")));
    assert_int_equal(jwe_parse(buf_bytes(&sealed), &jwe, NULL), 0);
    assert_int_equal(jwk_thumbprint(public_key, &kid, NULL), 0);
    assert_string_equal(jwe.kid.text, kid.text);
    assert_int_equal(jwe_encrypt(public_key, bytes_text("hello"), &again, NULL), 0);
    assert_false(bytes_equal(buf_bytes(&again), buf_bytes(&sealed)));
}

/* ---- a key that is agreed on ---- */

/* The point of RFC 7515, A.3.1. */
#define X     "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define Y     "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define POINT "\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y
#define ECDH  "{\"alg\":\"ECDH-ES\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID "\""
#define EPK   ",\"epk\":{"

static void assert_agreement_refused(const char *header, const char *because)
{
    struct err err = {.kind = ERR_NONE};

    assert_int_equal(parse_with(header, 0, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, because));
}

static void a_point_is_a_public_key_on_p256_and_nothing_besides(void **state)
{
    (void)state;
    assert_int_equal(parse_with(ECDH EPK POINT "}}", 0, NULL), 0);
    assert_agreement_refused(ECDH "}", "epk");
    assert_agreement_refused(ECDH ",\"epk\":\"EC\"}", "epk");
    assert_agreement_refused(ECDH EPK "}}", "kty");
    assert_agreement_refused(ECDH EPK POINT ",\"d\":\"AA\"}}", "\"d\"");
    assert_agreement_refused(ECDH EPK POINT ",\"kid\":\"AA\"}}", "kid");
    assert_agreement_refused(ECDH EPK "\"kty\":\"OKP\",\"crv\":\"P-256\"," X "," Y "}}", "kty");
    assert_agreement_refused(ECDH EPK "\"kty\":\"EC\",\"crv\":\"P-384\"," X "," Y "}}", "curve");
    assert_agreement_refused(ECDH EPK "\"kty\":\"EC\",\"crv\":\"P-256\"," X "}}", "\"y\"");
    assert_agreement_refused(ECDH EPK "\"kty\":\"EC\",\"crv\":\"P-256\"," X ",\"y\":\"AAAA\"}}",
                             "octets");
}

static void an_agreement_has_no_other_key_and_no_names(void **state)
{
    struct err err = {.kind = ERR_NONE};

    (void)state;
    assert_int_equal(parse_with(ECDH EPK POINT "}}", 256, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "another one"));
    assert_agreement_refused(ECDH EPK POINT "},\"apu\":\"QWxpY2U\"}", "apu");
    assert_agreement_refused(ECDH EPK POINT "},\"apv\":\"Qm9i\"}", "apv");
    assert_header_refused(GOOD EPK POINT "}}", "epk");
    assert_header_refused("{\"alg\":\"ECDH-ES+A128KW\",\"enc\":\"A128CBC-HS256\",\"kid\":\"" KID
                          "\"" EPK POINT "}}",
                          "alg");
    assert_int_equal(parse_with(GOOD "}", 0, NULL), -ERR_INPUT);
}

static void what_was_encrypted_to_a_point_comes_back_and_names_its_key(void **state)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct jwk_thumbprint kid;

    (void)state;
    assert_int_equal(open_compact(buf_bytes(&agreed), &plain), 0);
    assert_true(bytes_equal(buf_bytes(&plain), bytes_text("hello")));
    assert_int_equal(jwe_parse(buf_bytes(&agreed), &jwe, NULL), 0);
    assert_int_equal(jwk_thumbprint(public_point, &kid, NULL), 0);
    assert_string_equal(jwe.kid.text, kid.text);
    assert_int_equal(jwe_encrypt(public_point, bytes_text("hello"), &again, NULL), 0);
    assert_false(bytes_equal(buf_bytes(&again), buf_bytes(&agreed)));
}

/* Whichever key is asked to open what is for the other one. */
static void each_keys_messages_are_shut_to_the_other(void **state)
{
    CLEANUP(jwe_done) struct jwe wrapped = JWE_INIT;
    CLEANUP(jwe_done) struct jwe pointed = JWE_INIT;
    CLEANUP(secret_done) struct secret none = SECRET_INIT;

    (void)state;
    assert_int_equal(jwe_parse(buf_bytes(&sealed), &wrapped, NULL), 0);
    assert_int_equal(jwe_parse(buf_bytes(&agreed), &pointed, NULL), 0);
    assert_int_equal(privkey_unwrap(private_key, buf_bytes(&pointed.encrypted_key), &none, NULL),
                     -ERR_UNTRUSTED);
    assert_int_equal(privkey_agree(private_point, buf_bytes(&wrapped.encrypted_key), &none, NULL),
                     -ERR_UNTRUSTED);
    assert_null(none.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_ask_for_more_are_refused),
        cmocka_unit_test(other_algorithms_are_refused),
        cmocka_unit_test(headers_that_are_no_header_are_refused),
        cmocka_unit_test(a_header_ends_at_its_limit),
        cmocka_unit_test(typ_and_cty_are_let_through),
        cmocka_unit_test(any_changed_character_is_refused),
        cmocka_unit_test(any_shorter_piece_and_any_longer_one_is_refused),
        cmocka_unit_test(a_text_ends_at_its_limit),
        cmocka_unit_test(a_jwe_ends_at_its_limit),
        cmocka_unit_test(a_secret_wrapped_for_another_key_or_otherwise_stays_shut),
        cmocka_unit_test(only_oaep_with_sha_256_is_unwrapped),
        cmocka_unit_test(what_was_encrypted_comes_back_and_names_its_key),
        cmocka_unit_test(a_point_is_a_public_key_on_p256_and_nothing_besides),
        cmocka_unit_test(an_agreement_has_no_other_key_and_no_names),
        cmocka_unit_test(what_was_encrypted_to_a_point_comes_back_and_names_its_key),
        cmocka_unit_test(each_keys_messages_are_shut_to_the_other),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
