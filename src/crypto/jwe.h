/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact JWE (RFC 7516, 7.1) with A128CBC-HS256, its key by RSA-OAEP-256 or, to a key on P-256,
 * by ECDH-ES (RFC 7518, 4.6) without names of parties; and nothing else.
 *
 * Decryption takes two steps, because the private key is elsewhere (signerd): parse gives the
 * encrypted key out, or the sender's point, its owner makes the content key of it, decrypt takes
 * that in. One algorithm's is too long or too short for the other's key.
 */
#pragma once

#include "base/secret.h"
#include "crypto/jwk.h"

/* Encrypt 1 to JWE_PLAIN_MAX bytes to a public key; the header names it by thumbprint. */
MUST_CHECK int jwe_encrypt(const struct pubkey *key, struct bytes plain, struct buf *ret,
                           struct err *err);

struct jwe {
    struct jwk_thumbprint kid; /* whose key it claims to be encrypted to */
    struct buf header;         /* base64url text, which is authenticated */
    struct buf encrypted_key;  /* for privkey_unwrap, privkey_agree or signer_unwrap */
    struct buf iv, cipher, tag;
};

#define JWE_INIT                                                                                   \
    {                                                                                              \
        {""}, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT                                     \
    }

/*
 * ERR_INPUT for everything but the one form: five parts in strict base64url, at most JWE_MAX
 * bytes, a header with "alg" and "enc" as above, "kid", with ECDH-ES "epk", perhaps "typ" and
 * "cty", no member twice and no other one ("crit", "zip", "jku", "x5u", "apu", ...).
 */
MUST_CHECK int jwe_parse(struct bytes compact, struct jwe *ret, struct err *err);
/*
 * ERR_UNTRUSTED, always in the same words, if content_key is not the key or a byte was changed.
 * To give attackers nothing to compare, answer a failed unwrapping with that failure as well
 * (RFC 7516, 11.5).
 */
MUST_CHECK int jwe_decrypt(const struct jwe *jwe, const struct secret *content_key, struct buf *ret,
                           struct err *err);
void jwe_done(struct jwe *jwe);
