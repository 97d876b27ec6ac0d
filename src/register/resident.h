/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Residents as the register knows them, and the rules on them that need no database. Personal
 * data: there is no formatter, and no failure text repeats any of it.
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

    SIGN_AGE_MIN = 15, /* pki.md 4: no sign certificate before */
};

enum sex { SEX_MALE = 1, SEX_FEMALE = 2, SEX_UNKNOWN = 3 }; /* pki.md 1.4 */

/* "male", "female", "unknown" */
const char *sex_name(enum sex sex);
/* ERR_INPUT if it is none of them. */
MUST_CHECK int sex_parse(const char *name, enum sex *ret, struct err *err);

/* How somebody stands to the register. */
enum standing {
    STANDING_HERE,
    STANDING_LEAVING, /* notified a move to another municipality, and not yet there */
    STANDING_ABROAD,
    STANDING_DEAD,
    STANDINGS_
};

/* "here", "leaving", "abroad", "dead" */
const char *standing_name(enum standing standing);
/* All of these names, ended by NULL. */
extern const char *const standing_names[];
/* ERR_SYSTEM if there is no such standing. */
MUST_CHECK int standing_parse(const char *name, enum standing *ret, struct err *err);

struct resident {
    char id[RESIDENT_ID_LEN + 1];
    char subject[RESIDENT_ID_LEN + 1];          /* what the authority knows them by; random */
    char name[NAME_BYTES_MAX + 1];              /* surname, full-width space, given name; UTF-8 */
    char name_substitutes[HOLDER_NAME_MAX + 1]; /* a digit 0 or 1 per character */
    char address[ADDRESS_BYTES_MAX + 1];        /* from the prefecture on */
    char address_substitutes[HOLDER_ADDRESS_MAX + 1];
    struct caldate birth;
    enum sex sex;
    char municipality[MUNICIPALITY_CODE_LEN + 1];
    /*
     * In the register alone, each empty if there is none: name and address as they are registered,
     * where characters of theirs are replaced above; the name in katakana; a former surname.
     */
    char registered_name[NAME_BYTES_MAX + 1];
    char registered_address[ADDRESS_BYTES_MAX + 1];
    char kana[NAME_BYTES_MAX + 1];
    char former_name[NAME_BYTES_MAX + 1];
    enum standing standing;
    struct caldate stay_until; /* of a foreign resident, the last day; year 0: without an end */
};

/*
 * Everything about a resident that can be judged without the register. Empty substitutes are
 * computed from the registered spelling, or filled with 0, "as it is". ERR_INPUT names the member.
 */
MUST_CHECK int resident_check(struct resident *resident, const struct municipalities *list,
                              struct caldate today, struct err *err);

/* The same in everything but the id. */
bool resident_is_same(const struct resident *a, const struct resident *b);
/* ERR_DENIED while the holder is too young for a sign certificate. */
MUST_CHECK int sign_age_check(struct caldate birth, struct caldate today, struct err *err);
