/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

int platform_keep_verification(struct platform_store *store,
                               const struct verification *verification, const char *outcome,
                               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_JUDGED],
                                      bytes_text(verification->id), outcome};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO verification VALUES (?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(verification->id), DB_TEXT(verification->client_id),
                           DB_INT(verification->at), DB_TEXT(verification->verdict)),
                   err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int platform_get_verification(struct platform_store *store, const char *id, const char *client_id,
                              struct verification *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct verification found;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, client_id, at, verdict FROM verification"
                      " WHERE id = ? AND client_id = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verification");
    TRY(rc);
    TRY(db_text(&rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(&rows, 1, found.client_id, sizeof found.client_id, err));
    TRY(db_int(&rows, 2, &found.at, err));
    TRY(db_text(&rows, 3, found.verdict, sizeof found.verdict, err));
    *ret = found;
    return 0;
}
