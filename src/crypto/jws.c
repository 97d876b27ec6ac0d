/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jws.h"

#include "base/base64.h"
#include "crypto/evp.h"

#include <string.h>

enum { PARTS = 3, ES256_SIZE = 64 };

static const struct {
    const char *name;
    enum key_kind kind;
} algs[JWS_ALGS_] = {
    [JWS_RS256] = {"RS256", KEY_RSA},
    [JWS_PS256] = {"PS256", KEY_RSA},
    [JWS_ES256] = {"ES256", KEY_P256},
};

const char *jws_alg_name(enum jws_alg alg)
{
    return algs[alg].name;
}

int jws_alg_of(enum key_kind kind, enum jws_alg *ret, struct err *err)
{
    for (unsigned i = 0; i < JWS_ALGS_; i++) {
        if (algs[i].kind != kind)
            continue;
        *ret = (enum jws_alg)i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "%s keys sign no tokens", key_kind_name(kind));
}

void jws_done(struct jws *jws)
{
    json_freep(&jws->claims);
    buf_done(&jws->signature);
}

/* ---- reading ---- */

static int split(struct bytes text, size_t parts, struct bytes ret[PARTS], struct err *err)
{
    size_t start = 0;
    size_t part = 0;

    if (text.len > JWS_MAX)
        return FAIL(err, ERR_INPUT, "a JWS of more than %d bytes", JWS_MAX);
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '.')
            continue;
        if (part == parts)
            return FAIL(err, ERR_INPUT, "a compact JWS with more than %zu parts", parts);
        ret[part++] = bytes_part(text, start, i - start);
        start = i + 1;
    }
    if (part != parts)
        return FAIL(err, ERR_INPUT, "a compact JWS has three parts (RFC 7515, 7.1)");
    return 0;
}

/* A JSON object, without a blank in front. */
static int read_json(struct bytes text, const char *what, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT;
    struct err why = {.kind = ERR_NONE};

    if (base64_decode(BASE64_URL, text, &json, &why) < 0 ||
        json_parse(buf_bytes(&json), ret, &why) < 0) {
        (void)err_prefix(&why, -(int)why.kind, "the %s of the JWS", what);
        return err_copy(err, &why);
    }
    return json.ptr[0] == '{' ? 0
                              : FAIL(err, ERR_INPUT, "the %s of the JWS is no JSON object", what);
}

/* A member that may be missing. */
static int take_name(const struct json *header, const char *name, char ret[JWS_NAME_MAX + 1],
                     struct err *err)
{
    const char *value = NULL;

    if (!json_has(header, name))
        return 0;
    TRY(json_get_text(header, name, &value, err));
    if (strlen(value) > JWS_NAME_MAX)
        return FAIL(err, ERR_INPUT, "a JWS whose \"%s\" is too long", name);
    memcpy(ret, value, strlen(value) + 1);
    return 0;
}

static int take_alg(const struct json *header, enum jws_alg *ret, struct err *err)
{
    const char *name = NULL;

    TRY(json_get_text(header, "alg", &name, err));
    for (unsigned i = 0; i < JWS_ALGS_; i++) {
        if (strcmp(algs[i].name, name) != 0)
            continue;
        *ret = (enum jws_alg)i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "a JWS whose \"alg\" is none of RS256, PS256 and ES256");
}

/* Members that change what is signed, or lead to another key. */
static int check_foreign(const struct json *header, struct err *err)
{
    static const char *const members[] = {"crit", "b64", "jku", "jwk", "x5u", "x5c"};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_has(header, members[i]))
            return FAIL(err, ERR_INPUT, "the header of the JWS has \"%s\"", members[i]);
    return 0;
}

static int check_own(const struct json *header, struct err *err)
{
    static const char *const known[] = {"alg", "kid", "typ", NULL};

    if (json_only(header, known, NULL) < 0)
        return FAIL(err, ERR_INPUT, "the header of the JWS has other members than alg, kid, typ");
    return 0;
}

static int read_header(struct bytes text, bool is_own, struct jws *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *header = NULL;

    TRY(read_json(text, "header", &header, err));
    TRY(is_own ? check_own(header, err) : check_foreign(header, err));
    TRY(take_alg(header, &ret->alg, err));
    TRY(take_name(header, "kid", ret->kid, err));
    return take_name(header, "typ", ret->typ, err);
}

static int read_both(const struct bytes parts[PARTS], bool is_own, struct jws *ret, struct err *err)
{
    TRY(read_header(parts[0], is_own, ret, err));
    TRY(read_json(parts[1], "payload", &ret->claims, err));
    ret->input = bytes_of(parts[0].ptr, parts[0].len + 1 + parts[1].len);
    return 0;
}

int jws_parse(struct bytes compact, struct jws *ret, struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct bytes parts[PARTS];

    TRY(split(compact, PARTS, parts, err));
    TRY(read_both(parts, false, &jws, err));
    TRY(base64_decode(BASE64_URL, parts[2], &jws.signature, err));
    if (jws.signature.len == 0)
        return FAIL(err, ERR_INPUT, "a JWS without a signature");
    *ret = jws;
    jws = (struct jws)JWS_INIT;
    return 0;
}

