/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's objects released by scope, and our hashes as OpenSSL's. Inside this room only. */
#pragma once

#include "crypto/key_kind.h"

#include <openssl/evp.h>

static inline void evp_pkey_freep(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static inline void evp_pkey_ctx_freep(EVP_PKEY_CTX **ctx)
{
    EVP_PKEY_CTX_free(*ctx);
}

static inline void evp_cipher_ctx_freep(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

const EVP_MD *digest_md(enum digest_alg alg);

/* ERR_INPUT unless the key is RSA, 2048, 3072 or 4096 bits, e = 65537. */
MUST_CHECK int rsa_check(const EVP_PKEY *key, struct err *err);
/*
 * The size in bits of an RSA key that rsa_check would take and that is written in its one spelling
 * (RFC 3279, 2.3.1), decided without OpenSSL; 0 for everything else.
 */
size_t rsa_spki_bits(struct bytes spki);
/* The modulus in such a spelling, without leading zeros. */
struct bytes rsa_spki_modulus(struct bytes spki, size_t bits);
/* The other direction, with e = 65537. ERR_INPUT for a size that is not taken. */
MUST_CHECK int rsa_spki_of_modulus(struct bytes modulus, struct buf *ret, struct err *err);
/* Whether it is an EC key on the curve of this kind, KEY_P384 or KEY_P256, here and below. */
bool curve_is(const EVP_PKEY *key, enum key_kind kind);
/* ERR_INPUT unless it is, and spki is its one spelling: named curve, whole point. */
MUST_CHECK int curve_check(const EVP_PKEY *key, enum key_kind kind, struct bytes spki,
                           struct err *err);
/*
 * A key written in that spelling, made without OpenSSL's decoder, which takes ten times as long.
 * ERR_INPUT if the point is not on the curve. Whether it is that spelling says the second.
 */
MUST_CHECK int curve_import(enum key_kind kind, struct bytes spki, EVP_PKEY **ret, struct err *err);
bool curve_spells(enum key_kind kind, struct bytes spki);
size_t curve_bits(enum key_kind kind);
/* How long such a spelling is, and where the contents of its BIT STRING begin: the point. */
size_t curve_spki_size(enum key_kind kind);
size_t curve_point_at(enum key_kind kind);
/* The spelling of the point with these coordinates, x and y; whether it is on the curve is open. */
MUST_CHECK int curve_spki_of_point(enum key_kind kind, struct bytes coordinates, struct buf *ret,
                                   struct err *err);
/* SubjectPublicKeyInfo in DER. */
MUST_CHECK int evp_spki(const EVP_PKEY *key, struct buf *ret, struct err *err);
/* Set RSAES-OAEP with SHA-256 in hash and MGF1, no label (RFC 7518, 4.3). */
MUST_CHECK int rsa_set_oaep(EVP_PKEY_CTX *ctx, struct err *err);

/* What OAEP with SHA-256 adds: two hashes and two bytes (RFC 8017, 7.1.1). */
enum { RSA_OAEP_OVERHEAD = 2 * 32 + 2 };
