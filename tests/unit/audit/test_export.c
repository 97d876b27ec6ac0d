/* SPDX-License-Identifier: Apache-2.0 */
/* A log in a file, read by somebody who believes nothing: what was done to it is found out. */
#include "audit/export.h"

#include "audit/audit.h"
#include "audit/tree.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two pages, and the tree. */
enum { NOW = 1795424894, RECORDS = AUDIT_PAGE_MAX + 20, LINES = 3 };

static const char *const scripts[] = {audit_schema_v1, audit_tree_schema_v1, NULL};
static const struct db_schema schema = {"things", scripts};
static const struct audit_act made = {"thing.made", "thing"};

/* The lines of two logs that are alike but for what the first record is about. */
static struct buf lines[2][LINES];

static void append_all(struct db *db, const char *first)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_origin by = audit_by_self(NOW);

    assert_int_equal(db_begin(db, &txn, NULL), 0);
    for (int i = 0; i < RECORDS; i++) {
        const struct audit_event event = {&made, bytes_text(i == 0 ? first : "x"), NULL};

        assert_int_equal(audit_append(&txn, &by, &event, NULL), 0);
    }
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void write_lines(struct db *db, struct buf ret[LINES])
{
    const struct audit_tree_query query = {.size = NULL};
    struct json *told[LINES];
    char since[24];

    (void)snprintf(since, sizeof since, "%d", AUDIT_PAGE_MAX);
    assert_int_equal(audit_list(db, NULL, &told[0], NULL), 0);
    assert_int_equal(audit_list(db, since, &told[1], NULL), 0);
    assert_int_equal(audit_tree(db, &query, &told[2], NULL), 0);
    for (size_t i = 0; i < LINES; i++) {
        assert_int_equal(json_write(told[i], &ret[i], NULL), 0);
        json_free(told[i]);
    }
}

static int set_up(void **state)
{
    static const char *const firsts[] = {"x", "y"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tempdir dir = tempdir_make();
        struct db *db = NULL;
        char path[TEMPDIR_FILE_SIZE];

        assert_int_equal(db_open(tempdir_file(&dir, "t.db", path), &schema, &db, NULL), 0);
        append_all(db, firsts[i]);
        write_lines(db, lines[i]);
        db_closep(&db);
        tempdir_done(&dir);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t line = 0; line < LINES; line++)
            buf_done(&lines[i][line]);
    return 0;
}

/* The first failure of these lines, or how the file ends. */
static int judge(const struct buf *const *file, size_t count)
{
    struct audit_export export = {.is_over = false};

    for (size_t i = 0; i < count; i++)
        TRY(audit_export_take(&export, buf_bytes(file[i]), NULL));
    TRY(audit_export_end(&export, NULL));
    assert_int_equal(export.log.size, RECORDS);
    return 0;
}

static void a_file_that_is_cut_is_refused(void **state)
{
    const struct buf *const file[] = {&lines[0][0], &lines[0][1], &lines[0][2]};
    CLEANUP(buf_done) struct buf half = BUF_INIT;
    const struct buf *const torn[] = {&lines[0][0], &half};

    (void)state;
    assert_int_equal(judge(file, 0), -ERR_ABSENT);
    assert_int_equal(judge(file, 1), -ERR_INPUT);
    assert_int_equal(judge(file, 2), -ERR_INPUT);
    assert_int_equal(
        buf_copy(bytes_part(buf_bytes(&lines[0][1]), 0, lines[0][1].len / 2), &half, NULL), 0);
    assert_int_equal(judge(torn, 2), -ERR_INPUT);
    assert_int_equal(judge(file, 3), 0);
}

static void a_log_that_lost_its_end_does_not_have_the_root(void **state)
{
    const struct buf *const rolled_back[] = {&lines[0][0], &lines[0][2]};
    const struct buf *const beheaded[] = {&lines[0][1], &lines[0][2]};
    const struct buf *const only[] = {&lines[0][2]};

    (void)state;
    assert_int_equal(judge(rolled_back, 2), -ERR_UNTRUSTED);
    assert_true(judge(beheaded, 2) < 0);
    assert_true(judge(only, 1) < 0);
}

/* Each is a log as it was written, and the end of one does not follow the beginning of the other.
 */
static void a_log_that_forked_is_found_out(void **state)
{
    const struct buf *const other[] = {&lines[1][0], &lines[1][1], &lines[1][2]};
    const struct buf *const mixed[] = {&lines[1][0], &lines[0][1], &lines[0][2]};
    const struct buf *const root[] = {&lines[0][0], &lines[0][1], &lines[1][2]};

    (void)state;
    assert_int_equal(judge(other, LINES), 0);
    assert_int_equal(judge(mixed, LINES), -ERR_UNTRUSTED);
    assert_int_equal(judge(root, LINES), -ERR_UNTRUSTED);
}

static void a_record_that_was_changed_is_found_out(void **state)
{
    CLEANUP(buf_done) struct buf changed = BUF_INIT;
    const struct buf *const file[] = {&changed, &lines[0][1], &lines[0][2]};
    uint8_t *at;

    (void)state;
    assert_int_equal(buf_copy(buf_bytes(&lines[0][0]), &changed, NULL), 0);
    at = memmem(changed.ptr, changed.len, "thing.made", 10);
    assert_non_null(at);
    at[0] = 'T';
    assert_int_equal(judge(file, LINES), -ERR_UNTRUSTED);
}

static void nothing_may_stand_behind_the_end(void **state)
{
    const struct buf *const twice[] = {&lines[0][0], &lines[0][1], &lines[0][2], &lines[0][2]};
    const struct buf *const again[] = {&lines[0][0], &lines[0][0], &lines[0][2]};

    (void)state;
    assert_int_equal(judge(twice, LINES + 1), -ERR_INPUT);
    assert_true(judge(again, LINES) < 0);
}

/* Blanks are JSON, too. */
static void a_line_has_so_many_bytes_at_most(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    struct audit_export export = {.is_over = false};

    (void)state;
    assert_int_equal(buf_copy(buf_bytes(&lines[0][0]), &line, NULL), 0);
    while (line.len < AUDIT_LINE_MAX)
        assert_int_equal(buf_append_byte(&line, ' ', NULL), 0);
    assert_int_equal(audit_export_take(&export, buf_bytes(&line), NULL), 0);
    export = (struct audit_export){.is_over = false};
    assert_int_equal(buf_append_byte(&line, ' ', NULL), 0);
    assert_int_equal(audit_export_take(&export, buf_bytes(&line), NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_cut_is_refused),
        cmocka_unit_test(a_log_that_lost_its_end_does_not_have_the_root),
        cmocka_unit_test(a_log_that_forked_is_found_out),
        cmocka_unit_test(a_record_that_was_changed_is_found_out),
        cmocka_unit_test(nothing_may_stand_behind_the_end),
        cmocka_unit_test(a_line_has_so_many_bytes_at_most),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
