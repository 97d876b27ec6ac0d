/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"
#include "audit/tree.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypto/mac.h"
#include "support/failalloc.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1795424894, DATABASE_MAX = 1 << 20 };

#define CANARY "canary-4711"
#define TRACE  "0af7651916cd43dd8448eb211c80319c"

static const char before[] = "CREATE TABLE thing (name TEXT NOT NULL UNIQUE) STRICT;";
static const char *const scripts_before[] = {before, NULL};
static const char *const scripts[] = {before, audit_schema_v1, audit_tree_schema_v1, NULL};
static const struct db_schema schema_before = {"things", scripts_before};
static const struct db_schema schema = {"things", scripts};
static const struct audit_act made = {"thing.made", "thing"};

static struct {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    struct db *db;
    struct audit_origin by;
} f;

static int set_up(void **state)
{
    (void)state;
    f.dir = tempdir_make();
    f.by = audit_by_uid(NOW, 1000, TRACE);
    tempdir_file(&f.dir, "t.db", f.path);
    return db_open(f.path, &schema, &f.db, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    db_closep(&f.db);
    tempdir_done(&f.dir);
    return 0;
}

/* A thing, and the record of its making. */
static int make(const char *name, const struct audit_origin *by, const struct audit_act *act,
                const char *outcome, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {act, bytes_text(name), outcome};

    TRY(db_begin(f.db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO thing VALUES (?)", DB_WITH(DB_TEXT(name)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

static int make_thing(const char *name)
{
    return make(name, &f.by, &made, NULL, NULL);
}

static int64_t count(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    assert_int_equal(db_begin_read(f.db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &number, NULL), 0);
    return number;
}

static void assert_counts(int64_t records, int64_t things)
{
    assert_int_equal(count("SELECT count(*) FROM audit"), records);
    assert_int_equal(count("SELECT count(*) FROM thing"), things);
}

/* A statement in a transaction of its own. */
static int execute(const char *sql, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(f.db, &txn, err));
    TRY(db_execute(&txn, sql, DB_NOTHING, err));
    return db_commit(&txn, err);
}

/* The page behind a number: how many records, the number of the last. */
static size_t list(const char *since, int64_t *ret_last, bool *ret_more)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *records;

    assert_int_equal(audit_list(f.db, since, &page, NULL), 0);
    assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
    assert_int_equal(json_get_int(page, "last", ret_last, NULL), 0);
    assert_int_equal(json_get_bool(page, "more", ret_more, NULL), 0);
    return json_count(records);
}

static void assert_list_fails(const char *since, enum err_kind kind, const char *words)
{
    struct json *page = NULL;
    struct err err = {0};

    assert_int_equal(audit_list(f.db, since, &page, &err), -(int)kind);
    assert_null(page);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void the_database_refuses_to_change_or_remove_a_record(void **state)
{
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"DELETE FROM audit", "cannot be removed"},
        {"DELETE FROM audit WHERE seq = 2", "cannot be removed"},
        {"UPDATE audit SET actor = 'uid:0' WHERE seq = 1", "cannot be changed"},
        {"UPDATE audit SET at = at + 1", "cannot be changed"},
        {"UPDATE audit SET act = act", "cannot be changed"},
        {"UPDATE audit SET subject = 'card'", "cannot be changed"},
        {"UPDATE audit SET commitment = zeroblob(32)", "cannot be changed"},
        {"UPDATE audit SET outcome = 'valid'", "cannot be changed"},
        {"UPDATE audit SET trace_id = ''", "cannot be changed"},
        {"UPDATE audit SET leaf = zeroblob(32)", "cannot be changed"},
        {"UPDATE audit SET seq = 9 WHERE seq = 2", "cannot be changed"},
        {"UPDATE audit SET salt = zeroblob(32)", "can only be removed"},
        {"UPDATE OR REPLACE audit SET seq = 1 WHERE seq = 2", "cannot be changed"},
    };

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    assert_int_equal(make_thing("b"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};

        assert_int_equal(execute(cases[i].sql, &err), -ERR_CONFLICT);
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].sql, err.text);
    }
    assert_counts(2, 2);
}

static void a_record_goes_nowhere_but_to_the_end(void **state)
{
    static const char *const numbers[] = {"1", "2", "0", "-1", "4", "NULL"};

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    assert_int_equal(make_thing("b"), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char sql[256];

        (void)snprintf(sql, sizeof sql,
                       "INSERT OR REPLACE INTO audit SELECT %s, at, actor, act, subject,"
                       " commitment, outcome, trace_id, leaf, salt FROM audit WHERE seq = 1",
                       numbers[i]);
        assert_int_equal(execute(sql, NULL), -ERR_CONFLICT);
    }
    assert_counts(2, 2);
}

