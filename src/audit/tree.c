/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tree.h"

#include "audit/follow.h"
#include "audit/record.h"
#include "base/hex.h"

#include <string.h>

const char audit_tree_schema_v1[] =
    "CREATE TABLE audit_node ("
    " level INTEGER NOT NULL CHECK (level > 0),"
    " position INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32),"
    " PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID;"

    "CREATE TRIGGER audit_node_change BEFORE UPDATE ON audit_node"
    " BEGIN SELECT RAISE(ABORT, 'a hash of the audit log cannot be changed'); END;"

    "CREATE TRIGGER audit_node_remove BEFORE DELETE ON audit_node"
    " BEGIN SELECT RAISE(ABORT, 'a hash of the audit log cannot be removed'); END;";

enum { STEP = AUDIT_TREE_STEP, BELOW_STEP = 1 << STEP };

static int read_node(const struct db_rows *rows, struct merkle_hash *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;

    TRY(db_blob(rows, 0, &hash, err));
    if (hash.len != sizeof ret->value)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(ret->value, hash.ptr, sizeof ret->value);
    return 0;
}

/* One that is kept; ERR_ABSENT if it is not. */
static int find_node(struct db_txn *txn, unsigned level, uint64_t index, struct merkle_hash *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT hash FROM audit_node WHERE level = ? AND position = ?",
                     DB_WITH(DB_INT(level), DB_INT(index)), &rows, err));
    return read_node(&rows, ret, err);
}

/* So many leaves from the index-th on, which are there. */
static int add_leaves(struct db_txn *txn, uint64_t index, uint64_t count,
                      struct merkle_frontier *frontier, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct merkle_hash leaf;

    TRY(db_query(txn, "SELECT leaf FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
                 DB_WITH(DB_INT(index), DB_INT(count)), &rows, err));
    for (uint64_t i = 0; i < count; i++) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return FAIL(err, ERR_SYSTEM, "records of the audit log are missing");
        TRY(rc);
        TRY(read_node(&rows, &leaf, err));
        TRY(merkle_add(frontier, &leaf, err));
    }
    return 0;
}

static int kept(struct db_txn *txn, unsigned level, uint64_t index, struct merkle_hash *ret,
                struct err *err);

/* A complete subtree out of the kept level below it, or of leaves: 2^(level - below) of them. */
static int combine(struct db_txn *txn, unsigned level, unsigned below, uint64_t index,
                   struct merkle_hash *ret, struct err *err)
{
    struct merkle_frontier frontier = {0};
    uint64_t count = (uint64_t)1 << (level - below);

    if (below == 0) {
        TRY(add_leaves(txn, index * count, count, &frontier, err));
        return merkle_frontier_root(&frontier, ret, err);
    }
    for (uint64_t i = 0; i < count; i++) {
        struct merkle_hash child;

        TRY(kept(txn, below, index * count + i, &child, err));
        TRY(merkle_add(&frontier, &child, err));
    }
    return merkle_frontier_root(&frontier, ret, err);
}

/* On a level whose hashes are kept. A database of before has none: then from below. */
static int kept(struct db_txn *txn, unsigned level, uint64_t index, struct merkle_hash *ret,
                struct err *err)
{
    int rc = find_node(txn, level, index, ret, err);

    return rc == -ERR_ABSENT ? combine(txn, level, level - STEP, index, ret, err) : rc;
}

static int subtree(void *context, unsigned level, uint64_t index, struct merkle_hash *ret,
                   struct err *err)
{
    if (level > 0 && level % STEP == 0)
        return kept(context, level, index, ret, err);
    return combine(context, level, level / STEP * STEP, index, ret, err);
}

int audit_tree_extend(struct db_txn *txn, int64_t seq, struct err *err)
{
    uint64_t complete = (uint64_t)seq;

    for (unsigned level = STEP; complete % BELOW_STEP == 0; level += STEP) {
        struct merkle_hash hash;

        complete /= BELOW_STEP;
        TRY(combine(txn, level, level - STEP, complete - 1, &hash, err));
        TRY(db_execute(
            txn, "INSERT INTO audit_node (level, position, hash) VALUES (?, ?, ?)",
            DB_WITH(DB_INT(level), DB_INT(complete - 1), DB_BLOB(BYTES_ARRAY(hash.value))), err));
    }
    return 0;
}

/* ---- answers ---- */

static int put_proof(struct json *object, const char *key, const struct merkle_proof *proof,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *hashes = json_array_new();

    for (size_t i = 0; i < proof->count; i++) {
        CLEANUP(buf_done) struct buf hex = BUF_INIT;
        const char *text;

        TRY(hex_append(&hex, BYTES_ARRAY(proof->at[i].value), err));
        TRY(buf_text(&hex, &text, err));
        TRY(json_add_text(hashes, text, err));
    }
    return json_put(object, key, json_steal(&hashes), err);
}

/* A number that the log has: from 1 to most. */
static int read_number(const char *name, const char *text, int64_t most, int64_t *ret,
                       struct err *err)
{
    int64_t number;

    TRY(record_number(name, text, &number, err));
    if (number < 1)
        return FAIL(err, ERR_INPUT, "%s counts from 1", name);
    if (number > most)
        return FAIL(err, ERR_CONFLICT, "%s is ahead of the log, which has %lld records here", name,
                    (long long)most);
    *ret = number;
    return 0;
}

static int put_inclusion(const struct merkle_source *source, const char *record, int64_t size,
                         struct json *body, struct err *err)
{
    struct merkle_proof proof;
    int64_t seq;

    if (record == NULL)
        return 0;
    TRY(read_number("record", record, size, &seq, err));
    TRY(merkle_prove_inclusion(source, (uint64_t)seq - 1, (uint64_t)size, &proof, err));
    return put_proof(body, "inclusion", &proof, err);
}

static int put_consistency(const struct merkle_source *source, const char *since, int64_t size,
                           struct json *body, struct err *err)
{
    struct merkle_proof proof;
    int64_t first;

    if (since == NULL)
        return 0;
    TRY(read_number("since", since, size, &first, err));
    TRY(merkle_prove_consistency(source, (uint64_t)first, (uint64_t)size, &proof, err));
    return put_proof(body, "consistency", &proof, err);
}

int audit_tree_root(struct db *db, int64_t *ret_size, struct merkle_hash *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct merkle_source source = {subtree, &txn};

    TRY(db_begin_read(db, &txn, err));
    TRY(record_last(&txn, ret_size, err));
    return merkle_root(&source, (uint64_t)*ret_size, ret, err);
}

int audit_tree(struct db *db, const struct audit_tree_query *query, struct json **ret,
               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct merkle_source source = {subtree, &txn};
    struct merkle_hash root;
    int64_t size;

    TRY(db_begin_read(db, &txn, err));
    TRY(record_last(&txn, &size, err));
    if (query->size != NULL)
        TRY(read_number("size", query->size, size, &size, err));
    TRY(merkle_root(&source, (uint64_t)size, &root, err));
    TRY(json_put_int(body, "size", size, err));
    TRY(audit_put_hash(body, "root", &root, err));
    TRY(put_inclusion(&source, query->record, size, body, err));
    TRY(put_consistency(&source, query->since, size, body, err));
    *ret = json_steal(&body);
    return 0;
}
