/* SPDX-License-Identifier: Apache-2.0 */
/* What was issued: for who holds the paper, and what the municipality is owed. */
#include "base/hex.h"
#include "portal/kiosk/order.h"

static int put_hash(const struct db_rows *rows, int column, struct json *body, struct err *err)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    TRY(db_blob(rows, column, &hash, err));
    TRY(hex_append(&hex, buf_bytes(&hash), err));
    TRY(buf_text(&hex, &text, err));
    return json_put_text(body, "sha256", text, err);
}

int kiosk_issued_get(struct db *db, const char *number, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    int64_t issued_at, is_void;
    char kind[32];
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT kind, issued_at, is_void, hash FROM kiosk_issued WHERE number = ?",
                      DB_WITH(DB_TEXT(number)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no certificate of this number was issued here");
    TRY(rc);
    TRY(db_text(&rows, 0, kind, sizeof kind, err));
    TRY(db_int(&rows, 1, &issued_at, err));
    TRY(db_int(&rows, 2, &is_void, err));
    TRY(json_put_text(body, "number", number, err));
    TRY(json_put_text(body, "kind", kind, err));
    TRY(json_put_int(body, "issued_at", issued_at, err));
    TRY(json_put_bool(body, "is_void", is_void != 0, err));
    TRY(put_hash(&rows, 3, body, err));
    *ret = json_steal(&body);
    return 0;
}

static int put_sum(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    int64_t count, fees;
    char kind[32];

    TRY(db_text(rows, 0, kind, sizeof kind, err));
    TRY(db_int(rows, 1, &count, err));
    TRY(db_int(rows, 2, &fees, err));
    TRY(json_put_text(item, "kind", kind, err));
    TRY(json_put_int(item, "count", count, err));
    TRY(json_put_int(item, "fees", fees, err));
    return json_add(list, json_steal(&item), err);
}

int kiosk_issued_sum(struct db *db, const char *municipality, int64_t from, int64_t until,
                     struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(
        &txn,
        "SELECT kind, count(*), sum(fee) FROM kiosk_issued WHERE municipality = ?"
        " AND issued_at >= ? AND issued_at < ? AND is_void = 0 GROUP BY kind ORDER BY kind",
        DB_WITH(DB_TEXT(municipality), DB_INT(from), DB_INT(until)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_sum(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}
