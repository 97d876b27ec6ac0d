/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions that only read, beside one that writes and beside each other. */
#include "db/db.h"
#include "db/limits.h"
#include "support/tempdir.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { PAGE = 4096, ROWS = 512, WRITTEN = 12 * DB_WAL_PAGES / ROWS, COMMITS = 200 };

static const char *const migrations[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB) STRICT;", NULL};
static const struct db_schema schema = {"things", migrations};

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static struct db *db;

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "t.db", path);
    if (db_open(path, &schema, &db, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_closep(&db);
    tempdir_done(&dir);
    return 0;
}

static int64_t count_in(struct db_txn *txn)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count = -1;

    if (db_query_one(txn, "SELECT coalesce(max(id), 0) FROM thing", DB_NOTHING, &rows, NULL) < 0 ||
        db_int(&rows, 0, &count, NULL) < 0)
        return -1;
    return count;
}

static int64_t count_now(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    return db_begin_read(db, &txn, NULL) < 0 ? -1 : count_in(&txn);
}

static int add(struct db_txn *txn, size_t size)
{
    static const uint8_t data[PAGE];

    return db_execute(txn, "INSERT INTO thing (name, data) VALUES ('x', ?)",
                      DB_WITH(DB_BLOB(bytes_of(data, size))), NULL);
}

static int add_one(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (db_begin(db, &txn, NULL) < 0 || add(&txn, 1) < 0)
        return -1;
    return db_commit(&txn, NULL);
}

static void a_reading_sees_what_was_committed_when_it_first_looked(void **state)
{
    CLEANUP(db_txn_done) struct db_txn reading = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_begin_read(db, &reading, NULL), 0);
    assert_int_equal(count_in(&reading), 0);
    assert_int_equal(add_one(), 0);
    assert_int_equal(count_in(&reading), 0);
    assert_int_equal(count_now(), 1);
    assert_int_equal(db_commit(&reading, NULL), 0);
}

static void what_is_not_committed_is_seen_by_nobody_else(void **state)
{
    CLEANUP(db_txn_done) struct db_txn writing = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_begin(db, &writing, NULL), 0);
    assert_int_equal(add(&writing, 1), 0);
    assert_int_equal(count_in(&writing), 1);
    assert_int_equal(count_now(), 0);
    db_txn_done(&writing);
    assert_int_equal(count_now(), 0);
}

static void a_reading_cannot_write(void **state)
{
    CLEANUP(db_txn_done) struct db_txn reading = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_begin_read(db, &reading, NULL), 0);
    assert_int_equal(db_execute(&reading, "DELETE FROM thing", DB_NOTHING, NULL), -ERR_USAGE);
}

static void *count_to(void *context)
{
    int64_t *ret = context;

    *ret = count_now();
    return NULL;
}

/* Whoever comes while all are reading waits, and is served by the first that ends. */
static void one_more_than_there_are_connections_waits(void **state)
{
    struct db_txn readings[DB_READERS] = {DB_TXN_INIT};
    int64_t count = -1;
    pthread_t late;

    (void)state;
    assert_int_equal(add_one(), 0);
    for (size_t i = 0; i < DB_READERS; i++) {
        assert_int_equal(db_begin_read(db, &readings[i], NULL), 0);
        assert_int_equal(count_in(&readings[i]), 1);
    }
    assert_int_equal(pthread_create(&late, NULL, count_to, &count), 0);
    for (size_t i = 0; i < DB_READERS; i++)
        db_txn_done(&readings[i]);
    assert_int_equal(pthread_join(late, NULL), 0);
    assert_int_equal(count, 1);
}

/* ---- many at once ---- */

static _Atomic bool is_over;

/* What is durable never becomes less. */
static void *read_on(void *context)
{
    int64_t last = 0;

    (void)context;
    while (!atomic_load(&is_over)) {
        const int64_t count = count_now();

        if (count < last)
            return &is_over;
        last = count;
    }
    return NULL;
}

static void start_reading(pthread_t threads[2 * DB_READERS])
{
    atomic_store(&is_over, false);
    for (size_t i = 0; i < 2 * DB_READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, NULL), 0);
}

static void stop_reading(pthread_t threads[2 * DB_READERS])
{
    atomic_store(&is_over, true);
    for (size_t i = 0; i < 2 * DB_READERS; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static void what_is_acknowledged_is_seen_by_the_next_reading(void **state)
{
    pthread_t threads[2 * DB_READERS];
    int64_t seen = 0;
    int rc = 0;

    (void)state;
    start_reading(threads);
    for (int i = 0; i < COMMITS && rc == 0; i++) {
        rc = add_one();
        seen += count_now() == i + 1;
    }
    stop_reading(threads);
    assert_int_equal(rc, 0);
    assert_int_equal(seen, COMMITS);
}

/* Some reading is always under way, and none of them for long. */
static void the_log_is_copied_while_many_read(void **state)
{
    pthread_t threads[2 * DB_READERS];
    char log[TEMPDIR_FILE_SIZE + 8];
    struct stat st;
    int rc = 0;

    (void)state;
    start_reading(threads);
    for (int i = 0; i < WRITTEN && rc == 0; i++) {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        rc = db_begin(db, &txn, NULL);
        for (int j = 0; j < ROWS && rc == 0; j++)
            rc = add(&txn, PAGE - 100);
        if (rc == 0)
            rc = db_commit(&txn, NULL);
    }
    stop_reading(threads);
    assert_int_equal(rc, 0);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(stat(log, &st), 0);
    assert_in_range(st.st_size, 1, 6LL * DB_WAL_PAGES * PAGE);
}

#define WITH_DB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DB(a_reading_sees_what_was_committed_when_it_first_looked),
        WITH_DB(what_is_not_committed_is_seen_by_nobody_else),
        WITH_DB(a_reading_cannot_write),
        WITH_DB(one_more_than_there_are_connections_waits),
        WITH_DB(what_is_acknowledged_is_seen_by_the_next_reading),
        WITH_DB(the_log_is_copied_while_many_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
