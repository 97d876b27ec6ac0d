/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures by the card's two keys over a digest that was made outside: RSASSA-PKCS1-v1_5, or
 * ECDSA by cards of the next generation. The same command makes both.
 */
#pragma once

#include "crypto/key_kind.h"

struct icc;

enum icc_key { ICC_KEY_AUTH, ICC_KEY_SIGN };

/*
 * Sign a digest with a key of this kind (card.md 4.2, P1 = 00): what the card gets is a DigestInfo,
 * or for a P-384 key the SHA-384 digest itself, ERR_USAGE for any other. Which kind the key is says
 * its certificate, which the caller reads. Must be called inside the transaction in which the key's
 * PIN was verified, else ERR_DENIED. The card is not believed: check the signature against the
 * certificate before it is used.
 */
MUST_CHECK int icc_sign_kind(struct icc *icc, enum icc_key which, enum key_kind kind,
                             const struct digest *digest, struct buf *ret, struct err *err);
/* The same with an RSA key. */
MUST_CHECK int icc_sign(struct icc *icc, enum icc_key which, const struct digest *digest,
                        struct buf *ret, struct err *err);
/*
 * The digest as it is, without DigestInfo, padded by the card: what the government's signing API
 * calls for (pki.md 8). With RSA keys.
 */
MUST_CHECK int icc_sign_bare(struct icc *icc, enum icc_key which, const struct digest *digest,
                             struct buf *ret, struct err *err);
