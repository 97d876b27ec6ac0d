/* SPDX-License-Identifier: Apache-2.0 */
/* What is charged for, in SQLite. */
#include "authority/usage/usage.h"

#include "authority/acts.h"
#include "authority/store_sqlite.h"

#include <stdio.h>
#include <string.h>

static const enum usage_item checks[CA_KINDS_] = {
    [CA_SIGN] = USAGE_SIGN_CHECK,
    [CA_AUTH] = USAGE_AUTH_CHECK,
};

int usage_add(struct db_txn *txn, const char *party, int64_t at, enum usage_item item,
              int64_t count, struct err *err)
{
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(at, JST_OFFSET_SECONDS).date, day);
    return db_execute(
        txn,
        "INSERT INTO usage (party, day, item, count) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (party, day, item) DO UPDATE SET count = count + excluded.count",
        DB_WITH(DB_TEXT(party), DB_TEXT(day), DB_TEXT(usage_items[item]), DB_INT(count)), err);
}

static int fail_old(struct err *err)
{
    return FAIL(err, ERR_CONFLICT, "this meter, or this database, is an old copy of itself");
}

static int hash_number(struct digest_stream *stream, int64_t number, struct err *err)
{
    uint8_t octets[8];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
    return digest_add(stream, BYTES_ARRAY(octets), err);
}

/* Names are followed by a zero octet, numbers take eight: no two batches look alike. */
static int hash_batch(const struct usage_batch *batch, struct digest *ret, struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    for (size_t i = 0; i < batch->count; i++) {
        const struct usage_total *total = &batch->totals[i];

        TRY(digest_add(stream, bytes_of(total->party, strlen(total->party) + 1), err));
        TRY(hash_number(stream, total->kind, err));
        TRY(hash_number(stream, total->total, err));
    }
    return digest_end(stream, ret, err);
}

/* Whether a batch was counted before; a meter's number only grows. */
static int find_batch(struct db_txn *txn, const struct usage_batch *batch,
                      const struct digest *digest, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf known = BUF_INIT;
    int64_t number;
    int rc = db_query_one(txn, "SELECT number, digest FROM meter WHERE id = ?",
                          DB_WITH(DB_TEXT(batch->meter)), &rows, err);

    *ret = false;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_int(&rows, 0, &number, err));
    TRY(db_blob(&rows, 1, &known, err));
    if (batch->number > number)
        return 0;
    if (batch->number < number || !bytes_equal(buf_bytes(&known), digest_bytes(digest)))
        return fail_old(err);
    *ret = true;
    return 0;
}

static int known_total(struct db_txn *txn, const char *meter, const struct usage_total *total,
                       int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT total FROM meter_total WHERE meter = ? AND party = ?"
        " AND kind = ?",
        DB_WITH(DB_TEXT(meter), DB_TEXT(total->party), DB_TEXT(ca_kind_name(total->kind))), &rows,
        err);

    *ret = 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

static int count_total(struct db_txn *txn, const char *meter, const struct usage_total *total,
                       int64_t at, struct err *err)
{
    int64_t known;
    int rc;

    TRY(known_total(txn, meter, total, &known, err));
    if (total->total < known)
        return fail_old(err);
    if (total->total == known)
        return 0;
    rc = usage_add(txn, total->party, at, checks[total->kind], total->total - known, err);
    if (rc == -ERR_CONFLICT)
        return fail_old(err);
    TRY(rc);
    return db_execute(txn,
                      "INSERT INTO meter_total VALUES (?, ?, ?, ?)"
                      " ON CONFLICT (meter, party, kind) DO UPDATE SET total = excluded.total",
                      DB_WITH(DB_TEXT(meter), DB_TEXT(total->party),
                              DB_TEXT(ca_kind_name(total->kind)), DB_INT(total->total)),
                      err);
}

