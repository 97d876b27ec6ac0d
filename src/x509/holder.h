/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The six otherNames of a sign certificate (pki.md 1.4): who the holder is. Personal data: there
 * is no formatter here on purpose, and nothing of it goes into failures or logs.
 */
#pragma once

#include "base/caltime.h"
#include "x509/der.h"

/* UTF-8; ranges borrowed from the certificate or from the caller. */
struct holder {
    struct bytes name;                /* .1 surname, full-width space, given name */
    struct bytes birth;               /* .4 EYYYYMMDD: era digit and Gregorian date */
    struct bytes sex;                 /* .3 1 male, 2 female, 3 unknown */
    struct bytes address;             /* .5 from the prefecture on */
    struct bytes name_substitutes;    /* .2 a digit 0 or 1 for each character of the name */
    struct bytes address_substitutes; /* .6 the same for the address */
};

/* ERR_INPUT, naming the attribute, if one is not as pki.md 1.4 says. */
MUST_CHECK int holder_check(const struct holder *holder, struct err *err);
/* Value of subjectAltName: GeneralNames, in the order .1 .4 .3 .5 .2 .6. Checks first. */
MUST_CHECK int holder_build(const struct holder *holder, struct buf *ret, struct err *err);
/* The other direction; exactly this order and nothing else. */
MUST_CHECK int holder_parse(struct bytes general_names, struct holder *ret, struct err *err);

enum { HOLDER_BIRTH_SIZE = 10 };
/* A full birth date as EYYYYMMDD with the era digit of that day. ERR_INPUT before Meiji. */
MUST_CHECK int holder_birth_format(struct caldate date, char ret[HOLDER_BIRTH_SIZE],
                                   struct err *err);
/* The Gregorian date in EYYYYMMDD; ERR_ABSENT if parts of it are unknown (zeros). */
MUST_CHECK int holder_birth_date(struct bytes birth, struct caldate *ret, struct err *err);
