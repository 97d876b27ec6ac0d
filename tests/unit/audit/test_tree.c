/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a database as a tree, judged by the checks of proofs, which know no database. */
#include "audit/tree.h"

#include "audit/audit.h"
#include "base/hex.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1795424894, TWO_STEPS = 1 << (2 * AUDIT_TREE_STEP) };

static const char *const scripts[] = {audit_schema_v1, audit_tree_schema_v1, NULL};
static const struct db_schema schema = {"things", scripts};
static const struct audit_act made = {"thing.made", "thing"};

static struct {
    struct tempdir dir;
    struct db *db;
    int64_t made;
} f;

static int set_up(void **state)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)state;
    f.dir = tempdir_make();
    f.made = 0;
    return db_open(tempdir_file(&f.dir, "t.db", path), &schema, &f.db, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    db_closep(&f.db);
    tempdir_done(&f.dir);
    return 0;
}

/* Records up to this number, in one transaction. */
static void grow_to(int64_t number)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_origin by = audit_by_self(NOW);

    assert_int_equal(db_begin(f.db, &txn, NULL), 0);
    for (; f.made < number; f.made++) {
        const struct audit_event event = {&made, BYTES_LITERAL("x"), NULL};

        assert_int_equal(audit_append(&txn, &by, &event, NULL), 0);
    }
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void execute(const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(f.db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, sql, DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
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

static struct merkle_hash hash_of(const char *hex)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    struct merkle_hash hash;

    assert_int_equal(hex_decode(hex, &octets, NULL), 0);
    assert_int_equal(octets.len, sizeof hash.value);
    memcpy(hash.value, octets.ptr, sizeof hash.value);
    return hash;
}

/* An answer, taken apart; a proof that is not in it has SIZE_MAX hashes. */
struct told {
    int64_t size;
    struct merkle_hash root;
    struct merkle_proof inclusion, consistency;
};

static void take_proof(const struct json *body, const char *key, struct merkle_proof *ret)
{
    const struct json *hashes;

    ret->count = SIZE_MAX;
    if (json_get_array(body, key, &hashes, NULL) < 0)
        return;
    ret->count = json_count(hashes);
    for (size_t i = 0; i < ret->count; i++) {
        const char *hex = json_text(json_at(hashes, i));

        assert_non_null(hex);
        ret->at[i] = hash_of(hex);
    }
}

static struct told ask(const char *size, const char *record, const char *since)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct audit_tree_query query = {size, record, since};
    struct told told;
    const char *hex;

    assert_int_equal(audit_tree(f.db, &query, &body, NULL), 0);
    assert_int_equal(json_get_int(body, "size", &told.size, NULL), 0);
    assert_int_equal(json_get_text(body, "root", &hex, NULL), 0);
    told.root = hash_of(hex);
    take_proof(body, "inclusion", &told.inclusion);
    take_proof(body, "consistency", &told.consistency);
    return told;
}

static void refused(const char *size, const char *record, const char *since, enum err_kind kind)
{
    CLEANUP(json_freep) struct json *body = NULL;
    const struct audit_tree_query query = {size, record, since};

    assert_int_equal(audit_tree(f.db, &query, &body, NULL), -(int)kind);
    assert_null(body);
}

/* The leaves of the log in a row: what its tree is of. */
static struct merkle_hash root_of_leaves(int64_t size)
{
    CLEANUP(json_freep) struct json *page = NULL;
    struct merkle_frontier frontier = {0};
    struct merkle_hash root;

    while ((int64_t)frontier.size < size) {
        char since[24];
        const struct json *records;

        json_freep(&page);
        (void)snprintf(since, sizeof since, "%llu", (unsigned long long)frontier.size);
        assert_int_equal(audit_list(f.db, since, &page, NULL), 0);
        assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
        for (size_t i = 0; i < json_count(records) && (int64_t)frontier.size < size; i++) {
            struct merkle_hash leaf;
            const char *hex;

            assert_int_equal(json_get_text(json_at(records, i), "leaf", &hex, NULL), 0);
            leaf = hash_of(hex);
            assert_int_equal(merkle_add(&frontier, &leaf, NULL), 0);
        }
    }
    assert_int_equal(merkle_frontier_root(&frontier, &root, NULL), 0);
    return root;
}

static void assert_root(const struct told *told, int64_t size)
{
    struct merkle_hash expected = root_of_leaves(size);

    assert_int_equal(told->size, size);
    assert_memory_equal(&told->root, &expected, sizeof expected);
}

static struct merkle_hash leaf_of(int64_t seq)
{
    CLEANUP(json_freep) struct json *page = NULL;
    const struct json *records;
    const char *hex;
    char since[24];

    (void)snprintf(since, sizeof since, "%lld", (long long)seq - 1);
    assert_int_equal(audit_list(f.db, since, &page, NULL), 0);
    assert_int_equal(json_get_array(page, "records", &records, NULL), 0);
    assert_int_equal(json_get_text(json_at(records, 0), "leaf", &hex, NULL), 0);
    return hash_of(hex);
}

