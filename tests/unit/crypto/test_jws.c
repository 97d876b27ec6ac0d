/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jws.h"

#include "base/base64.h"
#include "crypto/privkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

static struct privkey *rsa, *point;
static struct pubkey *rsa_public, *point_public;

static struct pubkey *public_of(const struct privkey *key)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct pubkey *ret = NULL;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &ret, NULL), 0);
    return ret;
}

static int setup(void **state)
{
    (void)state;
    assert_int_equal(privkey_generate(2048, &rsa, NULL), 0);
    assert_int_equal(privkey_generate_p256(&point, NULL), 0);
    rsa_public = public_of(rsa);
    point_public = public_of(point);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    privkey_freep(&rsa);
    privkey_freep(&point);
    pubkey_freep(&rsa_public);
    pubkey_freep(&point_public);
    return 0;
}

/* header and payload as they are given, in base64url. */
static void input_of(const char *header, const char *payload, struct buf *ret)
{
    assert_int_equal(base64_append(ret, BASE64_URL, bytes_text(header), NULL), 0);
    assert_int_equal(buf_append_byte(ret, '.', NULL), 0);
    assert_int_equal(base64_append(ret, BASE64_URL, bytes_text(payload), NULL), 0);
}

static void sign_input(struct bytes input, const struct privkey *key, struct buf *ret)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    assert_int_equal(digest_compute(DIGEST_SHA256, input, &digest, NULL), 0);
    assert_int_equal(privkey_sign_jws(key, &digest, &signature, NULL), 0);
    assert_int_equal(jws_complete(input, buf_bytes(&signature), ret, NULL), 0);
}

static void make(const char *header, const char *payload, const struct privkey *key,
                 struct buf *ret)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;

    input_of(header, payload, &input);
    sign_input(buf_bytes(&input), key, ret);
}

static int parse(const char *header, const char *payload, struct jws *ret)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    struct jws jws = JWS_INIT;
    int rc;

    make(header, payload, point, &compact);
    rc = jws_parse(buf_bytes(&compact), &jws, NULL);
    assert_int_equal(ERR_peek_error(), 0);
    jws.input = (struct bytes){NULL, 0}; /* it pointed into compact */
    if (ret != NULL && rc == 0)
        *ret = jws;
    else
        jws_done(&jws);
    return rc;
}

static void no_algorithm_but_the_three_is_taken(void **state)
{
    static const char *const others[] = {"none",  "None",  "HS256", "RS384", "ES384",
                                         "ES512", "EdDSA", "es256", "",      "RS1"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char header[64];

        (void)snprintf(header, sizeof header, "{\"alg\":\"%s\"}", others[i]);
        assert_int_equal(parse(header, "{}", NULL), -ERR_INPUT);
    }
    assert_int_equal(parse("{}", "{}", NULL), -ERR_INPUT);
    assert_int_equal(parse("{\"alg\":null}", "{}", NULL), -ERR_INPUT);
    assert_int_equal(parse("{\"alg\":\"ES256\"}", "{}", NULL), 0);
}

static void a_header_that_leads_elsewhere_is_refused(void **state)
{
    static const char *const more[] = {
        "\"crit\":[\"b64\"]", "\"b64\":false", "\"jku\":\"https://a.example\"",
        "\"jwk\":{}",         "\"x5u\":\"\"",  "\"x5c\":[]",
        "\"alg\":\"ES256\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        char header[96];

        (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",%s}", more[i]);
        assert_int_equal(parse(header, "{}", NULL), -ERR_INPUT);
    }
}

/* Libraries name their certificate so, and providers what they like (RFC 7515, 4). */
static void other_members_are_passed_over_unless_we_sign_them(void **state)
{
    static const char *const more[] = {"\"x5t\":\"4ucVNFWBJzqB2OnYYh-PqMwiVRI\"",
                                       "\"x5t#S256\":\"AA\"", "\"cty\":\"JWT\"",
                                       "\"https://a.example/more\":{\"b\":[1]}"};

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        CLEANUP(buf_done) struct buf input = BUF_INIT;
        struct jws jws = JWS_INIT;
        char header[96];

        (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"k\",%s}", more[i]);
        assert_int_equal(parse(header, "{}", &jws), 0);
        assert_string_equal(jws.kid, "k");
        jws_done(&jws);
        input_of(header, "{}", &input);
        assert_int_equal(jws_parse_input(buf_bytes(&input), &jws, NULL), -ERR_INPUT);
    }
}