int authority_count_usage(struct authority_store *store, const struct usage_batch *batch,
                          const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_USAGE_COUNTED], bytes_text(batch->meter),
                                      NULL};
    struct digest digest;
    bool is_known;

    TRY(hash_batch(batch, &digest, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(find_batch(&txn, batch, &digest, &is_known, err));
    *ret_is_new = !is_known;
    if (is_known)
        return 0;
    TRY(db_execute(
        &txn,
        "INSERT INTO meter VALUES (?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET number = excluded.number, digest = excluded.digest",
        DB_WITH(DB_TEXT(batch->meter), DB_INT(batch->number), DB_BLOB(digest_bytes(&digest))),
        err));
    for (size_t i = 0; i < batch->count; i++)
        TRY(count_total(&txn, batch->meter, &batch->totals[i], by->at, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* A line of a statement: what was used at one price, on consecutive days or not. */
struct line {
    char party[VERIFIER_NAME_MAX + 1];
    enum usage_item item;
    int64_t yen, count;
};

static int read_used(const struct db_rows *rows, const struct fees *fees, struct line *ret,
                     struct err *err)
{
    char item[16];
    char day[CALTIME_TEXT_SIZE];
    struct caldate date;
    unsigned i = 0;

    TRY(db_text(rows, 0, ret->party, sizeof ret->party, err));
    TRY(db_text(rows, 1, item, sizeof item, err));
    TRY(db_text(rows, 2, day, sizeof day, err));
    TRY(db_int(rows, 3, &ret->count, err));
    while (i < USAGE_ITEMS_ && strcmp(usage_items[i], item) != 0)
        i++;
    if (i == USAGE_ITEMS_)
        return FAIL(err, ERR_SYSTEM, "the database has usage of an unknown item");
    ret->item = (enum usage_item)i;
    TRY(caldate_parse_iso(day, &date, err));
    return fees_price(fees, ret->item, date, &ret->yen, err);
}

/* A statement in the making: of one verifier. */
struct statement {
    struct json *lines;
    struct line line; /* count 0: none yet */
    int64_t total;
};

static int close_line(struct statement *statement, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;
    struct line *line = &statement->line;

    if (line->count == 0)
        return 0;
    object = json_object_new();
    TRY(json_put_text(object, "item", usage_items[line->item], err));
    TRY(json_put_int(object, "count", line->count, err));
    TRY(json_put_int(object, "yen_each", line->yen, err));
    TRY(json_put_int(object, "yen", line->count * line->yen, err));
    statement->total += line->count * line->yen;
    line->count = 0;
    return json_add(statement->lines, json_steal(&object), err);
}

static int close_statement(struct statement *statement, const char *party, struct json *list,
                           struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    TRY(close_line(statement, err));
    if (json_count(statement->lines) == 0)
        return 0;
    object = json_object_new();
    TRY(json_put_text(object, "verifier", party, err));
    TRY(json_put(object, "lines", json_steal(&statement->lines), err));
    TRY(json_put_int(object, "yen", statement->total, err));
    statement->lines = json_array_new();
    statement->total = 0;
    return json_add(list, json_steal(&object), err);
}

static int add_used(struct statement *statement, const struct line *used, struct json *list,
                    struct err *err)
{
    struct line *line = &statement->line;

    if (line->party[0] != '\0' && strcmp(line->party, used->party) != 0)
        TRY(close_statement(statement, line->party, list, err));
    else if (line->item != used->item || line->yen != used->yen)
        TRY(close_line(statement, err));
    if (line->count == 0)
        *line = *used;
    else
        line->count += used->count;
    return 0;
}

static void statement_done(struct statement *statement)
{
    json_free(statement->lines);
}

static int put_statements(struct db_txn *txn, const struct fees *fees, const char *month,
                          const char *party, struct json *list, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(statement_done) struct statement statement = {.lines = json_array_new()};
    struct line used = {.count = 0};

    TRY(db_query(txn,
                 "SELECT party, item, day, count FROM usage WHERE substr(day, 1, 7) = ?1"
                 " AND (?2 IS NULL OR party = ?2) ORDER BY party, item, day",
                 DB_WITH(DB_TEXT(month), DB_TEXT(party)), &rows, err));
    for (;;) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return close_statement(&statement, used.party, list, err);
        TRY(rc);
        TRY(read_used(&rows, fees, &used, err));
        TRY(add_used(&statement, &used, list, err));
    }
}

int authority_statements(struct authority_store *store, const struct fees *fees, const char *month,
                         const char *party, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    TRY(db_begin_read(store->db, &txn, err));
    TRY(put_statements(&txn, fees, month, party, list, err));
    TRY(json_put_text(body, "month", month, err));
    TRY(json_put(body, "statements", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}

/* One day and item of one verifier, at its price. */
static int put_day(const struct db_rows *rows, const struct fees *fees, struct json *list,
                   struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char day[CALTIME_TEXT_SIZE];
    struct line used;

    TRY(read_used(rows, fees, &used, err));
    TRY(db_text(rows, 2, day, sizeof day, err));
    TRY(json_put_text(object, "day", day, err));
    TRY(json_put_text(object, "item", usage_items[used.item], err));
    TRY(json_put_int(object, "count", used.count, err));
    TRY(json_put_int(object, "yen_each", used.yen, err));
    return json_add(list, json_steal(&object), err);
}

int authority_used_days(struct authority_store *store, const struct fees *fees, const char *month,
                        const char *party, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT party, item, day, count FROM usage WHERE substr(day, 1, 7) = ?"
                 " AND party = ? ORDER BY day, item",
                 DB_WITH(DB_TEXT(month), DB_TEXT(party)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_day(&rows, fees, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(json_put_text(body, "month", month, err));
    TRY(json_put(body, "days", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}
