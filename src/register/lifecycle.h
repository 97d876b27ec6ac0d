/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can happen to residents and to cards, as a table: what an act makes of a card and of the
 * two certificates on it. Facts go in and consequences come out, without a database; days are days
 * in Japan. Where a rule comes from is in docs/rules.csv.
 */
#pragma once

#include "register/card.h"

/* How a certificate ends: the reasons of lists of revocations in their meaning for JPKI (pki.md 2).
 */
enum cert_end {
    END_NOT,        /* stays */
    END_UNCLAIMED,  /* destroyed before delivery: unspecified */
    END_LEAKED,     /* keyCompromise */
    END_CHANGED,    /* what it says is no longer true: affiliationChanged */
    END_SUPERSEDED, /* another one is issued */
    END_CESSATION,  /* no longer needed: cessationOfOperation */
    END_HELD,       /* for now: certificateHold */
    CERT_ENDS_
};

/* "affiliationChanged", ...; NULL for one that stays. */
const char *cert_end_reason(enum cert_end end);

/* What is told beside the name of an act: all of it, and nothing else. */
enum {
    TELLS_NAME = 1,
    TELLS_ADDRESS = 2, /* with the municipality */
    TELLS_SEX = 4,
    TELLS_DATE = 8,
    TELLS_STAY = 16, /* the last day of a foreign resident's stay */
    TELLS_PIN = 32,
    TELLS_BIRTH = 64,
};

/* What an act meets in one card. */
struct life_facts {
    int64_t now; /* UTC seconds */
    struct caldate today;
    struct caldate told; /* the date that was told, if the act has one */
    const struct resident *before, *after;
    const struct card *card;
    int64_t not_after[CERT_KINDS_]; /* of the certificates that count; 0: there is none */
    bool has_next[CERT_KINDS_];     /* another one was issued, to take its place */
};

/* What becomes of that card. */
struct life_effect {
    enum card_state state;
    struct caldate expires_on, lapses_after;
    enum cert_end ends[CERT_KINDS_]; /* also of a next certificate */
    bool takes_next[CERT_KINDS_];    /* the next one does not end, it counts from now on */
};

struct life_act {
    const char *name;    /* "death" */
    const char *meaning; /* a phrase */
    bool is_of_card;     /* else of a resident, with all cards */
    bool is_own;         /* nobody asks for it: the register does it when the time comes */
    unsigned tells;
    unsigned standings;     /* of residents: it happens to those, a bit (1 << standing) each */
    enum standing standing; /* what it leaves; STANDINGS_: as it was */
    unsigned states;        /* of cards: it concerns those, a bit each; others stay as they are */
    enum card_state state;  /* what it leaves; CARD_STATES_: as it was */
    enum cert_end ends[CERT_KINDS_];
    /* What the columns cannot say, ERR_CONFLICT if the act cannot be; NULL: they say all. */
    int (*decide)(const struct life_facts *facts, struct life_effect *effect, struct err *err);
};

/* Ended by a row without a name. */
extern const struct life_act life_acts[];
/* ERR_INPUT if there is no act of that name that somebody can ask for. */
MUST_CHECK int life_act_find(const char *name, bool is_of_card, const struct life_act **ret,
                             struct err *err);
/* The rows that the rest of the register asks for by what they are. */
extern const struct life_act *const life_move,
    *const life_naturalisation, *const life_renew, *const life_lapse, *const life_expire,
                                                                          *const life_next_card;

/* Whether the act happens to a resident at all: ERR_CONFLICT if not, with the reason. */
MUST_CHECK int life_check_resident(const struct life_act *act, const struct resident *resident,
                                   struct err *err);
/* Whether it concerns a card in this state. */
bool life_concerns(const struct life_act *act, enum card_state state);
/* What it makes of a card that it concerns. */
MUST_CHECK int life_on_card(const struct life_act *act, const struct life_facts *facts,
                            struct life_effect *ret, struct err *err);

/* Whether a certificate that ends then may be renewed now. */
bool life_is_renewable(int64_t not_after, int64_t now);

/* Whether certificates may be issued for a card of somebody: ERR_CONFLICT if not. */
MUST_CHECK int life_check_issue(const struct resident *resident, const struct card *card,
                                struct caldate today, struct err *err);

/* So many days later. */
struct caldate life_days_after(struct caldate day, int days);
