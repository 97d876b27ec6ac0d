/* SPDX-License-Identifier: Apache-2.0 */
#include "support/acts.h"

#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct acts acts = {
    .by = {.at = ACTS_NOW, .actor = "uid:1000", .trace_id = "0af7651916cd43dd8448eb211c80319c"}};

void acts_execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(acts.db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

/* How many records there are; *ret_page has all of them. */
static size_t records(struct json **ret_page)
{
    const struct json *array;

    json_freep(ret_page);
    assert_int_equal(audit_list(acts.db, NULL, ret_page, NULL), 0);
    assert_int_equal(json_get_array(*ret_page, "records", &array, NULL), 0);
    return json_count(array);
}

size_t count_records(void)
{
    CLEANUP(json_freep) struct json *page = NULL;

    return records(&page);
}

static void assert_member(const struct json *record, const char *key, const char *expected)
{
    const char *text = NULL;

    if (expected == NULL) {
        assert_int_equal(json_get_text(record, key, &text, NULL), -ERR_INPUT); /* null */
        return;
    }
    assert_int_equal(json_get_text(record, key, &text, NULL), 0);
    assert_string_equal(text, expected);
}

void assert_last_is(size_t count, const struct step *step)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *array;
    const struct json *last;
    int64_t at;

    assert_int_equal(records(&page), count);
    assert_int_equal(json_get_array(page, "records", &array, NULL), 0);
    last = json_at(array, count - 1);
    assert_member(last, "act", step->act);
    assert_member(last, "outcome", step->outcome);
    assert_member(last, "actor", acts.by.actor);
    assert_member(last, "trace_id", acts.by.trace_id);
    assert_int_equal(json_get_int(last, "at", &at, NULL), 0);
    assert_int_equal(at, acts.by.at);
}

static int run_step(void *context)
{
    const struct step *step = context;

    return step->run(NULL);
}

/*
 * The faults: a record that the database refuses; and a foreign key that is looked at when the
 * transaction is committed, so that everything before goes well.
 */
void break_the_record(void)
{
    acts_execute("CREATE TRIGGER broken BEFORE INSERT ON audit"
                 " BEGIN SELECT RAISE(ABORT, 'the disk does not like this record'); END");
}

void break_the_commit(void)
{
    acts_execute("CREATE TABLE IF NOT EXISTS late (x INTEGER REFERENCES late_key (x)"
                 " DEFERRABLE INITIALLY DEFERRED) STRICT");
    acts_execute("CREATE TABLE IF NOT EXISTS late_key (x INTEGER PRIMARY KEY) STRICT");
    acts_execute("CREATE TRIGGER broken AFTER INSERT ON audit"
                 " BEGIN INSERT INTO late VALUES (NEW.seq); END");
}

void mend(void)
{
    acts_execute("DROP TRIGGER broken");
}

/* No failure leaves a record behind, and what succeeds leaves one. */
void assert_one_record(const struct step *step)
{
    size_t before = count_records();
    struct err err = {0};

    break_the_record();
    assert_int_equal(step->run(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "does not like"));
    mend();
    break_the_commit();
    err = (struct err){0};
    assert_int_equal(step->run(&err), -ERR_CONFLICT);
    assert_non_null(strstr(err.text, "committing"));
    mend();
    assert_int_equal(count_records(), before);
    assert_true(every_failed_allocation(run_step, (void *)(uintptr_t)step) > 1);
    assert_last_is(before + 1, step);
}

/*
 * An act that is known is not done again and makes no record. So if it makes one after the
 * failures, none of them had left the act behind.
 */
void assert_act_and_record_together(const struct step *step)
{
    size_t before = count_records();

    assert_one_record(step);
    (void)!step->run(NULL);
    assert_int_equal(count_records(), before + 1);
}

void assert_steps(const struct step *steps)
{
    for (; steps->act != NULL; steps++) {
        print_message("# %s\n", steps->act);
        assert_act_and_record_together(steps);
    }
}

/* What is personal, or leads to a person, is in no column of the log. */
void assert_log_lacks(const char *const canaries[])
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin_read(acts.db, &txn, NULL), 0);
    for (; *canaries != NULL; canaries++) {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        assert_int_equal(
            db_query_one(&txn,
                         "SELECT 1 FROM audit WHERE instr(actor || '|' || act || '|' || subject"
                         " || '|' || outcome || '|' || trace_id || '|' || hex(commitment) || '|'"
                         " || hex(leaf) || '|' || hex(salt), ?1) > 0"
                         " OR instr(commitment || leaf || salt, CAST(?1 AS BLOB)) > 0",
                         DB_WITH(DB_TEXT(*canaries)), &rows, NULL),
            -ERR_ABSENT);
    }
}

void acts_make_old(const char *path, const struct db_schema *schema, size_t versions,
                   const char *sql)
{
    const char *scripts[8] = {NULL};
    const struct db_schema old = {schema->name, scripts};

    for (size_t i = 0; i < versions; i++)
        scripts[i] = schema->migrations[i];
    assert_ptr_equal(schema->migrations[versions], audit_schema_v1);
    assert_int_equal(db_open(path, &old, &acts.db, NULL), 0);
    acts_execute(sql);
    db_closep(&acts.db);
}
