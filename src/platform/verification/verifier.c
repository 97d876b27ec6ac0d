/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/verifier.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

static int find(struct db_txn *txn, const char *table, const char *client_id, bool *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    const char *text;
    int rc;

    TRY(buf_append_format(&query, err, "SELECT 1 FROM %s WHERE client_id = ?", table));
    TRY(buf_text(&query, &text, err));
    rc = db_query_one(txn, text, DB_WITH(DB_TEXT(client_id)), &rows, err);
    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int platform_is_verifier(struct platform_store *store, const char *client_id, bool *ret,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find(&txn, "tenant_verifier", client_id, ret, err);
}

static int set(struct db_txn *txn, const char *client_id, bool is_verifier,
               const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[ACT_TENANT_VERIFIER], bytes_text(client_id),
                                      is_verifier ? "begins" : "ends"};

    if (is_verifier)
        TRY(db_execute(txn, "INSERT INTO tenant_verifier VALUES (?, ?)",
                       DB_WITH(DB_TEXT(client_id), DB_INT(by->at)), err));
    else
        TRY(db_execute(txn, "DELETE FROM tenant_verifier WHERE client_id = ?",
                       DB_WITH(DB_TEXT(client_id)), err));
    return audit_append(txn, by, &event, err);
}

int platform_set_verifier(struct platform_store *store, const char *client_id, bool is_verifier,
                          const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_there;
    bool was;

    TRY(db_begin(store->db, &txn, err));
    TRY(find(&txn, "tenant", client_id, &is_there, err));
    if (!is_there)
        return FAIL(err, ERR_ABSENT, "there is no tenant %s", client_id);
    TRY(find(&txn, "tenant_verifier", client_id, &was, err));
    if (was != is_verifier)
        TRY(set(&txn, client_id, is_verifier, by, err));
    return db_commit(&txn, err);
}
