/* SPDX-License-Identifier: Apache-2.0 */
/* The exponent is the one of pubkey.h, so that it is a constant here: AQAB is 65537. */
#include "crypto/jwk.h"

#include "base/base64.h"

#include <string.h>

static const char exponent[] = "AQAB";

static const struct {
    const char *use;
    const char *alg;   /* of RSA keys */
    const char *point; /* of keys on P-256 */
} uses[] = {
    [JWK_ENCRYPTION] = {"enc", "RSA-OAEP-256", "ECDH-ES"},
    [JWK_SIGNATURE] = {"sig", "RS256", "ES256"},
};

/* Members that only a private or symmetric key has (RFC 7518, 6.3.2 and 6.4.1). */
static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

static int append_modulus(const struct pubkey *key, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;

    TRY(pubkey_modulus(key, &modulus, err));
    return base64_append(ret, BASE64_URL, buf_bytes(&modulus), err);
}

enum { COORDINATE_SIZE = 32 };

/* x, or y. */
static struct bytes coordinate(struct bytes point, unsigned which)
{
    return bytes_part(point, (size_t)which * COORDINATE_SIZE, COORDINATE_SIZE);
}

static int append_coordinate(const struct pubkey *key, unsigned which, struct buf *ret,
                             struct err *err)
{
    CLEANUP(buf_done) struct buf point = BUF_INIT;

    TRY(pubkey_point(key, &point, err));
    return base64_append(ret, BASE64_URL, coordinate(buf_bytes(&point), which), err);
}

/* The required members, in their order (RFC 7638, 3.2). */
static int append_required(const struct pubkey *key, struct buf *text, struct err *err)
{
    if (pubkey_kind(key) == KEY_P256) {
        TRY(buf_append_text(text, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"", err));
        TRY(append_coordinate(key, 0, text, err));
        TRY(buf_append_text(text, "\",\"y\":\"", err));
        TRY(append_coordinate(key, 1, text, err));
    } else {
        TRY(buf_append_format(text, err, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"", exponent));
        TRY(append_modulus(key, text, err));
    }
    return buf_append_text(text, "\"}", err);
}

