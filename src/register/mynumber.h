/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The individual number (design 6, rule 1). It lives in the register's database and on the card,
 * and nowhere else; this type has no formatter and no JSON, and every reading names a purpose
 * that the law knows and an actor, or is refused.
 */
#pragma once

#include "base/secret.h"

enum { MYNUMBER_LEN = 12 };

/* Which numbers are taken. */
enum mynumber_rule {
    /*
     * Numbers nobody can have: the check digit is the right one plus five, modulo ten. The one
     * exception is 123456789018, which is published everywhere as a dummy. So a register of test
     * residents refuses the number of every real person.
     */
    MYNUMBER_TEST,
    /* The check digit of the ministry's ordinance (card.md 11.1, 12). */
    MYNUMBER_LAW,
};

struct mynumber {
    struct secret digits; /* for mynumber.c and the store, nobody else */
};

#define MYNUMBER_INIT                                                                              \
    {                                                                                              \
        SECRET_INIT                                                                                \
    }

/* ERR_INPUT if text is not twelve digits with the check digit of the rule. */
MUST_CHECK int mynumber_parse(const char *text, enum mynumber_rule rule, struct mynumber *ret,
                              struct err *err);
void mynumber_done(struct mynumber *number);
/*
 * A random number that nobody can have, for a register of test residents; it may be another test
 * resident's. ERR_DENIED for MYNUMBER_LAW: real ones come from elsewhere.
 */
MUST_CHECK int mynumber_new(enum mynumber_rule rule, struct mynumber *ret, struct err *err);
/* The right check digit of the first eleven digits, 0 to 9; -1 if they are no digits. */
int mynumber_check_digit(const char *digits);

/* What an individual number may be read for: the fields of the Number Act, and making the card. */
enum mynumber_purpose {
    MYNUMBER_FOR_CARD, /* to write it on the holder's card (Number Act, Article 17) */
    MYNUMBER_FOR_SOCIAL_SECURITY,
    MYNUMBER_FOR_TAX,
    MYNUMBER_FOR_DISASTER,
    MYNUMBER_FOR_ORDINANCE, /* a duty that an ordinance of the municipality names (Article 9 (2)) */
    MYNUMBER_PURPOSES_
};

/* Who may have numbers at all; a private body is never one of them, except as an employer. */
enum mynumber_body {
    MYNUMBER_BY_MUNICIPALITY,
    MYNUMBER_BY_ADMINISTRATION, /* another administrative body */
    MYNUMBER_BY_EMPLOYER,
    MYNUMBER_BODIES_
};

/* "card", "tax", ..., kept in the record of uses. NULL for a purpose that does not exist. */
const char *mynumber_purpose_name(enum mynumber_purpose purpose);
/* "municipality", ..., kept beside it; NULL for a body that does not exist. */
const char *mynumber_body_name(enum mynumber_body body);

/* Somebody reads a number for something. */
struct mynumber_use {
    enum mynumber_purpose purpose;
    enum mynumber_body body;
    const char *actor; /* who, at most ACTOR_MAX bytes: "uid:1000" */
    /* Whoever stands there was checked to be the person: a number proves nothing (S23). */
    bool is_identified;
    const char *duty;              /* of an ordinance; NULL: none */
    const char *const *ordinances; /* the duties of this municipality's, ended by NULL; or NULL */
    int64_t at;                    /* UTC seconds */
    const char *trace_id;          /* of the request, NULL: none */
};

/*
 * ERR_DENIED unless the use names a known purpose, a body that may have numbers for it, and an
 * actor, and what else the purpose needs.
 */
MUST_CHECK int mynumber_use_check(const struct mynumber_use *use, struct err *err);
