/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation feeds in SQLite. */
#include "authority/feed/store.h"

#include "authority/acts.h"
#include "authority/store_sqlite.h"
#include "authority/usage/usage.h"
#include "base/caltime.h"

enum { PART_BYTES = 512 * 1024 };

int authority_take_feed_edition(struct authority_store *store, enum ca_kind kind, uint32_t *ret,
                                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t edition;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "INSERT INTO feed_edition VALUES (?, 1)"
                     " ON CONFLICT (kind) DO UPDATE SET last = last + 1 RETURNING last",
                     DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err));
    TRY(db_int(&rows, 0, &edition, err));
    db_rows_done(&rows);
    if (edition > UINT32_MAX)
        return FAIL(err, ERR_SYSTEM, "the feed of the %s CA has no editions left",
                    ca_kind_name(kind));
    TRY(db_commit(&txn, err));
    *ret = (uint32_t)edition;
    return 0;
}

static int add_parts(struct db_txn *txn, enum ca_kind kind, const struct feed_item *item,
                     struct err *err)
{
    for (size_t at = 0; at < item->whole.len; at += PART_BYTES)
        TRY(db_execute(txn, "INSERT INTO feed_part VALUES (?, ?, ?, ?)",
                       DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(item->head.edition),
                               DB_INT(at / PART_BYTES),
                               DB_BLOB(bytes_part(item->whole, at, PART_BYTES))),
                       err));
    return 0;
}

/* The snapshots before this one, as to their bytes, and whatever nobody can be at any more. */
static int forget_old(struct db_txn *txn, struct feed_id feed, const struct feed_item *snapshot,
                      struct err *err)
{
    const char *name = ca_kind_name(feed.kind);
    int64_t before = snapshot->head.this_update - FEED_KEEP_S;

    TRY(db_execute(txn,
                   "DELETE FROM feed_part WHERE kind = ?1 AND edition < ?2 AND edition IN"
                   " (SELECT edition FROM feed_item WHERE kind = ?1 AND generation = ?4"
                   "  AND (from_digest IS NULL OR this_update < ?3))",
                   DB_WITH(DB_TEXT(name), DB_INT(snapshot->head.edition), DB_INT(before),
                           DB_INT(feed.generation)),
                   err));
    return db_execute(txn,
                      "DELETE FROM feed_item WHERE kind = ?1 AND edition < ?2 AND this_update < ?3"
                      " AND generation = ?4",
                      DB_WITH(DB_TEXT(name), DB_INT(snapshot->head.edition), DB_INT(before),
                              DB_INT(feed.generation)),
                      err);
}

static int replace_snapshot(struct db_txn *txn, struct feed_id feed, const struct feed_item *item,
                            const struct audit_origin *by, struct err *err)
{
    const char *name = ca_kind_name(feed.kind);
    const struct audit_event event = {&authority_acts[ACT_FEED_SNAPSHOT], bytes_text(name), name};

    TRY(forget_old(txn, feed, item, err));
    return audit_append(txn, by, &event, err);
}

int authority_add_feed_item(struct authority_store *store, struct feed_id feed,
                            const struct feed_item *item, const struct audit_origin *by,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct feed_head *head = &item->head;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO feed_item VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(ca_kind_name(feed.kind)), DB_INT(head->edition),
                           head->is_delta ? DB_BLOB(head->from.digest) : DB_NULL,
                           DB_BLOB(head->to.digest), DB_INT(head->this_update),
                           DB_INT(feed.generation)),
                   err));
    TRY(add_parts(&txn, feed.kind, item, err));
    if (!head->is_delta)
        TRY(replace_snapshot(&txn, feed, item, by, err));
    TRY(db_commit(&txn, err));
    http_bell_ring(&store->changes);
    return 0;
}