static void an_act_of_nobody_is_refused_and_not_done(void **state)
{
    struct audit_origin nobody = {.at = NOW};

    (void)state;
    assert_int_equal(make("a", NULL, &made, NULL, NULL), -ERR_USAGE);
    assert_int_equal(make("a", &nobody, &made, NULL, NULL), -ERR_USAGE);
    assert_counts(0, 0);
}

static void names_at_the_limit_are_kept_and_one_past_it_refused(void **state)
{
    char text[AUDIT_OUTCOME_MAX + 2];
    struct audit_act act = {text, "thing"};

    (void)state;
    memset(text, 'x', sizeof text);
    text[AUDIT_NAME_MAX + 1] = '\0';
    assert_int_equal(make("a", &f.by, &act, NULL, NULL), -ERR_USAGE);
    act = (struct audit_act){"thing.made", text};
    assert_int_equal(make("a", &f.by, &act, NULL, NULL), -ERR_USAGE);
    act.subject = "";
    assert_int_equal(make("a", &f.by, &act, NULL, NULL), -ERR_USAGE);
    text[AUDIT_NAME_MAX] = '\0';
    act = (struct audit_act){text, text};
    assert_int_equal(make("a", &f.by, &act, NULL, NULL), 0);
    memset(text, 'x', sizeof text);
    text[AUDIT_OUTCOME_MAX + 1] = '\0';
    assert_int_equal(make("b", &f.by, &made, text, NULL), -ERR_USAGE);
    text[AUDIT_OUTCOME_MAX] = '\0';
    assert_int_equal(make("b", &f.by, &made, text, NULL), 0);
    assert_counts(2, 2);
}

static void an_actor_at_the_limit_is_kept_whole_and_one_past_it_is_nobody(void **state)
{
    char name[AUDIT_ACTOR_MAX + 1];
    struct audit_origin by;

    (void)state;
    memset(name, 'x', sizeof name);
    name[AUDIT_ACTOR_MAX - 6] = '\0'; /* behind "tenant:" */
    by = audit_by_role(NOW, "tenant", name, NULL);
    assert_int_equal(make("a", &by, &made, NULL, NULL), -ERR_USAGE);
    name[AUDIT_ACTOR_MAX - 7] = '\0';
    by = audit_by_role(NOW, "tenant", name, NULL);
    assert_int_equal(strlen(by.actor), AUDIT_ACTOR_MAX);
    assert_int_equal(make("a", &by, &made, NULL, NULL), 0);
    assert_string_equal(audit_by_self(NOW).actor, "self");
}

static void a_subject_at_the_limit_is_committed_to_and_one_past_it_refused(void **state)
{
    char name[AUDIT_SUBJECT_MAX + 2];

    (void)state;
    memset(name, 'x', sizeof name);
    name[AUDIT_SUBJECT_MAX + 1] = '\0';
    assert_int_equal(make_thing(name), -ERR_USAGE);
    assert_int_equal(make_thing(""), -ERR_USAGE);
    name[AUDIT_SUBJECT_MAX] = '\0';
    assert_int_equal(make_thing(name), 0);
    assert_counts(1, 1);
}

static void an_act_that_fails_leaves_no_record_and_no_gap(void **state)
{
    int64_t last;
    bool more;

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    assert_int_equal(make_thing("a"), -ERR_CONFLICT); /* the act itself */
    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        const struct audit_event event = {&made, bytes_text("b"), NULL};

        assert_int_equal(db_begin(f.db, &txn, NULL), 0);
        assert_int_equal(audit_append(&txn, &f.by, &event, NULL), 0);
    } /* and one that is taken back */
    assert_int_equal(make_thing("c"), 0);
    assert_int_equal(list(NULL, &last, &more), 2);
    assert_int_equal(last, 2);
    assert_false(more);
}

static int make_another(void *context)
{
    struct err err = {0};
    char name[16];
    int64_t things = count("SELECT count(*) FROM thing");
    int rc;

    (void)context;
    (void)snprintf(name, sizeof name, "thing %lld", (long long)things);
    rc = make(name, &f.by, &made, "done", &err);
    assert_counts(things + (rc == 0), things + (rc == 0));
    return rc;
}

static void without_memory_there_is_neither_act_nor_record(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(make_another, NULL) > 1);
    assert_counts(1, 1);
}

