/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share about the one SQLite connection. */
#pragma once

#include "db/db.h"

#include "base/chore.h"
#include "db/limits.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* A statement that is kept for the next time; they are all of this one connection. */
struct db_kept {
    const char *asked;       /* where its text stood the last time: most texts stay in one place */
    uint64_t hash;           /* of its text */
    sqlite3_stmt *statement; /* NULL: the slot is empty */
    bool is_taken;
    uint64_t used; /* the larger, the later */
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
    sqlite3 *handle;
    int lock_fd;               /* PATH.lock, held until db_close */
    pthread_mutex_t turn;      /* held from db_begin to db_txn_done */
    _Atomic unsigned waiting;  /* threads that want the turn */
    struct db_member *company; /* joined transactions whose work is done and not on disk */
    unsigned last_company;     /* how many the last one had */
    struct db_kept kept[DB_KEPT_MAX];
    uint64_t uses;
    struct db_lease lease;
};

/* The last failure of the connection as one of ours; rc is what SQLite returned. */
MUST_CHECK int db_fail(const struct db *db, int rc, const char *doing, struct err *err);
/* A script of several statements without values. */
MUST_CHECK int db_script(struct db *db, const char *sql, const char *doing, struct err *err);
/* Exactly one statement, ready to be bound; given back by db_statement_give. */
MUST_CHECK int db_statement_take(struct db *db, const char *sql, sqlite3_stmt **ret,
                                 struct err *err);
void db_statement_give(struct db *db, sqlite3_stmt *statement);
/* Before the connection is closed. */
void db_statements_forget(struct db *db);
/* ERR_SYSTEM with EOWNERDEAD if somebody else has taken the lease; nothing is asked if we took
 * none. */
MUST_CHECK int db_lease_check(struct db_txn *txn, struct err *err);
/* Give it back, if it is ours. */
void db_lease_end(struct db *db);
/* Bring the file at path to the newest version of the schema. */
MUST_CHECK int db_migrate(struct db *db, const char *path, const struct db_schema *schema,
                          struct err *err);
