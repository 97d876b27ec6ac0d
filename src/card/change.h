/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a counter's terminal changes on a card that is somebody's already. Each is everything or
 * nothing and durable when it returns 0, and whoever had the card selected starts again.
 * ERR_CONFLICT on a card that was tampered with or is nobody's.
 */
#pragma once

#include "card/card.h"

/*
 * Put new keys (card_make_key) and the certificates for them in the place of the old ones, which
 * are gone then; PINs, their counters and all else stay. with has certificates as files, DER:
 * CARD_SIGN_CERT, CARD_AUTH_CERT or both, and perhaps the CAs', whose keys change with the years;
 * without them those on the card are taken. ERR_CONFLICT without a new key to a certificate,
 * ERR_UNTRUSTED if it is over another key or not by that CA, ERR_INPUT if it is malformed or does
 * not fit, for other files, and for none.
 */
MUST_CHECK int card_recertify(struct card *card, const struct bytes with[CARD_DATA_],
                              struct err *err);

/* Empty: that one stays. */
struct card_rewriting {
    struct bytes files[CARD_DATA_]; /* of applets other than JPKI, contents without filler */
    struct bytes pins[CARD_PINS_];  /* check codes, which follow from what is printed */
};

/*
 * Files in the place of those that are there, when what stands on the card is no longer true, and
 * the check codes that go with it; keys, certificates, PINs and all tries stay. ERR_ABSENT for what
 * the card does not have, ERR_INPUT for what does not fit, for files of the JPKI applet and for
 * PINs that the holder chooses.
 */
MUST_CHECK int card_rewrite(struct card *card, const struct card_rewriting *with, struct err *err);

/*
 * A new value for PINs that the holder forgot or locked, with all their tries: bits of enum
 * card_pin. The new value lasts before the tries do, so a cut in between leaves PINs that are new
 * and have the tries they had. ERR_ABSENT if the card has none of them, ERR_INPUT for a value that
 * breaks their rule.
 */
MUST_CHECK int card_reset_pins(struct card *card, uint32_t pins, struct bytes value,
                               struct err *err);
