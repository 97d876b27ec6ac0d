/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include "base/fault.h"
#include "base/file.h"
#include "db/limits.h"

#include <errno.h>
#include <fcntl.h>
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

static const char *const one_version[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, data BLOB) STRICT;"
    "CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id),"
    " amount INTEGER NOT NULL CHECK (amount > 0)) STRICT;",
    NULL,
};
static const char *const two_versions[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, data BLOB) STRICT;"
    "CREATE TABLE part (thing INTEGER NOT NULL REFERENCES thing (id),"
    " amount INTEGER NOT NULL CHECK (amount > 0)) STRICT;",
    "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';",
    NULL,
};
static const char *const broken_second[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, data BLOB) STRICT;",
    "CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT; ALTER TABLE nowhere ADD COLUMN x;",
    NULL,
};
static const struct db_schema schema_1 = {"things", one_version};
static const struct db_schema schema_2 = {"things", two_versions};
static const struct db_schema schema_broken = {"things", broken_second};
static const struct db_schema schema_other = {"others", one_version};

struct fixture {
    char dir[64];
    char path[80];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    strcpy(f->dir, "/tmp/jpki-db-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/t.db", f->dir);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[96];

        (void)snprintf(path, sizeof path, "%s%s", f->path, suffixes[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(f->dir), 0);
    free(f);
    return 0;
}

static struct db *open_db(const struct fixture *f, const struct db_schema *schema)
{
    struct db *db = NULL;
    struct err err = {0};

    if (db_open(f->path, schema, &db, &err) < 0)
        fail_msg("%s", err.text);
    return db;
}

static void assert_not_opened(const char *path, const struct db_schema *schema, enum err_kind kind,
                              const char *words)
{
    struct db *db = NULL;
    struct err err = {0};

    assert_int_equal(db_open(path, schema, &db, &err), -(int)kind);
    assert_null(db);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static int insert_thing(struct db_txn *txn, const char *name, struct err *err)
{
    return db_execute(txn, "INSERT INTO thing (name) VALUES (?)", DB_WITH(DB_TEXT(name)), err);
}

static int add_thing(struct db *db, const char *name, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(insert_thing(&txn, name, err));
    return db_commit(&txn, err);
}

static int64_t count_things(struct db *db)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count = -1;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT count(*) FROM thing", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &count, NULL), 0);
    return count;
}

static void a_database_from_a_newer_version_is_refused_and_left_alone(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    db_close(open_db(f, &schema_2));
    assert_int_equal(file_read(f->path, DB_VALUE_MAX, &before, NULL), 0);
    assert_not_opened(f->path, &schema_1, ERR_CONFLICT, "newer version");
    assert_int_equal(file_read(f->path, DB_VALUE_MAX, &after, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
    db_close(open_db(f, &schema_2));
}

static void a_database_of_another_program_is_refused(void **state)
{
    struct fixture *f = *state;

    db_close(open_db(f, &schema_1));
    assert_not_opened(f->path, &schema_other, ERR_CONFLICT, "database of things, not of others");
}

static void a_database_that_somebody_has_open_is_refused(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);

    (void)db;
    assert_not_opened(f->path, &schema_1, ERR_CONFLICT, "another process");
}

static void a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
    struct fixture *f = *state;
    static const struct bytes text = {
        (const uint8_t *)"this is no database, only text that is long "
                         "enough to be looked at as a header",
        78};
    CLEANUP(buf_done) struct buf after = BUF_INIT;

    assert_int_equal(file_create(f->path, 0600, text, NULL), 0);
    assert_not_opened(f->path, &schema_1, ERR_SYSTEM, "damaged");
    assert_int_equal(file_read(f->path, DB_VALUE_MAX, &after, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&after), text));
}

static void a_database_with_overwritten_pages_is_reported_as_damaged(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    struct err err = {0};
    uint8_t noise[4096];
    int fd;

    for (int i = 0; i < 2000; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "thing number %d", i);
        if (i % 500 == 0)
            assert_int_equal(add_thing(db, name, NULL), 0);
    }
    db_close(db);
    memset(noise, 0xa5, sizeof noise);
    fd = open(f->path, O_WRONLY | O_CLOEXEC);
    for (off_t page = 1; page < 6; page++)
        assert_int_equal(pwrite(fd, noise, sizeof noise, page * 4096), sizeof noise);
    close(fd);
    db = NULL;
    if (db_open(f->path, &schema_1, &db, &err) == 0)
        assert_int_equal(add_thing(db, "one more", &err), -ERR_SYSTEM);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.text, "damaged"));
    assert_true(fault_count(FAULT_DATABASE_DAMAGED) > 0);
}

