/* SPDX-License-Identifier: Apache-2.0 */
/* A private key as text, on its way to its owner, and in its owner's hands. */
#include "crypto/jws.h"

#include "base/base64.h"
#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <string.h>

enum { SCALAR_SIZE = 32 };

static void bn_clear_freep(BIGNUM **number)
{
    BN_clear_free(*number);
}

static int append_scalar(const EVP_PKEY *key, struct buf *ret, struct err *err)
{
    CLEANUP(bn_clear_freep) BIGNUM *number = NULL;
    uint8_t octets[SCALAR_SIZE];
    int rc;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1 ||
        BN_bn2binpad(number, octets, sizeof octets) < 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the key could not be written");
    rc = base64_append(ret, BASE64_URL, BYTES_ARRAY(octets), err);
    wipe(octets, sizeof octets);
    return rc;
}

/* The public members, and "d" behind them. */
static int append_jwk(const EVP_PKEY *key, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;

    TRY(evp_spki(key, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &public, err));
    TRY(jwk_write(public, JWK_SIGNATURE, &jwk, err));
    TRY(json_write(jwk, ret, err));
    ret->len--; /* the brace; a buf wipes what it leaves */
    TRY(buf_append_text(ret, ",\"d\":\"", err));
    TRY(append_scalar(key, ret, err));
    return buf_append_text(ret, "\"}", err);
}

int jws_key_make(struct secret *ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *key = EVP_EC_gen("P-256");
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (key == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no P-256 key could be made");
    TRY(append_jwk(key, &text, err));
    return secret_copy(buf_bytes(&text), ret, err);
}

/* One octet string of the length of a coordinate. */
static int read_scalar(const struct json *jwk, const char *name, struct buf *ret, struct err *err)
{
    const char *text = NULL;

    TRY(json_get_text(jwk, name, &text, err));
    TRY(base64_decode(BASE64_URL, bytes_text(text), ret, err));
    return ret->len == SCALAR_SIZE ? 0 : FAIL(err, ERR_INPUT, "%s has not 32 octets", name);
}

/* PKCS#8 (RFC 5958, 2) around an ECPrivateKey (RFC 5915, 3) without its public key. */
static int import_scalar(const struct buf *scalar, struct privkey **ret, struct err *err)
{
    static const uint8_t head[] = {0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07,
                                   0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
                                   0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04,
                                   0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20};
    CLEANUP(buf_done) struct buf der = BUF_INIT; /* wipes itself */

    TRY(buf_append(&der, BYTES_ARRAY(head), err));
    TRY(buf_append(&der, buf_bytes(scalar), err));
    return privkey_import_p256(buf_bytes(&der), ret, err);
}

/* The end of a SubjectPublicKeyInfo is the point, without compression: 04, x, y. */
static int check_point(const struct privkey *key, const struct buf *x, const struct buf *y,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct bytes point;

    if (privkey_spki(key, &spki, NULL) < 0 || spki.len < 2 * SCALAR_SIZE)
        return FAIL(err, ERR_INPUT, "d is no key: there is no point that belongs to it");
    point = bytes_part(buf_bytes(&spki), spki.len - 2 * SCALAR_SIZE, spki.len);
    if (!bytes_equal(bytes_part(point, 0, SCALAR_SIZE), buf_bytes(x)) ||
        !bytes_equal(bytes_part(point, SCALAR_SIZE, point.len), buf_bytes(y)))
        return FAIL(err, ERR_INPUT, "x and y do not belong to d");
    return 0;
}

int jws_key_open(struct bytes text, struct privkey **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *jwk = NULL;
    CLEANUP(privkey_freep) struct privkey *key = NULL;
    CLEANUP(buf_done) struct buf d = BUF_INIT;
    CLEANUP(buf_done) struct buf x = BUF_INIT;
    CLEANUP(buf_done) struct buf y = BUF_INIT;
    const char *kind = NULL;
    const char *curve = NULL;

    TRY(json_parse(text, &jwk, err));
    TRY(json_get_text(jwk, "kty", &kind, err));
    TRY(json_get_text(jwk, "crv", &curve, err));
    if (strcmp(kind, "EC") != 0 || strcmp(curve, "P-256") != 0)
        return FAIL(err, ERR_INPUT, "not a key on P-256");
    TRY(read_scalar(jwk, "d", &d, err));
    TRY(read_scalar(jwk, "x", &x, err));
    TRY(read_scalar(jwk, "y", &y, err));
    TRY(import_scalar(&d, &key, err));
    TRY(check_point(key, &x, &y, err));
    *ret = key;
    key = NULL;
    return 0;
}