static void what_is_no_compact_jws_is_refused(void **state)
{
    static const char *const texts[] = {
        "", ".", "..", "e30.e30", "e30.e30.", "e30.e30.AA.AA", "e30..AA", "!.e30.AA"};
    struct jws jws = JWS_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(jws_parse(bytes_text(texts[i]), &jws, NULL), -ERR_INPUT);
    assert_int_equal(parse("[]", "{}", NULL), -ERR_INPUT);
    assert_int_equal(parse("{\"alg\":\"ES256\"}", "[]", NULL), -ERR_INPUT);
    assert_int_equal(parse("{\"alg\":\"ES256\"}", "{\"a\":1,\"a\":2}", NULL), -ERR_INPUT);
    assert_int_equal(parse("{\"alg\":\"ES256\"}", "", NULL), -ERR_INPUT);
    assert_null(jws.claims);
}

static void a_jws_ends_at_its_limit(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    static const char head[] = "eyJhbGciOiJFUzI1NiJ9.e30."; /* {"alg":"ES256"}.{} */

    (void)state;
    assert_int_equal(buf_append_text(&text, head, NULL), 0);
    while (text.len < JWS_MAX)
        assert_int_equal(buf_append_byte(&text, 'A', NULL), 0);
    if ((text.len - strlen(head)) % 4 == 1) /* no base64 has this length */
        text.len--;
    assert_int_equal(jws_parse(buf_bytes(&text), &jws, NULL), 0);
    while (text.len <= JWS_MAX)
        assert_int_equal(buf_append_byte(&text, 'A', NULL), 0);
    assert_int_equal(jws_parse(buf_bytes(&text), &jws, NULL), -ERR_INPUT);
}

static void a_name_ends_at_its_limit(void **state)
{
    char header[JWS_NAME_MAX + 64];
    struct jws jws = JWS_INIT;

    (void)state;
    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"%0*d\"}", JWS_NAME_MAX, 0);
    assert_int_equal(parse(header, "{}", &jws), 0);
    assert_int_equal(strlen(jws.kid), JWS_NAME_MAX);
    jws_done(&jws);
    (void)snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"%0*d\"}", JWS_NAME_MAX + 1,
                   0);
    assert_int_equal(parse(header, "{}", &jws), -ERR_INPUT);
}

/* One way of signing, with the key that it is for. */
static void assert_verifies(enum jws_alg alg, const struct privkey *key,
                            const struct pubkey *public, const struct pubkey *other)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct digest digest;

    assert_int_equal(json_put_int(claims, "exp", 7, NULL), 0);
    assert_int_equal(jws_prepare(alg, "JWT", "k", claims, &input, NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, NULL), 0);
    assert_int_equal(alg == JWS_PS256 ? privkey_sign_pss(key, &digest, 32, &signature, NULL)
                                      : privkey_sign_jws(key, &digest, &signature, NULL),
                     0);
    assert_int_equal(jws_complete(buf_bytes(&input), buf_bytes(&signature), &compact, NULL), 0);
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    assert_int_equal(jws.alg, alg);
    assert_string_equal(jws.kid, "k");
    assert_string_equal(jws.typ, "JWT");
    assert_int_equal(jws_verify(&jws, public, NULL), 0);
    assert_int_equal(jws_verify(&jws, other, NULL), -ERR_UNTRUSTED);
    jws.signature.ptr[jws.signature.len - 1] ^= 1;
    assert_int_equal(jws_verify(&jws, public, NULL), -ERR_UNTRUSTED);
    assert_int_equal(ERR_peek_error(), 0);
}

static void each_algorithm_is_for_keys_of_its_kind(void **state)
{
    (void)state;
    assert_verifies(JWS_RS256, rsa, rsa_public, point_public);
    assert_verifies(JWS_PS256, rsa, rsa_public, point_public);
    assert_verifies(JWS_ES256, point, point_public, rsa_public);
}

static void another_algorithm_than_was_signed_with_does_not_verify(void **state)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;

    (void)state;
    make("{\"alg\":\"PS256\"}", "{}", rsa, &compact); /* PKCS #1 v1.5 under the name of PSS */
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    assert_int_equal(jws_verify(&jws, rsa_public, NULL), -ERR_UNTRUSTED);
}

