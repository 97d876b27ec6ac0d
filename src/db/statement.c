/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: values bound by type, columns read by type, nothing converted on the way. */
#include "db/limits.h"
#include "db/sqlite.h"

#include <string.h>

struct db_value db_value_text(const char *text)
{
    if (text == NULL)
        return DB_NULL;
    return (struct db_value){.type = DB_VALUE_TEXT, .bytes = bytes_text(text)};
}

/* Whether SQLite copies the values: it need not if they are there until the statement is over. */
static int bind_one(sqlite3_stmt *statement, int index, const struct db_value *value,
                    sqlite3_destructor_type lifetime)
{
    /* SQLite stores NULL for a NULL pointer, also where the length says "empty". */
    const void *ptr = value->bytes.ptr == NULL ? "" : (const void *)value->bytes.ptr;

    switch (value->type) {
    case DB_VALUE_INT:
        return sqlite3_bind_int64(statement, index, value->number);
    case DB_VALUE_TEXT:
        return sqlite3_bind_text64(statement, index, ptr, value->bytes.len, lifetime, SQLITE_UTF8);
    case DB_VALUE_BLOB:
        return sqlite3_bind_blob64(statement, index, ptr, value->bytes.len, lifetime);
    case DB_VALUE_NULL:
    case DB_VALUE_END:
        break;
    }
    return sqlite3_bind_null(statement, index);
}

static int bind_all(const struct db_txn *txn, sqlite3_stmt *statement,
                    const struct db_value *values, sqlite3_destructor_type lifetime,
                    struct err *err)
{
    int count = 0;

    for (; values != NULL && values[count].type != DB_VALUE_END; count++) {
        int rc;

        if (values[count].bytes.len > DB_VALUE_MAX)
            return FAIL(err, ERR_USAGE, "a value is longer than %d bytes", DB_VALUE_MAX);
        rc = bind_one(statement, count + 1, &values[count], lifetime);
        if (rc != SQLITE_OK)
            return db_fail(txn->at, rc, "binding a value", err);
    }
    if (count != sqlite3_bind_parameter_count(statement))
        return FAIL(err, ERR_USAGE, "%d values for a statement that takes %d", count,
                    sqlite3_bind_parameter_count(statement));
    return 0;
}

static int start(struct db_txn *txn, const char *sql, const struct db_value *values,
                 sqlite3_destructor_type lifetime, struct db_rows *rows, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int rc;

    if (txn->db == NULL)
        return FAIL(err, ERR_USAGE, "a statement outside a transaction");
    TRY(db_statement_take(txn->at, sql, &statement, err));
    if (txn->read_only && !sqlite3_stmt_readonly(statement))
        rc = FAIL(err, ERR_USAGE, "a writing statement in a reading transaction");
    else
        rc = bind_all(txn, statement, values, lifetime, err);
    if (rc < 0) {
        db_statement_give(txn->at, statement);
        return rc;
    }
    db_rows_done(rows);
    *rows = (struct db_rows){txn, statement, false};
    txn->open_rows++;
    return 0;
}

int db_query(struct db_txn *txn, const char *sql, const struct db_value *values,
             struct db_rows *rows, struct err *err)
{
    return start(txn, sql, values, SQLITE_TRANSIENT, rows, err);
}

int db_next(struct db_rows *rows, struct err *err)
{
    int rc;

    if (rows->statement == NULL)
        return FAIL(err, ERR_USAGE, "there is no statement to step");
    rc = db_step(rows->statement);
    rows->has_row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        return 0;
    if (rc == SQLITE_DONE)
        return FAIL(err, ERR_ABSENT, "there is no such record");
    return db_fail(rows->txn->at, rc, "running a statement", err);
}

int db_query_one(struct db_txn *txn, const char *sql, const struct db_value *values,
                 struct db_rows *rows, struct err *err)
{
    TRY(db_query(txn, sql, values, rows, err));
    return db_next(rows, err);
}

void db_rows_done(struct db_rows *rows)
{
    if (rows->statement != NULL) {
        db_statement_give(rows->txn->at, rows->statement);
        rows->txn->open_rows--;
    }
    *rows = (struct db_rows)DB_ROWS_INIT;
}

int db_execute(struct db_txn *txn, const char *sql, const struct db_value *values, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(start(txn, sql, values, SQLITE_STATIC, &rows, err));
    rc = db_next(&rows, err);
    if (rc == -ERR_ABSENT)
        return 0;
    return rc < 0 ? rc : FAIL(err, ERR_USAGE, "a statement with a result was executed");
}

int db_execute_one(struct db_txn *txn, const char *sql, const struct db_value *values,
                   struct err *err)
{
    TRY(db_execute(txn, sql, values, err));
    switch (sqlite3_changes(txn->at->handle)) {
    case 1:
        return 0;
    case 0:
        return FAIL(err, ERR_ABSENT, "there is no such record");
    default:
        return FAIL(err, ERR_USAGE, "a statement for one record changed several");
    }
}

/*
 * The value, which is of the type that STRICT tables promise. It is looked at as it is: nobody else
 * uses the connection meanwhile, so SQLite need not protect it at each look.
 */
static int column_value(const struct db_rows *rows, int column, int type, sqlite3_value **ret,
                        struct err *err)
{
    sqlite3_value *value;

    if (!rows->has_row || column < 0 || column >= sqlite3_column_count(rows->statement))
        return FAIL(err, ERR_USAGE, "there is no column %d", column);
    value = sqlite3_column_value(rows->statement, column);
    if (sqlite3_value_type(value) != type)
        return FAIL(err, ERR_SYSTEM, "column %s has a value of another type",
                    sqlite3_column_name(rows->statement, column));
    *ret = value;
    return 0;
}

bool db_is_null(const struct db_rows *rows, int column)
{
    sqlite3_value *value;

    return column_value(rows, column, SQLITE_NULL, &value, NULL) == 0;
}

int db_int(const struct db_rows *rows, int column, int64_t *ret, struct err *err)
{
    sqlite3_value *value;

    TRY(column_value(rows, column, SQLITE_INTEGER, &value, err));
    *ret = sqlite3_value_int64(value);
    return 0;
}

int db_text(const struct db_rows *rows, int column, char *ret, size_t size, struct err *err)
{
    sqlite3_value *value;
    const void *text;
    size_t len;

    TRY(column_value(rows, column, SQLITE_TEXT, &value, err));
    text = sqlite3_value_text(value);
    if (text == NULL)
        return FAIL_NOMEM(err);
    len = (size_t)sqlite3_value_bytes(value);
    if (len >= size || memchr(text, 0, len) != NULL)
        return FAIL(err, ERR_SYSTEM, "column %s holds a text that was never stored",
                    sqlite3_column_name(rows->statement, column));
    memcpy(ret, text, len + 1);
    return 0;
}

int db_blob(const struct db_rows *rows, int column, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    sqlite3_value *value;
    const void *data;
    size_t len;

    TRY(column_value(rows, column, SQLITE_BLOB, &value, err));
    data = sqlite3_value_blob(value);
    len = (size_t)sqlite3_value_bytes(value);
    if (data == NULL && len > 0)
        return FAIL_NOMEM(err);
    TRY(buf_append(&copy, bytes_of(data, len), err));
    buf_done(ret);
    buf_move(ret, &copy);
    return 0;
}
