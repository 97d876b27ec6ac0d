/* SPDX-License-Identifier: Apache-2.0 */
/* PINs as the caller gives them. */
#pragma once

#include "client/pin.h"
#include "libjpki/card.h"

/* ERR_USAGE for a number that is no PIN's. */
MUST_CHECK int pin_meant(enum jpki_pin_kind which, enum icc_pin *ret, struct err *err);
/*
 * Verify a PIN inside a transaction, by the rules of client/pin.h. ERR_USAGE for a flag that does
 * not exist or bytes at NULL, ERR_DENIED if pin is NULL.
 */
MUST_CHECK int pin_open(jpki_card *card, enum icc_pin which, const struct jpki_pin *pin,
                        struct err *err);
