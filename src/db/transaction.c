/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One transaction at a time on each connection: whoever begins has it alone until the end, so no
 * statement of another thread can slip in. What may write is on one of them, by turns; what only
 * reads takes one of the others (reader.c) and sees what is in the log on disk.
 *
 * A company is one transaction of SQLite's with a savepoint for each member's work, one after the
 * other. Whoever ends his work while others want the turn leaves the commit to them and waits
 * without it; whoever ends it while nobody does, commits for all. Each member waits, so a company
 * has no more members than there are threads, and the last of them commits.
 *
 * Where the last company had several members, whoever is to commit lets others run first who are
 * about to join: the processor does their work anyway, and the disk is asked once instead of twice.
 */
#include "db/sqlite.h"

#include <assert.h>
#include <sched.h>
#include <semaphore.h>

/* A joined transaction whose work is done; lives on the stack of its thread, which waits. */
struct db_member {
    struct db_member *next;
    sem_t decided;
    int rc; /* what became of the company */
    struct err err;
};

/* One statement without values or result, as often as there are transactions. */
static int run(struct db_connection *at, const char *sql, const char *doing, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    int rc;

    TRY(db_statement_take(at, sql, &statement, err));
    rc = db_step(statement);
    rc = rc == SQLITE_DONE ? 0 : db_fail(at, rc, doing, err);
    db_statement_give(at, statement);
    return rc;
}

static bool is_in_transaction(const struct db_connection *at)
{
    /* A full disk or a failed write has rolled back already (SQLite, "autocommit"). */
    return sqlite3_get_autocommit(at->handle) == 0;
}

