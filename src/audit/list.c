/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log. Each record is hashed again, so that one that was changed is not told as one. */
#include "audit/opening.h"
#include "audit/record.h"
#include "audit/tree.h"

#include "base/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_hash(const struct db_rows *rows, int column, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf blob = BUF_INIT;
    struct digest hash = {.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)};

    TRY(db_blob(rows, column, &blob, err));
    if (blob.len != hash.len)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(hash.value, blob.ptr, hash.len);
    *ret = hash;
    return 0;
}

static int read_record(const struct db_rows *rows, struct record *r, struct err *err)
{
    TRY(db_int(rows, 0, &r->seq, err));
    TRY(db_int(rows, 1, &r->by.at, err));
    TRY(db_text(rows, 2, r->by.actor, sizeof r->by.actor, err));
    TRY(db_text(rows, 3, r->act, sizeof r->act, err));
    TRY(db_text(rows, 4, r->subject, sizeof r->subject, err));
    TRY(read_hash(rows, 5, &r->commitment, err));
    TRY(db_text(rows, 6, r->outcome, sizeof r->outcome, err));
    TRY(db_text(rows, 7, r->by.trace_id, sizeof r->by.trace_id, err));
    return read_hash(rows, 8, &r->leaf, err);
}

/* It has the number that is due, and its leaf is that of what is in it. */
static int check_record(const struct record *r, int64_t expected, struct err *err)
{
    struct digest leaf;

    TRY(record_leaf(r, &leaf, err));
    if (r->seq != expected || !bytes_equal(digest_bytes(&leaf), digest_bytes(&r->leaf)))
        return FAIL(err, ERR_SYSTEM, "record %lld of the audit log is not as it was written",
                    (long long)expected);
    return 0;
}

static int put_hash(struct json *object, const char *key, const struct digest *hash,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, digest_bytes(hash), err));
    return json_put_bytes(object, key, buf_bytes(&hex), err);
}

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static int make_record(const struct record *r, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_int(one, "seq", r->seq, err));
    TRY(json_put_int(one, "at", r->by.at, err));
    TRY(json_put_text(one, "actor", r->by.actor, err));
    TRY(json_put_text(one, "act", r->act, err));
    TRY(json_put_text(one, "subject", r->subject, err));
    TRY(put_hash(one, "commitment", &r->commitment, err));
    TRY(json_put_optional(one, "outcome", text_or_null(r->outcome), err));
    TRY(json_put_optional(one, "trace_id", text_or_null(r->by.trace_id), err));
    TRY(put_hash(one, "leaf", &r->leaf, err));
    *ret = json_steal(&one);
    return 0;
}

#define COLUMNS "seq, at, actor, act, subject, commitment, outcome, trace_id, leaf"

/* The page behind *last, which becomes the number of its last record. */
static int add_page(struct db_txn *txn, struct json *records, int64_t *last, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct record r;
    int rc;

    TRY(db_query(txn, "SELECT " COLUMNS " FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
                 DB_WITH(DB_INT(*last), DB_INT(AUDIT_PAGE_MAX)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct json *one;

        TRY(read_record(&rows, &r, err));
        TRY(check_record(&r, *last + 1, err));
        TRY(make_record(&r, &one, err));
        TRY(json_add(records, one, err));
        *last = r.seq;
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

int audit_list(struct db *db, const char *since, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *records = json_array_new();
    int64_t told = 0;
    int64_t last;

    if (since != NULL)
        TRY(record_number("since", since, &told, err));
    TRY(db_begin_read(db, &txn, err));
    TRY(record_last(&txn, &last, err));
    if (told > last)
        return FAIL(err, ERR_CONFLICT,
                    "since is ahead of the last record: this database is older than what was told "
                    "before");
    TRY(add_page(&txn, records, &told, err));
    TRY(json_put(body, "records", json_steal(&records), err));
    TRY(json_put_int(body, "last", told, err));
    TRY(json_put_bool(body, "more", told < last, err));
    *ret = json_steal(&body);
    return 0;
}

/* ---- one of them ---- */

static int open_record(struct db *db, int64_t seq, struct json *body, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct digest salt;
    struct json *one;
    struct record r;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn, "SELECT " COLUMNS ", salt FROM audit WHERE seq = ?",
                     DB_WITH(DB_INT(seq)), &rows, err));
    TRY(read_record(&rows, &r, err));
    TRY(check_record(&r, seq, err));
    TRY(make_record(&r, &one, err));
    TRY(json_put(body, "record", one, err));
    if (db_is_null(&rows, 9))
        return json_put_null(body, "salt", err);
    TRY(read_hash(&rows, 9, &salt, err));
    return put_hash(body, "salt", &salt, err);
}

int audit_opening(struct db *db, int64_t seq, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct audit_tree_query query = {.size = NULL};
    struct json *tree;
    char number[24];

    TRY(open_record(db, seq, body, err));
    (void)snprintf(number, sizeof number, "%lld", (long long)seq);
    query.record = number;
    TRY(audit_tree(db, &query, &tree, err));
    TRY(json_put(body, "tree", tree, err));
    *ret = json_steal(&body);
    return 0;
}
