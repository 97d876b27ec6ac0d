/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include "base/base64.h"
#include "base/rand.h"
#include "crypto/cbc_hs256.h"
#include "crypto/limits.h"

#include <string.h>

enum { JWE_PARTS = 5, BLOCK_SIZE = 16 };

/* How the content key comes to the owner of a key. */
static const struct way {
    enum key_kind kind;
    const char *algorithm;
    bool is_wrapped; /* it is sent, encrypted; else both sides compute it, from "epk" */
} ways[] = {{KEY_RSA, "RSA-OAEP-256", true}, {KEY_P256, "ECDH-ES", false}};

static const char content_algorithm[] = "A128CBC-HS256";

void jwe_done(struct jwe *jwe)
{
    buf_done(&jwe->header);
    buf_done(&jwe->encrypted_key);
    buf_done(&jwe->iv);
    buf_done(&jwe->cipher);
    buf_done(&jwe->tag);
}

/* Of a kind that nothing is encrypted to it is the first, which refuses the key. */
static const struct way *way_to(enum key_kind kind)
{
    return kind == ways[1].kind ? &ways[1] : &ways[0];
}

/* A content key, and what its owner makes it of. */
static int make_key(const struct pubkey *key, const struct way *way, struct secret *ret,
                    struct buf *ret_for_owner, struct err *err)
{
    if (!way->is_wrapped)
        return pubkey_agree(key, ret, ret_for_owner, err);
    TRY(secret_new(CBC_HS256_KEY_SIZE, ret, err));
    TRY(rand_fill(ret->ptr, ret->len, err));
    return pubkey_wrap(key, ret, ret_for_owner, err);
}

static int put_point(struct json *header, struct bytes point, struct err *err)
{
    CLEANUP(json_freep) struct json *key = json_object_new();

    TRY(jwk_put_point(key, point, err));
    return json_put(header, "epk", json_steal(&key), err);
}

static int write_header(const struct pubkey *key, const struct way *way, struct bytes for_owner,
                        struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *header = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct jwk_thumbprint kid;

    TRY(jwk_thumbprint(key, &kid, err));
    TRY(json_put_text(header, "alg", way->algorithm, err));
    TRY(json_put_text(header, "enc", content_algorithm, err));
    TRY(json_put_text(header, "kid", kid.text, err));
    if (!way->is_wrapped)
        TRY(put_point(header, for_owner, err));
    TRY(json_write(header, &text, err));
    return base64_append(ret, BASE64_URL, buf_bytes(&text), err);
}

static int append_part(struct buf *out, struct bytes part, struct err *err)
{
    TRY(buf_append_byte(out, '.', err));
    return base64_append(out, BASE64_URL, part, err);
}

/* Everything behind the header. */
static int append_rest(const struct cbc_hs256 *with, struct bytes encrypted_key, struct bytes plain,
                       struct buf *out, struct err *err)
{
    CLEANUP(buf_done) struct buf cipher = BUF_INIT;
    uint8_t tag[CBC_HS256_TAG_SIZE];

    TRY(cbc_hs256_encrypt(with, plain, &cipher, tag, err));
    TRY(append_part(out, encrypted_key, err));
    TRY(append_part(out, with->iv, err));
    TRY(append_part(out, buf_bytes(&cipher), err));
    return append_part(out, BYTES_ARRAY(tag), err);
}

int jwe_encrypt(const struct pubkey *key, struct bytes plain, struct buf *ret, struct err *err)
{
    const struct way *way = way_to(pubkey_kind(key));
    CLEANUP(secret_done) struct secret content_key = SECRET_INIT;
    CLEANUP(buf_done) struct buf header = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf for_owner = BUF_INIT;
    uint8_t iv[CBC_HS256_IV_SIZE];
    struct cbc_hs256 with = {.key = &content_key, .iv = BYTES_ARRAY(iv)};

    if (plain.len == 0 || plain.len > JWE_PLAIN_MAX)
        return FAIL(err, ERR_USAGE, "1 to %d bytes can be encrypted", JWE_PLAIN_MAX);
    TRY(make_key(key, way, &content_key, &for_owner, err));
    TRY(rand_fill(iv, sizeof iv, err));
    TRY(write_header(key, way, buf_bytes(&for_owner), &header, err));
    TRY(buf_append(&out, buf_bytes(&header), err));
    with.additional = buf_bytes(&header);
    if (!way->is_wrapped)
        buf_clear(&for_owner); /* it is in the header (RFC 7518, 4.6) */
    TRY(append_rest(&with, buf_bytes(&for_owner), plain, &out, err));
    buf_move(ret, &out);
    return 0;
}

static int split(struct bytes compact, struct bytes ret_parts[JWE_PARTS], struct err *err)
{
    size_t start = 0;
    size_t part = 0;

    if (compact.len > JWE_MAX)
        return FAIL(err, ERR_INPUT, "a JWE of more than %d bytes", JWE_MAX);
    for (size_t i = 0; i <= compact.len; i++) {
        if (i < compact.len && compact.ptr[i] != '.')
            continue;
        if (part == JWE_PARTS)
            return FAIL(err, ERR_INPUT, "a compact JWE with more than five parts");
        ret_parts[part++] = bytes_part(compact, start, i - start);
        start = i + 1;
    }
    if (part != JWE_PARTS)
        return FAIL(err, ERR_INPUT, "a compact JWE has five parts (RFC 7516, 7.1)");
    return 0;
}

static int check_member(const struct json *header, const char *name, const char *good,
                        struct err *err)
{
    const char *value = NULL;

