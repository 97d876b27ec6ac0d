/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power is cut while a daemon's database of an older version is brought to the newest: it is
 * one or the other afterwards, never between, and what was in it is still there. For each daemon
 * that has a database, from each older version.
 */
#include "authapp/schema.h"
#include "authority/schema.h"
#include "base/file.h"
#include "platform/schema.h"
#include "portal/schema.h"
#include "register/schema.h"
#include "support/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "old.db"

enum { MIGRATIONS_MAX = 64, WITNESSES = 50, CUTS = 5, FILE_SIZE_MAX = 16 << 20 };

static const char *const fates[] = {"none", "all", "data", "names", "torn", "some 1", "some 2"};
enum { FATES = sizeof fates / sizeof fates[0] };

static struct power power;
static char path[TEMPDIR_FILE_SIZE + 16];
static struct tempdir away; /* where the power stays */
static struct buf begun;    /* the database to begin with */

static int set_up(void **state)
{
    (void)state;
    power_start(&power);
    (void)snprintf(path, sizeof path, "%s/" FILE_NAME, power.mount);
    away = tempdir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    power_stop(&power);
    tempdir_done(&away);
    buf_done(&begun);
    return 0;
}

static size_t count_migrations(const struct db_schema *schema)
{
    size_t count = 0;

    while (schema->migrations[count] != NULL)
        count++;
    assert_true(count < MIGRATIONS_MAX);
    return count;
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

/* As it was at a version, with something in it that no migration is about. */
static void write_old(const char *file, const struct db_schema *schema, size_t version)
{
    const char *migrations[MIGRATIONS_MAX] = {NULL};
    const struct db_schema until = {schema->name, migrations};
    CLEANUP(db_closep) struct db *db = NULL;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    memcpy(migrations, schema->migrations, version * sizeof migrations[0]);
    assert_int_equal(db_open(file, &until, &db, NULL), 0);
    assert_int_equal(db_begin(db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "CREATE TABLE witness (id INTEGER)", DB_NOTHING, NULL), 0);
    for (int64_t i = 0; i < WITNESSES; i++)
        assert_int_equal(
            db_execute(&txn, "INSERT INTO witness VALUES (?)", DB_WITH(DB_INT(i)), NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* Once a version: each cut begins with what is made here. */
static void make_old(const struct db_schema *schema, size_t version)
{
    char file[TEMPDIR_FILE_SIZE];

    (void)tempdir_file(&away, FILE_NAME, file);
    write_old(file, schema, version);
    buf_done(&begun);
    assert_int_equal(file_read(file, FILE_SIZE_MAX, &begun, NULL), 0);
    assert_int_equal(unlink(file), 0);
}

/* On a disk with nothing else, and the power on. */
static void load_old(void)
{
    power_order(&power, "cut none");
    power_clear(&power);
    power_put(&power, FILE_NAME, buf_bytes(&begun));
    power_order(&power, "on");
}

/* In a process of its own, which ends as if it had been killed. */
static void migrate_apart(const struct db_schema *schema)
{
    struct db *db = NULL;
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(db_open(path, schema, &db, NULL) == 0 ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
}

/* Which version it is, without going on to another. */
static int64_t version_left(const struct db_schema *schema)
{
    static const char *const none[] = {NULL};
    const struct db_schema nothing = {schema->name, none};
    struct db *db = NULL;
    struct err err = {0};
    long long version = 0;

    /* Newer than a program that knows none. */
    assert_int_equal(db_open(path, &nothing, &db, &err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "(schema "));
    assert_int_equal(sscanf(strstr(err.text, "(schema "), "(schema %lld,", &version), 1);
    return version;
}

static void check_whole(const struct db_schema *schema, size_t newest)
{
    CLEANUP(db_closep) struct db *db = NULL;

    assert_int_equal(db_open(path, schema, &db, NULL), 0);
    assert_int_equal(number(db, "SELECT version FROM schema_version"), (int64_t)newest);
    assert_int_equal(number(db, "SELECT count(*) FROM witness"), WITNESSES);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check"
                                " WHERE integrity_check = 'ok'"),
                     1);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

/* How many operations that write there are from the old version to the newest. */
static unsigned measure(const struct db_schema *schema)
{
    load_old();
    migrate_apart(schema);
    return power_report(&power).operations;
}

/* One cut; whether it left the old version. */
static bool cut_once(const struct db_schema *schema, size_t version, unsigned nth, const char *fate)
{
    size_t newest = count_migrations(schema);
    int64_t left;

    load_old();
    power_order(&power, "cut-at %u %s", nth, fate);
    migrate_apart(schema);
    if (!power_report(&power).is_off)
        power_order(&power, "cut %s", fate);
    power_order(&power, "on");
    left = version_left(schema);
    if (left != (int64_t)version)
        assert_int_equal(left, newest);
    check_whole(schema, newest);
    return left == (int64_t)version;
}

static void cut_all_over(const struct db_schema *schema)
{
    size_t newest = count_migrations(schema);
    unsigned old = 0;
    unsigned cuts = 0;

    for (size_t version = 1; version < newest; version++) {
        unsigned operations;

        make_old(schema, version);
        operations = measure(schema);
        assert_true(operations > CUTS);
        for (unsigned cut = 1; cut <= CUTS; cut++, cuts++)
            old += cut_once(schema, version, operations * cut / CUTS, fates[cuts % FATES]);
    }
    print_message("# %s: %u cuts, %u left the version of before\n", schema->name, cuts, old);
    assert_in_range(old, 1, cuts - 1);
}

static void an_authority_is_of_one_version_or_the_other(void **state)
{
    (void)state;
    cut_all_over(&authority_schema);
}

static void a_register_is_of_one_version_or_the_other(void **state)
{
    (void)state;
    cut_all_over(&register_schema);
}

static void a_platform_is_of_one_version_or_the_other(void **state)
{
    (void)state;
    cut_all_over(&platform_schema);
}

static void a_provider_of_logins_is_of_one_version_or_the_other(void **state)
{
    (void)state;
    cut_all_over(&authapp_schema);
}

static void a_portal_is_of_one_version_or_the_other(void **state)
{
    (void)state;
    cut_all_over(&portal_schema);
}

#define power_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        power_test(an_authority_is_of_one_version_or_the_other),
        power_test(a_register_is_of_one_version_or_the_other),
        power_test(a_platform_is_of_one_version_or_the_other),
        power_test(a_provider_of_logins_is_of_one_version_or_the_other),
        power_test(a_portal_is_of_one_version_or_the_other),
    };
    const char *reason = power_prepare();

    if (reason != NULL) {
        (void)printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
