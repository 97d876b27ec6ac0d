/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys: RSA with e = 65537 and 2048 to 4096 bits, and P-384; everything else is refused by
 * name. Keys on P-256, of tokens, have ways in of their own, so that none comes in otherwise. A
 * function that says nothing else works with RSA only and fails with other keys, so that whoever
 * has not thought of them refuses them.
 */
#pragma once

#include "crypto/key_kind.h"

struct secret;
struct pubkey;

/*
 * From SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), of either kind. Trailing bytes, curves that are
 * not named and compressed points are ERR_INPUT.
 */
MUST_CHECK int pubkey_from_spki(struct bytes der, struct pubkey **ret, struct err *err);
/* The same where only RSA will do: other kinds are ERR_INPUT too. */
MUST_CHECK int pubkey_from_spki_rsa(struct bytes der, struct pubkey **ret, struct err *err);
/* RSA, or P-256 in place of P-384: of whoever signs tokens (crypto/jws.h). */
MUST_CHECK int pubkey_from_spki_jws(struct bytes der, struct pubkey **ret, struct err *err);
/* From the coordinates x and y of a point on P-256, 32 octets each (RFC 7518, 6.2.1). */
MUST_CHECK int pubkey_from_point(struct bytes coordinates, struct pubkey **ret, struct err *err);
/* The same coordinates. ERR_INPUT if not P-256. */
MUST_CHECK int pubkey_point(const struct pubkey *key, struct buf *ret, struct err *err);
/* From the octets of a modulus, without leading zeros (RFC 7518, 6.3.1.1). */
MUST_CHECK int pubkey_from_modulus(struct bytes modulus, struct pubkey **ret, struct err *err);
/*
 * SubjectPublicKeyInfo out of PEM: one key and nothing else (RFC 7468, 13), as openssl pkey -pubout
 * writes it. ERR_INPUT for anything else.
 */
MUST_CHECK int pubkey_spki_from_pem(struct buf *pem, struct buf *ret, struct err *err);
void pubkey_free(struct pubkey *key);
void pubkey_freep(struct pubkey **key);
/* These are for all kinds. */
enum key_kind pubkey_kind(const struct pubkey *key);
struct bytes pubkey_spki(const struct pubkey *key); /* lives as long as the key */
size_t pubkey_bits(const struct pubkey *key);
size_t pubkey_signature_size(const struct pubkey *key); /* bytes; of ECDSA at most so many */
/* The modulus without leading zeros; as many bytes as a signature has. ERR_INPUT if not RSA. */
MUST_CHECK int pubkey_modulus(const struct pubkey *key, struct buf *ret, struct err *err);
/*
 * Of both kinds: SHA-1 of the contents of the subjectPublicKey BIT STRING (RFC 5280, 4.2.1.2,
 * method 1).
 */
MUST_CHECK int pubkey_key_id(const struct pubkey *key, uint8_t ret[20], struct err *err);

/*
 * RSASSA-PKCS1-v1_5 over a digest; the whole encoded message is compared (RFC 8017, 8.2.2), never
 * searched. ERR_UNTRUSTED if the signature is not by this key over this digest.
 */
MUST_CHECK int pubkey_verify(const struct pubkey *key, const struct digest *digest,
                             struct bytes signature, struct err *err);
/*
 * A signature that was made, says what names its algorithm, by a key of this kind: the above, or
 * with KEY_P384 ECDSA over a SHA-384 digest (KEY_P256: SHA-256), as Ecdsa-Sig-Value in DER (RFC
 * 5480, 2.2.3) and no other spelling. ERR_UNTRUSTED also if the key is of another kind, or the
 * digest by another hash.
 */
MUST_CHECK int pubkey_verify_kind(const struct pubkey *key, enum key_kind kind,
                                  const struct digest *digest, struct bytes signature,
                                  struct err *err);
/*
 * RSASSA-PSS over a digest (RFC 8017, 8.1.2): MGF1 with the same hash, as many octets of salt as
 * the hash has (RFC 4055, 3.1), trailer BC. ERR_UNTRUSTED for everything else.
 */
MUST_CHECK int pubkey_verify_pss(const struct pubkey *key, const struct digest *digest,
                                 struct bytes signature, struct err *err);
enum signature_scheme { SCHEME_PKCS1, SCHEME_PSS, SCHEME_ECDSA };
/* That one of the three: pubkey_verify, pubkey_verify_pss, or ECDSA as above. */
MUST_CHECK int pubkey_verify_scheme(const struct pubkey *key, enum signature_scheme scheme,
                                    const struct digest *digest, struct bytes signature,
                                    struct err *err);
/* PKCS#1 v1.5 over a bare hash without DigestInfo, as the government's signing API makes them. */
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
 * (RFC 7518, 4.3). ERR_USAGE if it is empty or longer than the key takes, or the key is not RSA.
 */
MUST_CHECK int pubkey_wrap(const struct pubkey *key, const struct secret *secret, struct buf *ret,
                           struct err *err);
/*
 * P-256 alone: a new content key for A128CBC-HS256, and the point, both its coordinates, by which
 * privkey_agree finds it (ECDH-ES, RFC 7518, 4.6). ERR_USAGE for keys of other kinds.
 */
MUST_CHECK int pubkey_agree(const struct pubkey *key, struct secret *ret, struct buf *ret_point,
                            struct err *err);