    TRY(json_get_text(header, name, &value, err));
    if (strcmp(value, good) != 0)
        return FAIL(err, ERR_INPUT, "a JWE whose \"%s\" is not %s", name, good);
    return 0;
}

static int take_kid(const struct json *header, struct jwk_thumbprint *ret, struct err *err)
{
    const char *kid = NULL;

    TRY(json_get_text(header, "kid", &kid, err));
    if (strlen(kid) != JWK_THUMBPRINT_LEN)
        return FAIL(err, ERR_INPUT, "a JWE whose \"kid\" is no thumbprint (RFC 7638)");
    memcpy(ret->text, kid, JWK_THUMBPRINT_LEN + 1);
    return 0;
}

static int find_way(const struct json *header, const struct way **ret, struct err *err)
{
    const char *algorithm = NULL;

    TRY(json_get_text(header, "alg", &algorithm, err));
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].algorithm, algorithm) != 0)
            continue;
        *ret = &ways[i];
        return 0;
    }
    return FAIL(err, ERR_INPUT, "a JWE whose \"alg\" is neither %s nor %s", ways[0].algorithm,
                ways[1].algorithm);
}

/* The sender's point: a public key and nothing besides (RFC 7518, 4.6.1.1). */
static int take_point(const struct json *header, struct buf *ret, struct err *err)
{
    static const char *const known[] = {"kty", "crv", "x", "y", NULL};
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    const struct json *key = NULL;

    TRY(json_get_object(header, "epk", &key, err));
    TRY(err_prefix(err, json_only(key, known, err), "\"epk\" of a JWE"));
    TRY(check_member(key, "kty", "EC", err));
    TRY(jwk_get_point(key, &point, err));
    buf_move(ret, &point);
    return 0;
}

static int parse_header(struct bytes text, struct json **ret, struct err *err)
{
    static const char *const known[] = {"alg", "enc", "kid", "typ", "cty", "epk", NULL};
    CLEANUP(json_freep) struct json *header = NULL;
    CLEANUP(buf_done) struct buf json = BUF_INIT;
    struct err why = {.kind = ERR_NONE};

    TRY(base64_decode(BASE64_URL, text, &json, err));
    if (json.len > JWE_HEADER_MAX)
        return FAIL(err, ERR_INPUT, "a JWE header of more than %d bytes", JWE_HEADER_MAX);
    if (json_parse(buf_bytes(&json), &header, &why) < 0 || json_only(header, known, &why) < 0) {
        (void)err_prefix(&why, -(int)why.kind, "the header of the JWE");
        return err_copy(err, &why);
    }
    *ret = json_steal(&header);
    return 0;
}

/* *ret_wrapped is whether the content key comes as a part of its own. */
static int check_header(struct bytes text, struct jwe *ret, bool *ret_wrapped, struct err *err)
{
    CLEANUP(json_freep) struct json *header = NULL;
    const struct way *way = NULL;

    TRY(parse_header(text, &header, err));
    TRY(find_way(header, &way, err));
    TRY(check_member(header, "enc", content_algorithm, err));
    if (way->is_wrapped == json_has(header, "epk"))
        return FAIL(err, ERR_INPUT, "a JWE with \"epk\" goes with %s and no other \"alg\"",
                    ways[1].algorithm);
    if (!way->is_wrapped)
        TRY(take_point(header, &ret->encrypted_key, err));
    *ret_wrapped = way->is_wrapped;
    return take_kid(header, &ret->kid, err);
}

static bool has_good_sizes(const struct jwe *jwe, bool is_wrapped)
{
    size_t key = jwe->encrypted_key.len;

    return (!is_wrapped || key == 256 || key == 384 || key == 512) &&
           jwe->iv.len == CBC_HS256_IV_SIZE && jwe->tag.len == CBC_HS256_TAG_SIZE &&
           jwe->cipher.len > 0 && jwe->cipher.len % BLOCK_SIZE == 0 &&
           jwe->cipher.len <= JWE_PLAIN_MAX + BLOCK_SIZE;
}

int jwe_parse(struct bytes compact, struct jwe *ret, struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    struct bytes parts[JWE_PARTS];
    struct buf *outputs[JWE_PARTS] = {NULL, &jwe.encrypted_key, &jwe.iv, &jwe.cipher, &jwe.tag};
    bool is_wrapped = false;

    TRY(split(compact, parts, err));
    TRY(check_header(parts[0], &jwe, &is_wrapped, err));
    TRY(buf_copy(parts[0], &jwe.header, err));
    if (!is_wrapped && parts[1].len > 0)
        return FAIL(err, ERR_INPUT, "a JWE with a key that is agreed on and another one");
    for (size_t i = is_wrapped ? 1 : 2; i < JWE_PARTS; i++)
        TRY(base64_decode(BASE64_URL, parts[i], outputs[i], err));
    if (!has_good_sizes(&jwe, is_wrapped))
        return FAIL(err, ERR_INPUT, "a JWE whose key, iv, text or tag has an impossible size");
    *ret = jwe;
    jwe = (struct jwe)JWE_INIT;
    return 0;
}

int jwe_decrypt(const struct jwe *jwe, const struct secret *content_key, struct buf *ret,
                struct err *err)
{
    struct cbc_hs256 with = {
        .key = content_key, .iv = buf_bytes(&jwe->iv), .additional = buf_bytes(&jwe->header)};

    return cbc_hs256_decrypt(&with, buf_bytes(&jwe->cipher), buf_bytes(&jwe->tag), ret, err);
}
