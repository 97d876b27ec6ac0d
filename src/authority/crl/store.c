/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations in SQLite. */
#include "authority/store_sqlite.h"

#include "authority/authority.h"

#include <stdlib.h>

enum { ASSIGN_BATCH = 256 };

/* The id of a list, made if it is new. */
static int have_crl(struct db_txn *txn, enum ca_kind kind, unsigned generation,
                    const struct crl_point *point, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char name[CRL_NAME_MAX + 1];

    TRY(generation_name(point->name, generation, name, sizeof name, err));
    TRY(db_execute(txn,
                   "INSERT INTO crl (kind, generation, point, name) VALUES (?, ?, ?, ?)"
                   " ON CONFLICT (kind, generation, point) DO NOTHING",
                   DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(generation),
                           DB_BLOB(buf_bytes(&point->point)), DB_TEXT(name)),
                   err));
    TRY(db_query_one(
        txn, "SELECT id FROM crl WHERE kind = ? AND generation = ? AND point = ?",
        DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(generation), DB_BLOB(buf_bytes(&point->point))),
        &rows, err));
    return db_int(&rows, 0, ret, err);
}

int authority_add_crl(struct authority_store *store, enum ca_kind kind, unsigned generation,
                      const struct crl_point *point, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t id;

    TRY(db_begin(store->db, &txn, err));
    TRY(have_crl(&txn, kind, generation, point, &id, err));
    return db_commit(&txn, err);
}

/* A certificate that was not looked at yet; ERR_ABSENT if there is none. */
static int next_pointless(struct db_txn *txn, enum ca_kind kind, int64_t *ret_serial,
                          int64_t *ret_generation, struct buf *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT serial, generation, certificate FROM certificate WHERE kind = ?"
                     " AND point IS NULL AND certificate IS NOT NULL ORDER BY serial LIMIT 1",
                     DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err));
    TRY(db_int(&rows, 0, ret_serial, err));
    TRY(db_int(&rows, 1, ret_generation, err));
    return db_blob(&rows, 2, ret, err);
}

static int assign_one(struct db_txn *txn, enum ca_kind kind,
                      int (*find)(enum ca_kind kind, struct bytes certificate,
                                  struct crl_point *ret, struct err *err),
                      struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl_point point = {.point = BUF_INIT};
    int64_t serial;
    int64_t generation;
    int64_t id = 0;
    int rc;

    TRY(next_pointless(txn, kind, &serial, &generation, &der, err));
    rc = find(kind, buf_bytes(&der), &point, err);
    if (rc == 0)
        rc = have_crl(txn, kind, (unsigned)generation, &point, &id, err);
    buf_done(&point.point);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    return db_execute(txn, "UPDATE certificate SET point = ? WHERE kind = ? AND serial = ?",
                      DB_WITH(DB_INT(id), DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), err);
}

int authority_assign_points(struct authority_store *store,
                            int (*find)(enum ca_kind kind, struct bytes certificate,
                                        struct crl_point *ret, struct err *err),
                            struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        int rc = 0;

        /* In parts, so that issuing need not wait for all of it. */
        while (rc == 0) {
            CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

            TRY(crl_work_step(&store->work, 0, err));
            TRY(db_begin(store->db, &txn, err));
            for (unsigned i = 0; rc == 0 && i < ASSIGN_BATCH; i++)
                rc = assign_one(&txn, (enum ca_kind)kind, find, err);
            if (rc < 0 && rc != -ERR_ABSENT)
                return rc;
            TRY(db_commit(&txn, err));
        }
    }
    return 0;
}

int authority_next_crl(struct authority_store *store, int64_t above, struct crl_record *ret,
                       struct buf *ret_point, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct crl_record record;
    int64_t seen;
    int64_t generation;
    char kind[8];

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT id, kind, name, number, this_update, next_update, entries, seen,"
                     " coalesce(file, 0), generation, point"
                     " FROM crl WHERE id > ? ORDER BY id LIMIT 1",
                     DB_WITH(DB_INT(above)), &rows, err));
    TRY(db_int(&rows, 0, &record.id, err));
    TRY(db_text(&rows, 1, kind, sizeof kind, err));
    TRY(ca_kind_from_name(kind, &record.kind, err));
    TRY(db_text(&rows, 2, record.name, sizeof record.name, err));
    TRY(db_int(&rows, 3, &record.number, err));
    TRY(db_int(&rows, 4, &record.this_update, err));
    TRY(db_int(&rows, 5, &record.next_update, err));
    TRY(db_int(&rows, 6, &record.entries, err));
    TRY(db_int(&rows, 7, &seen, err));
    record.seen = (uint64_t)seen;
    TRY(db_int(&rows, 8, &record.file, err));
    TRY(db_int(&rows, 9, &generation, err));
    record.generation = (unsigned)generation;
    if (ret_point != NULL)
        TRY(db_blob(&rows, 10, ret_point, err));
    *ret = record;
    return 0;
}

/*
 * A revocation that is not in its list yet is behind the oldest seen, which is a day old at most:
 * few are looked at, each in its row of an index, whatever SQLite thinks of other orders.
 */
