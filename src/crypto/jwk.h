/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys as JWK (RFC 7517), RSA (RFC 7518, 6.3.1) or on P-256 (6.2.1), and their thumbprints
 * (RFC 7638). A key's kid is always its thumbprint, so that a name cannot be moved to another key.
 * Keys of others, who name theirs as they like, are in crypto/jws.h.
 */
#pragma once

#include "base/json.h"
#include "crypto/pubkey.h"

enum jwk_use {
    JWK_ENCRYPTION, /* "enc", RSA-OAEP-256; of P-256 keys ECDH-ES */
    JWK_SIGNATURE,  /* "sig", RS256; of P-256 keys ES256 */
};

enum { JWK_THUMBPRINT_LEN = 43 }; /* characters: SHA-256 in base64url */

struct jwk_thumbprint {
    char text[JWK_THUMBPRINT_LEN + 1];
};

/* SHA-256 over the required members in their one spelling (RFC 7638, 3). */
MUST_CHECK int jwk_thumbprint(const struct pubkey *key, struct jwk_thumbprint *ret,
                              struct err *err);

/* {"kty","n","e","use","alg","kid"}; of P-256 keys "crv","x","y" in place of "n","e" */
MUST_CHECK int jwk_write(const struct pubkey *key, enum jwk_use use, struct json **ret,
                         struct err *err);
/* ERR_INPUT, naming the member, for a private or symmetric key: nobody should send one. */
MUST_CHECK int jwk_check_public(const struct json *jwk, struct err *err);
/*
 * ERR_INPUT for another type or size of key (pubkey.h), another use or algorithm than the wanted,
 * a kid that is not the thumbprint, and for private keys, which nobody should send. Members that
 * are not known are ignored (RFC 7517, 4). A key for signatures is RSA here.
 */
MUST_CHECK int jwk_parse(const struct json *jwk, enum jwk_use use, struct pubkey **ret,
                         struct err *err);
/*
 * The first key of a set {"keys": [...]} that jwk_parse takes; keys of other types and uses are
 * passed over (RFC 7517, 5). One on P-256 before all others: its owner does a fifth of the work.
 * ERR_ABSENT if there is none.
 */
MUST_CHECK int jwk_set_pick(const struct json *set, enum jwk_use use, struct pubkey **ret,
                            struct err *err);

/* "kty", "crv", "x" and "y" of a point on P-256, both its coordinates (RFC 7518, 6.2.1). */
MUST_CHECK int jwk_put_point(struct json *jwk, struct bytes coordinates, struct err *err);
/*
 * The same out of a JWK, appended, and the octets of a modulus whose exponent is 65537. ERR_INPUT
 * for others; "kty" is the caller's to look at.
 */
MUST_CHECK int jwk_get_point(const struct json *jwk, struct buf *ret, struct err *err);
MUST_CHECK int jwk_get_modulus(const struct json *jwk, struct buf *ret, struct err *err);
