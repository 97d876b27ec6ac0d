/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions in company: one write to the disk for many, and nobody pays for another's failure.
 */
#include "db/db.h"

#include "base/file.h"
#include "db/limits.h"
#include "support/tempdir.h"
#include "support/threads.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 8, EACH = 25, GATHER_US = 100000, ROUNDS = 5, PAGE = 4096 };

static const char *const migrations[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, data BLOB) STRICT;",
    NULL,
};
static const struct db_schema schema = {"things", migrations};

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];
static struct db *db;

static void open_db(void)
{
    struct err err = {0};

    if (db_open(path, &schema, &db, &err) < 0)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "t.db", path);
    open_db();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_closep(&db);
    tempdir_done(&dir);
    return 0;
}

static int insert(struct db_txn *txn, const char *name, size_t size, struct err *err)
{
    static const uint8_t data[PAGE];

    return db_execute(txn, "INSERT INTO thing (name, data) VALUES (?, ?)",
                      DB_WITH(DB_TEXT(name), DB_BLOB(bytes_of(data, size))), err);
}

/* Somebody's work; refuses it itself if asked to. */
struct job {
    const char *name;
    int refuses; /* what the work comes to, after it was done; 0: well */
    int rc;
    struct err err;
};

static void *work(void *context)
{
    struct job *job = context;
    struct db_txn txn = DB_TXN_INIT;

    job->rc = db_join(db, &txn, &job->err);
    if (job->rc < 0)
        return NULL;
    job->rc = insert(&txn, job->name, 10, &job->err);
    if (job->rc == 0 && job->refuses < 0)
        job->rc = FAIL(&job->err, err_kind_of(job->refuses), "refused by itself");
    job->rc = db_settle(&txn, job->rc, &job->err);
    return NULL;
}

/* Have all jobs wait for the turn at once, and done. */
static void run_in_company(struct job *jobs, size_t count)
{
    struct db_txn turn = DB_TXN_INIT;
    pthread_t threads[THREADS];

    assert_int_equal(db_begin(db, &turn, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    (void)usleep(GATHER_US); /* for a debugger, under which all seem to sleep */
    threads_await_sleep();
    db_txn_done(&turn);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static int64_t count_things(const char *name)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count = -1;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT count(*) FROM thing WHERE name = coalesce(?, name)",
                                  DB_WITH(DB_TEXT(name)), &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static void calls_against_their_contract_are_refused(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_settle(&txn, 0, NULL), -ERR_USAGE);
    assert_int_equal(db_join(db, &txn, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), -ERR_USAGE);
    assert_int_equal(db_settle(&txn, 0, NULL), 0);
    assert_int_equal(db_settle(&txn, 0, NULL), -ERR_USAGE);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_settle(&txn, 0, NULL), -ERR_USAGE);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void leaving_the_scope_undoes_it(void **state)
{
    (void)state;
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_join(db, &txn, NULL), 0);
        assert_int_equal(insert(&txn, "gone", 1, NULL), 0);
    }
    assert_int_equal(count_things(NULL), 0);
}

static void one_that_fails_spoils_nobody(void **state)
{
    struct job jobs[] = {{.name = "a"},
                         {.name = "a"},
                         {.name = "b", .refuses = -ERR_DENIED},
                         {.name = "c"},
                         {.name = "d"}};
    unsigned conflicts = 0;

    (void)state;
    run_in_company(jobs, 5);
    for (size_t i = 0; i < 2; i++) {
        conflicts += jobs[i].rc == -ERR_CONFLICT;
        assert_true(jobs[i].rc == 0 || strstr(jobs[i].err.text, "UNIQUE") != NULL);
    }
    assert_int_equal(conflicts, 1);
    assert_int_equal(jobs[2].rc, -ERR_DENIED);
    assert_string_equal(jobs[2].err.text, "refused by itself");
    assert_int_equal(jobs[3].rc + jobs[4].rc, 0);
    assert_int_equal(count_things("a"), 1);
    assert_int_equal(count_things("b"), 0);
    assert_int_equal(count_things(NULL), 3);
}