#define IS_LIVE     "generation > CASE kind WHEN 'sign' THEN ?4 ELSE ?5 END"
#define OLDEST_SEEN "(SELECT min(seen) FROM crl WHERE " IS_LIVE ")"
static const char due_sql[] =
    "SELECT id FROM crl WHERE " IS_LIVE " AND (number = 0 OR this_update < ?1 OR this_update > ?2"
    " OR (?3 AND id IN (SELECT l.id FROM"
    "  (SELECT number, kind, serial FROM revocation WHERE number > " OLDEST_SEEN "   UNION ALL"
    "   SELECT number, kind, serial FROM overtaken_event WHERE number > " OLDEST_SEEN ") AS r"
    "  CROSS JOIN certificate AS c INDEXED BY certificate_status"
    "   ON c.kind = +r.kind AND c.serial = +r.serial"
    "  CROSS JOIN crl AS l ON l.id = c.point"
    "   OR (l.kind = c.kind AND l.generation = c.generation AND l.point = x'')"
    "  WHERE r.number > l.seen)))"
    " ORDER BY id";

static int count_crls(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM crl", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int read_due(struct db_txn *txn, const struct crl_due *due, struct crl_ids *ids,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn, due_sql,
                 DB_WITH(DB_INT(due->planned), DB_INT(due->now), DB_INT(due->is_changed_enough),
                         DB_INT(due->over[CA_SIGN]), DB_INT(due->over[CA_AUTH])),
                 &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(db_int(&rows, 0, &ids->ids[ids->count++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int authority_list_due(struct authority_store *store, const struct crl_due *due,
                       struct crl_ids *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct crl_ids ids = {NULL, 0};
    int64_t count;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(count_crls(&txn, &count, err));
    ids.ids = calloc((size_t)count + 1, sizeof *ids.ids);
    if (ids.ids == NULL)
        return FAIL_NOMEM(err);
    rc = read_due(&txn, due, &ids, err);
    if (rc < 0)
        free(ids.ids);
    else
        *ret = ids;
    return rc;
}

static int take_number(struct db_txn *txn, enum ca_kind kind, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "INSERT INTO crl_number VALUES (?, 1)"
                     " ON CONFLICT (kind) DO UPDATE SET last = last + 1 RETURNING last",
                     DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int authority_take_crl_number(struct authority_store *store, enum ca_kind kind, uint64_t *ret,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t number;

    TRY(db_begin(store->db, &txn, err));
    TRY(take_number(&txn, kind, &number, err));
    TRY(db_commit(&txn, err));
    *ret = (uint64_t)number;
    return 0;
}

int authority_last_event(struct authority_store *store, uint64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return revocation_last_number(&txn, ret, err);
}

static int read_listed(const struct db_rows *rows, struct listed *ret, struct err *err)
{
    struct listed listed;
    int64_t serial;
    int64_t reason;

    TRY(db_int(rows, 0, &serial, err));
    TRY(db_int(rows, 1, &listed.entry.at, err));
    TRY(db_int(rows, 2, &reason, err));
    TRY(db_int(rows, 3, &listed.crl, err));
    TRY(db_int(rows, 4, &listed.not_after, err));
    listed.entry.serial = (uint32_t)serial;
    listed.entry.reason = (enum crl_reason)reason;
    *ret = listed;
    return 0;
}

/*
 * A hold that became final meanwhile has a later number and its old date. The "+" keep SQLite from
 * walking all certificates behind a number for each revocation.
 */
static const char listed_sql[] =
    "SELECT r.serial, r.revoked_at, r.reason, coalesce(c.point, 0), c.not_after"
    " FROM revocation AS r CROSS JOIN certificate AS c INDEXED BY certificate_status"
    "  ON c.kind = +r.kind AND c.serial = +r.serial"
    " WHERE r.kind = ?1 AND r.serial > ?2 AND c.generation = ?5"
    " AND (r.number <= ?3 OR EXISTS (SELECT 1 FROM overtaken_event AS o"
    "  WHERE o.kind = r.kind AND o.serial = r.serial AND o.number <= ?3))"
    " ORDER BY r.serial LIMIT ?4";

int authority_list_entries(struct authority_store *store, const struct listed_query *query,
                           struct listed_page *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn, listed_sql,
                 DB_WITH(DB_TEXT(ca_kind_name(query->kind)), DB_INT(query->above),
                         DB_INT(query->seen), DB_INT(LISTED_PAGE), DB_INT(query->generation)),
                 &rows, err));
    for (ret->count = 0; ret->count < LISTED_PAGE; ret->count++) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(read_listed(&rows, &ret->entries[ret->count], err));
    }
    return 0;
}

int authority_was_over(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                       int64_t at, bool *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t not_after = INT64_MAX;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT not_after FROM certificate INDEXED BY certificate_status"
                      " WHERE kind = ? AND serial = ?",
                      DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err);
    if (rc == 0)
        rc = db_int(&rows, 0, &not_after, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = not_after < at;
    return 0;
}
