/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/session/store.h"

#include "authapp/store_sqlite.h"

#include <string.h>

static struct db_value blob(const struct digest *digest)
{
    return digest->len == 0 ? DB_NULL : DB_BLOB(digest_bytes(digest));
}

int authapp_begin_session(struct db_txn *txn, const struct browser_session *session, int64_t now,
                          struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM browser_session WHERE auth_time < ? OR hash = ?",
                   DB_WITH(DB_INT(now - AUTHAPP_SESSION_SECONDS), blob(&session->replaces)), err));
    return db_execute(txn, "INSERT INTO browser_session VALUES (?, ?, ?, ?, ?, ?)",
                      DB_WITH(blob(&session->hash), DB_TEXT(session->sid),
                              DB_TEXT(session->client_id), DB_TEXT(session->sub),
                              DB_INT(session->auth_time), DB_INT(now)),
                      err);
}

int authapp_drop_session(struct db_txn *txn, const char *sid, struct err *err)
{
    return db_execute(txn, "DELETE FROM browser_session WHERE sid = ?", DB_WITH(DB_TEXT(sid)), err);
}

static int read_row(const struct db_rows *rows, struct browser_session *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->sid, sizeof ret->sid, err));
    TRY(db_text(rows, 1, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 2, ret->sub, sizeof ret->sub, err));
    return db_int(rows, 3, &ret->auth_time, err);
}

static int find(struct db_txn *txn, const struct digest *hash, const char *client_id, int64_t now,
                struct browser_session *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT sid, client_id, sub, auth_time FROM browser_session"
                          " WHERE hash = ? AND client_id = ? AND auth_time >= ? AND used_at >= ?",
                          DB_WITH(blob(hash), DB_TEXT(client_id),
                                  DB_INT(now - AUTHAPP_SESSION_SECONDS),
                                  DB_INT(now - AUTHAPP_SESSION_IDLE)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such session, or it is over");
    TRY(rc);
    return read_row(&rows, ret, err);
}

int authapp_use_session(struct authapp_store *store, const struct digest *hash,
                        const char *client_id, int64_t now, struct browser_session *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct browser_session session = {.hash = *hash};

    TRY(db_begin(store->db, &txn, err));
    TRY(find(&txn, hash, client_id, now, &session, err));
    TRY(db_execute(&txn, "UPDATE browser_session SET used_at = ? WHERE hash = ?",
                   DB_WITH(DB_INT(now), blob(hash)), err));
    TRY(db_commit(&txn, err));
    *ret = session;
    return 0;
}
