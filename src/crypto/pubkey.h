/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys: RSA with e = 65537 and 2048 to 4096 bits; everything else is refused by name. */
#pragma once

#include "crypto/digest.h"

struct secret;
struct pubkey;

/* From SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). Trailing bytes are ERR_INPUT. */
MUST_CHECK int pubkey_from_spki(struct bytes der, struct pubkey **ret, struct err *err);
/* From the octets of a modulus, without leading zeros (RFC 7518, 6.3.1.1). */
MUST_CHECK int pubkey_from_modulus(struct bytes modulus, struct pubkey **ret, struct err *err);
void pubkey_free(struct pubkey *key);
void pubkey_freep(struct pubkey **key);
struct bytes pubkey_spki(const struct pubkey *key); /* lives as long as the key */
size_t pubkey_bits(const struct pubkey *key);
size_t pubkey_signature_size(const struct pubkey *key); /* bytes */
/* The modulus without leading zeros; as many bytes as a signature has. */
MUST_CHECK int pubkey_modulus(const struct pubkey *key, struct buf *ret, struct err *err);
/* SHA-1 of the contents of the subjectPublicKey BIT STRING (RFC 5280, 4.2.1.2, method 1). */
MUST_CHECK int pubkey_key_id(const struct pubkey *key, uint8_t ret[20], struct err *err);

/*
 * RSASSA-PKCS1-v1_5 over a digest; the whole encoded message is compared (RFC 8017, 8.2.2), never
 * searched. ERR_UNTRUSTED if the signature is not by this key over this digest.
 */
MUST_CHECK int pubkey_verify(const struct pubkey *key, const struct digest *digest,
                             struct bytes signature, struct err *err);
/* The same over a bare hash without DigestInfo, as the government's signing API makes them. */
MUST_CHECK int pubkey_verify_bare(const struct pubkey *key, struct bytes hash,
                                  struct bytes signature, struct err *err);
/*
 * The same over a message that stands where the DigestInfo usually does, for signers with a form of
 * their own (card.md 3.3). It must be built by the caller, never taken from the signer.
 */
MUST_CHECK int pubkey_verify_encoded(const struct pubkey *key, struct bytes message,
                                     struct bytes signature, struct err *err);

/*
 * Encrypt a short secret to the key: RSAES-OAEP with SHA-256 in hash and MGF1, no label
 * (RFC 7518, 4.3). ERR_USAGE if it is empty or longer than the key takes.
 */
MUST_CHECK int pubkey_wrap(const struct pubkey *key, const struct secret *secret, struct buf *ret,
                           struct err *err);