static void since_is_a_number_that_was_given(void **state)
{
    int64_t last;
    bool more;

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    assert_list_fails("", ERR_INPUT, "number");
    assert_list_fails("-1", ERR_INPUT, "number");
    assert_list_fails("1x", ERR_INPUT, "number");
    assert_list_fails("1000000000000000000", ERR_INPUT, "number"); /* 19 digits */
    assert_list_fails("999999999999999999", ERR_CONFLICT, "older");
    assert_list_fails("2", ERR_CONFLICT, "older");
    assert_int_equal(list("1", &last, &more), 0);
    assert_int_equal(last, 1);
    assert_false(more);
    assert_int_equal(list("0", &last, &more), 1);
}

static void a_page_is_full_at_the_limit_and_one_more_is_behind_it(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&made, BYTES_LITERAL("a"), NULL};
    int64_t last;
    bool more;

    (void)state;
    assert_int_equal(db_begin(f.db, &txn, NULL), 0);
    for (int i = 0; i < AUDIT_PAGE_MAX; i++)
        assert_int_equal(audit_append(&txn, &f.by, &event, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(list(NULL, &last, &more), AUDIT_PAGE_MAX);
    assert_false(more);
    assert_int_equal(make_thing("b"), 0);
    assert_int_equal(list(NULL, &last, &more), AUDIT_PAGE_MAX);
    assert_int_equal(last, AUDIT_PAGE_MAX);
    assert_true(more);
    assert_int_equal(list("500", &last, &more), 1);
    assert_int_equal(last, AUDIT_PAGE_MAX + 1);
    assert_false(more);
}

/* As somebody would who has the file: the triggers go first. */
static void a_record_that_was_changed_behind_the_triggers_is_noticed(void **state)
{
    int64_t last;
    bool more;

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    assert_int_equal(make_thing("b"), 0);
    assert_int_equal(execute("DROP TRIGGER audit_change", NULL), 0);
    assert_int_equal(execute("UPDATE audit SET actor = 'uid:1001' WHERE seq = 2", NULL), 0);
    assert_list_fails("0", ERR_SYSTEM, "record 2 ");
    assert_int_equal(execute("UPDATE audit SET actor = 'uid:1000' WHERE seq = 2", NULL), 0);
    assert_int_equal(list(NULL, &last, &more), 2);
    assert_int_equal(execute("DROP TRIGGER audit_remove", NULL), 0);
    assert_int_equal(execute("DELETE FROM audit WHERE seq = 1", NULL), 0);
    assert_list_fails("0", ERR_SYSTEM, "record 1 ");
}

/* What the row holds of a record: the salt and the commitment. */
static void read_row(struct buf *ret_salt, struct buf *ret_commitment)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    assert_int_equal(db_begin_read(f.db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, "SELECT salt, commitment FROM audit WHERE seq = 1",
                                  DB_NOTHING, &rows, NULL),
                     0);
    assert_int_equal(db_blob(&rows, 0, ret_salt, NULL), 0);
    assert_int_equal(db_blob(&rows, 1, ret_commitment, NULL), 0);
}

static void who_has_the_salt_can_prove_the_subject_and_the_leaf_outlives_it(void **state)
{
    CLEANUP(buf_done) struct buf salt = BUF_INIT;
    CLEANUP(buf_done) struct buf commitment = BUF_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    const struct bytes right[] = {BYTES_LITERAL("thing"), BYTES_LITERAL("a"), {NULL, 0}};
    const struct bytes wrong[] = {BYTES_LITERAL("thing"), BYTES_LITERAL("b"), {NULL, 0}};
    struct digest mac;
    int64_t last;
    bool more;

    (void)state;
    assert_int_equal(make_thing("a"), 0);
    read_row(&salt, &commitment);
    assert_int_equal(secret_copy(buf_bytes(&salt), &key, NULL), 0);
    assert_int_equal(mac_compute(&key, wrong, &mac, NULL), 0);
    assert_false(bytes_equal(digest_bytes(&mac), buf_bytes(&commitment)));
    assert_int_equal(mac_compute(&key, right, &mac, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&mac), buf_bytes(&commitment)));
    assert_int_equal(execute("UPDATE audit SET salt = NULL WHERE seq = 1", NULL), 0);
    assert_int_equal(list(NULL, &last, &more), 1);
    assert_int_equal(make_thing("b"), 0);
}

