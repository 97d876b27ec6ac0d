/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schema versions. The table schema_version has one row: whose database this is, and its version.
 * All missing versions are made in one transaction: after a crash the file is at the old version
 * or at the newest, never between.
 */
#include "db/sqlite.h"

#include <string.h>

enum { SCHEMA_NAME_SIZE = 32 };

static int has_tables(struct db_txn *txn, const char *name, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                     " AND name = coalesce(?, name)",
                     DB_WITH(DB_TEXT(name)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    *ret = count > 0;
    return 0;
}

/* The version of the file; 0 for an empty one. */
static int stored_version(struct db_txn *txn, const char *schema_name, int64_t *ret,
                          struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char name[SCHEMA_NAME_SIZE];
    bool versioned;
    bool used;

    TRY(has_tables(txn, "schema_version", &versioned, err));
    TRY(has_tables(txn, NULL, &used, err));
    if (!versioned && used)
        return FAIL(err, ERR_CONFLICT, "is a database of another program");
    if (!versioned) {
        *ret = 0;
        return 0;
    }
    TRY(db_query_one(txn, "SELECT schema, version FROM schema_version", DB_NOTHING, &rows, err));
    TRY(db_text(&rows, 0, name, sizeof name, err));
    if (strcmp(name, schema_name) != 0)
        return FAIL(err, ERR_CONFLICT, "is the database of %s, not of %s", name, schema_name);
    return db_int(&rows, 1, ret, err);
}

static int create_version(struct db_txn *txn, const char *schema_name, struct err *err)
{
    TRY(db_execute(txn,
                   "CREATE TABLE schema_version ("
                   " only INTEGER PRIMARY KEY CHECK (only = 1),"
                   " schema TEXT NOT NULL, version INTEGER NOT NULL) STRICT",
                   DB_NOTHING, err));
    return db_execute(txn, "INSERT INTO schema_version VALUES (1, ?, 0)",
                      DB_WITH(DB_TEXT(schema_name)), err);
}

int db_migrate(struct db *db, const struct db_schema *schema, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t newest = 0;
    int64_t version;

    while (schema->migrations[newest] != NULL)
        newest++;
    TRY(db_begin(db, &txn, err));
    TRY(stored_version(&txn, schema->name, &version, err));
    if (version > newest)
        return FAIL(err, ERR_CONFLICT,
                    "was made by a newer version of this program (schema %lld, known up to %lld)",
                    (long long)version, (long long)newest);
    if (version == newest)
        return 0;
    if (version == 0)
        TRY(create_version(&txn, schema->name, err));
    for (int64_t i = version; i < newest; i++)
        TRY(db_script(db, schema->migrations[i], "changing the schema", err));
    TRY(db_execute_one(&txn, "UPDATE schema_version SET version = ?", DB_WITH(DB_INT(newest)),
                       err));
    return db_commit(&txn, err);
}
