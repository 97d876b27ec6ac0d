/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL databases: opening with migrations, transactions, statements, and nothing else. No ORM and
 * no dialect layer: what is stored, and in which words, is the business of each room's store.
 *
 * The back end is SQLite 3 (WAL, synchronous=FULL, foreign keys, STRICT tables by convention).
 * One process has a database open at a time. Inside it one transaction that may write runs at a
 * time, and DB_READERS that only read beside it; any thread may start one and waits for its turn.
 * What db_commit and db_settle acknowledged survives kill -9 and power loss.
 *
 * Failures: ERR_CONFLICT for a broken UNIQUE or foreign key, or a database that belongs to a
 * newer version or to another program; ERR_REMOTE while another process keeps the database busy;
 * ERR_SYSTEM for a full disk, a damaged file and everything the operating system refuses;
 * ERR_USAGE for statements the database does not understand. Texts never hold stored values.
 */
#pragma once

#include "base/bytes.h"

struct db;
struct db_connection;

struct db_schema {
    const char *name; /* "register"; kept in the file, another program's file is refused */
    /*
     * One SQL script per version, ended by NULL: script i makes version i into version i + 1.
     * Scripts are never changed once released, only added.
     */
    const char *const *migrations;
};

/*
 * Open a database file (0600), make it if there is none, and bring it to the newest version in
 * one transaction. ERR_CONFLICT, and nothing changed, if it was made by a newer version, belongs
 * to another schema, or is open in another process of ours (PATH.lock is locked).
 */
MUST_CHECK int db_open(const char *path, const struct db_schema *schema, struct db **ret,
                       struct err *err);
/*
 * How much of the file is held in memory at most for transactions that may write, and as much again
 * for those that only read, DB_CACHE_MB unless this is called. Whoever reads pages from all over a
 * large file wants the inner pages of its indexes, and those that are asked again, to have room.
 * To be called before others use it.
 */
MUST_CHECK int db_set_cache(struct db *db, unsigned megabytes, struct err *err);

/*
 * How far the change of an older file's schema is, which takes long where there is much in it: told
 * before each script, and every ten seconds while one runs. NULL: nobody. To be set before db_open.
 */
struct db_migration {
    const char *schema;
    unsigned step, steps; /* from 1 */
    int64_t seconds;      /* since the first */
};
void db_watch_migrations(void (*tell)(const struct db_migration *migration));

/* Close; accepts NULL. No transaction may be open. */
void db_close(struct db *db);
void db_closep(struct db **db);

/*
 * Who may use a database, in the database itself: the lock file tells processes apart only as long
 * as it is one and the same file for both. db_lease_schema_v1 is a migration that makes the table.
 *
 * Taking the lease gives a token that is higher than all before. From then on each transaction of
 * this connection looks whether it is still the last one, and fails with ERR_SYSTEM, having
 * changed and shown nothing, if another process has taken the lease since. A thread renews it.
 *
 * ERR_CONFLICT while another process has it, which is until it gives it back (db_close) or
 * DB_LEASE_SECONDS after it was last heard of; not for one that had the lock file which we have
 * now, because that one is gone. Clocks that are wrong make somebody wait or be refused, never two
 * write.
 */
extern const char db_lease_schema_v1[];
MUST_CHECK int db_lease_take(struct db *db, int64_t (*now)(void *context), void *context,
                             struct err *err);

/* Read something: for readiness probes. */
MUST_CHECK int db_ping(struct db *db, struct err *err);

/*
 * A transaction: CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT; leaving the scope without
 * db_commit rolls back. It belongs to the thread that began it, and does not nest.
 */
struct db_txn {
    struct db *db; /* NULL: not begun, or over */
    struct db_connection *at;
    bool read_only;
    bool is_joined;     /* by db_join */
    unsigned open_rows; /* results not yet released */
};

#define DB_TXN_INIT                                                                                \
    {                                                                                              \
        NULL, NULL, false, false, 0                                                                \
    }

/* Begin with the right to write; the write lock is taken at once, so commits never meet
 * SQLITE_BUSY. */
MUST_CHECK int db_begin(struct db *db, struct db_txn *txn, struct err *err);
/*
 * Begin for reading only: a stable snapshot of what was durable when it was read for the first
 * time, whatever is committed meanwhile; a statement that writes is ERR_USAGE. What is kept outside
 * the database from such a reading may be outdated before it is kept.
 */
