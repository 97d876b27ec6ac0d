/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include "base/base64.h"
#include "base/rand.h"
#include "crypto/cbc_hs256.h"
#include "crypto/limits.h"

#include <string.h>

enum { JWE_PARTS = 5, BLOCK_SIZE = 16 };

static const char key_algorithm[] = "RSA-OAEP-256";
static const char content_algorithm[] = "A128CBC-HS256";

void jwe_done(struct jwe *jwe)
{
    buf_done(&jwe->header);
    buf_done(&jwe->encrypted_key);
    buf_done(&jwe->iv);
    buf_done(&jwe->cipher);
    buf_done(&jwe->tag);
}

static int write_header(const struct pubkey *key, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *header = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct jwk_thumbprint kid;

    TRY(jwk_thumbprint(key, &kid, err));
    TRY(json_put_text(header, "alg", key_algorithm, err));
    TRY(json_put_text(header, "enc", content_algorithm, err));
    TRY(json_put_text(header, "kid", kid.text, err));
    TRY(json_write(header, &text, err));
    return base64_append(ret, BASE64_URL, buf_bytes(&text), err);
}

static int append_part(struct buf *out, struct bytes part, struct err *err)
{
    TRY(buf_append_byte(out, '.', err));
    return base64_append(out, BASE64_URL, part, err);
}

int jwe_encrypt(const struct pubkey *key, struct bytes plain, struct buf *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret content_key = SECRET_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf cipher = BUF_INIT;
    uint8_t iv[CBC_HS256_IV_SIZE];
    uint8_t tag[CBC_HS256_TAG_SIZE];
    struct cbc_hs256 with = {.key = &content_key, .iv = BYTES_ARRAY(iv)};

    if (plain.len == 0 || plain.len > JWE_PLAIN_MAX)
        return FAIL(err, ERR_USAGE, "1 to %d bytes can be encrypted", JWE_PLAIN_MAX);
    TRY(secret_new(CBC_HS256_KEY_SIZE, &content_key, err));
    TRY(rand_fill(content_key.ptr, content_key.len, err));
    TRY(rand_fill(iv, sizeof iv, err));
    TRY(pubkey_wrap(key, &content_key, &wrapped, err));
    TRY(write_header(key, &out, err));
    with.additional = buf_bytes(&out);
    TRY(cbc_hs256_encrypt(&with, plain, &cipher, tag, err));
    TRY(append_part(&out, buf_bytes(&wrapped), err));
    TRY(append_part(&out, BYTES_ARRAY(iv), err));
    TRY(append_part(&out, buf_bytes(&cipher), err));
    TRY(append_part(&out, BYTES_ARRAY(tag), err));
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

static int check_header(struct bytes text, struct jwk_thumbprint *ret_kid, struct err *err)
{
    static const char *const known[] = {"alg", "enc", "kid", "typ", "cty", NULL};
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
    TRY(check_member(header, "alg", key_algorithm, err));
    TRY(check_member(header, "enc", content_algorithm, err));
    return take_kid(header, ret_kid, err);
}

static bool has_good_sizes(const struct jwe *jwe)
{
    size_t key = jwe->encrypted_key.len;

    return (key == 256 || key == 384 || key == 512) && jwe->iv.len == CBC_HS256_IV_SIZE &&
           jwe->tag.len == CBC_HS256_TAG_SIZE && jwe->cipher.len > 0 &&
           jwe->cipher.len % BLOCK_SIZE == 0 && jwe->cipher.len <= JWE_PLAIN_MAX + BLOCK_SIZE;
}

int jwe_parse(struct bytes compact, struct jwe *ret, struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    struct bytes parts[JWE_PARTS];
    struct buf *outputs[JWE_PARTS] = {NULL, &jwe.encrypted_key, &jwe.iv, &jwe.cipher, &jwe.tag};

    TRY(split(compact, parts, err));
    TRY(check_header(parts[0], &jwe.kid, err));
    TRY(buf_copy(parts[0], &jwe.header, err));
    for (size_t i = 1; i < JWE_PARTS; i++)
        TRY(base64_decode(BASE64_URL, parts[i], outputs[i], err));
    if (!has_good_sizes(&jwe))
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
