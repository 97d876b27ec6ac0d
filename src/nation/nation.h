/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fictional nation. Person number i follows from the seed and i alone: none before has to be
 * made, nothing is kept, any thread may ask. The same seed gives the same people on any machine.
 *
 * Nobody in it can exist: common names are put together by chance, the towns are no municipality's,
 * individual numbers and resident codes fail the real check digit by the rule of
 * register/mynumber.h. How many there are of which age, where they live and what happens to them is
 * drawn from data/nation.tsv.
 *
 * At NATION_EPOCH the ages are distributed as there, and everybody has a card that is at most five
 * years old. From the day of his card on things happen to a person. Nobody is born; whoever dies
 * has no more events.
 */
#pragma once

#include "base/caltime.h"
#include "nation/limits.h"
#include "register/municipality.h"
#include "revocation/reason.h"

#include <stddef.h>

enum { NATION_EPOCH = 1774969200 }; /* 2026-04-01T00:00:00+09:00 */

struct nation;

struct nation_options {
    uint64_t seed;
    uint64_t people; /* 1 to NATION_PEOPLE_MAX */
    int64_t until;   /* UTC seconds: what happens later has not happened yet */
};

/* municipalities outlive it. ERR_INPUT for a number of people outside its limits. */
MUST_CHECK int nation_new(const struct municipalities *municipalities,
                          const struct nation_options *options, struct nation **ret,
                          struct err *err);
void nation_free(struct nation *nation);
void nation_freep(struct nation **nation);

enum {
    NATION_TEXT_SIZE = 128,
    NATION_NUMBER_SIZE = 13,
    NATION_CODE_SIZE = 12,
    NATION_CARD_SIZE = 16
};

struct nation_person {
    uint64_t index;
    char name[NATION_TEXT_SIZE]; /* surname, full-width space, given name */
    char kana[NATION_TEXT_SIZE]; /* the same in hiragana */
    bool is_female;
    struct caldate birth;
    const struct municipality *municipality;
    char address[2 * NATION_TEXT_SIZE]; /* from the prefecture on */
    char number[NATION_NUMBER_SIZE];    /* of a test register (MYNUMBER_TEST) */
    char code[NATION_CODE_SIZE];        /* the resident code, of a test register as well */
    char card[NATION_CARD_SIZE];        /* serial number of the card */
    int64_t card_issued_at;             /* UTC seconds */
};

/* index is less than the number of people. */
void nation_person(const struct nation *nation, uint64_t index, struct nation_person *ret);

enum nation_event_kind {
    NATION_MOVE,
    NATION_RENAME,
    NATION_LOSS,    /* of the card */
    NATION_RENEWAL, /* of the card before its certificates end */
    NATION_DEATH,
    NATION_EVENT_KINDS_
};

/* "move", "rename", "loss", "renewal", "death" */
const char *nation_event_name(enum nation_event_kind kind);

struct nation_event {
    enum nation_event_kind kind;
    int64_t at; /* UTC seconds */
};

enum { NATION_EVENTS_MAX = 64 }; /* later ones are left out */

/* What happened to a person between the issue of the card and `until`, in order; how many. */
size_t nation_events(const struct nation *nation, uint64_t index,
                     struct nation_event ret[NATION_EVENTS_MAX]);

enum nation_cert_kind { NATION_SIGN, NATION_AUTH, NATION_CERT_KINDS_ };

/* A certificate that came with the card. Those that replaced it later are not modelled. */
struct nation_cert {
    int64_t not_before, not_after; /* UTC seconds */
    int64_t revoked_at;            /* 0: it is not revoked */
    enum crl_reason reason;        /* if it is */
};

/* False if the person has none: sign under 15 at the time of issue (pki.md 4). */
bool nation_cert(const struct nation *nation, uint64_t index, enum nation_cert_kind kind,
                 struct nation_cert *ret);
