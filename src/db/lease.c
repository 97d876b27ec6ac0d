/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table has one row: the token that was given last, by which lock file its owner kept others
 * out, and until when it is his. The token is a fence: it is compared inside each transaction, so
 * an owner who was thought to be gone and comes back can do nothing. Time decides only when
 * somebody may be thought to be gone.
 */
#include "base/fault.h"
#include "db/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { OWNER_SIZE = 48, RENEWALS = 3, MILLISECONDS = 1000 };

const char db_lease_schema_v1[] = "CREATE TABLE lease ("
                                  " only INTEGER PRIMARY KEY CHECK (only = 1),"
                                  " token INTEGER NOT NULL,"
                                  " owner TEXT NOT NULL,"
                                  " until INTEGER NOT NULL) STRICT;"
                                  "INSERT INTO lease VALUES (1, 0, '', 0);";

struct row {
    int64_t token, until;
    char owner[OWNER_SIZE];
};

/* The lock file that we hold: whoever held the same one does so no longer. */
static int name_owner(const struct db *db, char ret[OWNER_SIZE], struct err *err)
{
    struct stat st;

    if (fstat(db->lock_fd, &st) < 0)
        return FAIL_ERRNO(err, "the lock file cannot be examined");
    (void)snprintf(ret, OWNER_SIZE, "%llx:%llx", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    return 0;
}

static int read_row(struct db_txn *txn, struct row *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT token, owner, until FROM lease", DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &ret->token, err));
    TRY(db_text(&rows, 1, ret->owner, sizeof ret->owner, err));
    return db_int(&rows, 2, &ret->until, err);
}

int db_lease_check(struct db_txn *txn, struct err *err)
{
    struct row row;

    if (txn->db->lease.token == 0)
        return 0;
    TRY(read_row(txn, &row, err));
    if (row.token == txn->db->lease.token)
        return 0;
    fault_note(FAULT_DATABASE_TAKEN);
    /* No conflict of whoever asks: that would end what has to be tried again. */
    return FAIL_WITH(err, ERR_SYSTEM, EOWNERDEAD, "another process has taken this database over");
}

static int write_until(struct db *db, int64_t until, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err)); /* which looks at the token */
    TRY(db_execute_one(&txn, "UPDATE lease SET until = ?", DB_WITH(DB_INT(until)), err));
    return db_commit(&txn, err);
}

static void *keep(void *context)
{
    struct db *db = context;
    bool is_lost = false;

    /* A renewal that fails is tried again; one that comes too late finds another token. */
    while (!is_lost && chore_rest(&db->lease.keeper, DB_LEASE_SECONDS * MILLISECONDS / RENEWALS)) {
        int64_t until = db->lease.now(db->lease.context) + DB_LEASE_SECONDS;
        struct err why = {0};

        is_lost = write_until(db, until, &why) < 0 && why.detail == EOWNERDEAD;
    }
    return NULL;
}

/*
 * It is another's. If it ends later than any lease does, its owner's clock and ours are not the
 * same: it ends by ours, unless he lives and renews it. The token keeps him out, not the time.
 */
static int leave(struct db_txn *txn, const struct row *row, int64_t now, struct err *err)
{
    int64_t left = row->until - now;

    if (left > DB_LEASE_SECONDS) {
        left = DB_LEASE_SECONDS;
        TRY(db_execute_one(txn, "UPDATE lease SET until = ?", DB_WITH(DB_INT(now + left)), err));
        TRY(db_commit(txn, err));
    }
    return FAIL(err, ERR_CONFLICT,
                "another process has the lease on this database, for %lld seconds unless it "
                "renews it",
                (long long)left);
}

static int take(struct db *db, int64_t now, int64_t *ret_token, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char owner[OWNER_SIZE];
    struct row row;

    TRY(name_owner(db, owner, err));
    TRY(db_begin(db, &txn, err));
    TRY(read_row(&txn, &row, err));
    if (row.until > now && strcmp(row.owner, owner) != 0)
        return leave(&txn, &row, now, err);
    TRY(db_execute_one(
        &txn, "UPDATE lease SET token = ?, owner = ?, until = ?",
        DB_WITH(DB_INT(row.token + 1), DB_TEXT(owner), DB_INT(now + DB_LEASE_SECONDS)), err));
    TRY(db_commit(&txn, err));
    *ret_token = row.token + 1;
    return 0;
}

int db_lease_take(struct db *db, int64_t (*now)(void *context), void *context, struct err *err)
{
    int rc;

    if (db->lease.token != 0)
        return FAIL(err, ERR_USAGE, "the lease was taken already");
    db->lease.now = now;
    db->lease.context = context;
    TRY(take(db, now(context), &db->lease.token, err));
    rc = chore_start(&db->lease.keeper, keep, db, err);
    if (rc < 0)
        db->lease.token = 0;
    return rc;
}

void db_lease_end(struct db *db)
{
    struct db_lease *lease = &db->lease;
    int rc;

    if (lease->token == 0)
        return;
    chore_stop(&lease->keeper);
    rc = write_until(db, 0, NULL); /* not being able to makes the next one wait, no more */
    (void)rc;
    lease->token = 0;
}
