/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share. Inside this room only. */
#pragma once

#include "authapp/acts.h"
#include "authapp/store.h"
#include "db/db.h"

struct authapp_store {
    struct db *db;
};

/* An act on something, with words of the program's own. */
MUST_CHECK int authapp_note(struct db_txn *txn, enum authapp_act act, const char *subject,
                            const char *outcome, const struct audit_origin *by, struct err *err);
