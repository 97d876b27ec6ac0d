/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schema versions. The table schema_version has one row: whose database this is, and its version.
 * All missing versions are made in one transaction: after a crash the file is at the old version
 * or at the newest, never between.
 *
 * An index of a hundred million rows is sorted for minutes and in more memory than there may be, so
 * meanwhile SQLite may use files without a name beside the database, and who waits is told.
 */
#include "db/sqlite.h"

#include "base/clock.h"
#include "base/file.h"

#include <string.h>

enum { SCHEMA_NAME_SIZE = 32, TELL_MS = 10000, OPERATIONS_BETWEEN_LOOKS = 1000000 };

static void (*watcher)(const struct db_migration *migration);

void db_watch_migrations(void (*tell)(const struct db_migration *migration))
{
    watcher = tell;
}

struct watch {
    struct db_migration migration;
    int64_t started_ms, told_ms;
};

static void tell(struct watch *watch)
{
    watch->told_ms = monotonic_ms();
    watch->migration.seconds = (watch->told_ms - watch->started_ms) / 1000;
    if (watcher != NULL)
        watcher(&watch->migration);
}

/* Called by SQLite now and then; another result than 0 would stop it. */
static int look(void *context)
{
    struct watch *watch = context;

    if (monotonic_ms() - watch->told_ms >= TELL_MS)
        tell(watch);
    return 0;
}

static int run_scripts(struct db *db, const struct db_schema *schema, int64_t from, int64_t to,
                       struct err *err)
{
    struct watch watch = {{schema->name, 0, (unsigned)(to - from), 0}, monotonic_ms(), 0};
    int rc = 0;

    if (from > 0) /* there is something in it */
        sqlite3_progress_handler(db->writer.handle, OPERATIONS_BETWEEN_LOOKS, look, &watch);
    for (int64_t i = from; rc == 0 && i < to; i++) {
        watch.migration.step++;
        if (from > 0)
            tell(&watch);
        rc = db_script(&db->writer, schema->migrations[i], "changing the schema", err);
    }
    sqlite3_progress_handler(db->writer.handle, 0, NULL, NULL);
    return rc;
}

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

static int migrate(struct db *db, const struct db_schema *schema, struct err *err)
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
    TRY(run_scripts(db, schema, version, newest, err));
    TRY(db_execute_one(&txn, "UPDATE schema_version SET version = ?", DB_WITH(DB_INT(newest)),
                       err));
    return db_commit(&txn, err);
}

int db_migrate(struct db *db, const char *path, const struct db_schema *schema, struct err *err)
{
    /* The name of the folder is SQLite's, and the only one it has. */
    static pthread_mutex_t at_work = PTHREAD_MUTEX_INITIALIZER;
    CLEANUP(free_text) char *folder = NULL;
    int rc;

    TRY(path_folder(path, &folder, err));
    TRY(db_script(&db->writer, "PRAGMA temp_store = FILE", "opening", err));
    (void)pthread_mutex_lock(&at_work);
    sqlite3_temp_directory = folder;
    rc = migrate(db, schema, err);
    sqlite3_temp_directory = NULL;
    (void)pthread_mutex_unlock(&at_work);
    if (rc < 0)
        return rc;
    return db_script(&db->writer, "PRAGMA temp_store = MEMORY", "opening", err);
}