/* The encoding of audit.h by hand: other bytes would give other leaves for ever. */
static void the_leaf_is_the_hash_of_the_encoding_that_the_header_states(void **state)
{
    static const char head[] = "\0" /* RFC 9162, 2.1.1 */
                               "\0\0\0\x11OpenJPKI audit v1"
                               "\0\0\0\x08\0\0\0\0\0\0\0\x01" /* number */
                               "\0\0\0\x08\0\0\0\0\x6b\x04\x02\x7e"
                               "\0\0\0\x08uid:1000"
                               "\0\0\0\x0athing.made"
                               "\0\0\0\x05thing"
                               "\0\0\0\x20";
    static const char tail[] = "\0\0\0\x04"
                               "done"
                               "\0\0\0\x20" TRACE;
    CLEANUP(buf_done) struct buf salt = BUF_INIT;
    CLEANUP(buf_done) struct buf commitment = BUF_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *records;
    const char *leaf;
    const char *text;
    struct digest hash;

    (void)state;
    assert_int_equal(make("a", &f.by, &made, "done", NULL), 0);
    read_row(&salt, &commitment);
    assert_int_equal(buf_append(&expected, bytes_of(head, sizeof head - 1), NULL), 0);
    assert_int_equal(buf_append(&expected, buf_bytes(&commitment), NULL), 0);
    assert_int_equal(buf_append(&expected, bytes_of(tail, sizeof tail - 1), NULL), 0);
    assert_int_equal(digest_compute(DIGEST_SHA256, buf_bytes(&expected), &hash, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&hash), NULL), 0);
    assert_int_equal(buf_text(&hex, &text, NULL), 0);
    assert_int_equal(audit_list(f.db, NULL, &page, NULL), 0);
    assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
    assert_int_equal(json_get_text(json_at(records, 0), "leaf", &leaf, NULL), 0);
    assert_string_equal(leaf, text);
}

static bool file_holds(const char *path, struct bytes words)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    assert_int_equal(file_read(path, DATABASE_MAX, &file, NULL), 0);
    return memmem(file.ptr, file.len, words.ptr, words.len) != NULL;
}

/* With a log and nothing else in it: no table of things could hide what is looked for. */
static void the_subject_is_not_in_the_file_in_clear(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&made, BYTES_LITERAL(CANARY), NULL};
    char wal[TEMPDIR_FILE_SIZE + 8];

    (void)state;
    (void)snprintf(wal, sizeof wal, "%s-wal", f.path);
    assert_int_equal(db_begin(f.db, &txn, NULL), 0);
    assert_int_equal(audit_append(&txn, &f.by, &event, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_true(file_holds(wal, BYTES_LITERAL("thing.made")));
    assert_false(file_holds(wal, BYTES_LITERAL(CANARY)));
    db_closep(&f.db);
    assert_true(file_holds(f.path, BYTES_LITERAL("thing.made")));
    assert_false(file_holds(f.path, BYTES_LITERAL(CANARY)));
}

static void a_database_without_a_log_gets_an_empty_one(void **state)
{
    int64_t last;
    bool more;
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    db_closep(&f.db);
    tempdir_file(&f.dir, "old.db", path);
    assert_int_equal(db_open(path, &schema_before, &f.db, NULL), 0);
    assert_int_equal(execute("INSERT INTO thing VALUES ('old')", NULL), 0);
    db_closep(&f.db);
    assert_int_equal(db_open(path, &schema, &f.db, NULL), 0);
    assert_counts(0, 1);
    assert_int_equal(make_thing("new"), 0);
    assert_int_equal(list(NULL, &last, &more), 1);
}

#define WITH_LOG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOG(the_database_refuses_to_change_or_remove_a_record),
        WITH_LOG(a_record_goes_nowhere_but_to_the_end),
        WITH_LOG(an_act_of_nobody_is_refused_and_not_done),
        WITH_LOG(names_at_the_limit_are_kept_and_one_past_it_refused),
        WITH_LOG(an_actor_at_the_limit_is_kept_whole_and_one_past_it_is_nobody),
        WITH_LOG(a_subject_at_the_limit_is_committed_to_and_one_past_it_refused),
        WITH_LOG(an_act_that_fails_leaves_no_record_and_no_gap),
        WITH_LOG(without_memory_there_is_neither_act_nor_record),
        WITH_LOG(since_is_a_number_that_was_given),
        WITH_LOG(a_page_is_full_at_the_limit_and_one_more_is_behind_it),
        WITH_LOG(a_record_that_was_changed_behind_the_triggers_is_noticed),
        WITH_LOG(who_has_the_salt_can_prove_the_subject_and_the_leaf_outlives_it),
        WITH_LOG(the_leaf_is_the_hash_of_the_encoding_that_the_header_states),
        WITH_LOG(the_subject_is_not_in_the_file_in_clear),
        WITH_LOG(a_database_without_a_log_gets_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