MUST_CHECK int db_begin_read(struct db *db, struct db_txn *txn, struct err *err);
/*
 * Make it durable; the transaction is over. On failure it is rolled back. ERR_USAGE while rows of
 * it are open.
 */
MUST_CHECK int db_commit(struct db_txn *txn, struct err *err);
void db_txn_done(struct db_txn *txn);

/*
 * Transactions in company, for what many threads do at once: those that come while others wait
 * share one write to the disk. db_join begins as db_begin does, but may see changes of others that
 * are not on the disk yet. So nothing of it may become known except through db_settle, which takes
 * what the work came to (0 or a failure) and returns when all that it saw is durable:
 *
 *   0         its changes are durable, too;
 *   rc        its own changes are undone, those of the others are not;
 *   another   the disk refused the company: nothing of any of them was changed.
 *
 * Other transactions never see what is not durable: they end the company before they begin.
 */
MUST_CHECK int db_join(struct db *db, struct db_txn *txn, struct err *err);
MUST_CHECK int db_settle(struct db_txn *txn, int rc, struct err *err);

/* Arguments of a statement, in the order of its "?". */
struct db_value {
    enum { DB_VALUE_END, DB_VALUE_NULL, DB_VALUE_INT, DB_VALUE_TEXT, DB_VALUE_BLOB } type;
    int64_t number;
    struct bytes bytes; /* must live until the call that takes the values returns */
};

/* The LIMIT that an OFFSET needs in SQLite, where there is none; each database knows the number. */
#define DB_ALL "9223372036854775807"

#define DB_NULL    ((struct db_value){.type = DB_VALUE_NULL})
#define DB_INT(n)  ((struct db_value){.type = DB_VALUE_INT, .number = (int64_t)(n)})
#define DB_BLOB(b) ((struct db_value){.type = DB_VALUE_BLOB, .bytes = (b)})
/* A NULL text is stored as NULL. */
#define DB_TEXT(s)   db_value_text(s)
#define DB_WITH(...) ((const struct db_value[]){__VA_ARGS__, {.type = DB_VALUE_END}})
#define DB_NOTHING   NULL
struct db_value db_value_text(const char *text);

/* One statement without result. The number of values must be that of its "?". */
MUST_CHECK int db_execute(struct db_txn *txn, const char *sql, const struct db_value *values,
                          struct err *err);
/* The same, for a statement that must change exactly one row: ERR_ABSENT if it changed none. */
MUST_CHECK int db_execute_one(struct db_txn *txn, const char *sql, const struct db_value *values,
                              struct err *err);

/* Rows of a statement: CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT; */
struct db_rows {
    struct db_txn *txn;
    void *statement;
    bool has_row;
};

#define DB_ROWS_INIT                                                                               \
    {                                                                                              \
        NULL, NULL, false                                                                          \
    }

/* Values are copied. Rows must be released before their transaction ends: declare them after it. */
MUST_CHECK int db_query(struct db_txn *txn, const char *sql, const struct db_value *values,
                        struct db_rows *rows, struct err *err);
/* Step to the next row; ERR_ABSENT after the last. */
MUST_CHECK int db_next(struct db_rows *rows, struct err *err);
/* db_query and the first db_next: ERR_ABSENT if there is no row. */
MUST_CHECK int db_query_one(struct db_txn *txn, const char *sql, const struct db_value *values,
                            struct db_rows *rows, struct err *err);
void db_rows_done(struct db_rows *rows);

/*
 * A column of the current row, counted from 0. The stored type must be the one asked for
 * (ERR_SYSTEM otherwise: the file is not as the schema says).
 */
bool db_is_null(const struct db_rows *rows, int column);
MUST_CHECK int db_int(const struct db_rows *rows, int column, int64_t *ret, struct err *err);
/* Copied with its NUL into size bytes at ret; ERR_SYSTEM if it does not fit or holds a NUL. */
MUST_CHECK int db_text(const struct db_rows *rows, int column, char *ret, size_t size,
                       struct err *err);
/* Replaces what *ret held. */
MUST_CHECK int db_blob(const struct db_rows *rows, int column, struct buf *ret, struct err *err);
