/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwk.h"

#include "base/base64.h"
#include "crypto/privkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

/* The key of RFC 7638, 3.1. */
#define MODULUS                                                                                    \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP" \
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY" \
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f" \
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define KID "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"

static int parse(const char *text, enum jwk_use use, struct pubkey **ret)
{
    CLEANUP(json_freep) struct json *jwk = NULL;

    assert_int_equal(json_parse(bytes_text(text), &jwk, NULL), 0);
    return jwk_parse(jwk, use, ret, NULL);
}

static void assert_refused(const char *text)
{
    struct pubkey *key = NULL;

    assert_int_equal(parse(text, JWK_ENCRYPTION, &key), -ERR_INPUT);
    assert_null(key);
    assert_int_equal(ERR_peek_error(), 0);
}

static void members_that_are_missing_or_of_another_type_are_refused(void **state)
{
    (void)state;
    assert_refused("{}");
    assert_refused("[]");
    assert_refused("{\"e\":\"AQAB\",\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":65537,\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"use\":1,\"n\":\"" MODULUS "\"}");
}

static void other_keys_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"Aw\",\"n\":\"" MODULUS "\"}");
    /* One spelling of the exponent, one of the modulus. */
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AAEAAQ\",\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AAAA" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" MODULUS "=\"}");
    /* 2024 and 1024 bits, none. */
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmb\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"\"}");
}

static void a_private_key_is_refused_by_name(void **state)
{
    CLEANUP(json_freep) struct json *jwk = NULL;
    struct pubkey *key = NULL;
    struct err err = {.kind = ERR_NONE};

    (void)state;
    assert_int_equal(
        json_parse(
            bytes_text("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"AA\",\"n\":\"" MODULUS "\"}"), &jwk,
            NULL),
        0);
    assert_int_equal(jwk_parse(jwk, JWK_ENCRYPTION, &key, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "private key"));
}

static void another_use_algorithm_or_name_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"use\":\"sig\",\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"alg\":\"RSA1_5\",\"n\":\"" MODULUS "\"}");
    assert_refused("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"1\",\"n\":\"" MODULUS "\"}");
}

static void a_modulus_that_is_even_or_too_long_makes_no_key(void **state)
{
    uint8_t modulus[513];
    struct pubkey *key = NULL;

    (void)state;
    memset(modulus, 0xff, sizeof modulus);
    assert_int_equal(pubkey_from_modulus(BYTES_ARRAY(modulus), &key, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_from_modulus(bytes_of(modulus, 255), &key, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_from_modulus(bytes_of(modulus, 257), &key, NULL), -ERR_INPUT);
    assert_null(key);
    assert_int_equal(ERR_peek_error(), 0);
}

static void the_thumbprint_is_the_one_of_the_specification(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct jwk_thumbprint thumbprint;

    (void)state;
    assert_int_equal(parse("{\"kty\":\"RSA\",\"n\":\"" MODULUS "\",\"e\":\"AQAB\",\"kid\":\"" KID
                           "\",\"x\":1}",
                           JWK_ENCRYPTION, &key),
                     0);
    assert_int_equal(pubkey_bits(key), 2048);
    assert_int_equal(jwk_thumbprint(key, &thumbprint, NULL), 0);
    assert_string_equal(thumbprint.text, KID);
}

static void what_is_written_is_read_as_the_same_key(void **state)
{
    for (unsigned bits = 2048; bits <= 4096; bits += 2048) {
        CLEANUP(privkey_freep) struct privkey *made = NULL;
        CLEANUP(pubkey_freep) struct pubkey *key = NULL;
        CLEANUP(pubkey_freep) struct pubkey *again = NULL;
        CLEANUP(buf_done) struct buf spki = BUF_INIT;
        CLEANUP(json_freep) struct json *jwk = NULL;
        const char *use;

        assert_int_equal(privkey_generate(bits, &made, NULL), 0);
        assert_int_equal(privkey_spki(made, &spki, NULL), 0);
        assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &key, NULL), 0);
        assert_int_equal(jwk_write(key, JWK_SIGNATURE, &jwk, NULL), 0);
        assert_int_equal(json_get_text(jwk, "alg", &use, NULL), 0);
        assert_string_equal(use, "RS256");
        assert_int_equal(jwk_parse(jwk, JWK_SIGNATURE, &again, NULL), 0);
        assert_true(bytes_equal(pubkey_spki(again), buf_bytes(&spki)));
    }
    (void)state;
}

static int pick(const char *text, struct pubkey **ret)
{
    CLEANUP(json_freep) struct json *set = NULL;

    assert_int_equal(json_parse(bytes_text(text), &set, NULL), 0);
    return jwk_set_pick(set, JWK_ENCRYPTION, ret, NULL);
}

