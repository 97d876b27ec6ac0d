/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share. Inside this room only. */
#pragma once

#include "authapp/acts.h"
#include "authapp/store.h"
#include "db/db.h"

struct known_clients;

struct authapp_store {
    struct db *db;
    struct known_clients *clients; /* client/known.h */
};

/* An act on something, with words of the program's own. */
MUST_CHECK int authapp_note(struct db_txn *txn, enum authapp_act act, const char *subject,
                            const char *outcome, const struct audit_origin *by, struct err *err);

/* Parts of what is one transaction: session/store.c, login/store.c. */
struct browser_session;
MUST_CHECK int authapp_begin_session(struct db_txn *txn, const struct browser_session *session,
                                     int64_t now, struct err *err);
MUST_CHECK int authapp_drop_session(struct db_txn *txn, const char *sid, struct err *err);
/* ERR_ABSENT if there is no such login any more. */
MUST_CHECK int authapp_drop_login(struct db_txn *txn, const char *session, struct err *err);