static off_t wal_size(void)
{
    char wal[TEMPDIR_FILE_SIZE + 8];
    struct stat st;

    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(stat(wal, &st), 0);
    return st.st_size;
}

/* A commit writes each page it changed, so that many commits of one page are as many pages. */
static void a_company_writes_what_it_changed_once(void **state)
{
    static const char *const names[THREADS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct job jobs[THREADS] = {{.name = NULL}};
    off_t before, alone, together;

    (void)state;
    before = wal_size();
    jobs[0].name = "alone";
    run_in_company(jobs, 1);
    alone = wal_size() - before;
    for (size_t i = 0; i < THREADS; i++)
        jobs[i] = (struct job){.name = names[i]};
    run_in_company(jobs, THREADS);
    together = wal_size() - before - alone;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(jobs[i].rc, 0);
    /* The first of them may have been alone. */
    assert_true(alone > 0 && together <= 3 * alone);
    assert_int_equal(count_things(NULL), THREADS + 1);
}

static int add(const char *name, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(db, &txn, err));
    return db_settle(&txn, insert(&txn, name, 10, err), err);
}

static void *add_many(void *context)
{
    _Atomic unsigned *acknowledged = context;

    for (unsigned i = 0; i < EACH; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "%lu-%u", (unsigned long)pthread_self(), i);
        if (add(name, NULL) < 0)
            return acknowledged;
        (*acknowledged)++;
    }
    return NULL;
}

/* Others, who read or write for themselves, come in between at any time. */
static void what_is_acknowledged_is_there_for_everybody(void **state)
{
    _Atomic unsigned acknowledged = 0;
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &acknowledged), 0);
    while (acknowledged < THREADS * EACH / 2) {
        unsigned before = acknowledged;

        assert_true(count_things(NULL) >= before);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(count_things(NULL), THREADS * EACH);
}

struct reporter {
    int fd;
    unsigned number;
};

static void *add_and_report(void *context)
{
    const struct reporter *reporter = context;

    for (uint32_t i = 0;; i++) {
        uint32_t id[2] = {reporter->number, i};
        char name[32];

        (void)snprintf(name, sizeof name, "%u-%u", id[0], id[1]);
        if (add(name, NULL) < 0 || write(reporter->fd, id, sizeof id) != sizeof id)
            _exit(1);
    }
}

static void add_until_killed(int fd)
{
    static struct reporter reporters[THREADS];
    pthread_t thread;

    open_db();
    for (unsigned i = 0; i < THREADS; i++) {
        reporters[i] = (struct reporter){fd, i};
        if (pthread_create(&thread, NULL, add_and_report, &reporters[i]) != 0)
            _exit(1);
    }
    for (;;)
        (void)pause();
}

/* Each acknowledgement, by name, is looked for afterwards. */
static void check_reported(int fd, unsigned enough, pid_t child)
{
    uint32_t ids[10000][2];
    unsigned count = 0;

    while (count < 10000 && read(fd, ids[count], sizeof ids[0]) == sizeof ids[0])
        if (++count == enough)
            assert_int_equal(kill(child, SIGKILL), 0);
    assert_in_range(count, enough, 9999);
    assert_int_equal(waitpid(child, NULL, 0), child);
    open_db();
    for (unsigned i = 0; i < count; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%u-%u", ids[i][0], ids[i][1]);
        assert_int_equal(count_things(name), 1);
    }
    /* And no more than each thread may have had under way. */
    assert_in_range(count_things(NULL), count, count + THREADS);
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        int report[2];
        pid_t child;

        db_closep(&db);
        (void)unlink(path);
        assert_int_equal(pipe(report), 0);
        child = fork();
        if (child == 0)
            add_until_killed(report[1]);
        (void)close(report[1]);
        check_reported(report[0], 40 + 7 * round, child);
        (void)close(report[0]);
    }
}

