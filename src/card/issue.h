/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a counter's terminal does with a card: have it make its keys, ask for requests with proof
 * of possession, write a person's certificates and PINs on it, once. What happens to it later is
 * in card/change.h. No private key ever leaves the card.
 */
#pragma once

#include "card/card.h"
#include "card/gp_keys.h"
#include "card/token.h"

/*
 * Make a key pair in the card, replacing one that was made before, and give its
 * SubjectPublicKeyInfo. On a personalised card that is a new sign or auth key beside the one in
 * use, which stays until card_recertify; ERR_CONFLICT for other keys, and for a sign key without a
 * sign certificate.
 */
MUST_CHECK int card_make_key(struct card *card, enum card_key which, struct buf *ret_spki,
                             struct err *err);
/*
 * All keys that a blank card of this kind gets (CARD_KEY_SIGN only if with_sign), RSA whatever its
 * options say, made at once. ERR_CONFLICT for a card that is not blank.
 */
MUST_CHECK int card_make_keys(struct card *card, enum card_kind kind, bool with_sign,
                              struct err *err);
/* SubjectPublicKeyInfo of a key; ERR_ABSENT if it was not made yet. */
MUST_CHECK int card_spki(const struct card *card, enum card_key which, struct buf *ret,
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

/* ERR_INPUT, by the PIN's name and without its value, unless this IEF could hold it. */
MUST_CHECK int card_check_pin(enum card_pin pin, struct bytes given, struct err *err);

/*
 * Everything or nothing, durable when it returns 0. ERR_CONFLICT unless the card is blank,
 * ERR_UNTRUSTED if a certificate is not over this card's key or not by the CA given with it,
 * ERR_INPUT for PINs that break the rules of card.md 5, for files that do not fit and records that
 * are none, and for what that kind of card does not have.
 */
MUST_CHECK int card_personalise(struct card *card, const struct card_personalisation *with,
                                struct err *err);

/*
 * The issuer's keys for the free area, in the place of those that were there; keys stays the
 * caller's. Durable when it returns 0; whoever had the card selected starts again. ERR_CONFLICT on
 * a card that was tampered with.
 */
MUST_CHECK int card_put_issuer_keys(struct card *card, const struct gp_keys *keys, struct err *err);
