/* SPDX-License-Identifier: Apache-2.0 */
/* ECDH-ES with P-256 (RFC 7518, 4.6). For the keys of this room and their tests only. */
#pragma once

#include "base/secret.h"
#include "crypto/evp.h"

enum { AGREE_POINT_SIZE = 64, AGREE_KEY_MAX = 32 };

/* What the agreed key is bound to (RFC 7518, 4.6.2). */
struct agreement {
    const char *algorithm;         /* "enc" of the JWE: "A128CBC-HS256" */
    struct bytes party_u, party_v; /* "apu" and "apv", decoded */
    size_t size;                   /* octets of the key, at most AGREE_KEY_MAX: one round */
};

/* As jwe.c uses it, without the names of parties. */
extern const struct agreement agreement_of_jwe;

/* Both coordinates of its own point. */
MUST_CHECK int agree_point(EVP_PKEY *own, struct buf *ret, struct err *err);
/*
 * The key that own and the owner of a point, both its coordinates, have in common. ERR_UNTRUSTED
 * for what is no point of the curve.
 */
MUST_CHECK int agree_derive(EVP_PKEY *own, struct bytes point, const struct agreement *about,
                            struct secret *ret, struct err *err);
