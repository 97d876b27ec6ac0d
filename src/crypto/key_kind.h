/* SPDX-License-Identifier: Apache-2.0 */
/* Which algorithms there are keys for. Everything else about an algorithm follows from its row. */
#pragma once

#include "crypto/digest.h"

/*
 * The second is for cards of the next generation (card.md 6.3) and what certifies them. Keys on
 * P-256 are for tokens (crypto/jws.h), those for Ed25519 for checkpoints of logs
 * (crypto/ed25519.h): no certificate has one.
 */
enum key_kind {
    KEY_RSA,
    KEY_P384,
    KEY_KINDS_, /* of certificates */
    KEY_P256 = KEY_KINDS_,
    KEY_ED25519
};

/* "RSA", "P-384", "P-256", "Ed25519". */
const char *key_kind_name(enum key_kind kind);
/* The hash that goes with it in what is made here: SHA-256, SHA-384, SHA-256; inside of it SHA-512.
 */
enum digest_alg key_kind_digest(enum key_kind kind);

/* Both halves of a signature, each as wide as the curve (RFC 7518, 3.4), as Ecdsa-Sig-Value. */
MUST_CHECK int ecdsa_raw_to_der(struct bytes raw, struct buf *ret, struct err *err);
MUST_CHECK int ecdsa_der_to_raw(enum key_kind kind, struct bytes der, struct buf *ret,
                                struct err *err);
