/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a counter's terminal does with a card: have it make its keys, ask for requests with proof
 * of possession, write a person's certificates and PINs on it, once, and later replace key and
 * certificate for signing. No private key ever leaves the card.
 */
#pragma once

#include "card/card.h"
#include "card/token.h"

/*
 * Make a key pair in the card, replacing one that was made before, and give its
 * SubjectPublicKeyInfo. On a personalised card that is a new sign key beside the one in use, which
 * stays until card_recertify; ERR_CONFLICT for the auth key, and without a sign certificate.
 */
MUST_CHECK int card_make_key(struct card *card, enum card_key which, struct buf *ret_spki,
                             struct err *err);
/*
 * A certification request (PKCS#10) signed with the key, or with the new one if there is one.
 * ERR_ABSENT if it was not made yet.
 */
MUST_CHECK int card_request(const struct card *card, enum card_key which, struct buf *ret,
                            struct err *err);

/* Empty: not there. */
struct card_personalisation {
    enum card_kind kind;
    /*
     * Contents without filler. Certificates are DER; no sign certificate for persons who get none,
     * both CA certificates always. CARD_TOKEN and CARD_PRESENCE are the card's own to make.
     */
    struct bytes files[CARD_DATA_];
    /* A sign password exactly if there is a sign certificate, an auth PIN if the kind has one. */
    struct bytes pins[CARD_PINS_];
    struct token_info token; /* serial NULL: the card's own; label NULL: the kind's */
};

/*
 * Everything or nothing, durable when it returns 0. ERR_CONFLICT unless the card is blank,
 * ERR_UNTRUSTED if a certificate is not over this card's key or not by the CA given with it,
 * ERR_INPUT for PINs that break the rules of card.md 5, for files that do not fit and records that
 * are none, and for what that kind of card does not have.
 */
MUST_CHECK int card_personalise(struct card *card, const struct card_personalisation *with,
                                struct err *err);

/*
 * Put the new sign key and the certificate for it in the place of the old ones, which are gone
 * then; PINs, their counters and all else stay. Everything or nothing, durable when it returns 0;
 * whoever had the card selected starts again. ERR_CONFLICT on a card without a new sign key,
 * ERR_UNTRUSTED if the certificate is over another key or not by the sign CA on the card,
 * ERR_INPUT if it is malformed or does not fit.
 */
MUST_CHECK int card_recertify(struct card *card, struct bytes sign_cert, struct err *err);
