/* SPDX-License-Identifier: Apache-2.0 */
/* CA certificates and issued certificates in SQLite. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"
#include "authority/schema.h"
#include "base/clock.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

/* A CA, four octets of a number, a digest. */
enum { NUMBERED_KEY_MAX = 1 + 4 + DIGEST_MAX };

static const char *const kinds[CA_KINDS_] = {[CA_SIGN] = "sign", [CA_AUTH] = "auth"};

const char *ca_kind_name(enum ca_kind kind)
{
    return kinds[kind];
}

int ca_kind_from_name(const char *name, enum ca_kind *ret, struct err *err)
{
    for (unsigned i = 0; i < CA_KINDS_; i++) {
        if (strcmp(kinds[i], name) == 0) {
            *ret = (enum ca_kind)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a kind is sign or auth");
}

/* Time as the machine has it, for leases: a sandbox that moves its own must not end one. */
static int64_t machine_time(void *context)
{
    (void)context;
    return clock_now(&clock_system);
}

int authority_store_open(const char *path, struct authority_store **ret, struct err *err)
{
    CLEANUP(authority_store_closep) struct authority_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    http_bell_init(&store->changes);
    shelf_init(&store->shelf);
    crl_work_init(&store->work);
    TRY(db_open(path, &authority_schema, &store->db, err));
    TRY(err_prefix(err, db_lease_take(store->db, machine_time, NULL, err), "%s", path));
    TRY(path_folder(path, &store->folder, err));
    *ret = store;
    store = NULL;
    return 0;
}

int authority_store_set_cache(struct authority_store *store, unsigned megabytes, struct err *err)
{
    return db_set_cache(store->db, megabytes, err);
}

void authority_store_close(struct authority_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    free_text(&store->folder);
    http_bell_done(&store->changes);
    shelf_done(&store->shelf);
    crl_work_done(&store->work);
    free(store);
}

void authority_store_closep(struct authority_store **store)
{
    authority_store_close(*store);
    *store = NULL;
}

struct http_bell *authority_changes(struct authority_store *store)
{
    return &store->changes;
}

int authority_store_ping(struct authority_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

struct db *authority_store_db(struct authority_store *store)
{
    return store->db;
}

int authority_begin_ca(struct authority_store *store, enum ca_kind kind, struct bytes tbs,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "INSERT INTO ca (kind, tbs, next_serial) VALUES (?, ?, 2)"
                   " ON CONFLICT (kind) DO NOTHING",
                   DB_WITH(DB_TEXT(kinds[kind]), DB_BLOB(tbs)), err));
    return db_commit(&txn, err);
}

/* One blob of a CA that may be NULL, which counts as absent. */
static int get_ca_blob(struct authority_store *store, const char *sql, enum ca_kind kind,
                       struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, sql, DB_WITH(DB_TEXT(kinds[kind])), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

int authority_get_ca_tbs(struct authority_store *store, enum ca_kind kind, struct buf *ret,
                         struct err *err)
{
    return get_ca_blob(store, "SELECT tbs FROM ca WHERE kind = ? AND tbs IS NOT NULL", kind, ret,
                       err);
}

int authority_get_ca(struct authority_store *store, enum ca_kind kind, struct buf *ret,
                     struct err *err)
{
    int rc = get_ca_blob(store,
                         "SELECT certificate FROM ca WHERE kind = ? AND certificate IS NOT NULL",
                         kind, ret, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "the %s CA is not set up", kinds[kind]) : rc;
}

int authority_finish_ca(struct authority_store *store, enum ca_kind kind, struct bytes certificate,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_CA_MADE], bytes_text(kinds[kind]),
                                      kinds[kind]};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute_one(&txn,
                       "UPDATE ca SET tbs = NULL, certificate = ? WHERE kind = ?"
                       " AND certificate IS NULL",
                       DB_WITH(DB_BLOB(certificate), DB_TEXT(kinds[kind])), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

void record_done(struct record *record)
{
    buf_done(&record->tbs);
    buf_done(&record->certificate);
}

#define RECORD_COLUMNS "serial, reserved_at, not_after, tbs, certificate, kind, generation"

/* The current row of a query for RECORD_COLUMNS. */
static int record_of_row(const struct db_rows *rows, struct record *ret, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    char kind[8];
    int64_t serial;
    int64_t generation;

    TRY(db_int(rows, 0, &serial, err));
    record.serial = (uint32_t)serial;
    TRY(db_int(rows, 1, &record.reserved_at, err));
    TRY(db_int(rows, 2, &record.not_after, err));
    if (!db_is_null(rows, 3))
        TRY(db_blob(rows, 3, &record.tbs, err));
    if (!db_is_null(rows, 4))
        TRY(db_blob(rows, 4, &record.certificate, err));
    TRY(db_text(rows, 5, kind, sizeof kind, err));
    TRY(ca_kind_from_name(kind, &record.kind, err));
    TRY(db_int(rows, 6, &generation, err));
    record.generation = (unsigned)generation;
    record_done(ret);
    *ret = record;
    record = (struct record)RECORD_INIT;
    return 0;
}

/* The record of a request id; ERR_CONFLICT if it was another request. */
static int find_request(struct db_txn *txn, const struct reservation *r, struct record *ret,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf fingerprint = BUF_INIT;
    int64_t is_of_another = 0; /* one of the two without a subject is an older register's */

    TRY(db_query_one(txn,
                     "SELECT " RECORD_COLUMNS ", fingerprint, subject <> ?2 FROM certificate"
                     " WHERE request_id = ?1",
                     DB_WITH(DB_TEXT(r->request_id), DB_TEXT(r->subject)), &rows, err));
    TRY(db_blob(&rows, 7, &fingerprint, err));
    if (!db_is_null(&rows, 8))
        TRY(db_int(&rows, 8, &is_of_another, err));
    if (is_of_another != 0 || !bytes_equal(buf_bytes(&fingerprint), digest_bytes(&r->fingerprint)))
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another request");
    return record_of_row(&rows, ret, err);
}

static int refuse_known_key(struct db_txn *txn, const struct digest *key, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM certificate WHERE " CERTIFICATE_HAS_KEY("?1"),
                          DB_WITH(DB_BLOB(digest_bytes(key))), &rows, err);

    if (rc == 0)
        return FAIL(err, ERR_CONFLICT, "there is a certificate for this key already");
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* A number that was given back; ERR_ABSENT if there is none. */
static int take_free_serial(struct db_txn *txn, const char *kind, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(
        txn,
        "DELETE FROM free_serial WHERE (kind, serial) ="
        " (SELECT kind, serial FROM free_serial WHERE kind = ? ORDER BY serial LIMIT 1)"
        " RETURNING serial",
        DB_WITH(DB_TEXT(kind)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int take_next_serial(struct db_txn *txn, const char *kind, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial;
    int rc = db_query_one(txn,
                          "UPDATE ca SET next_serial = next_serial + 1 WHERE kind = ?"
                          " AND certificate IS NOT NULL AND next_serial <= 4294967295"
                          " RETURNING next_serial - 1",
                          DB_WITH(DB_TEXT(kind)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_SYSTEM, "the %s CA is not set up, or has no serial numbers left",
                    kind);
    TRY(rc);
    TRY(db_int(&rows, 0, &serial, err));
    *ret = serial;
    return 0;
}

int serial_take(struct db_txn *txn, enum ca_kind kind, unsigned generation, uint32_t *ret,
                struct err *err)
{
    int64_t serial;
    int rc = take_free_serial(txn, kinds[kind], &serial, err);

    if (rc == -ERR_ABSENT)
        rc = take_next_serial(txn, kinds[kind], &serial, err);
    TRY(rc);
    TRY(serial_run_note(txn, kind, (uint32_t)serial, generation, err));
    *ret = (uint32_t)serial;
    return 0;
}

/* The digest of a key behind the number of its certificate. */
static struct bytes numbered_key(enum ca_kind kind, uint32_t serial, const struct digest *key,
                                 uint8_t ret[NUMBERED_KEY_MAX])
{
    ret[0] = (uint8_t)kind;
    for (unsigned i = 0; i < 4; i++)
        ret[1 + i] = (uint8_t)(serial >> (24 - 8 * i));
    memcpy(ret + 5, key->value, key->len);
    return bytes_of(ret, 5 + key->len);
}

static int reserve(struct db_txn *txn, const struct reservation *r, struct record *ret,
                   struct err *err)
{
    uint8_t key[NUMBERED_KEY_MAX];
    int rc = find_request(txn, r, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(refuse_known_key(txn, &r->key, err));
    ret->kind = r->kind;
    ret->generation = r->generation == 0 ? 1 : r->generation;
    ret->reserved_at = r->now;
    ret->not_after = r->not_after;
    TRY(serial_take(txn, r->kind, ret->generation, &ret->serial, err));
    TRY(r->build(r->context, ret->serial, &ret->tbs, err));
    return db_execute(
        txn,
        "INSERT INTO certificate (kind, serial, request_id, fingerprint, key, reserved_at,"
        " not_after, tbs, subject, device, generation)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        DB_WITH(DB_TEXT(kinds[r->kind]), DB_INT(ret->serial), DB_TEXT(r->request_id),
                DB_BLOB(digest_bytes(&r->fingerprint)),
                DB_BLOB(numbered_key(r->kind, ret->serial, &r->key, key)), DB_INT(r->now),
                DB_INT(r->not_after), DB_BLOB(buf_bytes(&ret->tbs)), DB_TEXT(r->subject),
                DB_TEXT(r->is_for_phone ? "phone" : "card"), DB_INT(ret->generation)),
        err);
}

int authority_reserve(struct authority_store *store, const struct reservation *r,
                      struct record *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(record_done) struct record record = RECORD_INIT;

    TRY(db_join(store->db, &txn, err));
    TRY(db_settle(&txn, reserve(&txn, r, &record, err), err));
    record_done(ret);
    *ret = record;
    record = (struct record)RECORD_INIT;
    return 0;
}

/* ERR_ABSENT unless this very certificate is kept already. */
static int find_completed(struct db_txn *txn, const struct completion *c, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    return db_query_one(
        txn, "SELECT 1 FROM certificate WHERE kind = ? AND serial = ? AND certificate = ?",
        DB_WITH(DB_TEXT(kinds[c->kind]), DB_INT(c->serial), DB_BLOB(c->certificate)), &rows, err);
}

static int complete(struct db_txn *txn, const struct completion *c, struct err *err)
{
    const struct certificate_id id = certificate_id(c->kind, c->serial);
    const struct audit_event event = {
        &authority_acts[c->is_responder ? ACT_RESPONDER_ISSUED : ACT_CERTIFICATE_ISSUED],
        bytes_text(id.text), kinds[c->kind]};
    int rc = db_execute_one(
        txn,
        "UPDATE certificate SET tbs = NULL, certificate = ?"
        " WHERE kind = ? AND serial = ? AND certificate IS NULL",
        DB_WITH(DB_BLOB(c->certificate), DB_TEXT(kinds[c->kind]), DB_INT(c->serial)), err);

    if (rc == -ERR_ABSENT)
        return find_completed(txn, c, err);
    TRY(rc);
    return audit_append(txn, c->by, &event, err);
}

int authority_complete(struct authority_store *store, const struct completion *c, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, complete(&txn, c, err), err);
}

int authority_release(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                      bool is_spent, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute_one(
        &txn, "DELETE FROM certificate WHERE kind = ? AND serial = ? AND certificate IS NULL",
        DB_WITH(DB_TEXT(kinds[kind]), DB_INT(serial)), err));
    TRY(db_execute(&txn,
                   is_spent ? "INSERT INTO spent_serial VALUES (?, ?)"
                            : "INSERT INTO free_serial VALUES (?, ?)",
                   DB_WITH(DB_TEXT(kinds[kind]), DB_INT(serial)), err));
    return db_commit(&txn, err);
}

static int get_record(struct authority_store *store, const char *sql, enum ca_kind kind,
                      uint32_t serial, struct record *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn, sql, DB_WITH(DB_TEXT(kinds[kind]), DB_INT(serial)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    TRY(rc);
    return record_of_row(&rows, ret, err);
}

int authority_get_record(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                         struct record *ret, struct err *err)
{
    return get_record(store,
                      "SELECT " RECORD_COLUMNS " FROM certificate WHERE kind = ? AND serial = ?",
                      kind, serial, ret, err);
}

int authority_next_pending(struct authority_store *store, enum ca_kind kind, uint32_t above,
                           struct record *ret, struct err *err)
{
    return get_record(store,
                      "SELECT " RECORD_COLUMNS " FROM certificate"
                      " WHERE kind = ? AND serial > ? AND certificate IS NULL"
                      " ORDER BY serial LIMIT 1",
                      kind, above, ret, err);
}
