/* SPDX-License-Identifier: Apache-2.0 */
/* A card as the register knows it, and the rules on cards that need no database. */
#pragma once

#include "register/resident.h"

enum {
    SECURITY_CODE_LEN = 4,
    WINDOW_LEN = 4, /* characters of the counter behind the municipality's code */
    WINDOW_ID_SIZE = MUNICIPALITY_CODE_LEN + WINDOW_LEN + 1,

    LONG_CARD_AGE = 18, /* from here on a card lives ten birthdays, before five */
};

/* The states a card goes through; those after "suspended" are for ever. */
enum card_state {
    CARD_STOCK,     /* assigned to a resident, without certificates */
    CARD_ISSUED,    /* certificates are there, to be written and handed over */
    CARD_ACTIVE,    /* in the holder's hands */
    CARD_SUSPENDED, /* reported lost: its certificates are held */
    CARD_LAPSED,    /* a period ran out after a move, or the holder is dead or abroad */
    CARD_EXPIRED,   /* behind its last day */
    CARD_RETURNED,  /* given back by the holder */
    CARD_REPLACED,  /* by another card */
    CARD_DESTROYED, /* before it was handed over */
    CARD_STATES_
};

/* "stock", "issued", "active", ... */
const char *card_state_name(enum card_state state);
/* All of these names, ended by NULL. */
extern const char *const card_state_names[];
/* ERR_SYSTEM if there is no such state. */
MUST_CHECK int card_state_parse(const char *name, enum card_state *ret, struct err *err);

enum cert_kind { CERT_SIGN, CERT_AUTH, CERT_KINDS_ };
/* "sign", "auth": also what the authority calls them. */
const char *cert_kind_name(enum cert_kind kind);

struct card {
    char serial[CARD_SERIAL_MAX + 1]; /* also its id */
    char resident[RESIDENT_ID_LEN + 1];
    enum card_state state;
    char security_code[SECURITY_CODE_LEN + 1]; /* printed under the photo */
    char window_id[WINDOW_ID_SIZE];            /* municipality and counter */
    int64_t issued_at;                         /* UTC seconds */
    struct caldate expires_on;                 /* the last day, in Japan */
    struct caldate lapses_after;               /* the last day of a period; year 0: there is none */
    bool is_further;                           /* beside another card of the same resident */
};

/* ERR_INPUT unless serial is 1 to CARD_SERIAL_MAX letters, digits and hyphens. */
MUST_CHECK int card_serial_check(const char *serial, struct err *err);
/* ERR_INPUT unless the counter's part of a window id is four of 0-9 A-Z. */
MUST_CHECK int window_check(const char *window, struct err *err);

/* The last day of a card given out on a day: the tenth birthday after it, the fifth under 18. */
struct caldate card_expiry(struct caldate birth, struct caldate issued_on);
/* The same, and never behind the day on which the holder's stay in Japan ends. */
struct caldate card_last_day(const struct resident *resident, struct caldate issued_on);

/* Kinds of cards by when they are given out; they differ in how early the next one is made. */
enum card_generation { CARDS_OF_TODAY, CARDS_OF_NEXT, CARD_GENERATIONS_ };
/* ERR_INPUT unless it is "today" or "next". */
MUST_CHECK int card_generation_parse(const char *name, enum card_generation *ret, struct err *err);
/* The first day on which the next card may be made, by the last day of the present one. */
struct caldate card_renewal_opens(enum card_generation generation, struct caldate expires_on);
/* The last second of a day in Japan. */
int64_t day_end(struct caldate day);
