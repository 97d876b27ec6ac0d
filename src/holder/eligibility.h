/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clinic's terminal at a portal (docs/decisions/0098): it opens a lookup, the person's card signs
 * for it, or somebody compares the person with the photo, and the insurer's answer comes. What
 * the card signs is a login's message, built here as all of them are (challenge.h).
 */
#pragma once

#include "base/caltime.h"
#include "holder/challenge.h"

enum eligibility_kind {
    ELIGIBILITY_MEDICINE,
    ELIGIBILITY_CHECKUP,
    ELIGIBILITY_COST,
    ELIGIBILITY_KINDS_
};
extern const char *const eligibility_kinds[]; /* "medicine", "check-up", "cost", NULL */
/* ERR_USAGE for a word that is none of them. */
MUST_CHECK int eligibility_kind_of(const char *word, enum eligibility_kind *ret, struct err *err);

enum eligibility_state {
    ELIGIBILITY_ASKING,
    ELIGIBILITY_INSURED,
    ELIGIBILITY_EXPIRED,
    ELIGIBILITY_NOT_INSURED,
    ELIGIBILITY_NO_ANSWER,
    ELIGIBILITY_STATES_
};
extern const char *const eligibility_states[]; /* "asking", ..., NULL */

enum eligibility_text {
    ELIGIBILITY_INSURER,
    ELIGIBILITY_INSURER_NUMBER,
    ELIGIBILITY_SYMBOL,
    ELIGIBILITY_NUMBER,
    ELIGIBILITY_BRANCH,
    ELIGIBILITY_CATEGORY,
    ELIGIBILITY_VALID_FROM,
    ELIGIBILITY_VALID_UNTIL,
    ELIGIBILITY_LIMIT,
    ELIGIBILITY_TEXTS_
};
extern const char *const eligibility_texts[]; /* members of an answer: "insurer", ..., NULL */

enum { ELIGIBILITY_TEXT_SIZE = 512 };

/* Texts are UTF-8 from outside: make them harmless before they are shown. */
struct eligibility_answer {
    char lookup[CHALLENGE_SESSION_MAX + 1];
    enum eligibility_state state;
    bool is_photo;
    char operator[ELIGIBILITY_TEXT_SIZE]; /* who compared, "": nobody */
    char because[ELIGIBILITY_TEXT_SIZE];  /* why there is no answer, "" */
    int64_t checked_at;
    bool is_changed;    /* since the clinic looked the last time */
    bool has_insurance; /* then: */
    char texts[ELIGIBILITY_TEXTS_][ELIGIBILITY_TEXT_SIZE]; /* "": unknown */
    int64_t share;                                         /* percent */
    unsigned consents;                                     /* enum eligibility_kind, as bits */
    int64_t consented_until;                               /* 0: to nothing */
};
/* ERR_INPUT for anything but an answer of a portal. */
MUST_CHECK int eligibility_parse(const struct json *json, struct eligibility_answer *ret,
                                 struct err *err);

/* As challenge_open, for the clinic that remote is authorised for. */
MUST_CHECK int eligibility_open(const struct remote *remote, struct challenge *ret,
                                struct err *err);
/*
 * The same challenge as the card signs it, with what the person consents to. ERR_REMOTE if the
 * portal's name for it is too long.
 */
MUST_CHECK int eligibility_choose(const struct challenge *challenge, unsigned consents,
                                  struct challenge *ret, struct err *err);

/* What is shown for a lookup. */
struct eligibility_card {
    const struct x509_cert *cert;
    struct bytes signature;            /* over the chosen challenge; empty: none */
    const struct secret *operator_key; /* of whoever compared the photo; NULL: the card signed */
    unsigned consents;
};
/*
 * ERR_UNTRUSTED if the card does not count, with the portal's sentence; ERR_DENIED if the operator
 * is none; ERR_CONFLICT if a card was shown before; ERR_ABSENT if the time is over.
 */
MUST_CHECK int eligibility_show(struct remote *remote, const struct challenge *challenge,
                                const struct eligibility_card *card, struct eligibility_answer *ret,
                                struct err *err);
/* The answer by now. ERR_INPUT for a name that is none. */
MUST_CHECK int eligibility_get(const struct remote *remote, const char *lookup,
                               struct eligibility_answer *ret, struct err *err);

enum { ELIGIBILITY_RECORDS_MAX = 200, ELIGIBILITY_ITEMS_MAX = 40 };
/* One item of a record, in its order. */
struct eligibility_item {
    const char *day;
    const char *name, *name_en, *content;
    bool is_detail; /* belongs to the one before that is not */
};
struct eligibility_reading {
    char id[CHALLENGE_SESSION_MAX + 1];
    char state[ELIGIBILITY_TEXT_SIZE]; /* as the portal names it; "ready": there are records */
    bool is_waiting;
    struct json *json; /* what items point into */
};
void eligibility_reading_done(struct eligibility_reading *reading);
/* ERR_INPUT for anything but a reading of a portal; takes json in any case. */
MUST_CHECK int eligibility_parse_reading(struct json *json, struct eligibility_reading *ret,
                                         struct err *err);
/* Each item of each record. */
MUST_CHECK int eligibility_each_item(const struct eligibility_reading *reading,
                                     int (*take)(void *context, const struct eligibility_item *item,
                                                 struct err *err),
                                     void *context, struct err *err);
/* ERR_DENIED if the person has not consented. */
MUST_CHECK int eligibility_read(const struct remote *remote, const char *lookup,
                                enum eligibility_kind kind, struct eligibility_reading *ret,
                                struct err *err);
/* The same reading by now. */
MUST_CHECK int eligibility_read_on(const struct remote *remote, const char *id,
                                   struct eligibility_reading *ret, struct err *err);
