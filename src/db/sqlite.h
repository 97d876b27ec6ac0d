/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share about the connections that SQLite has to one file. */
#pragma once

#include "db/db.h"

#include "base/chore.h"
#include "db/limits.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* A statement that is kept for the next time, of one connection. */
struct db_kept {
    const char *asked;       /* where its text stood the last time: most texts stay in one place */
    uint64_t hash;           /* of its text */
    sqlite3_stmt *statement; /* NULL: the slot is empty */
    bool is_taken;
    uint64_t used; /* the larger, the later */
};

/* One thread uses it at a time, from a transaction's begin to its end. */
struct db_connection {
    sqlite3 *handle;
    struct db_kept kept[DB_KEPT_MAX];
    uint64_t uses;
    bool is_taken; /* of a reader; under the lock of all of them */
};

struct db_readers {
    bool is_open;
    pthread_mutex_t lock;   /* over what follows, and is_taken */
    pthread_cond_t changed; /* one was given back, or the pause is over */
    bool is_paused;
    unsigned taken, waiting;
    struct db_connection at[DB_READERS];
};

struct db_member;

/* Our part of a lease; token 0: none was taken. */
struct db_lease {
    int64_t token;
    int64_t (*now)(void *context);
    void *context;
    struct chore keeper; /* renews it */
};

struct db {
    int lock_fd; /* PATH.lock, held until db_close */
    struct db_connection writer;
    pthread_mutex_t turn;      /* of the writer: held from db_begin to db_txn_done */
    _Atomic unsigned waiting;  /* threads that want the turn */
    struct db_member *company; /* joined transactions whose work is done and not on disk */
    unsigned last_company;     /* how many the last one had */
    unsigned wal_pages;        /* in the log after the last commit */
    unsigned wal_due;          /* as many are to be copied into the file */
    struct db_readers readers;
    struct db_lease lease;
};

/* ---- one connection (connection.c, kept.c) ---- */

/* To a file that is there; to be closed on failure, too. */
MUST_CHECK int db_connection_open(struct db_connection *connection, const char *path,
                                  struct err *err);
/* Accepts one that is zeroed. */
void db_connection_close(struct db_connection *connection);
MUST_CHECK int db_connection_cache(struct db_connection *connection, uint64_t kilobytes,
                                   struct err *err);
/* sqlite3_step, after which db_fail knows whether a read failed. */
int db_step(sqlite3_stmt *statement);
/* The last failure of the connection as one of ours; rc is what SQLite returned. */
MUST_CHECK int db_fail(const struct db_connection *connection, int rc, const char *doing,
                       struct err *err);
/* A script of several statements without values. */
MUST_CHECK int db_script(struct db_connection *connection, const char *sql, const char *doing,
                         struct err *err);
/* Exactly one statement, ready to be bound; given back by db_statement_give. */
MUST_CHECK int db_statement_take(struct db_connection *connection, const char *sql,
                                 sqlite3_stmt **ret, struct err *err);
void db_statement_give(struct db_connection *connection, sqlite3_stmt *statement);
/* Before the connection is closed. */
void db_statements_forget(struct db_connection *connection);

/* ---- all of them ---- */

/* To be closed on failure, too. */
MUST_CHECK int db_readers_open(struct db_readers *readers, const char *path, struct err *err);
/* Accepts what is zeroed. */
void db_readers_close(struct db_readers *readers);
/* The caller's alone until it is given back. */
struct db_connection *db_reader_take(struct db_readers *readers);
void db_reader_give(struct db_readers *readers, struct db_connection *reader);
/* Let nobody begin until db_readers_go_on, and wait for those who have begun, but not longer. */
void db_readers_pause(struct db_readers *readers, int64_t patience_ms);
void db_readers_go_on(struct db_readers *readers);
/* From now on the pages of commits are counted, and db_checkpoint copies them. */
void db_checkpoint_watch(struct db *db);
/*
 * Copy what the write-ahead log has into the file if it is time to, by whoever has the writer's
 * turn and has just committed. A failure is that of nobody: the log has it all, and is copied the
 * next time.
 */
void db_checkpoint(struct db *db);
/* ERR_SYSTEM with EOWNERDEAD if somebody else has taken the lease; nothing is asked if we took
 * none. */
MUST_CHECK int db_lease_check(struct db_txn *txn, struct err *err);
/* Give it back, if it is ours. */
void db_lease_end(struct db *db);
/* Bring the file at path to the newest version of the schema. */
MUST_CHECK int db_migrate(struct db *db, const char *path, const struct db_schema *schema,
                          struct err *err);
