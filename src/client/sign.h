/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by the card's two keys: RSASSA-PKCS1-v1_5 over a digest that was made outside. */
#pragma once

#include "crypto/digest.h"

struct icc;

enum icc_key { ICC_KEY_AUTH, ICC_KEY_SIGN };

/*
 * Sign a digest (card.md 4.2, P1 = 00). Must be called inside the transaction in which the key's
 * PIN was verified, else ERR_DENIED. The card is not believed: check the signature against the
 * certificate before it is used.
 */
MUST_CHECK int icc_sign(struct icc *icc, enum icc_key which, const struct digest *digest,
                        struct buf *ret, struct err *err);