static void an_es256_signature_has_one_size(void **state)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;

    (void)state;
    make("{\"alg\":\"ES256\"}", "{}", point, &compact);
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    assert_int_equal(jws.signature.len, 64);
    jws.signature.len--;
    assert_int_equal(jws_verify(&jws, point_public, NULL), -ERR_UNTRUSTED);
    /* As certificates have it: DER. */
    assert_int_equal(digest_compute(DIGEST_SHA256, jws.input, &digest, NULL), 0);
    assert_int_equal(privkey_sign(point, &digest, &der, NULL), 0);
    buf_done(&jws.signature);
    buf_move(&jws.signature, &der);
    assert_int_equal(jws_verify(&jws, point_public, NULL), -ERR_UNTRUSTED);
    /* Zeros, which a broken verifier takes for a signature by any key. */
    buf_clear(&jws.signature);
    for (int i = 0; i < 64; i++)
        assert_int_equal(buf_append_byte(&jws.signature, 0, NULL), 0);
    assert_int_equal(jws_verify(&jws, point_public, NULL), -ERR_UNTRUSTED);
    assert_int_equal(ERR_peek_error(), 0);
}

/* The set of one key, named so, with the private or public members that are given. */
static struct json *set_of(const struct pubkey *key, const char *kid, const char *more,
                           const char *value)
{
    CLEANUP(json_freep) struct json *set = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    CLEANUP(json_freep) struct json *jwk = NULL;

    assert_int_equal(jwk_write(key, JWK_SIGNATURE, &jwk, NULL), 0);
    assert_int_equal(json_put_text(jwk, "kid", kid, NULL), 0);
    if (more != NULL)
        assert_int_equal(json_put_text(jwk, more, value, NULL), 0);
    assert_int_equal(json_add(keys, json_steal(&jwk), NULL), 0);
    assert_int_equal(json_put(set, "keys", json_steal(&keys), NULL), 0);
    return json_steal(&set);
}

static int verify_with(const char *kid, const char *more, const char *value)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(json_freep) struct json *set = set_of(point_public, kid, more, value);

    make("{\"alg\":\"ES256\",\"kid\":\"mine\"}", "{}", point, &compact);
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    return jws_verify_set(&jws, set, NULL);
}

static void a_key_of_a_set_is_found_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(verify_with("mine", NULL, NULL), 0);
    assert_int_equal(verify_with("mine", "use", "enc"), -ERR_UNTRUSTED);
    assert_int_equal(verify_with("mine", "alg", "ES384"), -ERR_UNTRUSTED);
    assert_int_equal(verify_with("mine", "crv", "P-384"), -ERR_UNTRUSTED);
    assert_int_equal(verify_with("mine", "d", "AA"), -ERR_UNTRUSTED);
    assert_int_equal(verify_with("other", NULL, NULL), -ERR_UNTRUSTED);
}

static void a_token_without_a_name_is_tried_with_so_many_keys(void **state)
{
    CLEANUP(buf_done) struct buf compact = BUF_INIT;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    CLEANUP(privkey_freep) struct privkey *stranger = NULL;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;

    (void)state;
    assert_int_equal(privkey_generate_p256(&stranger, NULL), 0);
    public = public_of(stranger);
    make("{\"alg\":\"ES256\"}", "{}", point, &compact);
    assert_int_equal(jws_parse(buf_bytes(&compact), &jws, NULL), 0);
    for (int before = JWS_TRIES_MAX - 1; before <= JWS_TRIES_MAX; before++) {
        CLEANUP(json_freep) struct json *set = json_object_new();
        CLEANUP(json_freep) struct json *keys = json_array_new();
        struct json *jwk;

        for (int i = 0; i <= before; i++) {
            assert_int_equal(
                jwk_write(i < before ? public : point_public, JWK_SIGNATURE, &jwk, NULL), 0);
            assert_int_equal(json_add(keys, jwk, NULL), 0);
        }
        assert_int_equal(json_put(set, "keys", json_steal(&keys), NULL), 0);
        assert_int_equal(jws_verify_set(&jws, set, NULL),
                         before < JWS_TRIES_MAX ? 0 : -ERR_UNTRUSTED);
    }
}