static void a_set_gives_its_first_key_for_the_use(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    (void)state;
    assert_int_equal(pick("{\"keys\":[]}", &key), -ERR_ABSENT);
    assert_int_equal(pick("{\"keys\":[7,{\"kty\":\"EC\"}]}", &key), -ERR_ABSENT);
    assert_int_equal(pick("{}", &key), -ERR_INPUT);
    assert_null(key);
    assert_int_equal(
        pick("{\"keys\":[{\"kty\":\"EC\"},{\"kty\":\"RSA\",\"use\":\"sig\",\"e\":\"AQAB\",\"n\":"
             "\"" MODULUS "\"},{\"kty\":\"RSA\",\"use\":\"enc\",\"e\":\"AQAB\",\"n\":\"" MODULUS
             "\"}]}",
             &key),
        0);
    assert_non_null(key);
}

/* The point of RFC 7515, A.3.1. */
#define POINT_X "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define POINT_Y "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC      "{\"kty\":\"EC\",\"crv\":\"P-256\"," POINT_X

static void a_key_on_p256_is_read_for_encryption_alone(void **state)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct pubkey *none = NULL;

    (void)state;
    assert_refused(EC "}");
    assert_refused(EC ",\"y\":\"\"}");
    assert_refused(EC ",\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}"); /* not on it */
    assert_refused(EC "," POINT_Y ",\"d\":\"AA\"}");
    assert_refused(EC "," POINT_Y ",\"use\":\"sig\"}");
    assert_refused(EC "," POINT_Y ",\"alg\":\"ECDH-ES+A128KW\"}");
    assert_refused(EC "," POINT_Y ",\"alg\":\"RSA-OAEP-256\"}");
    assert_refused(EC "," POINT_Y ",\"kid\":\"" KID "\"}");
    assert_refused("{\"kty\":\"EC\",\"crv\":\"P-384\"," POINT_X "," POINT_Y "}");
    assert_refused("{\"kty\":\"EC\"," POINT_X "," POINT_Y "}");
    assert_int_equal(parse(EC "," POINT_Y "}", JWK_SIGNATURE, &none), -ERR_INPUT);
    assert_null(none);
    assert_int_equal(
        parse(EC "," POINT_Y ",\"use\":\"enc\",\"alg\":\"ECDH-ES\"}", JWK_ENCRYPTION, &key), 0);
    assert_int_equal(pubkey_kind(key), KEY_P256);
}

static void a_key_on_p256_is_written_with_its_algorithm(void **state)
{
    static const struct {
        enum jwk_use use;
        const char *alg;
    } rows[] = {{JWK_ENCRYPTION, "ECDH-ES"}, {JWK_SIGNATURE, "ES256"}};
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    (void)state;
    assert_int_equal(parse(EC "," POINT_Y "}", JWK_ENCRYPTION, &key), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(json_freep) struct json *jwk = NULL;
        CLEANUP(pubkey_freep) struct pubkey *again = NULL;
        const char *alg;

        assert_int_equal(jwk_write(key, rows[i].use, &jwk, NULL), 0);
        assert_int_equal(json_get_text(jwk, "alg", &alg, NULL), 0);
        assert_string_equal(alg, rows[i].alg);
        assert_int_equal(jwk_parse(jwk, JWK_ENCRYPTION, &again, NULL),
                         rows[i].use == JWK_ENCRYPTION ? 0 : -ERR_INPUT);
        if (again != NULL)
            assert_true(bytes_equal(pubkey_spki(again), pubkey_spki(key)));
    }
}

static void of_a_set_the_key_on_p256_is_taken_wherever_it_stands(void **state)
{
#define RSA "{\"kty\":\"RSA\",\"use\":\"enc\",\"e\":\"AQAB\",\"n\":\"" MODULUS "\"}"
    static const struct {
        const char *set;
        enum key_kind kind;
    } rows[] = {
        {"{\"keys\":[" RSA "," EC "," POINT_Y "}]}", KEY_P256},
        {"{\"keys\":[" EC "," POINT_Y "}," RSA "]}", KEY_P256},
        {"{\"keys\":[" EC "," POINT_Y ",\"use\":\"sig\"}," RSA "]}", KEY_RSA},
        {"{\"keys\":[" EC "}," RSA "]}", KEY_RSA},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(pubkey_freep) struct pubkey *key = NULL;

        assert_int_equal(pick(rows[i].set, &key), 0);
        assert_int_equal(pubkey_kind(key), rows[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_that_are_missing_or_of_another_type_are_refused),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(a_private_key_is_refused_by_name),
        cmocka_unit_test(another_use_algorithm_or_name_is_refused),
        cmocka_unit_test(a_modulus_that_is_even_or_too_long_makes_no_key),
        cmocka_unit_test(the_thumbprint_is_the_one_of_the_specification),
        cmocka_unit_test(what_is_written_is_read_as_the_same_key),
        cmocka_unit_test(a_set_gives_its_first_key_for_the_use),
        cmocka_unit_test(a_key_on_p256_is_read_for_encryption_alone),
        cmocka_unit_test(a_key_on_p256_is_written_with_its_algorithm),
        cmocka_unit_test(of_a_set_the_key_on_p256_is_taken_wherever_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