static void assert_proven(int64_t seq, int64_t size)
{
    struct merkle_hash leaf = leaf_of(seq);
    struct told told;
    char record[24];
    char first[24];

    (void)snprintf(record, sizeof record, "%lld", (long long)seq);
    (void)snprintf(first, sizeof first, "%lld", (long long)size);
    told = ask(first, record, record);
    assert_int_equal(merkle_check_inclusion(&leaf, (uint64_t)seq - 1, (uint64_t)size,
                                            &told.inclusion, &told.root, NULL),
                     0);
    struct told earlier = ask(record, NULL, NULL);
    assert_int_equal(merkle_check_consistency((uint64_t)seq, &earlier.root, (uint64_t)size,
                                              &told.root, &told.consistency, NULL),
                     0);
}

static void an_empty_log_has_the_empty_root(void **state)
{
    struct told told = ask(NULL, NULL, NULL);
    struct merkle_hash empty;

    (void)state;
    assert_int_equal(merkle_empty(&empty, NULL), 0);
    assert_int_equal(told.size, 0);
    assert_memory_equal(&told.root, &empty, sizeof empty);
    assert_true(told.inclusion.count == SIZE_MAX && told.consistency.count == SIZE_MAX);
    refused("1", NULL, NULL, ERR_CONFLICT);
    refused(NULL, "1", NULL, ERR_CONFLICT);
}

static void what_it_does_not_have_is_refused(void **state)
{
    (void)state;
    grow_to(3);
    refused("4", NULL, NULL, ERR_CONFLICT);
    refused("2", "3", NULL, ERR_CONFLICT);
    refused("2", NULL, "3", ERR_CONFLICT);
    refused("0", NULL, NULL, ERR_INPUT);
    refused(NULL, "0", NULL, ERR_INPUT);
    refused(NULL, NULL, "x", ERR_INPUT);
    refused("-1", NULL, NULL, ERR_INPUT);
    refused("", NULL, NULL, ERR_INPUT);
    refused("1000000000000000000", NULL, NULL, ERR_INPUT);
}

static void each_size_has_the_root_of_its_leaves(void **state)
{
    static const int64_t sizes[] = {1, 2, 3, 255, 256, 257, 511, 512, 513, 700};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct told told;

        grow_to(sizes[i]);
        told = ask(NULL, NULL, NULL);
        assert_root(&told, sizes[i]);
        assert_proven(1, sizes[i]);
        assert_proven(sizes[i], sizes[i]);
        assert_proven((sizes[i] + 1) / 2, sizes[i]);
    }
    /* Sizes of before are still told. */
    struct told told = ask("257", NULL, NULL);
    assert_root(&told, 257);
    assert_int_equal(count("SELECT count(*) FROM audit_node"), 2);
}

static void two_steps_up_it_is_the_same(void **state)
{
    struct told told;

    (void)state;
    grow_to(TWO_STEPS - 1);
    assert_int_equal(count("SELECT max(level) FROM audit_node"), AUDIT_TREE_STEP);
    grow_to(TWO_STEPS + 300);
    assert_int_equal(count("SELECT count(*) FROM audit_node WHERE level = 16"), 1);
    told = ask(NULL, NULL, NULL);
    assert_root(&told, TWO_STEPS + 300);
    assert_proven(TWO_STEPS, TWO_STEPS + 300);
    assert_proven(TWO_STEPS + 1, TWO_STEPS + 300);
    assert_proven(12345, TWO_STEPS + 300);
}

/* As in a database whose log is older than this table. */
static void what_is_not_kept_is_made_from_below(void **state)
{
    struct told before;
    struct told after;

    (void)state;
    grow_to(1000);
    before = ask(NULL, NULL, NULL);
    execute("DROP TRIGGER audit_node_remove");
    execute("DELETE FROM audit_node");
    after = ask(NULL, NULL, NULL);
    assert_memory_equal(&before.root, &after.root, sizeof after.root);
    assert_proven(999, 1000);
    grow_to(1024);
    assert_int_equal(count("SELECT count(*) FROM audit_node"), 1);
    after = ask(NULL, NULL, NULL);
    assert_root(&after, 1024);
}

static void nobody_changes_what_is_kept(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    grow_to(256);
    assert_int_equal(db_begin(f.db, &txn, NULL), 0);
    assert_true(db_execute(&txn, "UPDATE audit_node SET position = 7", DB_NOTHING, NULL) < 0);
    assert_true(db_execute(&txn, "DELETE FROM audit_node", DB_NOTHING, NULL) < 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_log_has_the_empty_root),      TEST(what_it_does_not_have_is_refused),
        TEST(each_size_has_the_root_of_its_leaves), TEST(two_steps_up_it_is_the_same),
        TEST(what_is_not_kept_is_made_from_below),  TEST(nobody_changes_what_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