static void a_path_that_is_a_directory_or_nowhere_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_not_opened("/nonexistent/t.db", &schema_1, ERR_SYSTEM, "No such file");
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_not_opened(f->path, &schema_1, ERR_INPUT, "not a regular file");
    assert_int_equal(rmdir(f->path), 0);
}

static void a_migration_that_fails_halfway_changes_nothing(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);

    assert_int_equal(add_thing(db, "kept", NULL), 0);
    db_close(db);
    db = NULL;
    assert_not_opened(f->path, &schema_broken, ERR_USAGE, "changing the schema");
    db = open_db(f, &schema_1);
    assert_int_equal(count_things(db), 1);
}

static struct db_migration told[4];
static size_t told_count;

static void note_migration(const struct db_migration *migration)
{
    assert_true(told_count < sizeof told / sizeof told[0]);
    told[told_count++] = *migration;
}

/* Not of a new database, which has nothing in it, and not of one that is new enough. */
static void who_waits_for_a_migration_is_told_each_step(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = NULL;

    told_count = 0;
    db_watch_migrations(note_migration);
    db = open_db(f, &schema_1);
    assert_int_equal(told_count, 0);
    db_close(db);
    db = NULL;
    assert_not_opened(f->path, &schema_broken, ERR_USAGE, "changing the schema");
    assert_int_equal(told_count, 1);
    db = open_db(f, &schema_2);
    db_close(db);
    db = open_db(f, &schema_2);
    db_watch_migrations(NULL);
    assert_int_equal(told_count, 2);
    assert_string_equal(told[1].schema, "things");
    assert_int_equal(told[1].step, 1);
    assert_int_equal(told[1].steps, 1);
}

/* Of the connection that writes, and of one of those that read. */
static void assert_cache(struct db *db, int64_t writer_kb, int64_t reader_kb)
{
    for (int i = 0; i < 2; i++) {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
        int64_t size;

        assert_int_equal(i == 0 ? db_begin(db, &txn, NULL) : db_begin_read(db, &txn, NULL), 0);
        assert_int_equal(db_query_one(&txn, "PRAGMA cache_size", DB_NOTHING, &rows, NULL), 0);
        assert_int_equal(db_int(&rows, 0, &size, NULL), 0);
        assert_int_equal(-size, i == 0 ? writer_kb : reader_kb);
    }
}

static void as_much_is_held_in_memory_as_was_said(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);

    assert_cache(db, DB_CACHE_MB * 1024, DB_CACHE_MB * 1024 / DB_READERS);
    assert_int_equal(db_set_cache(db, 3, NULL), 0);
    assert_cache(db, 3 * 1024, 3 * 1024 / DB_READERS);
}

static void an_older_database_is_brought_to_the_newest_version(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char colour[8];

    assert_int_equal(add_thing(db, "old", NULL), 0);
    db_close(db);
    db = open_db(f, &schema_2);
    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT colour FROM thing", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_text(&rows, 0, colour, sizeof colour, NULL), 0);
    assert_string_equal(colour, "red");
}

static void broken_constraints_are_told_apart(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct err err = {0};

    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(insert_thing(&txn, "secret name", NULL), 0);
    assert_int_equal(insert_thing(&txn, "secret name", &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "thing.name"));
    assert_null(strstr(err.text, "secret")); /* values never reach a text */
    assert_int_equal(
        db_execute(&txn, "INSERT INTO part VALUES (?, ?)", DB_WITH(DB_INT(99), DB_INT(1)), NULL),
        -ERR_CONFLICT);
    assert_int_equal(
        db_execute(&txn, "INSERT INTO part VALUES (?, ?)", DB_WITH(DB_INT(1), DB_INT(0)), NULL),
        -ERR_USAGE);
    assert_int_equal(db_execute(&txn, "INSERT INTO part VALUES (?, ?)",
                                DB_WITH(DB_INT(1), DB_TEXT("many")), NULL),
                     -ERR_USAGE);
    assert_int_equal(insert_thing(&txn, NULL, NULL), -ERR_USAGE);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(count_things(db), 1);
}

