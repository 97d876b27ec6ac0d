/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements are prepared once and kept: a daemon uses few, all the time, and preparing one takes
 * longer than running it. Whoever holds the turn uses them, so they need no lock of their own.
 */
#include "db/sqlite.h"

#include <string.h>

/* FNV-1a. */
static uint64_t hash_of(const char *sql)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *sql != '\0'; sql++)
        hash = (hash ^ (uint8_t)*sql) * UINT64_C(0x100000001b3);
    return hash;
}

static bool is_of(const struct db_kept *kept, const char *sql)
{
    return strcmp(sqlite3_sql(kept->statement), sql) == 0;
}

/* The place alone says nothing, because another text may stand there by now. */
static struct db_kept *find_by_place(struct db_connection *connection, const char *sql)
{
    for (size_t i = 0; i < DB_KEPT_MAX; i++) {
        struct db_kept *kept = &connection->kept[i];

        if (kept->asked == sql && kept->statement != NULL && is_of(kept, sql))
            return kept;
    }
    return NULL;
}

static struct db_kept *find(struct db_connection *connection, const char *sql, uint64_t hash)
{
    for (size_t i = 0; i < DB_KEPT_MAX; i++) {
        struct db_kept *kept = &connection->kept[i];

        if (kept->statement != NULL && kept->hash == hash && is_of(kept, sql))
            return kept;
    }
    return NULL;
}

static int prepare(struct db_connection *connection, const char *sql, sqlite3_stmt **ret,
                   struct err *err)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int rc = sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                                &rest);

    if (rc != SQLITE_OK)
        return db_fail(connection, rc, "preparing a statement", err);
    if (statement == NULL || rest[strspn(rest, " \n;")] != 0) {
        (void)sqlite3_finalize(statement);
        return FAIL(err, ERR_USAGE, "not exactly one statement");
    }
    *ret = statement;
    return 0;
}

static void forget(struct db_kept *kept)
{
    (void)sqlite3_finalize(kept->statement);
    *kept = (struct db_kept){.statement = NULL};
}

/* The slot that was not used for the longest time; NULL if all are in use. */
static struct db_kept *make_room(struct db_connection *connection)
{
    struct db_kept *oldest = NULL;

    for (size_t i = 0; i < DB_KEPT_MAX; i++)
        if (!connection->kept[i].is_taken &&
            (oldest == NULL || connection->kept[i].used < oldest->used))
            oldest = &connection->kept[i];
    if (oldest != NULL)
        forget(oldest);
    return oldest;
}

/* While all slots are in use it is not kept, and used once. */
static void keep(struct db_connection *connection, const char *sql, uint64_t hash,
                 sqlite3_stmt *statement)
{
    struct db_kept *slot = make_room(connection);

    if (slot != NULL)
        *slot = (struct db_kept){sql, hash, statement, true, ++connection->uses};
}

int db_statement_take(struct db_connection *connection, const char *sql, sqlite3_stmt **ret,
                      struct err *err)
{
    struct db_kept *kept = find_by_place(connection, sql);
    uint64_t hash = 0;

    if (kept == NULL) {
        hash = hash_of(sql);
        kept = find(connection, sql, hash);
    }
    if (kept != NULL && !kept->is_taken) {
        kept->asked = sql;
        kept->is_taken = true;
        kept->used = ++connection->uses;
        *ret = kept->statement;
        return 0;
    }
    TRY(prepare(connection, sql, ret, err));
    if (kept == NULL) /* else it runs within itself */
        keep(connection, sql, hash, *ret);
    return 0;
}

void db_statement_give(struct db_connection *connection, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < DB_KEPT_MAX; i++) {
        struct db_kept *kept = &connection->kept[i];

        if (kept->statement != statement)
            continue;
        /* The result is that of its last step, which was reported then. */
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
        kept->is_taken = false;
        return;
    }
    (void)sqlite3_finalize(statement);
}

void db_statements_forget(struct db_connection *connection)
{
    for (size_t i = 0; i < DB_KEPT_MAX; i++)
        forget(&connection->kept[i]);
}
