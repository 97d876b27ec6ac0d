/* SPDX-License-Identifier: Apache-2.0 */
/* A second process is kept out by the lease where the lock file does not, and a former one fenced.
 */
#include "db/db.h"

#include "base/fault.h"
#include "db/limits.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const migrations[] = {
    "CREATE TABLE thing (name TEXT UNIQUE NOT NULL) STRICT;",
    db_lease_schema_v1,
    NULL,
};
static const struct db_schema schema = {"things", migrations};

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static _Atomic int64_t time_now;

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "t.db", path);
    time_now = 1000;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

static int64_t read_time(void *context)
{
    (void)context;
    return time_now;
}

static struct db *open_db(void)
{
    struct db *db = NULL;

    assert_int_equal(db_open(path, &schema, &db, NULL), 0);
    return db;
}

static int take(struct db *db, struct err *err)
{
    return db_lease_take(db, read_time, NULL, err);
}

/* What an operator does who thinks that the lock file is a left-over. */
static void remove_lock_file(void)
{
    char lock[TEMPDIR_FILE_SIZE + 8];

    (void)snprintf(lock, sizeof lock, "%s.lock", path);
    assert_int_equal(unlink(lock), 0);
}

static int add(struct db *db, const char *name, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO thing VALUES (?)", DB_WITH(DB_TEXT(name)), err));
    return db_commit(&txn, err);
}

static int add_in_company(struct db *db, const char *name, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(db, &txn, err));
    return db_settle(
        &txn, db_execute(&txn, "INSERT INTO thing VALUES (?)", DB_WITH(DB_TEXT(name)), err), err);
}

static int64_t number(struct db *db, const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found = -1;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &found, NULL), 0);
    return found;
}

static void a_second_process_is_refused_and_told_how_long(void **state)
{
    CLEANUP(db_closep) struct db *first = open_db();
    CLEANUP(db_closep) struct db *second = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(take(first, NULL), 0);
    assert_int_equal(take(first, NULL), -ERR_USAGE);
    remove_lock_file();
    second = open_db();
    time_now += DB_LEASE_SECONDS - 1; /* the last second */
    assert_int_equal(take(second, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another process has the lease"));
    assert_non_null(strstr(err.text, "for 1 seconds"));
    assert_int_equal(add(first, "still", NULL), 0);
}

static void whoever_was_taken_over_can_neither_write_nor_read(void **state)
{
    CLEANUP(db_closep) struct db *first = open_db();
    CLEANUP(db_closep) struct db *second = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct err err = {0};

    (void)state;
    assert_int_equal(take(first, NULL), 0);
    assert_int_equal(add(first, "before", NULL), 0);
    remove_lock_file();
    second = open_db();
    time_now += DB_LEASE_SECONDS;
    assert_int_equal(take(second, NULL), 0);
    assert_int_equal(number(second, "SELECT token FROM lease"), 2);
    assert_int_equal(add(first, "after", &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "taken this database over"));
    assert_int_equal(fault_count(FAULT_DATABASE_TAKEN), 1);
    assert_int_equal(add_in_company(first, "after", NULL), -ERR_CONFLICT);
    assert_int_equal(db_begin_read(first, &txn, NULL), -ERR_CONFLICT);
    assert_int_equal(db_ping(first, NULL), -ERR_CONFLICT);
    /* Its end gives nothing back that is not its own. */
    db_closep(&first);
    assert_true(number(second, "SELECT until FROM lease") > time_now);
    assert_int_equal(number(second, "SELECT count(*) FROM thing"), 1);
    assert_int_equal(add_in_company(second, "after", NULL), 0);
}

/* It was killed by a clock a day ahead; without its lock file nobody knows that it is gone. */
static void a_lease_by_a_clock_that_was_ahead_is_waited_for_as_long_as_any(void **state)
{
    CLEANUP(db_closep) struct db *first = open_db();
    CLEANUP(db_closep) struct db *second = NULL;
    struct err err = {0};

    (void)state;
    time_now = 1000 + 86400;
    assert_int_equal(take(first, NULL), 0);
    remove_lock_file();
    second = open_db();
    time_now = 1000;
    assert_int_equal(take(second, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "for 15 seconds"));
    assert_int_equal(add(first, "still", NULL), 0);
    time_now += DB_LEASE_SECONDS - 1;
    assert_int_equal(take(second, NULL), -ERR_CONFLICT);
    time_now++;
    assert_int_equal(take(second, NULL), 0);
    assert_int_equal(add(first, "late", NULL), -ERR_CONFLICT);
}

/* A process that was killed held the lock file that we hold now. */
static void a_process_that_is_gone_is_not_waited_for(void **state)
{
    struct db *db = open_db();

    (void)state;
    assert_int_equal(take(db, NULL), 0);
    assert_int_equal(add(db, "first", NULL), 0);
    db_closep(&db);
    db = open_db();
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        /* As if it had not given it back. */
        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, "UPDATE lease SET until = 99999", DB_NOTHING, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
    }
    assert_int_equal(take(db, NULL), 0);
    assert_int_equal(number(db, "SELECT token FROM lease"), 2);
    db_closep(&db);
}

static void an_orderly_end_gives_it_back(void **state)
{
    struct db *db = open_db();

    (void)state;
    assert_int_equal(take(db, NULL), 0);
    db_closep(&db);
    remove_lock_file();
    db = open_db();
    assert_int_equal(take(db, NULL), 0);
    db_closep(&db);
}

static void a_database_of_before_gets_one(void **state)
{
    static const char *const before[] = {
        "CREATE TABLE thing (name TEXT UNIQUE NOT NULL) STRICT;",
        NULL,
    };
    static const struct db_schema schema_before = {"things", before};
    struct db *db = NULL;

    (void)state;
    assert_int_equal(db_open(path, &schema_before, &db, NULL), 0);
    assert_int_equal(add(db, "old", NULL), 0);
    db_closep(&db);
    db = open_db();
    assert_int_equal(take(db, NULL), 0);
    assert_int_equal(number(db, "SELECT token FROM lease"), 1);
    assert_int_equal(number(db, "SELECT count(*) FROM thing"), 1);
    db_closep(&db);
}

static void it_is_renewed_in_time(void **state)
{
    CLEANUP(db_closep) struct db *db = open_db();

    (void)state;
    assert_int_equal(take(db, NULL), 0);
    assert_int_equal(number(db, "SELECT until FROM lease"), 1000 + DB_LEASE_SECONDS);
    time_now = 2000;
    for (unsigned seconds = 0; number(db, "SELECT until FROM lease") < 2000; seconds++) {
        assert_true(seconds < DB_LEASE_SECONDS);
        (void)sleep(1);
    }
    assert_int_equal(number(db, "SELECT until FROM lease"), 2000 + DB_LEASE_SECONDS);
    assert_int_equal(number(db, "SELECT token FROM lease"), 1);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_second_process_is_refused_and_told_how_long),
        WITH_DIR(whoever_was_taken_over_can_neither_write_nor_read),
        WITH_DIR(a_lease_by_a_clock_that_was_ahead_is_waited_for_as_long_as_any),
        WITH_DIR(a_process_that_is_gone_is_not_waited_for),
        WITH_DIR(an_orderly_end_gives_it_back),
        WITH_DIR(a_database_of_before_gets_one),
        WITH_DIR(it_is_renewed_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