static void statements_against_their_contract_are_refused(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const char *two = "DELETE FROM part; DELETE FROM thing";

    assert_int_equal(db_execute(&txn, "DELETE FROM thing", DB_NOTHING, NULL), -ERR_USAGE);
    assert_int_equal(db_commit(&txn, NULL), -ERR_USAGE);
    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(insert_thing(&txn, "x", NULL), -ERR_USAGE);
    db_txn_done(&txn);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "DELET FROM thing", DB_NOTHING, NULL), -ERR_USAGE);
    assert_int_equal(db_execute(&txn, two, DB_NOTHING, NULL), -ERR_USAGE);
    assert_int_equal(db_execute(&txn, "", DB_NOTHING, NULL), -ERR_USAGE);
    assert_int_equal(db_execute(&txn, "SELECT 1", DB_NOTHING, NULL), -ERR_USAGE);
    assert_int_equal(
        db_execute(&txn, "DELETE FROM thing WHERE id = ?", DB_WITH(DB_INT(1), DB_INT(2)), NULL),
        -ERR_USAGE);
    assert_int_equal(db_execute(&txn, "DELETE FROM thing WHERE id = ?", DB_NOTHING, NULL),
                     -ERR_USAGE);
    assert_int_equal(
        db_execute_one(&txn, "DELETE FROM thing WHERE id = ?", DB_WITH(DB_INT(1)), NULL),
        -ERR_ABSENT);
    assert_int_equal(db_next(&rows, NULL), -ERR_USAGE);
    assert_int_equal(db_query(&txn, "SELECT 1", DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), -ERR_USAGE); /* rows still open */
}

static void columns_are_not_converted(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf blob = BUF_INIT;
    char text[8];
    int64_t number;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT 7, 'seven', x'0007', NULL, 'a' || char(0) || 'b'",
                                  DB_NOTHING, &rows, NULL),
                     0);
    assert_int_equal(db_int(&rows, 1, &number, NULL), -ERR_SYSTEM);
    assert_int_equal(db_text(&rows, 0, text, sizeof text, NULL), -ERR_SYSTEM);
    assert_int_equal(db_text(&rows, 1, text, 5, NULL), -ERR_SYSTEM); /* one byte short */
    assert_int_equal(db_text(&rows, 4, text, sizeof text, NULL), -ERR_SYSTEM);
    assert_int_equal(db_blob(&rows, 3, &blob, NULL), -ERR_SYSTEM);
    assert_int_equal(db_int(&rows, 5, &number, NULL), -ERR_USAGE);
    assert_false(db_is_null(&rows, 0));
    assert_true(db_is_null(&rows, 3));
    assert_int_equal(db_text(&rows, 1, text, 6, NULL), 0);
    assert_string_equal(text, "seven");
    assert_int_equal(db_blob(&rows, 2, &blob, NULL), 0);
    assert_int_equal(blob.len, 2);
    assert_int_equal(db_next(&rows, NULL), -ERR_ABSENT);
    assert_int_equal(db_int(&rows, 0, &number, NULL), -ERR_USAGE);
}

/* Statements are kept by where their texts stand, and a place may get another text. */
static void a_text_at_the_place_of_another_is_another_statement(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    char sql[] = "SELECT 1";

    for (char digit = '1'; digit <= '9'; digit++) {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
        int64_t number = 0;

        sql[sizeof sql - 2] = digit;
        assert_int_equal(db_begin_read(db, &txn, NULL), 0);
        assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
        assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
        assert_int_equal(number, digit - '0');
    }
}

static void a_value_at_the_limit_is_stored_and_one_past_it_refused(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf big = BUF_INIT;
    const char *sql = "SELECT length(?)";

    assert_int_equal(buf_reserve(&big, DB_VALUE_MAX + 1, NULL), 0);
    memset(big.ptr, 'x', DB_VALUE_MAX + 1);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    for (int past = 0; past < 2; past++) {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
        struct bytes value = bytes_of(big.ptr, DB_VALUE_MAX + (size_t)past);

        assert_int_equal(db_query_one(&txn, sql, DB_WITH(DB_BLOB(value)), &rows, NULL),
                         past ? -ERR_USAGE : 0);
    }
}

static void leaving_the_scope_rolls_back(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);

    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(insert_thing(&txn, "never there", NULL), 0);
    }
    assert_int_equal(count_things(db), 0);
    assert_int_equal(add_thing(db, "there", NULL), 0);
    assert_int_equal(count_things(db), 1);
    assert_int_equal(db_ping(db, NULL), 0);
}

static void only_the_owner_may_read_the_files(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    (void)db;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[96];
        struct stat st;

        (void)snprintf(path, sizeof path, "%s%s", f->path, suffixes[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

static void *add_fifty(void *context)
{
    struct db *db = context;

    for (int i = 0; i < 50; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "%lu-%d", (unsigned long)pthread_self(), i);
        if (add_thing(db, name, NULL) < 0)
            return db;
    }
    return NULL;
}

static void threads_take_turns(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_closep) struct db *db = open_db(f, &schema_1);
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_fifty, db), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(count_things(db), 200);
}