static int read_parts(struct db_txn *txn, enum ca_kind kind, int64_t edition, struct buf *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn, "SELECT bytes FROM feed_part WHERE kind = ? AND edition = ? ORDER BY part",
                 DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(edition)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(buf_done) struct buf part = BUF_INIT;

        TRY(db_blob(&rows, 0, &part, err));
        TRY(buf_append(ret, buf_bytes(&part), err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int last_snapshot(struct db_txn *txn, struct feed_id feed, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT edition FROM feed_item WHERE kind = ? AND generation = ?"
                          " AND from_digest IS NULL ORDER BY edition DESC LIMIT 1",
                          DB_WITH(DB_TEXT(ca_kind_name(feed.kind)), DB_INT(feed.generation)), &rows,
                          err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no feed of the %s CA", ca_kind_name(feed.kind));
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

int authority_get_feed_snapshot(struct authority_store *store, struct feed_id feed,
                                uint32_t *ret_edition, struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int64_t edition;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(last_snapshot(&txn, feed, &edition, err));
    if (ret != NULL)
        TRY(read_parts(&txn, feed.kind, edition, &der, err));
    *ret_edition = (uint32_t)edition;
    if (ret != NULL)
        buf_move(ret, &der);
    return 0;
}

/* Where one stands on the way. */
struct stop {
    int64_t edition;
    struct buf digest; /* of the state */
};

static void stop_done(struct stop *stop)
{
    buf_done(&stop->digest);
}

static int find_stop(struct db_txn *txn, struct feed_id feed, struct stop *stop, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn, "SELECT to_digest FROM feed_item WHERE kind = ? AND edition = ? AND generation = ?",
        DB_WITH(DB_TEXT(ca_kind_name(feed.kind)), DB_INT(stop->edition), DB_INT(feed.generation)),
        &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT,
                    "nothing is known of this edition any more: take the snapshot");
    TRY(rc);
    return db_blob(&rows, 0, &stop->digest, err);
}

/* The delta that leads furthest from there; ERR_ABSENT at the end of the way. */
static int next_stop(struct db_txn *txn, struct feed_id feed, struct stop *stop, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT edition, to_digest FROM feed_item"
                     " WHERE kind = ? AND from_digest = ? AND edition > ? AND generation = ?"
                     " ORDER BY edition DESC LIMIT 1",
                     DB_WITH(DB_TEXT(ca_kind_name(feed.kind)), DB_BLOB(buf_bytes(&stop->digest)),
                             DB_INT(stop->edition), DB_INT(feed.generation)),
                     &rows, err));
    TRY(db_int(&rows, 0, &stop->edition, err));
    buf_done(&stop->digest);
    return db_blob(&rows, 1, &stop->digest, err);
}

/* Whether that state is what is told now. Else the feed has begun anew since. */
static int check_is_last(struct db_txn *txn, struct feed_id feed, const struct stop *stop,
                         struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf digest = BUF_INIT;

    TRY(db_query_one(txn,
                     "SELECT to_digest FROM feed_item WHERE kind = ? AND generation = ?"
                     " ORDER BY edition DESC LIMIT 1",
                     DB_WITH(DB_TEXT(ca_kind_name(feed.kind)), DB_INT(feed.generation)), &rows,
                     err));
    TRY(db_blob(&rows, 0, &digest, err));
    if (!bytes_equal(buf_bytes(&digest), buf_bytes(&stop->digest)))
        return FAIL(err, ERR_ABSENT, "the feed has begun anew: take the snapshot");
    return 0;
}

int authority_list_feed_deltas(struct authority_store *store, struct feed_id feed, uint32_t since,
                               struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(stop_done) struct stop stop = {since, BUF_INIT};
    CLEANUP(buf_done) struct buf items = BUF_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find_stop(&txn, feed, &stop, err));
    for (;;) {
        CLEANUP(buf_done) struct buf item = BUF_INIT;
        int rc = next_stop(&txn, feed, &stop, err);

        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        TRY(read_parts(&txn, feed.kind, stop.edition, &item, err));
        if (items.len > 0 && items.len + item.len > FEED_DELTAS_MAX)
            break;
        TRY(buf_append(&items, buf_bytes(&item), err));
    }
    if (items.len == 0)
        TRY(check_is_last(&txn, feed, &stop, err));
    buf_move(ret, &items);
    return 0;
}

int authority_first_alive(struct authority_store *store, const struct alive_query *query,
                          uint32_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT serial FROM certificate WHERE kind = ? AND serial BETWEEN ? AND ?"
                     " AND generation = ? AND not_after >= ? ORDER BY serial LIMIT 1",
                     DB_WITH(DB_TEXT(ca_kind_name(query->kind)), DB_INT(query->from),
                             DB_INT(query->to), DB_INT(query->generation), DB_INT(query->now)),
                     &rows, err));
    TRY(db_int(&rows, 0, &serial, err));
    *ret = (uint32_t)serial;
    return 0;
}

/* How many there were today in Japan; 0 if nothing was counted. */
static int count_today(struct db_txn *txn, const char *party, enum usage_item item, int64_t at,
                       int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(at, JST_OFFSET_SECONDS).date, day);
    TRY(db_query_one(txn,
                     "SELECT coalesce(sum(count), 0) FROM usage"
                     " WHERE party = ? AND day = ? AND item = ?",
                     DB_WITH(DB_TEXT(party), DB_TEXT(day), DB_TEXT(usage_items[item])), &rows,
                     err));
    return db_int(&rows, 0, ret, err);
}

int authority_count_snapshot(struct authority_store *store, const char *party, enum ca_kind kind,
                             const struct audit_origin *by, struct err *err)
{
    enum usage_item item = kind == CA_SIGN ? USAGE_SIGN_LIST : USAGE_AUTH_LIST;
    const struct audit_event event = {&authority_acts[ACT_FEED_FETCHED],
                                      bytes_text(ca_kind_name(kind)), ca_kind_name(kind)};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t before;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_today(&txn, party, item, by->at, &before, err));
    if (before >= FEED_SNAPSHOTS_MAX)
        return FAIL(err, ERR_REMOTE, "%d snapshots on one day are enough; fetch deltas",
                    FEED_SNAPSHOTS_MAX);
    TRY(usage_add(&txn, party, by->at, item, 1, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
