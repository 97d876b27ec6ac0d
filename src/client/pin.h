/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs by the rules that keep a card from being locked by accident (card.md 11.2, 2 to 4): the
 * tries left are asked for first, the last one needs consent, the form is checked before anything
 * is sent, and a VERIFY is sent once.
 */
#pragma once

#include "base/secret.h"
#include "client/icc.h"

/* What opens something on the card (card.md 3.4, 5). */
enum icc_pin {
    ICC_PIN_AUTH,
    ICC_PIN_SIGN,
    ICC_PIN_TEXT,
    ICC_PIN_JUKI,
    ICC_PIN_A,     /* check code A: the individual number */
    ICC_PIN_B,     /* check code B: birth date, year of expiry, security code */
    ICC_PIN_BIRTH, /* the birth date alone */
    ICC_PINS_,     /* how many there are */
};

/*
 * Where a PIN is kept. Some are kept twice, each with a counter of its own: what people call one
 * PIN (card.md 3.3, 3.6).
 */
struct icc_pin_place {
    enum icc_app app;
    uint16_t ief;
};
enum { ICC_PIN_PLACES_MAX = 2 };
/* *ret is the first of as many places as are returned. */
size_t icc_pin_places(enum icc_pin which, const struct icc_pin_place **ret);

/* "auth", "sign", "text", "juki", "a", "b", "birth": stable, for JSON. */
const char *icc_pin_name(enum icc_pin which);
/* What people call it, a msgid: "authentication PIN", "signature password". */
const char *icc_pin_title(enum icc_pin which);
/* What to type, a msgid, for whoever asks; NULL where the title says enough. */
const char *icc_pin_hint(enum icc_pin which);
unsigned icc_pin_tries_max(enum icc_pin which); /* card.md 5; that of the birth date is a guess */

/*
 * Tries left in one application; 0 means locked. ERR_REMOTE if the card gives no number, since
 * without one no PIN may be sent. ERR_USAGE if the PIN has no place there.
 */
MUST_CHECK int icc_pin_tries_in(struct icc *icc, enum icc_pin which, enum icc_app app,
                                unsigned *ret, struct err *err);
/* The same in its first place. */
MUST_CHECK int icc_pin_tries(struct icc *icc, enum icc_pin which, unsigned *ret, struct err *err);
/* ERR_DENIED with what to do now, for a PIN that is locked; the tries left did not change. */
int icc_pin_fail_locked(struct err *err, enum icc_pin which);

/*
 * ERR_DENIED if it is locked, or if only one try is left and may_use_last_try is false: what
 * icc_pin_verify will say, before anybody types.
 */
MUST_CHECK int icc_pin_may_be_used(enum icc_pin which, unsigned tries, bool may_use_last_try,
                                   struct err *err);

/*
 * Inside a transaction for an application in which the PIN has a place: SELECT it. ERR_ABSENT if
 * the card has none.
 */
MUST_CHECK int icc_pin_select(struct icc *icc, enum icc_pin which, struct err *err);

/*
 * Bring what a person typed into the form the card knows: the sign password in upper case, codes
 * as code.h says. ERR_DENIED if it cannot be right (card.md 5): 4 digits; 6 to 16 of A-Z and 0-9
 * with at least one letter and one digit; 12 digits, the last of which checks the others; 14 or 6
 * that begin with a month and day that exist.
 */
MUST_CHECK int icc_pin_normalise(enum icc_pin which, struct secret *pin, struct err *err);

/*
 * VERIFY. Must be called inside a transaction for an application in which the PIN has a place; the
 * transaction's end drops what it has opened.
 * ERR_DENIED if it is wrong (with the tries left), locked, cannot be right, or if only one try is
 * left and may_use_last_try is false; in the last three cases nothing was sent.
 */
MUST_CHECK int icc_pin_verify(struct icc *icc, enum icc_pin which, const struct secret *pin,
                              bool may_use_last_try, struct err *err);
