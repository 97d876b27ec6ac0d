/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQLite says, in our words. Its messages name tables and columns, never stored values, so
 * they may be handed on for constraints and syntax; for the rest we say who has to act.
 */
#include "base/fault.h"
#include "db/sqlite.h"

#include <errno.h>
#include <string.h>

static int fail_constraint(const struct db_connection *connection, int extended, const char *doing,
                           struct err *err)
{
    const char *text = sqlite3_errmsg(connection->handle);

    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER:
        return FAIL_WITH(err, ERR_CONFLICT, (uint32_t)extended, "%s: %s", doing, text);
    default:
        /* CHECK, NOT NULL and STRICT types guard against our own mistakes. */
        return FAIL_WITH(err, ERR_USAGE, (uint32_t)extended, "%s: %s", doing, text);
    }
}

static int fail_full(uint32_t number, const char *doing, struct err *err)
{
    fault_note(FAULT_DISK_FULL);
    return FAIL_WITH(err, ERR_SYSTEM, number, "%s: the disk is full; nothing was changed", doing);
}

static int fail_io(int number, const char *doing, struct err *err)
{
    if (number == ENOSPC || number == EDQUOT)
        return fail_full((uint32_t)number, doing, err);
    fault_note(FAULT_DATABASE_UNREADABLE);
    if (number == 0)
        return FAIL(err, ERR_SYSTEM, "%s: the database file cannot be read or written", doing);
    return FAIL_WITH(err, ERR_SYSTEM, (uint32_t)number,
                     "%s: the database file cannot be read or written: %s", doing,
                     strerrordesc_np(number));
}

/* A file that is not as SQLite left it, or one of which a read failed: SQLite calls both so. */
static int fail_damaged(int read_error, const char *doing, struct err *err)
{
    if (read_error == EIO)
        return fail_io(EIO, doing, err);
    fault_note(FAULT_DATABASE_DAMAGED);
    return FAIL_WITH(err, ERR_SYSTEM, EUCLEAN,
                     "%s: the database file is damaged, restore it from a backup", doing);
}

int db_fail(const struct db_connection *connection, int rc, const char *doing, struct err *err)
{
    const int number = errno; /* of the last call that failed below SQLite: db_step */

    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return fail_constraint(connection, rc, doing, err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        fault_note(FAULT_DATABASE_BUSY);
        return FAIL(err, ERR_REMOTE, "%s: another process keeps the database busy", doing);
    case SQLITE_NOMEM:
        return FAIL_NOMEM(err);
    case SQLITE_FULL:
        return fail_full(ENOSPC, doing, err);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail_damaged(number, doing, err);
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
        return FAIL(err, ERR_USAGE, "%s: %s", doing,
                    connection->handle == NULL ? sqlite3_errstr(rc)
                                               : sqlite3_errmsg(connection->handle));
    default:
        return fail_io(connection->handle == NULL ? 0 : sqlite3_system_errno(connection->handle),
                       doing, err);
    }
}

int db_step(sqlite3_stmt *statement)
{
    errno = 0;
    return sqlite3_step(statement);
}
