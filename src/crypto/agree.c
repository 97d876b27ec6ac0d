/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That the other's point is on the curve is looked at when OpenSSL takes it. It has then the one
 * order there is, for the cofactor of P-256 is 1; multiplying by the order once more, as full
 * validation does, would find out nothing (SP 800-56A, 5.6.2.3.4) and takes as long as the rest.
 */
#include "crypto/agree.h"

#include "crypto/cbc_hs256.h"
#include "crypto/openssl.h"

#include <openssl/ec.h>
#include <string.h>

enum { SHARED_SIZE = 32, ENCODED_SIZE = 1 + AGREE_POINT_SIZE, UNCOMPRESSED = 4 };

const struct agreement agreement_of_jwe = {
    "A128CBC-HS256", {NULL, 0}, {NULL, 0}, CBC_HS256_KEY_SIZE};

static int append_number(struct buf *ret, size_t number, struct err *err)
{
    const uint8_t octets[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 8), (uint8_t)number};

    return buf_append(ret, BYTES_ARRAY(octets), err);
}

static int append_field(struct buf *ret, struct bytes field, struct err *err)
{
    TRY(append_number(ret, field.len, err));
    return buf_append(ret, field, err);
}

/* Concat KDF with SHA-256, of which one round is enough (RFC 7518, 4.6.2; SP 800-56A, 5.8.1). */
static int concat(struct bytes shared, const struct agreement *about, struct secret *ret,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct digest digest;
    int rc;

    TRY(append_number(&text, 1, err));
    TRY(buf_append(&text, shared, err));
    TRY(append_field(&text, bytes_text(about->algorithm), err));
    TRY(append_field(&text, about->party_u, err));
    TRY(append_field(&text, about->party_v, err));
    TRY(append_number(&text, about->size * 8, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&text), &digest, err));
    rc = secret_copy(bytes_of(digest.value, about->size), ret, err);
    wipe(digest.value, sizeof digest.value);
    return rc;
}

/* As a key with the curve of own: its group is shared, which takes a fifth of making one. */
static int take_point(const EVP_PKEY *own, struct bytes point, EVP_PKEY **ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *peer = EVP_PKEY_new();
    uint8_t encoded[ENCODED_SIZE] = {UNCOMPRESSED};

    if (point.len != AGREE_POINT_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "not the two coordinates of a point");
    if (peer == NULL || EVP_PKEY_copy_parameters(peer, own) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no key could be agreed on");
    memcpy(encoded + 1, point.ptr, AGREE_POINT_SIZE);
    if (EVP_PKEY_set1_encoded_public_key(peer, encoded, sizeof encoded) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED, "not a point of the curve");
    *ret = peer;
    peer = NULL;
    return 0;
}

int agree_point(EVP_PKEY *own, struct buf *ret, struct err *err)
{
    unsigned char *encoded = NULL;
    size_t len = EVP_PKEY_get1_encoded_public_key(own, &encoded);
    int rc;

    if (len != ENCODED_SIZE || encoded[0] != UNCOMPRESSED)
        rc = FAIL_OPENSSL(err, ERR_SYSTEM, "a key whose point cannot be had");
    else
        rc = buf_append(ret, bytes_of(encoded + 1, AGREE_POINT_SIZE), err);
    OPENSSL_free(encoded);
    return rc;
}

int agree_derive(EVP_PKEY *own, struct bytes point, const struct agreement *about,
                 struct secret *ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *peer = NULL;
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    CLEANUP(secret_done) struct secret shared = SECRET_INIT;
    size_t len = SHARED_SIZE;

    if (about->size == 0 || about->size > AGREE_KEY_MAX)
        return FAIL(err, ERR_USAGE, "1 to %d octets can be agreed on", AGREE_KEY_MAX);
    TRY(take_point(own, point, &peer, err));
    TRY(secret_new(SHARED_SIZE, &shared, err));
    ctx = EVP_PKEY_CTX_new(own, NULL);
    if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) != 1 ||
        EVP_PKEY_derive(ctx, shared.ptr, &len) != 1 || len != SHARED_SIZE)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no key could be agreed on");
    return concat(secret_bytes(&shared), about, ret, err);
}
