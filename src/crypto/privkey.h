/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys. Only signer and card may include this header (layers.txt); everywhere else
 * signing is two-phase: prepare, digest, signed elsewhere, complete.
 */
#pragma once

#include "base/secret.h"
#include "crypto/key_kind.h"

struct privkey;

/* RSA, bits 2048 to 4096 in steps of 1024, e = 65537. */
MUST_CHECK int privkey_generate(unsigned bits, struct privkey **ret, struct err *err);
MUST_CHECK int privkey_generate_p384(struct privkey **ret, struct err *err);
MUST_CHECK int privkey_generate_p256(struct privkey **ret, struct err *err);
MUST_CHECK int privkey_generate_ed25519(struct privkey **ret, struct err *err);
enum key_kind privkey_kind(const struct privkey *key);
void privkey_free(struct privkey *key);
void privkey_freep(struct privkey **key);

/* EncryptedPrivateKeyInfo: PBES2, PBKDF2-HMAC-SHA-256, AES-256-CBC (RFC 8018), DER. */
MUST_CHECK int privkey_seal(const struct privkey *key, const struct secret *passphrase,
                            struct buf *ret_der, struct err *err);
/*
 * RSA, P-256 or Ed25519. ERR_DENIED if the passphrase is wrong, ERR_INPUT if the file is not such
 * a structure.
 */
MUST_CHECK int privkey_open(struct bytes der, const struct secret *passphrase, struct privkey **ret,
                            struct err *err);

/*
 * PrivateKeyInfo in the clear (RFC 5958, 2), for a caller that seals it with other data of its own
 * (crypto/seal.h). It must not reach a file or a socket as it is.
 */
MUST_CHECK int privkey_export(const struct privkey *key, struct secret *ret_der, struct err *err);
/* Exactly one such structure, RSA as above or P-384; else ERR_INPUT. */
MUST_CHECK int privkey_import(struct bytes der, struct privkey **ret, struct err *err);
/* The same for a key on P-256, which is no card's. */
MUST_CHECK int privkey_import_p256(struct bytes der, struct privkey **ret, struct err *err);

MUST_CHECK int privkey_spki(const struct privkey *key, struct buf *ret, struct err *err);
size_t privkey_signature_size(const struct privkey *key); /* at most */
/*
 * RSASSA-PKCS1-v1_5 over a digest (DigestInfo inside). With P-384 ECDSA over a SHA-384 digest, as
 * Ecdsa-Sig-Value in DER (RFC 5480, 2.2.3), with P-256 the same over SHA-256; the other ways of
 * signing are ERR_USAGE then, and this one is for Ed25519.
 */
MUST_CHECK int privkey_sign(const struct privkey *key, const struct digest *digest, struct buf *ret,
                            struct err *err);
/* The same as a JWS has it (RFC 7518, 3.3 and 3.4): both halves of ECDSA side by side. */
MUST_CHECK int privkey_sign_jws(const struct privkey *key, const struct digest *digest,
                                struct buf *ret, struct err *err);
/* Ed25519 over a whole message (crypto/ed25519.h); ERR_USAGE for keys of other kinds. */
MUST_CHECK int privkey_sign_message(const struct privkey *key, struct bytes message,
                                    struct buf *ret, struct err *err);
/*
 * PKCS#1 v1.5 type 1 padding around 1 to k-11 bytes as they are, as a card does
 * (card.md 4.2, P1 = 00). More than k-11 bytes is ERR_INPUT.
 */
MUST_CHECK int privkey_sign_raw(const struct privkey *key, struct bytes data, struct buf *ret,
                                struct err *err);
/* RSASSA-PSS over a digest, MGF1 with the same hash, salt_len bytes of salt. */
MUST_CHECK int privkey_sign_pss(const struct privkey *key, const struct digest *digest,
                                size_t salt_len, struct buf *ret, struct err *err);
/*
 * Undo pubkey_wrap. ERR_UNTRUSTED, always in the same words, if it was not encrypted to this key
 * so: whoever asks must not learn more (RFC 8017, 7.1.2, note).
 */
MUST_CHECK int privkey_unwrap(const struct privkey *key, struct bytes wrapped, struct secret *ret,
                              struct err *err);
/*
 * P-256 alone: the content key of whoever made that point by pubkey_agree. ERR_UNTRUSTED for what
 * is no point of the curve, and ERR_USAGE for keys of other kinds; anything else is a key, perhaps
 * not the one that something was encrypted with.
 */
MUST_CHECK int privkey_agree(const struct privkey *key, struct bytes point, struct secret *ret,
                             struct err *err);