/* RFC 7515, A.3: a token that others made. */
static void the_example_of_the_specification_verifies(void **state)
{
    static const char compact[] =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    static const char key[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
                              "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                              "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
    CLEANUP(json_freep) struct json *set = NULL;
    CLEANUP(jws_done) struct jws jws = JWS_INIT;

    (void)state;
    assert_int_equal(json_parse(BYTES_LITERAL(key), &set, NULL), 0);
    assert_int_equal(jws_parse(BYTES_LITERAL(compact), &jws, NULL), 0);
    assert_int_equal(jws_verify_set(&jws, set, NULL), 0);
}

static void a_point_that_is_not_on_the_curve_is_no_key(void **state)
{
    uint8_t point_of_nowhere[64];
    CLEANUP(buf_done) struct buf real = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    (void)state;
    memset(point_of_nowhere, 7, sizeof point_of_nowhere);
    assert_int_equal(pubkey_from_point(BYTES_ARRAY(point_of_nowhere), &key, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_from_point(bytes_of(point_of_nowhere, 63), &key, NULL), -ERR_INPUT);
    assert_int_equal(pubkey_point(point_public, &real, NULL), 0);
    assert_int_equal(pubkey_from_point(buf_bytes(&real), &key, NULL), 0);
    assert_int_equal(pubkey_kind(key), KEY_P256);
    assert_int_equal(pubkey_bits(key), 256);
}

/* Certificates have RSA keys or P-384 (pubkey.h). */
static void no_key_of_tokens_comes_in_as_a_certificates(void **state)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(privkey_freep) struct privkey *other = NULL;
    struct pubkey *key = NULL;

    (void)state;
    assert_int_equal(privkey_spki(point, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki(buf_bytes(&spki), &key, NULL), -ERR_INPUT);
    buf_done(&spki);
    assert_int_equal(privkey_generate_p384(&other, NULL), 0);
    assert_int_equal(privkey_spki(other, &spki, NULL), 0);
    assert_int_equal(pubkey_from_spki_jws(buf_bytes(&spki), &key, NULL), -ERR_INPUT);
}

static void edit(const struct secret *text, const char *name, const char *value, struct buf *ret)
{
    CLEANUP(json_freep) struct json *jwk = NULL;

    buf_done(ret);
    assert_int_equal(json_parse(secret_bytes(text), &jwk, NULL), 0);
    assert_int_equal(json_put_text(jwk, name, value, NULL), 0);
    assert_int_equal(json_write(jwk, ret, NULL), 0);
}

static void a_private_jwk_is_taken_if_its_halves_belong_together(void **state)
{
    static const char *const texts[] = {"", "AA", "A", "not base64 !", "B\xc3\xa4"};
    static const char *const names[] = {"d", "x", "y", "kty", "crv"};
    CLEANUP(secret_done) struct secret one = SECRET_INIT;
    CLEANUP(secret_done) struct secret other = SECRET_INIT;
    CLEANUP(json_freep) struct json *jwk = NULL;
    CLEANUP(buf_done) struct buf edited = BUF_INIT;
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    struct privkey *none = NULL;
    const char *text = NULL;

    (void)state;
    assert_int_equal(jws_key_make(&one, NULL), 0);
    assert_int_equal(jws_key_make(&other, NULL), 0);
    assert_int_equal(jws_key_open(secret_bytes(&one), &key, NULL), 0);
    assert_int_equal(privkey_kind(key), KEY_P256);
    assert_int_equal(json_parse(secret_bytes(&other), &jwk, NULL), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
            edit(&one, names[i], texts[j], &edited);
            assert_int_equal(jws_key_open(buf_bytes(&edited), &none, NULL), -ERR_INPUT);
        }
        if (i > 2)
            continue;
        assert_int_equal(json_get_text(jwk, names[i], &text, NULL), 0);
        edit(&one, names[i], text, &edited);
        assert_int_equal(jws_key_open(buf_bytes(&edited), &none, NULL), -ERR_INPUT);
    }
    edit(&one, "d", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &edited); /* zero */
    assert_int_equal(jws_key_open(buf_bytes(&edited), &none, NULL), -ERR_INPUT);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_algorithm_but_the_three_is_taken),
        cmocka_unit_test(a_header_that_leads_elsewhere_is_refused),
        cmocka_unit_test(other_members_are_passed_over_unless_we_sign_them),
        cmocka_unit_test(what_is_no_compact_jws_is_refused),
        cmocka_unit_test(a_jws_ends_at_its_limit),
        cmocka_unit_test(a_name_ends_at_its_limit),
        cmocka_unit_test(each_algorithm_is_for_keys_of_its_kind),
        cmocka_unit_test(another_algorithm_than_was_signed_with_does_not_verify),
        cmocka_unit_test(an_es256_signature_has_one_size),
        cmocka_unit_test(a_key_of_a_set_is_found_by_its_name),
        cmocka_unit_test(a_token_without_a_name_is_tried_with_so_many_keys),
        cmocka_unit_test(the_example_of_the_specification_verifies),
        cmocka_unit_test(a_point_that_is_not_on_the_curve_is_no_key),
        cmocka_unit_test(no_key_of_tokens_comes_in_as_a_certificates),
        cmocka_unit_test(a_private_jwk_is_taken_if_its_halves_belong_together),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
