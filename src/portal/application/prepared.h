/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications that a service prepared for somebody who consents to that (S316): a draft like every
 * other, of its owner alone, who reads it here, changes it, and signs what the portal shows. The
 * service is told how it stands, and nothing that is in it.
 */
#pragma once

#include "portal/application/store.h"

/* Who did, as it was called then. */
struct preparer {
    const char *client, *name, *name_en;
    int64_t taken_back_at; /* 0: it was not */
};
/*
 * In the transaction that begins one. ERR_CONFLICT where the owner has APPLICATION_PREPARED_MAX
 * drafts of this service, or APPLICATION_TAKEN_BACK_MAX that it took back.
 */
MUST_CHECK int application_prepared_add(struct db_txn *txn, const char *id, const char *owner,
                                        const struct preparer *preparer, struct err *err);

struct application_standing {
    enum application_state state;
    char receipt[APPLICATION_RECEIPT_SIZE]; /* "": it was not submitted yet */
    int64_t changed_at;
    bool is_told;   /* that it stands so */
    bool is_opened; /* by its owner: the service puts nothing more into it */
};
/* ERR_ABSENT for another service's, or another person's, as for none. */
MUST_CHECK int application_prepared_find(struct db_txn *txn, const char *id, const char *client,
                                         const char *owner, struct application_standing *ret,
                                         struct err *err);
/* The owner asks for it; nothing for one that nobody prepared, or that is not his. */
MUST_CHECK int application_prepared_open(struct db *db, const char *id, const char *owner,
                                         int64_t at, struct err *err);
/* The service does not want it any more, and knows how it stands. Its state changes apart from
 * that. */
MUST_CHECK int application_prepared_take_back(struct db_txn *txn, const char *id, int64_t at,
                                              struct err *err);
/* The service is told that it stands so. */
MUST_CHECK int application_prepared_told(struct db *db, const char *id,
                                         enum application_state state, struct err *err);

/* "prepared_by" of these members; nothing if nobody did. Inside this sub-room. */
MUST_CHECK int application_preparer_put(struct json *body, const struct preparer *preparer,
                                        struct err *err);
MUST_CHECK int application_prepared_put(struct json *body, struct db *db, const char *id,
                                        struct err *err);
extern const struct http_member application_preparer_members[];