int jwk_thumbprint(const struct pubkey *key, struct jwk_thumbprint *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    struct digest digest;

    TRY(append_required(key, &text, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    TRY(base64_append(&name, BASE64_URL, digest_bytes(&digest), err));
    memcpy(ret->text, name.ptr, JWK_THUMBPRINT_LEN);
    ret->text[JWK_THUMBPRINT_LEN] = 0;
    return 0;
}

static int put_rsa(struct json *jwk, const struct pubkey *key, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;

    TRY(append_modulus(key, &modulus, err));
    TRY(json_put_text(jwk, "kty", "RSA", err));
    TRY(json_put_bytes(jwk, "n", buf_bytes(&modulus), err));
    return json_put_text(jwk, "e", exponent, err);
}

int jwk_put_point(struct json *jwk, struct bytes coordinates, struct err *err)
{
    static const char *const names[] = {"x", "y"};

    TRY(json_put_text(jwk, "kty", "EC", err));
    TRY(json_put_text(jwk, "crv", "P-256", err));
    for (unsigned i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        TRY(base64_append(&text, BASE64_URL, coordinate(coordinates, i), err));
        TRY(json_put_bytes(jwk, names[i], buf_bytes(&text), err));
    }
    return 0;
}

static int put_point(struct json *jwk, const struct pubkey *key, struct err *err)
{
    CLEANUP(buf_done) struct buf point = BUF_INIT;

    TRY(pubkey_point(key, &point, err));
    return jwk_put_point(jwk, buf_bytes(&point), err);
}

int jwk_write(const struct pubkey *key, enum jwk_use use, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *jwk = json_object_new();
    const bool is_point = pubkey_kind(key) == KEY_P256;
    struct jwk_thumbprint kid;

    TRY(is_point ? put_point(jwk, key, err) : put_rsa(jwk, key, err));
    TRY(jwk_thumbprint(key, &kid, err));
    TRY(json_put_text(jwk, "use", uses[use].use, err));
    TRY(json_put_text(jwk, "alg", is_point ? uses[use].point : uses[use].alg, err));
    TRY(json_put_text(jwk, "kid", kid.text, err));
    *ret = json_steal(&jwk);
    return 0;
}

/* An optional member that has only one good value. */
static int check_member(const struct json *jwk, const char *name, const char *good, struct err *err)
{
    const char *value = NULL;

    if (!json_has(jwk, name))
        return 0;
    TRY(json_get_text(jwk, name, &value, err));
    if (strcmp(value, good) != 0)
        return FAIL(err, ERR_INPUT, "a JWK whose \"%s\" is not %s", name, good);
    return 0;
}

int jwk_check_public(const struct json *jwk, struct err *err)
{
    for (size_t i = 0; i < sizeof private_members / sizeof private_members[0]; i++)
        if (json_has(jwk, private_members[i]))
            return FAIL(err, ERR_INPUT, "a JWK with \"%s\", which is part of a private key",
                        private_members[i]);
    return 0;
}

static int append_member(const struct json *jwk, const char *name, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    const char *text = NULL;

    TRY(json_get_text(jwk, name, &text, err));
    TRY(base64_decode(BASE64_URL, bytes_text(text), &octets, err));
    if (octets.len != COORDINATE_SIZE)
        return FAIL(err, ERR_INPUT, "a JWK whose \"%s\" has not %d octets", name, COORDINATE_SIZE);
    return buf_append(ret, buf_bytes(&octets), err);
}

int jwk_get_point(const struct json *jwk, struct buf *ret, struct err *err)
{
    const char *curve = NULL;

    TRY(json_get_text(jwk, "crv", &curve, err));
    if (strcmp(curve, "P-256") != 0)
        return FAIL(err, ERR_INPUT, "a JWK on another curve than P-256");
    TRY(append_member(jwk, "x", ret, err));
    return append_member(jwk, "y", ret, err);
}

static int parse_point(const struct json *jwk, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf point = BUF_INIT;

    TRY(jwk_get_point(jwk, &point, err));
    return pubkey_from_point(buf_bytes(&point), ret, err);
}

int jwk_get_modulus(const struct json *jwk, struct buf *ret, struct err *err)
{
    const char *e = NULL;
    const char *n = NULL;

    TRY(json_get_text(jwk, "e", &e, err));
    if (strcmp(e, exponent) != 0)
        return FAIL(err, ERR_INPUT, "a JWK whose exponent is not 65537 (\"%s\")", exponent);
    TRY(json_get_text(jwk, "n", &n, err));
    return base64_decode(BASE64_URL, bytes_text(n), ret, err);
}

static int parse_modulus(const struct json *jwk, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;

    TRY(jwk_get_modulus(jwk, &modulus, err));
    return pubkey_from_modulus(buf_bytes(&modulus), ret, err);
}

static int parse_key(const struct json *jwk, enum jwk_use use, struct pubkey **ret, struct err *err)
{
    const char *type = NULL;
    bool is_point;

    TRY(jwk_check_public(jwk, err));
    TRY(json_get_text(jwk, "kty", &type, err));
    is_point = strcmp(type, "EC") == 0 && use == JWK_ENCRYPTION;
    if (!is_point && strcmp(type, "RSA") != 0)
        return FAIL(err, ERR_INPUT, "a JWK that is not an RSA key");
    TRY(check_member(jwk, "use", uses[use].use, err));
    TRY(check_member(jwk, "alg", is_point ? uses[use].point : uses[use].alg, err));
    return is_point ? parse_point(jwk, ret, err) : parse_modulus(jwk, ret, err);
}

int jwk_parse(const struct json *jwk, enum jwk_use use, struct pubkey **ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct jwk_thumbprint kid;

    TRY(parse_key(jwk, use, &key, err));
    TRY(jwk_thumbprint(key, &kid, err));
    TRY(check_member(jwk, "kid", kid.text, err));
    *ret = key;
    key = NULL;
    return 0;
}

/* ERR_ABSENT if the set has no key of that type. */
static int pick(const struct json *keys, const char *type, enum jwk_use use, struct pubkey **ret,
                struct err *err)
{
    for (size_t i = 0; i < json_count(keys); i++) {
        const char *its = NULL;
        int rc;

        if (json_get_text(json_at(keys, i), "kty", &its, NULL) < 0 || strcmp(its, type) != 0)
            continue;
        rc = jwk_parse(json_at(keys, i), use, ret, err);
        if (rc != -ERR_INPUT)
            return rc;
    }
    return FAIL(err, ERR_ABSENT, "the key set has no key for %s that is known here", uses[use].alg);
}

int jwk_set_pick(const struct json *set, enum jwk_use use, struct pubkey **ret, struct err *err)
{
    const struct json *keys = NULL;
    int rc;

    TRY(json_get_array(set, "keys", &keys, err));
    rc = pick(keys, "EC", use, ret, err);
    return rc == -ERR_ABSENT ? pick(keys, "RSA", use, ret, err) : rc;
}
