/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share. Inside this room only. */
#pragma once

#include "db/db.h"
#include "portal/acts.h"
#include "portal/store.h"

struct portal_store {
    struct db *db;
    struct limiter *limiter; /* of operators of services; in memory */
};

/* An act on something, with words of the program's own. */
MUST_CHECK int portal_note(struct db_txn *txn, enum portal_act act, const char *subject,
                           const char *outcome, const struct audit_origin *by, struct err *err);
