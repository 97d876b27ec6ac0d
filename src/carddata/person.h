/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a card is for, as far as it is on the card, and the codes that follow from it (card.md 3.4).
 *
 * Personal data: nothing of it goes into failures or logs, and failures name the member only.
 */
#pragma once

#include "base/bytes.h"
#include "base/caltime.h"

enum {
    CARDHOLDER_NUMBER_SIZE = 12,
    CARDHOLDER_SECURITY_SIZE = 4,
    CARDHOLDER_MUNICIPALITY_SIZE = 5,
    CARDHOLDER_MANUFACTURE_SIZE = 15,
};

/* Sex as text EF 0002 writes it (card.md 3.2). */
enum cardholder_sex {
    CARDHOLDER_MALE = '1',
    CARDHOLDER_FEMALE = '2',
    CARDHOLDER_OTHER = '9',
};

/* All ranges are borrowed; digits are ASCII. */
struct cardholder {
    struct bytes name;    /* UTF-8; surname, full-width space, given name */
    struct bytes address; /* UTF-8, from the prefecture on */
    struct caldate birth;
    enum cardholder_sex sex;
    struct bytes mynumber;           /* 12 digits, in somebody's struct secret */
    struct caldate expiry;           /* of the card */
    struct bytes security_code;      /* 4 digits, printed below the photo */
    struct bytes municipality;       /* 5 digits */
    struct bytes manufacture_number; /* 15 digits, the card's own (card.md 3.5) */
    struct bytes photo;              /* JPEG 2000, at most CARDDATA_PHOTO_MAX; empty: none */
};

/*
 * ERR_INPUT, naming the member, if one is not as above. Whether the number's check digit is right
 * is not looked at: most published test numbers have a wrong one on purpose.
 */
MUST_CHECK int cardholder_check(const struct cardholder *holder, struct err *err);

enum { CARDHOLDER_CODE_B_SIZE = 14, CARDHOLDER_CODE_BIRTH_SIZE = 6 };

/*
 * Code B, 14 digits and a NUL: year of the birth in its era, month, day, the year in which the
 * card expires, security code. Code A is the number itself. ERR_INPUT before the Meiji era.
 */
MUST_CHECK int cardholder_code_b(const struct cardholder *holder,
                                 char ret[CARDHOLDER_CODE_B_SIZE + 1], struct err *err);
/* The birth date's code: the first six digits of code B, and a NUL. */
MUST_CHECK int cardholder_code_birth(const struct cardholder *holder,
                                     char ret[CARDHOLDER_CODE_BIRTH_SIZE + 1], struct err *err);
