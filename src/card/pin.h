/* SPDX-License-Identifier: Apache-2.0 */
/* Reference data of PINs: what one looks like (card.md 5), and a salted hash to compare with. */
#pragma once

#include "base/bytes.h"

enum { PIN_SALT_SIZE = 16, PIN_HASH_SIZE = 32 };

/*
 * The hash keeps PINs out of memory dumps and core files; against guessing a four-digit PIN only
 * the seal of the card file helps.
 */
struct pin_verifier {
    bool is_set;
    uint8_t salt[PIN_SALT_SIZE];
    uint8_t hash[PIN_HASH_SIZE];
};

MUST_CHECK int pin_verifier_make(struct bytes pin, struct pin_verifier *ret, struct err *err);
/*
 * 0 for the right one, ERR_DENIED for another or if none is set; constant time in the contents.
 * Any other failure says that they could not be compared.
 */
MUST_CHECK int pin_check(const struct pin_verifier *verifier, struct bytes pin, struct err *err);

bool pin_is_four_digits(struct bytes pin);
/* 6 to 16 of A-Z and 0-9, at least one letter and one digit. */
bool pin_is_sign_password(struct bytes pin);

/* What a new PIN must look like. */
struct pin_form {
    const char *rule; /* "four digits", to follow "must be" */
    bool (*accepts)(struct bytes pin);
};

extern const struct pin_form pin_form_four, pin_form_six, pin_form_twelve, pin_form_fourteen;
extern const struct pin_form pin_form_password;
