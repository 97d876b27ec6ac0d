/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identifications and what proves them, in a database of their own: when, by which method, and the
 * evidence, which nobody can read without signerd's key. No attribute is in the clear, and consents
 * are elsewhere (consent/store.h). Each act is in the audit log of the same file, in its
 * transaction. Any thread may call.
 */
#pragma once

#include "audit/audit.h"
#include "audit/tree.h"
#include "db/db.h"
#include "platform/kyc/methods.h"
#include "platform/limits.h"
#include "platform/verification/store.h"

extern const struct db_schema kyc_schema;

struct kyc_store;
MUST_CHECK int kyc_store_open(const char *path, struct kyc_store **ret, struct err *err);
void kyc_store_close(struct kyc_store *store);
void kyc_store_closep(struct kyc_store **store);
struct db *kyc_store_db(struct kyc_store *store); /* for its audit log (audit/words.h) */

enum { KYC_DAY_SIZE = 11 }; /* YYYY-MM-DD and a NUL */

struct identification {
    int64_t number; /* by which pages go on */
    char id[VERIFICATION_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    char verification[VERIFICATION_ID_SIZE];
    char law[KYC_WORD_SIZE], method[KYC_WORD_SIZE], letter[KYC_LETTER_SIZE];
    int64_t made_at;
    char ended_on[KYC_DAY_SIZE]; /* when the contract ended, in Japan; "": it goes on */
    int64_t delete_at;           /* then: when it is forgotten, UTC seconds */
};

/* evidence is a compact JWE. ERR_CONFLICT if there is one of this verification and law. */
MUST_CHECK int kyc_keep(struct kyc_store *store, const struct identification *made,
                        const char *evidence, const struct audit_origin *by, struct err *err);
/* ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int kyc_get(struct kyc_store *store, const char *id, const char *client_id,
                       struct identification *ret, struct err *err);
/* A tenant's behind a number, *ret_count of KYC_PAGE at most. */
MUST_CHECK int kyc_list(struct kyc_store *store, const char *client_id, int64_t after,
                        struct identification ret[KYC_PAGE], size_t *ret_count, struct err *err);
/* The contract has ended. ERR_ABSENT as above, ERR_CONFLICT if it had before. */
MUST_CHECK int kyc_end(struct kyc_store *store, const struct identification *ended,
                       const struct audit_origin *by, struct err *err);
/* The evidence, for somebody who is given it now. */
MUST_CHECK int kyc_release(struct kyc_store *store, const char *id, const char *client_id,
                           const struct audit_origin *by, struct buf *ret, struct err *err);
/* Forget those whose time is over. */
MUST_CHECK int kyc_forget_until(struct kyc_store *store, int64_t now, struct err *err);
