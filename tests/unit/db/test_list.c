/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as an array of JSON: all of them, or a failure and nothing. */
#include "db/list.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *const migrations[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "INSERT INTO thing VALUES (1, 'a'), (2, 'b'), (3, 'c');",
    NULL,
};
static const struct db_schema schema = {"things", migrations};

static struct tempdir dir;
static struct db *db;

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    dir = tempdir_make();
    return db_open(tempdir_file(&dir, "t.db", path), &schema, &db, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    db_closep(&db);
    tempdir_done(&dir);
    return 0;
}

static int put_name(const struct db_rows *row, struct json *list, struct err *err)
{
    char name[8];

    TRY(db_text(row, 0, name, sizeof name, err));
    return json_add_text(list, name, err);
}

static int put_until_b(const struct db_rows *row, struct json *list, struct err *err)
{
    TRY(put_name(row, list, err));
    return json_count(list) == 2 ? FAIL(err, ERR_INPUT, "b is one too many") : 0;
}

static void all_rows_are_in_it_in_their_order(void **state)
{
    CLEANUP(json_freep) struct json *list = NULL;

    (void)state;
    assert_int_equal(db_list(db, "SELECT name FROM thing WHERE id > ? ORDER BY id DESC",
                             DB_WITH(DB_INT(1)), put_name, &list, NULL),
                     0);
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text(json_at(list, 0)), "c");
    assert_string_equal(json_text(json_at(list, 1)), "b");
}

static void without_rows_it_is_empty(void **state)
{
    CLEANUP(json_freep) struct json *list = NULL;

    (void)state;
    assert_int_equal(
        db_list(db, "SELECT name FROM thing WHERE id > 3", DB_NOTHING, put_name, &list, NULL), 0);
    assert_non_null(list);
    assert_int_equal(json_count(list), 0);
}

static void a_failure_leaves_nothing(void **state)
{
    struct json *const before = json_array_new();
    CLEANUP(json_freep) struct json *list = before;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        db_list(db, "SELECT name FROM thing ORDER BY id", DB_NOTHING, put_until_b, &list, &err),
        -ERR_INPUT);
    assert_string_equal(err.text, "b is one too many");
    assert_ptr_equal(list, before);
    assert_int_equal(db_list(db, "SELECT name FROM nothing", DB_NOTHING, put_name, &list, NULL),
                     -ERR_USAGE);
    assert_ptr_equal(list, before);
    /* The transaction is over: others go on. */
    assert_int_equal(db_list(db, "SELECT name FROM thing", DB_NOTHING, put_name, &list, NULL), 0);
    json_free(before);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(all_rows_are_in_it_in_their_order),
        EACH(without_rows_it_is_empty),
        EACH(a_failure_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
