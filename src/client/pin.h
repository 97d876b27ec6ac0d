/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs by the rules that keep a card from being locked by accident (card.md 11.2, 2 to 4): the
 * tries left are asked for first, the last one needs consent, the form is checked before anything
 * is sent, and a VERIFY is sent once.
 */
#pragma once

#include "base/secret.h"

struct icc;

enum icc_pin { ICC_PIN_AUTH, ICC_PIN_SIGN };

/* "auth", "sign": stable, for JSON. */
const char *icc_pin_name(enum icc_pin which);
/* What people call it, a msgid: "authentication PIN", "signature password". */
const char *icc_pin_title(enum icc_pin which);
unsigned icc_pin_tries_max(enum icc_pin which); /* 3, 5 (card.md 5) */

/*
 * Tries left; 0 means locked. ERR_REMOTE if the card gives no number, since without one no PIN may
 * be sent.
 */
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
 * Bring what a person typed into the form the card knows: the sign password in upper case.
 * ERR_DENIED if it cannot be right (card.md 5): 4 digits; 6 to 16 of A-Z and 0-9 with at least one
 * letter and one digit.
 */
MUST_CHECK int icc_pin_normalise(enum icc_pin which, struct secret *pin, struct err *err);

/*
 * VERIFY. Must be called inside a transaction, whose end drops what the PIN has opened.
 * ERR_DENIED if it is wrong (with the tries left), locked, cannot be right, or if only one try is
 * left and may_use_last_try is false; in the last three cases nothing was sent.
 */
MUST_CHECK int icc_pin_verify(struct icc *icc, enum icc_pin which, const struct secret *pin,
                              bool may_use_last_try, struct err *err);