int jws_parse_input(struct bytes input, struct jws *ret, struct err *err)
{
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    struct bytes parts[PARTS];

    TRY(split(input, PARTS - 1, parts, err));
    TRY(read_both(parts, true, &jws, err));
    *ret = jws;
    jws = (struct jws)JWS_INIT;
    return 0;
}

/* ---- verifying ---- */

static int verify_es256(const struct jws *jws, const struct pubkey *key,
                        const struct digest *digest, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    if (jws->signature.len != ES256_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "an ES256 signature has %d bytes", ES256_SIZE);
    TRY(ecdsa_raw_to_der(buf_bytes(&jws->signature), &der, err));
    return pubkey_verify_kind(key, KEY_P256, digest, buf_bytes(&der), err);
}

int jws_verify(const struct jws *jws, const struct pubkey *key, struct err *err)
{
    struct digest digest;

    if (pubkey_kind(key) != algs[jws->alg].kind)
        return FAIL(err, ERR_UNTRUSTED, "%s with a %s key", algs[jws->alg].name,
                    key_kind_name(pubkey_kind(key)));
    TRY(digest_compute(DIGEST_SHA256, jws->input, &digest, err));
    if (jws->alg == JWS_ES256)
        return verify_es256(jws, key, &digest, err);
    if (jws->alg == JWS_PS256)
        return pubkey_verify_pss(key, &digest, buf_bytes(&jws->signature), err);
    return pubkey_verify(key, &digest, buf_bytes(&jws->signature), err);
}

static bool has_kid(const struct json *jwk, const char *kid)
{
    const char *its = NULL;

    return kid[0] == '\0' || (json_get_text(jwk, "kid", &its, NULL) == 0 && strcmp(its, kid) == 0);
}

int jws_verify_set(const struct jws *jws, const struct json *set, struct err *err)
{
    const struct json *keys = NULL;
    unsigned tries = 0;

    TRY(json_get_array(set, "keys", &keys, err));
    for (size_t i = 0; i < json_count(keys) && tries < JWS_TRIES_MAX; i++) {
        CLEANUP(pubkey_freep) struct pubkey *key = NULL;
        int rc;

        if (!has_kid(json_at(keys, i), jws->kid) ||
            jws_key_parse(json_at(keys, i), jws->alg, &key, NULL) < 0)
            continue;
        tries++;
        rc = jws_verify(jws, key, err);
        if (rc != -ERR_UNTRUSTED)
            return rc;
    }
    return FAIL(err, ERR_UNTRUSTED, "no key of this set made the signature");
}

/* ---- writing ---- */

static int append_json(const struct json *json, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(json, &text, err));
    return base64_append(ret, BASE64_URL, buf_bytes(&text), err);
}

int jws_prepare(enum jws_alg alg, const char *typ, const char *kid, const struct json *claims,
                struct buf *ret_input, struct err *err)
{
    CLEANUP(json_freep) struct json *header = json_object_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(json_put_text(header, "alg", algs[alg].name, err));
    TRY(json_put_text(header, "typ", typ, err));
    TRY(json_put_text(header, "kid", kid, err));
    TRY(append_json(header, &out, err));
    TRY(buf_append_byte(&out, '.', err));
    TRY(append_json(claims, &out, err));
    buf_move(ret_input, &out);
    return 0;
}

int jws_complete(struct bytes input, struct bytes signature, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(buf_append(&out, input, err));
    TRY(buf_append_byte(&out, '.', err));
    TRY(base64_append(&out, BASE64_URL, signature, err));
    buf_move(ret, &out);
    return 0;
}

/* ---- keys ---- */

static int check_value(const struct json *jwk, const char *name, const char *good, struct err *err)
{
    const char *value = NULL;

    if (!json_has(jwk, name))
        return 0;
    TRY(json_get_text(jwk, name, &value, err));
    return strcmp(value, good) == 0
               ? 0
               : FAIL(err, ERR_INPUT, "a JWK whose \"%s\" is not %s", name, good);
}

static int parse_point(const struct json *jwk, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf point = BUF_INIT;

    TRY(jwk_get_point(jwk, &point, err));
    return pubkey_from_point(buf_bytes(&point), ret, err);
}

static int parse_modulus(const struct json *jwk, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf modulus = BUF_INIT;

    TRY(jwk_get_modulus(jwk, &modulus, err));
    return pubkey_from_modulus(buf_bytes(&modulus), ret, err);
}

int jws_key_parse(const struct json *jwk, enum jws_alg alg, struct pubkey **ret, struct err *err)
{
    const bool is_rsa = algs[alg].kind == KEY_RSA;
    const char *type = NULL;

    TRY(jwk_check_public(jwk, err));
    TRY(json_get_text(jwk, "kty", &type, err));
    if (strcmp(type, is_rsa ? "RSA" : "EC") != 0)
        return FAIL(err, ERR_INPUT, "a JWK that is not for %s", algs[alg].name);
    TRY(check_value(jwk, "use", "sig", err));
    TRY(check_value(jwk, "alg", algs[alg].name, err));
    return is_rsa ? parse_modulus(jwk, ret, err) : parse_point(jwk, ret, err);
}