struct filler {
    unsigned number, stored;
    int rc;
    struct err err;
};

static void *fill(void *context)
{
    struct filler *filler = context;

    for (unsigned i = 0; filler->rc == 0 && i < 10000; i++) {
        struct db_txn txn = DB_TXN_INIT;
        char name[32];

        (void)snprintf(name, sizeof name, "%u-%u", filler->number, i);
        filler->rc = db_join(db, &txn, &filler->err);
        if (filler->rc < 0)
            break;
        filler->rc = db_settle(&txn, insert(&txn, name, 1000, &filler->err), &filler->err);
        filler->stored += filler->rc == 0;
    }
    return NULL;
}

/* In a child with a mount namespace of its own; exit code 77: not permitted here. */
static void fill_a_small_disk(void)
{
    struct filler fillers[THREADS] = {{0}};
    pthread_t threads[THREADS];
    unsigned stored = 0;

    if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        _exit(77);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", dir.path, "tmpfs", 0, "size=400k") < 0)
        _exit(77);
    if (db_open(path, &schema, &db, NULL) < 0)
        _exit(1);
    for (unsigned i = 0; i < THREADS; i++) {
        fillers[i].number = i;
        if (pthread_create(&threads[i], NULL, fill, &fillers[i]) != 0)
            _exit(1);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        if (fillers[i].rc != -ERR_SYSTEM || strstr(fillers[i].err.text, "disk is full") == NULL)
            _exit(2);
        stored += fillers[i].stored;
    }
    if (stored == 0 || count_things(NULL) != stored)
        _exit(3);
    db_closep(&db);
    if (db_open(path, &schema, &db, NULL) < 0 || count_things(NULL) != stored)
        _exit(4);
    _exit(0);
}

static void a_full_disk_is_told_to_all_and_loses_nothing(void **state)
{
    pid_t child;
    int status;

    (void)state;
    db_closep(&db);
    child = fork();
    if (child == 0)
        fill_a_small_disk();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* More different statements than are kept, twice, one of them within itself. */
static void statements_are_the_same_kept_or_not(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows outer = DB_ROWS_INIT;
    static char sql[DB_KEPT_MAX + 1][48];
    int64_t number;

    (void)state;
    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    for (unsigned i = 0; i < 2 * (DB_KEPT_MAX + 1); i++) {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
        unsigned at = i % (DB_KEPT_MAX + 1);

        (void)snprintf(sql[at], sizeof sql[at], "SELECT %u + ?", at);
        assert_int_equal(db_query_one(&txn, sql[at], DB_WITH(DB_INT(i)), &rows, NULL), 0);
        assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
        assert_int_equal(number, at + i);
    }
    assert_int_equal(db_query_one(&txn, sql[3], DB_WITH(DB_INT(1)), &outer, NULL), 0);
    {
        CLEANUP(db_rows_done) struct db_rows inner = DB_ROWS_INIT;

        assert_int_equal(db_query_one(&txn, sql[3], DB_WITH(DB_INT(2)), &inner, NULL), 0);
        assert_int_equal(db_int(&inner, 0, &number, NULL), 0);
        assert_int_equal(number, 5);
    }
    assert_int_equal(db_int(&outer, 0, &number, NULL), 0);
    assert_int_equal(number, 4);
    /* A value that was bound last time is not there this time. */
    assert_int_equal(db_query(&txn, sql[3], DB_NOTHING, &outer, NULL), -ERR_USAGE);
}

#define WITH_DB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DB(calls_against_their_contract_are_refused),
        WITH_DB(leaving_the_scope_undoes_it),
        WITH_DB(one_that_fails_spoils_nobody),
        WITH_DB(a_company_writes_what_it_changed_once),
        WITH_DB(what_is_acknowledged_is_there_for_everybody),
        WITH_DB(what_was_acknowledged_survives_kill_9),
        WITH_DB(a_full_disk_is_told_to_all_and_loses_nothing),
        WITH_DB(statements_are_the_same_kept_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
