/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transaction at a time: the connection is not shared between threads except through the
 * mutex that is held from begin to end, so no statement of another thread can slip in.
 */
#include "db/sqlite.h"

#include <assert.h>

int db_script(struct db *db, const char *sql, const char *doing, struct err *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : db_fail(db, rc, doing, err);
}

static int begin(struct db *db, const char *sql, bool read_only, struct db_txn *txn,
                 struct err *err)
{
    int rc;

    if (pthread_mutex_lock(&db->turn) != 0)
        return FAIL(err, ERR_SYSTEM, "the database's mutex cannot be locked");
    rc = db_script(db, sql, "beginning a transaction", err);
    if (rc < 0) {
        (void)pthread_mutex_unlock(&db->turn);
        return rc;
    }
    *txn = (struct db_txn){db, read_only, 0};
    return 0;
}

int db_begin(struct db *db, struct db_txn *txn, struct err *err)
{
    return begin(db, "BEGIN IMMEDIATE", false, txn, err);
}

int db_begin_read(struct db *db, struct db_txn *txn, struct err *err)
{
    return begin(db, "BEGIN DEFERRED", true, txn, err);
}

int db_commit(struct db_txn *txn, struct err *err)
{
    struct db *db = txn->db;
    int rc = 0;

    if (db == NULL)
        return FAIL(err, ERR_USAGE, "there is no transaction to commit");
    if (txn->open_rows > 0)
        return FAIL(err, ERR_USAGE, "rows of the transaction are still open");
    rc = db_script(db, "COMMIT", "committing", err);
    if (rc < 0) {
        db_txn_done(txn);
        return rc;
    }
    txn->db = NULL;
    (void)pthread_mutex_unlock(&db->turn);
    return 0;
}

void db_txn_done(struct db_txn *txn)
{
    struct db *db = txn->db;

    if (db == NULL)
        return;
    assert(txn->open_rows == 0);
    /* A full disk or a failed write has rolled back already (SQLite, "autocommit"). */
    if (sqlite3_get_autocommit(db->handle) == 0)
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    txn->db = NULL;
    (void)pthread_mutex_unlock(&db->turn);
}

int db_ping(struct db *db, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    return db_query_one(&txn, "SELECT version FROM schema_version", DB_NOTHING, &rows, err);
}