/* As readers end, too; if the statement cannot be had, it is read once more. */
static void rollback(struct db_connection *at)
{
    if (is_in_transaction(at) && run(at, "ROLLBACK", "undoing", NULL) < 0)
        (void)sqlite3_exec(at->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* All at once of what a turn of the writer came to. */
static int commit(struct db *db, struct err *err)
{
    TRY(run(&db->writer, "COMMIT", "committing", err));
    db_checkpoint(db);
    return 0;
}

static int take_turn(struct db *db, struct err *err)
{
    int rc;

    atomic_fetch_add(&db->waiting, 1);
    rc = pthread_mutex_lock(&db->turn);
    atomic_fetch_sub(&db->waiting, 1);
    return rc == 0 ? 0 : FAIL(err, ERR_SYSTEM, "the database's mutex cannot be locked");
}

static void leave_turn(struct db *db)
{
    (void)pthread_mutex_unlock(&db->turn);
}

/* Let others have what the transaction was on; it is over. */
static void leave(struct db_txn *txn)
{
    struct db *db = txn->db;

    txn->db = NULL;
    if (txn->read_only)
        db_reader_give(&db->readers, txn->at);
    else
        leave_turn(db);
}

static void tell_company(struct db *db, int rc, const struct err *err)
{
    struct db_member *member = db->company;

    db->company = NULL;
    db->last_company = 0;
    while (member != NULL) {
        db->last_company++;
        struct db_member *next = member->next; /* the member is gone once it knows */

        member->rc = rc < 0 ? err_copy(&member->err, err) : 0;
        (void)sem_post(&member->decided);
        member = next;
    }
}

static void commit_company(struct db *db)
{
    struct err err = {0};
    int rc = 0;

    if (db->company == NULL)
        return;
    rc = commit(db, &err);
    if (rc < 0)
        rollback(&db->writer);
    tell_company(db, rc, &err);
}

/* The caller has the connection for itself. */
static int begin(struct db_txn *txn, struct err *err)
{
    int rc = run(txn->at, txn->read_only ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE",
                 "beginning a transaction", err);

    if (rc < 0) {
        leave(txn);
        return rc;
    }
    rc = db_lease_check(txn, err);
    if (rc < 0)
        db_txn_done(txn);
    return rc;
}

int db_begin(struct db *db, struct db_txn *txn, struct err *err)
{
    TRY(take_turn(db, err));
    commit_company(db);
    *txn = (struct db_txn){.db = db, .at = &db->writer};
    return begin(txn, err);
}

int db_begin_read(struct db *db, struct db_txn *txn, struct err *err)
{
    *txn = (struct db_txn){.db = db, .at = db_reader_take(&db->readers), .read_only = true};
    return begin(txn, err);
}

int db_commit(struct db_txn *txn, struct err *err)
{
    struct db *db = txn->db;
    int rc = 0;

    if (db == NULL)
        return FAIL(err, ERR_USAGE, "there is no transaction to commit");
    if (txn->is_joined)
        return FAIL(err, ERR_USAGE, "a transaction in company is settled");
    if (txn->open_rows > 0)
        return FAIL(err, ERR_USAGE, "rows of the transaction are still open");
    rc = txn->read_only ? run(txn->at, "COMMIT", "ending a reading", err) : commit(db, err);
    if (rc < 0) {
        db_txn_done(txn);
        return rc;
    }
    leave(txn);
    return 0;
}

static int begin_work(struct db *db, struct err *err)
{
    if (db->company == NULL)
        TRY(run(&db->writer, "BEGIN IMMEDIATE", "beginning a transaction", err));
    return run(&db->writer, "SAVEPOINT work", "beginning a transaction", err);
}

/* The lease cannot be taken while our transaction is open, so whoever opens it looks for all. */
static int check_lease(struct db *db, struct db_txn *txn, struct err *err)
{
    return db->company == NULL ? db_lease_check(txn, err) : 0;
}

int db_join(struct db *db, struct db_txn *txn, struct err *err)
{
    int rc;

    TRY(take_turn(db, err));
    rc = begin_work(db, err);
    if (rc < 0) {
        if (db->company == NULL)
            rollback(&db->writer);
        commit_company(db);
        leave_turn(db);
        return rc;
    }
    *txn = (struct db_txn){.db = db, .at = &db->writer, .is_joined = true};
    rc = check_lease(db, txn, err);
    return rc < 0 ? db_settle(txn, rc, err) : 0;
}

/* Keep or undo what was done since the savepoint. */
static int end_work(struct db *db, int rc, struct err *err)
{
    if (rc == 0)
        return run(&db->writer, "RELEASE work", "committing", err);
    /* Its own failure is what the caller hears of. */
    if (db_script(&db->writer, "ROLLBACK TO work; RELEASE work", "undoing", NULL) < 0)
        rollback(&db->writer);
    return rc;
}

/*
 * Our own return is not announced in db->waiting: whoever reads it would leave the commit to us,
 * and we leave it to those who came later.
 */
static void let_others_join(struct db *db)
{
    leave_turn(db);
    (void)sched_yield();
    (void)pthread_mutex_lock(&db->turn); /* cannot fail for one that was locked before */
}

/* Become a member, see to it that somebody commits, and wait for it. */
static int wait_for_company(struct db *db, struct err *err)
{
    struct db_member self = {.next = db->company};

    (void)sem_init(&self.decided, 0, 0); /* fails for numbers that are too large */
    db->company = &self;
    if (atomic_load(&db->waiting) == 0 && db->last_company > 1)
        let_others_join(db);
    /* Else somebody came later than we did, who sees to it now. */
    if (atomic_load(&db->waiting) == 0 && db->company == &self)
        commit_company(db);
    leave_turn(db);
    while (sem_wait(&self.decided) < 0) /* a signal */
        ;
    (void)sem_destroy(&self.decided);
    return self.rc < 0 ? err_copy(err, &self.err) : 0;
}

/* What SQLite rolled back by itself, for want of disk or memory, it rolled back for all. */
static int give_up_company(struct db *db, int rc, struct err *err)
{
    struct err why = {0};

    if (rc == 0)
        rc = FAIL(err, ERR_SYSTEM, "the database has undone the transaction");
    (void)FAIL(&why, ERR_SYSTEM, "undone together with another: %s",
               err == NULL ? "the database could not go on" : err->text);
    tell_company(db, -ERR_SYSTEM, &why);
    leave_turn(db);
    return rc;
}

int db_settle(struct db_txn *txn, int rc, struct err *err)
{
    struct db *db = txn->db;

    if (db == NULL || !txn->is_joined)
        return FAIL(err, ERR_USAGE, "there is no transaction in company to settle");
    assert(txn->open_rows == 0);
    txn->db = NULL;
    if (is_in_transaction(&db->writer))
        rc = end_work(db, rc, err);
    if (!is_in_transaction(&db->writer))
        return give_up_company(db, rc, err);
    TRY(wait_for_company(db, err));
    return rc;
}

void db_txn_done(struct db_txn *txn)
{
    if (txn->db == NULL)
        return;
    assert(txn->open_rows == 0);
    if (txn->is_joined) {
        int rc = db_settle(txn, -ERR_USAGE, NULL); /* nobody asks for the result */

        (void)rc;
        return;
    }
    rollback(txn->at);
    leave(txn);
}

int db_ping(struct db *db, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    return db_query_one(&txn, "SELECT version FROM schema_version", DB_NOTHING, &rows, err);
}
