/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations in SQLite. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"

#include <stdlib.h>
#include <string.h>

enum { ASSIGN_BATCH = 256, LIST_FIRST = 64, PART_BYTES = 512 * 1024 };

/* The id of a list, made if it is new. */
static int have_crl(struct db_txn *txn, enum ca_kind kind, const struct crl_point *point,
                    int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_execute(txn,
                   "INSERT INTO crl (kind, point, name) VALUES (?, ?, ?)"
                   " ON CONFLICT (kind, point) DO NOTHING",
                   DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_BLOB(buf_bytes(&point->point)),
                           DB_TEXT(point->name)),
                   err));
    TRY(db_query_one(txn, "SELECT id FROM crl WHERE kind = ? AND point = ?",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_BLOB(buf_bytes(&point->point))), &rows,
                     err));
    return db_int(&rows, 0, ret, err);
}

int authority_add_crl(struct authority_store *store, enum ca_kind kind,
                      const struct crl_point *point, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t id;

    TRY(db_begin(store->db, &txn, err));
    TRY(have_crl(&txn, kind, point, &id, err));
    return db_commit(&txn, err);
}

/* A certificate that was not looked at yet; ERR_ABSENT if there is none. */
static int next_pointless(struct db_txn *txn, enum ca_kind kind, int64_t *ret_serial,
                          struct buf *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT serial, certificate FROM certificate WHERE kind = ?"
                     " AND point IS NULL AND certificate IS NOT NULL ORDER BY serial LIMIT 1",
                     DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err));
    TRY(db_int(&rows, 0, ret_serial, err));
    return db_blob(&rows, 1, ret, err);
}

static int assign_one(struct db_txn *txn, enum ca_kind kind,
                      int (*find)(enum ca_kind kind, struct bytes certificate,
                                  struct crl_point *ret, struct err *err),
                      struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct crl_point point = {.point = BUF_INIT};
    int64_t serial;
    int64_t id = 0;
    int rc;

    TRY(next_pointless(txn, kind, &serial, &der, err));
    rc = find(kind, buf_bytes(&der), &point, err);
    if (rc == 0)
        rc = have_crl(txn, kind, &point, &id, err);
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
    char kind[8];

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT id, kind, name, number, this_update, next_update, entries, seen, point"
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
    if (ret_point != NULL)
        TRY(db_blob(&rows, 8, ret_point, err));
    *ret = record;
    return 0;
}

static int read_parts(struct db_txn *txn, int64_t id, struct buf *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn, "SELECT bytes FROM crl_part WHERE crl = ? ORDER BY part", DB_WITH(DB_INT(id)),
                 &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(buf_done) struct buf part = BUF_INIT;

        TRY(db_blob(&rows, 0, &part, err));
        TRY(buf_append(ret, buf_bytes(&part), err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* The id of a published list. */
static int find_crl(struct db_txn *txn, const char *name, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT id FROM crl WHERE name = ? AND number > 0",
                          DB_WITH(DB_TEXT(name)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such list");
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

int authority_get_crl(struct authority_store *store, const char *name, struct buf *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    int64_t id;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find_crl(&txn, name, &id, err));
    TRY(read_parts(&txn, id, &der, err));
    buf_move(ret, &der);
    return 0;
}

/*
 * A revocation that is not in its list yet is behind the oldest seen, which is a day old at most:
 * few are looked at.
 */
static const char due_sql[] =
    "SELECT id FROM crl WHERE number = 0 OR this_update < ?1 OR this_update > ?2"
    " OR (?3 AND id IN (SELECT l.id FROM event AS r"
    "  JOIN certificate AS c ON c.kind = r.kind AND c.serial = r.serial"
    "  JOIN crl AS l ON l.id = c.point"
    "  WHERE r.number > (SELECT min(seen) FROM crl) AND r.number > l.seen))"
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
                 DB_WITH(DB_INT(due->planned), DB_INT(due->now), DB_INT(due->is_changed_enough)),
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

/* Room for one more. */
static int grow(struct revocation_list *list, size_t *room, struct err *err)
{
    size_t more = *room == 0 ? LIST_FIRST : 2 * *room;
    struct revocation *entries;

    if (list->count == CRL_ENTRIES_MAX)
        return FAIL(err, ERR_CONFLICT, "a list has more than %d entries", CRL_ENTRIES_MAX);
    if (list->count < *room)
        return 0;
    entries = calloc(more, sizeof *entries);
    if (entries == NULL)
        return FAIL_NOMEM(err);
    if (list->count > 0)
        memcpy(entries, list->entries, list->count * sizeof *entries);
    free(list->entries);
    list->entries = entries;
    *room = more;
    return 0;
}

static int read_entry(const struct db_rows *rows, struct revocation *ret, struct err *err)
{
    int64_t serial;
    int64_t reason;

    TRY(db_int(rows, 0, &serial, err));
    TRY(db_int(rows, 1, &ret->at, err));
    TRY(db_int(rows, 2, &reason, err));
    ret->serial = (uint32_t)serial;
    ret->reason = (enum crl_reason)reason;
    return 0;
}

static int read_entries(struct db_txn *txn, int64_t id, int64_t now, struct revocation_list *list,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t room = 0;
    int rc;

    TRY(db_query(txn,
                 "SELECT r.serial, r.revoked_at, r.reason FROM crl AS l"
                 " JOIN revocation AS r ON r.kind = l.kind"
                 " JOIN certificate AS c ON c.kind = r.kind AND c.serial = r.serial"
                 " WHERE l.id = ? AND c.point = l.id AND c.not_after >= ? ORDER BY r.serial",
                 DB_WITH(DB_INT(id), DB_INT(now)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        TRY(grow(list, &room, err));
        TRY(read_entry(&rows, &list->entries[list->count], err));
        list->count++;
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

int authority_list_point(struct authority_store *store, int64_t id, int64_t now,
                         struct revocation_list *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct revocation_list list = {NULL, 0, 0};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(revocation_last_number(&txn, &list.seen, err));
    rc = read_entries(&txn, id, now, &list, err);
    if (rc < 0)
        free(list.entries);
    else
        *ret = list;
    return rc;
}

static int write_parts(struct db_txn *txn, int64_t id, struct bytes der, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM crl_part WHERE crl = ?", DB_WITH(DB_INT(id)), err));
    for (size_t at = 0; at < der.len; at += PART_BYTES) {
        size_t len = der.len - at < PART_BYTES ? der.len - at : PART_BYTES;

        TRY(db_execute(
            txn, "INSERT INTO crl_part VALUES (?, ?, ?)",
            DB_WITH(DB_INT(id), DB_INT(at / PART_BYTES), DB_BLOB(bytes_part(der, at, len))), err));
    }
    return 0;
}

int authority_replace_crl(struct authority_store *store, const struct crl_record *record,
                          struct bytes der, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_CRL_REPLACED], bytes_text(record->name),
                                      NULL};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute_one(&txn,
                       "UPDATE crl SET number = ?2, this_update = ?3, next_update = ?4,"
                       " entries = ?5, seen = ?6 WHERE id = ?1 AND number < ?2",
                       DB_WITH(DB_INT(record->id), DB_INT(record->number),
                               DB_INT(record->this_update), DB_INT(record->next_update),
                               DB_INT(record->entries), DB_INT(record->seen)),
                       err));
    TRY(write_parts(&txn, record->id, der, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
