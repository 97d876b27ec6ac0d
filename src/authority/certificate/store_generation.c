/* SPDX-License-Identifier: Apache-2.0 */
/* Generations of CAs in SQLite, and whose each serial number is. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"

void ca_generation_done(struct ca_generation *generation)
{
    buf_done(&generation->tbs);
    buf_done(&generation->certificate);
}

static int read_generation(struct db_txn *txn, enum ca_kind kind, unsigned generation,
                           struct ca_generation *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(ca_generation_done) struct ca_generation found = CA_GENERATION_INIT;
    int64_t serial;
    int rc = db_query_one(txn,
                          "SELECT serial, issues_from, tbs, certificate FROM ca_generation"
                          " WHERE kind = ? AND generation = ?",
                          DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(generation)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the %s CA has no generation %u", ca_kind_name(kind),
                    generation);
    TRY(rc);
    found.generation = generation;
    TRY(db_int(&rows, 0, &serial, err));
    found.serial = (uint32_t)serial;
    TRY(db_int(&rows, 1, &found.issues_from, err));
    if (!db_is_null(&rows, 2))
        TRY(db_blob(&rows, 2, &found.tbs, err));
    if (!db_is_null(&rows, 3))
        TRY(db_blob(&rows, 3, &found.certificate, err));
    ca_generation_done(ret);
    *ret = found;
    found = (struct ca_generation)CA_GENERATION_INIT;
    return 0;
}

int authority_get_generation(struct authority_store *store, enum ca_kind kind, unsigned generation,
                             struct ca_generation *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return read_generation(&txn, kind, generation, ret, err);
}

/* The one before is there and signed, and so are all before that. */
static int check_is_next(struct db_txn *txn, const struct generation_order *order, struct err *err)
{
    CLEANUP(ca_generation_done) struct ca_generation before = CA_GENERATION_INIT;
    int rc = read_generation(txn, order->kind, order->generation - 1, &before, err);

    if (rc == 0 && before.certificate.len > 0)
        return 0;
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    return FAIL(err, ERR_CONFLICT,
                "generation %u of the %s CA comes after generation %u, which is not made yet",
                order->generation, ca_kind_name(order->kind), order->generation - 1);
}

static int begin_generation(struct db_txn *txn, const struct generation_order *order,
                            struct err *err)
{
    CLEANUP(ca_generation_done) struct ca_generation there = CA_GENERATION_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    uint32_t serial;
    int rc = read_generation(txn, order->kind, order->generation, &there, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(check_is_next(txn, order, err));
    TRY(serial_take(txn, order->kind, order->generation, &serial, err));
    TRY(order->build(order->context, serial, &tbs, err));
    return db_execute(txn,
                      "INSERT INTO later_ca (kind, generation, serial, issues_from, tbs)"
                      " VALUES (?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(ca_kind_name(order->kind)), DB_INT(order->generation),
                              DB_INT(serial), DB_INT(order->issues_from), DB_BLOB(buf_bytes(&tbs))),
                      err);
}

int authority_begin_generation(struct authority_store *store, const struct generation_order *order,
                               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(begin_generation(&txn, order, err));
    return db_commit(&txn, err);
}

int authority_finish_generation(struct authority_store *store, enum ca_kind kind,
                                unsigned generation, struct bytes certificate,
                                const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const char *name = ca_kind_name(kind);
    const struct certificate_id id = generation_id(kind, generation);
    const struct audit_event event = {&authority_acts[ACT_CA_MADE], bytes_text(id.text), name};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute_one(&txn,
                       "UPDATE later_ca SET tbs = NULL, certificate = ?"
                       " WHERE kind = ? AND generation = ? AND certificate IS NULL",
                       DB_WITH(DB_BLOB(certificate), DB_TEXT(name), DB_INT(generation)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

static int generation_of(struct db_txn *txn, enum ca_kind kind, uint32_t serial, int64_t *ret,
                         struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT coalesce((SELECT generation FROM serial_run"
                     " WHERE kind = ? AND first <= ? ORDER BY first DESC LIMIT 1), 1)",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int authority_generation_of(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                            unsigned *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t generation;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(generation_of(&txn, kind, serial, &generation, err));
    *ret = (unsigned)generation;
    return 0;
}

/*
 * What follows the number stays whose it is; behind the last number that was given out nothing
 * follows yet, and what comes next will say whose it is. Rows that then say nothing new go.
 */
int serial_run_note(struct db_txn *txn, enum ca_kind kind, uint32_t serial, unsigned generation,
                    struct err *err)
{
    const char *name = ca_kind_name(kind);
    int64_t before;

    TRY(generation_of(txn, kind, serial, &before, err));
    if (before == generation)
        return 0;
    TRY(db_execute(txn,
                   "INSERT INTO serial_run SELECT kind, ?2 + 1, ?3 FROM ca"
                   " WHERE kind = ?1 AND next_serial > ?2 + 1"
                   " ON CONFLICT (kind, first) DO NOTHING",
                   DB_WITH(DB_TEXT(name), DB_INT(serial), DB_INT(before)), err));
    TRY(db_execute(txn,
                   "INSERT INTO serial_run VALUES (?, ?, ?)"
                   " ON CONFLICT (kind, first) DO UPDATE SET generation = excluded.generation",
                   DB_WITH(DB_TEXT(name), DB_INT(serial), DB_INT(generation)), err));
    return db_execute(txn,
                      "DELETE FROM serial_run AS r WHERE kind = ?1 AND first IN (?2, ?2 + 1)"
                      " AND generation = coalesce((SELECT generation FROM serial_run"
                      " WHERE kind = ?1 AND first < r.first ORDER BY first DESC LIMIT 1), 1)",
                      DB_WITH(DB_TEXT(name), DB_INT(serial)), err);
}