/* A writer that reports each commit through a pipe and always has a transaction under way. */
static void write_until_killed(const struct fixture *f, int report)
{
    struct db *db = NULL;

    if (db_open(f->path, &schema_1, &db, NULL) < 0)
        _exit(1);
    for (int i = 0;; i++) {
        struct db_txn txn = DB_TXN_INIT;
        char name[32];

        (void)snprintf(name, sizeof name, "%d", i);
        if (db_begin(db, &txn, NULL) < 0 || insert_thing(&txn, name, NULL) < 0 ||
            db_commit(&txn, NULL) < 0 || write(report, "+", 1) != 1)
            _exit(1);
    }
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
    struct fixture *f = *state;
    int64_t acknowledged = 0;

    db_close(open_db(f, &schema_1));
    for (int round = 0; round < 5; round++) {
        CLEANUP(db_closep) struct db *db = NULL;
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        int64_t before = acknowledged;
        char marks[64];
        int report[2];
        pid_t child;
        ssize_t got;

        assert_int_equal(pipe(report), 0);
        child = fork();
        if (child == 0)
            write_until_killed(f, report[1]);
        close(report[1]);
        while (acknowledged < before + 20) {
            got = read(report[0], marks, 1);
            assert_int_equal(got, 1);
            acknowledged++;
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while ((got = read(report[0], marks, sizeof marks)) > 0)
            acknowledged += got;
        close(report[0]);
        db = open_db(f, &schema_1);
        /* The one commit whose mark was not written any more may be there as well. */
        assert_in_range(count_things(db), acknowledged, acknowledged + 1);
        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(db_execute(&txn, "DELETE FROM thing", DB_NOTHING, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
        acknowledged = 0;
    }
}

/* In a child with a mount namespace of its own; exit code 77: not permitted here. */
static void fill_a_small_disk(const struct fixture *f)
{
    struct db *db = NULL;
    struct err err = {0};
    int64_t stored = 0;
    int rc = 0;
    uint8_t data[1000] = {0};

    if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        _exit(77);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", f->dir, "tmpfs", 0, "size=400k") < 0)
        _exit(77);
    if (db_open(f->path, &schema_1, &db, NULL) < 0)
        _exit(1);
    for (int i = 0; rc == 0 && i < 10000; i++) {
        struct db_txn txn = DB_TXN_INIT;
        char name[32];

        (void)snprintf(name, sizeof name, "%d", i);
        rc = db_begin(db, &txn, &err);
        if (rc == 0)
            rc = db_execute(&txn, "INSERT INTO thing (name, data) VALUES (?, ?)",
                            DB_WITH(DB_TEXT(name), DB_BLOB(BYTES_ARRAY(data))), &err);
        if (rc == 0)
            rc = db_commit(&txn, &err);
        db_txn_done(&txn);
        stored += rc == 0;
    }
    if (rc != -ERR_SYSTEM || strstr(err.text, "disk is full") == NULL)
        _exit(2);
    if (count_things(db) != stored)
        _exit(3);
    db_close(db);
    if (db_open(f->path, &schema_1, &db, NULL) < 0 || count_things(db) != stored)
        _exit(4);
    _exit(0);
}

static void a_full_disk_is_named_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    pid_t child = fork();
    int status;

    if (child == 0)
        fill_a_small_disk(f);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_database_from_a_newer_version_is_refused_and_left_alone),
        WITH_DIR(a_database_of_another_program_is_refused),
        WITH_DIR(a_database_that_somebody_has_open_is_refused),
        WITH_DIR(a_file_that_is_no_database_is_refused_and_left_alone),
        WITH_DIR(a_database_with_overwritten_pages_is_reported_as_damaged),
        WITH_DIR(a_path_that_is_a_directory_or_nowhere_is_refused),
        WITH_DIR(a_migration_that_fails_halfway_changes_nothing),
        WITH_DIR(who_waits_for_a_migration_is_told_each_step),
        WITH_DIR(as_much_is_held_in_memory_as_was_said),
        WITH_DIR(an_older_database_is_brought_to_the_newest_version),
        WITH_DIR(broken_constraints_are_told_apart),
        WITH_DIR(statements_against_their_contract_are_refused),
        WITH_DIR(a_text_at_the_place_of_another_is_another_statement),
        WITH_DIR(columns_are_not_converted),
        WITH_DIR(a_value_at_the_limit_is_stored_and_one_past_it_refused),
        WITH_DIR(leaving_the_scope_rolls_back),
        WITH_DIR(only_the_owner_may_read_the_files),
        WITH_DIR(threads_take_turns),
        WITH_DIR(what_was_acknowledged_survives_kill_9),
        WITH_DIR(a_full_disk_is_named_and_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
