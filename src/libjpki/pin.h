/* SPDX-License-Identifier: Apache-2.0 */
/* PINs as the caller gives them. */
#pragma once

#include "client/pin.h"
#include "libjpki/card.h"

/* ERR_USAGE for a number that is no PIN's. */
MUST_CHECK int pin_meant(enum jpki_pin_kind which, enum icc_pin *ret, struct err *err);

/* A PIN in the form the card knows. */
struct pin_taken {
    struct secret pin;
    bool may_use_last_try;
};
/*
 * ERR_USAGE for a flag that does not exist or bytes at NULL, ERR_DENIED if pin is NULL or cannot be
 * right.
 */
MUST_CHECK int pin_take(enum icc_pin which, const struct jpki_pin *pin, struct pin_taken *ret,
                        struct err *err);
void pin_taken_done(struct pin_taken *taken);

/* Take a PIN and verify it inside a transaction, by the rules of client/pin.h. */
MUST_CHECK int pin_open(jpki_card *card, enum icc_pin which, const struct jpki_pin *pin,
                        struct err *err);
