/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to a file, with the settings that all of ours have. */
#include "db/sqlite.h"

#include <stdio.h>
#include <string.h>

/* How long a statement waits for a process that is not ours, such as a backup. */
enum { BUSY_TIMEOUT_MS = 5000 };

static pthread_once_t library = PTHREAD_ONCE_INIT;

int db_script(struct db_connection *connection, const char *sql, const char *doing, struct err *err)
{
    int rc = sqlite3_exec(connection->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : db_fail(connection, rc, doing, err);
}

/* The first column of a statement's only row, compared with what it must be. */
static int expect(struct db_connection *connection, const char *sql, const char *expected,
                  struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(connection->handle, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        const void *text = sqlite3_column_text(statement, 0);

        rc = text != NULL && strcmp(text, expected) == 0
                 ? 0
                 : FAIL(err, ERR_SYSTEM, "SQLite refuses a setting: %s", sql);
    } else {
        rc = db_fail(connection, rc, "opening", err);
    }
    (void)sqlite3_finalize(statement);
    return rc;
}

/* A small database takes as much as it has. A size below 0 is in units of 1 024 bytes. */
int db_connection_cache(struct db_connection *connection, uint64_t kilobytes, struct err *err)
{
    char sql[64];
    char size[24];

    (void)snprintf(size, sizeof size, "-%llu", (unsigned long long)kilobytes);
    (void)snprintf(sql, sizeof sql, "PRAGMA cache_size = %s", size);
    TRY(db_script(connection, sql, "opening", err));
    return expect(connection, "PRAGMA cache_size", size, err);
}

static int settings(struct db_connection *connection, struct err *err)
{
    /* SQLite ignores settings it does not know, so each is asked for afterwards. */
    static const char *const rows[][3] = {
        {"PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal"},
        {"PRAGMA synchronous = FULL", "PRAGMA synchronous", "2"},
        {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1"},
        {"PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0"},
        {"PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1"},
        {"PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2"},
        {"PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1"},
        /* checkpoint.c does it, once the scripts of the schema are through. */
        {"PRAGMA wal_autocheckpoint = 4096", "PRAGMA wal_autocheckpoint", "4096"},
    };

    (void)sqlite3_busy_timeout(connection->handle, BUSY_TIMEOUT_MS);
    (void)sqlite3_limit(connection->handle, SQLITE_LIMIT_LENGTH, DB_VALUE_MAX);
    (void)sqlite3_limit(connection->handle, SQLITE_LIMIT_ATTACHED, 0);
    if (sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK)
        return FAIL(err, ERR_SYSTEM, "SQLite has no defensive mode");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        TRY(db_script(connection, rows[i][0], "opening", err));
        TRY(expect(connection, rows[i][1], rows[i][2], err));
    }
    return 0;
}

/* Counting all memory that SQLite has takes a lock for each piece of it, and nobody asks. */
static void set_up_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int db_connection_open(struct db_connection *connection, const char *path, struct err *err)
{
    int rc;

    (void)pthread_once(&library, set_up_library);
    rc = sqlite3_open_v2(path, &connection->handle,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return db_fail(connection, rc, "opening", err);
    return settings(connection, err);
}

void db_connection_close(struct db_connection *connection)
{
    db_statements_forget(connection);
    (void)sqlite3_close(connection->handle);
    connection->handle = NULL;
}
