/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data can be copied from one card to another with the issuer's signatures on it; the private key
 * that belongs to it cannot. So the card signs a challenge with the key that its application uses
 * without a PIN (card.md 4.2, P2 = 00), and the issuer has signed the public half.
 */
#pragma once

#include "client/authenticity.h"

struct icc;

struct card_proof {
    struct digest challenge; /* of fresh random bytes */
    struct buf signature;    /* empty: the card refused */
};

/* In the transaction of the text or visual application. A refusal is no failure. */
MUST_CHECK int card_proof_ask(struct icc *icc, struct card_proof *ret, struct err *err);
void card_proof_done(struct card_proof *proof);
/* Add what the proof says about a card that should have this key. */
MUST_CHECK int card_proof_judge(const struct card_proof *proof, const struct pubkey *key,
                                struct authenticity *authenticity, struct err *err);
