/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Residents and cards as the register knows them, and the rules on them that need no database.
 * Personal data: there is no formatter, and no failure text repeats any of it.
 *
 * Not judged yet: whether a name's characters are in the repertoire of certificates (JIS X 0208
 * and 0212). The clerk says which characters are substitutes.
 */
#pragma once

#include "base/caltime.h"
#include "register/limits.h"
#include "register/municipality.h"
#include "x509/limits.h"

enum {
    RESIDENT_ID_LEN = 32, /* hexadecimal digits, random */
    NAME_BYTES_MAX = 4 * HOLDER_NAME_MAX,
    ADDRESS_BYTES_MAX = 4 * HOLDER_ADDRESS_MAX,
    SECURITY_CODE_LEN = 4,
    WINDOW_LEN = 4, /* characters of the counter behind the municipality's code */
    WINDOW_ID_SIZE = MUNICIPALITY_CODE_LEN + WINDOW_LEN + 1,

    SIGN_AGE_MIN = 15,  /* pki.md 4: no sign certificate before */
    LONG_CARD_AGE = 18, /* from here on a card lives ten birthdays, before five */
};

enum sex { SEX_MALE = 1, SEX_FEMALE = 2, SEX_UNKNOWN = 3 }; /* pki.md 1.4 */

struct resident {
    char id[RESIDENT_ID_LEN + 1];
    char subject[RESIDENT_ID_LEN + 1]; /* what the authority knows this person by; random */
    char name[NAME_BYTES_MAX + 1];     /* surname, full-width space, given name; UTF-8 */
    char name_substitutes[HOLDER_NAME_MAX + 1]; /* a digit 0 or 1 per character */
    char address[ADDRESS_BYTES_MAX + 1];        /* from the prefecture on */
    char address_substitutes[HOLDER_ADDRESS_MAX + 1];
    struct caldate birth;
    enum sex sex;
    char municipality[MUNICIPALITY_CODE_LEN + 1];
};

/*
 * Everything about a resident that can be judged without the register; empty substitutes are
 * filled with 0, "as it is". ERR_INPUT names the member.
 */
MUST_CHECK int resident_check(struct resident *resident, const struct municipalities *list,
                              struct caldate today, struct err *err);

enum card_state {
    CARD_STOCK,  /* assigned to a resident, without certificates */
    CARD_ISSUED, /* certificates are there, to be written and handed over */
    CARD_ACTIVE, /* in the holder's hands */
    CARD_STATES_
};

/* "stock", "issued", "active" */
const char *card_state_name(enum card_state state);
/* ERR_SYSTEM if there is no such state. */
MUST_CHECK int card_state_parse(const char *name, enum card_state *ret, struct err *err);

struct card {
    char serial[CARD_SERIAL_MAX + 1]; /* also its id */
    char resident[RESIDENT_ID_LEN + 1];
    enum card_state state;
    char security_code[SECURITY_CODE_LEN + 1]; /* printed under the photo */
    char window_id[WINDOW_ID_SIZE];            /* municipality and counter */
    int64_t issued_at;                         /* UTC seconds */
    struct caldate expires_on;                 /* the last day, in Japan */
    bool is_further;                           /* beside another card of the same resident */
};

/* ERR_INPUT unless serial is 1 to CARD_SERIAL_MAX letters, digits and hyphens. */
MUST_CHECK int card_serial_check(const char *serial, struct err *err);
/* ERR_INPUT unless the counter's part of a window id is four of 0-9 A-Z. */
MUST_CHECK int window_check(const char *window, struct err *err);

/* The last day of a card given out on a day: the tenth birthday after it, the fifth under 18. */
struct caldate card_expiry(struct caldate birth, struct caldate issued_on);
/* The last second of a day in Japan. */
int64_t day_end(struct caldate day);
/* ERR_DENIED while the holder is too young for a sign certificate. */
MUST_CHECK int sign_age_check(struct caldate birth, struct caldate today, struct err *err);
