/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share about the one SQLite connection. */
#pragma once

#include "db/db.h"

#include <pthread.h>
#include <sqlite3.h>

struct db {
    sqlite3 *handle;
    int lock_fd;          /* PATH.lock, held until db_close */
    pthread_mutex_t turn; /* held from db_begin to db_txn_done */
};

/* The last failure of the connection as one of ours; rc is what SQLite returned. */
MUST_CHECK int db_fail(const struct db *db, int rc, const char *doing, struct err *err);
/* A script of several statements without values. */
MUST_CHECK int db_script(struct db *db, const char *sql, const char *doing, struct err *err);
/* Bring the file to the newest version of the schema. */
MUST_CHECK int db_migrate(struct db *db, const struct db_schema *schema, struct err *err);
