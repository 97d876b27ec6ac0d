/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody lets a clinic read besides the eligibility, each by itself, at the terminal (S140):
 * it holds for that clinic and a day, and is withdrawn by whoever gave it.
 */
#pragma once

#include "audit/audit.h"
#include "exchange/code.h"
#include "portal/limits.h"
#include "portal/store.h"

enum consent_kind { CONSENT_MEDICINE, CONSENT_CHECKUP, CONSENT_COST, CONSENT_KINDS_ };
extern const char *const consent_kinds[]; /* "medicine", "check-up", "cost", NULL */
/* The name of information that each is about (data/exchange/names.tsv). */
extern const char *const consent_infos[CONSENT_KINDS_];

/* ERR_INPUT for a word that is none of them. */
MUST_CHECK int consent_kind_of(const char *word, enum consent_kind *ret, struct err *err);

struct consent {
    char id[PORTAL_ID_SIZE];
    enum consent_kind kind;
    int64_t expires_at;
};
/* Inside a transaction: those of a lookup that a card was shown for. */
MUST_CHECK int consent_give(struct db_txn *txn, int64_t lookup, unsigned consents, int64_t now,
                            struct err *err);
/* Those of a lookup that hold; *ret_count of CONSENT_KINDS_. */
MUST_CHECK int consent_list(struct db *db, int64_t lookup, int64_t now,
                            struct consent ret[CONSENT_KINDS_], unsigned *ret_count,
                            struct err *err);

/* Who reads, by which consent of whom. */
struct reading {
    char id[PORTAL_ID_SIZE];
    char consent[PORTAL_ID_SIZE];
    enum consent_kind kind;
    int64_t person;
};
/*
 * A clinic makes use of a consent of this person that holds: kept, with its record for the person,
 * in one transaction. ERR_DENIED if it has none; ERR_CONFLICT after ELIGIBILITY_READINGS_MAX.
 */
struct reading_wish {
    const char *clinic;
    int64_t person;
    struct person_code portal; /* what the portal knows the person by */
    enum consent_kind kind;
    const char *duty, *procedure; /* of the exchange, for the person to see */
};
MUST_CHECK int reading_begin(struct db *db, const struct reading_wish *wish,
                             const struct audit_origin *by, struct reading *ret, struct err *err);
/* One whose consent holds still. ERR_ABSENT for another clinic's as for none; ERR_DENIED. */
MUST_CHECK int reading_get(struct db *db, const char *clinic, const char *id, int64_t now,
                           struct reading *ret, struct err *err);

/* ERR_ABSENT for another person's as for none; ERR_CONFLICT if it does not hold any more. */
MUST_CHECK int consent_withdraw(struct db *db, int64_t person, const char *id,
                                const struct audit_origin *by, struct err *err);
