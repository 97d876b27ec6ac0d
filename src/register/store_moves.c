/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves, and the revocations that follow from them, in SQLite. The new address and the order to
 * revoke are one transaction, so neither is there without the other whatever happens next.
 */
#include "register/acts.h"
#include "register/store_sqlite.h"

#include "x509/cert.h"

#include <string.h>

static const char *const outcomes[REVOCATIONS_] = {
    [REVOCATION_NONE] = "none",
    [REVOCATION_PENDING] = "pending",
    [REVOCATION_DONE] = "done",
    [REVOCATION_REFUSED] = "refused",
};

const char *revocation_state_name(enum revocation_state state)
{
    return outcomes[state];
}

static int state_of_text(const char *text, enum revocation_state *ret, struct err *err)
{
    for (unsigned i = 0; i < REVOCATIONS_; i++) {
        if (strcmp(outcomes[i], text) == 0) {
            *ret = (enum revocation_state)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "a revocation is in a state this program does not know");
}

/* What became of the orders to revoke that a move gave: the end, when all have come to it. */
static int read_state(struct db_txn *txn, const char *move, enum revocation_state *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char state[16];
    int rc = db_query_one(txn,
                          "SELECT state FROM revocation WHERE move = ? ORDER BY CASE state"
                          " WHEN 'pending' THEN 0 WHEN 'refused' THEN 1 ELSE 2 END LIMIT 1",
                          DB_WITH(DB_TEXT(move)), &rows, err);

    if (rc == -ERR_ABSENT) {
        *ret = REVOCATION_NONE;
        return 0;
    }
    TRY(rc);
    TRY(db_text(&rows, 0, state, sizeof state, err));
    return state_of_text(state, ret, err);
}

int register_get_revocation_state(struct register_store *store, const char *move,
                                  enum revocation_state *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return read_state(&txn, move, ret, err);
}

/* Whether this very move was made before; ERR_CONFLICT if its id was another move's. */
static int find_move(struct db_txn *txn, const struct move *move, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_same;
    int rc = db_query_one(txn,
                          "SELECT resident = ?2 AND address = ?3 AND address_substitutes = ?4"
                          " AND municipality = ?5 FROM move WHERE request_id = ?1",
                          DB_WITH(DB_TEXT(move->request_id), DB_TEXT(move->resident.id),
                                  DB_TEXT(move->resident.address),
                                  DB_TEXT(move->resident.address_substitutes),
                                  DB_TEXT(move->resident.municipality)),
                          &rows, err);

    if (rc == -ERR_ABSENT) {
        *ret = false;
        return 0;
    }
    TRY(rc);
    TRY(db_int(&rows, 0, &is_same, err));
    if (!is_same)
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another move");
    *ret = true;
    return 0;
}

static int record_move(struct db_txn *txn, const struct move *move, const struct audit_origin *by,
                       struct err *err)
{
    const struct resident *r = &move->resident;
    const struct audit_event event = {&register_acts[ACT_MOVE_RECORDED], bytes_text(r->id), NULL};
    int rc = db_execute_one(txn,
                            "UPDATE resident SET address = ?2, address_substitutes = ?3,"
                            " municipality = ?4 WHERE id = ?1"
                            " AND (address <> ?2 OR municipality <> ?4)",
                            DB_WITH(DB_TEXT(r->id), DB_TEXT(r->address),
                                    DB_TEXT(r->address_substitutes), DB_TEXT(r->municipality)),
                            err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "the resident lives at this address already");
    TRY(rc);
    TRY(audit_append(txn, by, &event, err));
    return db_execute(txn, "INSERT INTO move VALUES (?, ?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(move->request_id), DB_TEXT(r->id), DB_TEXT(r->address),
                              DB_TEXT(r->address_substitutes), DB_TEXT(r->municipality),
                              DB_INT(by->at)),
                      err);
}

/* A sign certificate that counts, by the request it was issued for. */
struct current {
    char issue[RESIDENT_ID_LEN + 1];
    uint32_t serial;
};

/* The first, ERR_ABSENT if the resident has none; ERR_CONFLICT while it is being issued. */
static int find_current(struct db_txn *txn, const char *resident, struct current *ret,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(db_query_one(txn,
                     "SELECT request_id, certificate FROM issue JOIN card ON card.serial = card"
                     " WHERE resident = ? AND kind = 'sign' AND replaced_at IS NULL LIMIT 1",
                     DB_WITH(DB_TEXT(resident)), &rows, err));
    if (db_is_null(&rows, 1))
        return FAIL(err, ERR_CONFLICT,
                    "a sign certificate with the old address is being issued; let that end first");
    TRY(db_text(&rows, 0, ret->issue, sizeof ret->issue, err));
    TRY(db_blob(&rows, 1, &der, err));
    if (x509_cert_parse(buf_bytes(&der), &cert, NULL) < 0)
        return FAIL(err, ERR_SYSTEM, "a stored certificate cannot be read");
    ret->serial = (uint32_t)tbs_serial_number(x509_cert_tbs(cert));
    return 0;
}

/* What the sign certificate says is no longer true (pki.md 4); the auth certificate says nothing.
 */
static int order_revocation(struct db_txn *txn, const struct move *move,
                            const struct current *current, int64_t now, struct err *err)
{
    char id[RESIDENT_ID_LEN + 1];

    TRY(id_new(id, err));
    TRY(db_execute_one(txn, "UPDATE issue SET replaced_at = ? WHERE request_id = ?",
                       DB_WITH(DB_INT(now), DB_TEXT(current->issue)), err));
    return db_execute(
        txn,
        "INSERT INTO revocation (request_id, move, kind, serial, reason, ordered_at,"
        " state) VALUES (?, ?, 'sign', ?, 'affiliationChanged', ?, 'pending')",
        DB_WITH(DB_TEXT(id), DB_TEXT(move->request_id), DB_INT(current->serial), DB_INT(now)), err);
}

/* One order for each card: each one given leaves a certificate less that counts. */
static int order_revocations(struct db_txn *txn, const struct move *move, int64_t now,
                             struct err *err)
{
    struct current current;
    int rc;

    while ((rc = find_current(txn, move->resident.id, &current, err)) == 0)
        TRY(order_revocation(txn, move, &current, now, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int register_move(struct register_store *store, const struct move *move,
                  const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_known;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_move(&txn, move, &is_known, err));
    if (!is_known) {
        TRY(record_move(&txn, move, by, err));
        TRY(order_revocations(&txn, move, by->at, err));
        TRY(db_commit(&txn, err));
    }
    *ret_is_new = !is_known;
    return 0;
}

int register_next_revocation(struct register_store *store, int64_t above,
                             struct revocation_order *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct revocation_order order;
    int64_t serial;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT id, request_id, kind, serial, reason, move FROM revocation"
                     " WHERE state = 'pending' AND id > ? ORDER BY id LIMIT 1",
                     DB_WITH(DB_INT(above)), &rows, err));
    TRY(db_int(&rows, 0, &order.id, err));
    TRY(db_text(&rows, 1, order.request_id, sizeof order.request_id, err));
    TRY(db_text(&rows, 2, order.kind, sizeof order.kind, err));
    TRY(db_int(&rows, 3, &serial, err));
    TRY(db_text(&rows, 4, order.reason, sizeof order.reason, err));
    TRY(db_text(&rows, 5, order.move, sizeof order.move, err));
    order.serial = (uint32_t)serial;
    *ret = order;
    return 0;
}

int register_settle_revocation(struct register_store *store, const struct revocation_order *order,
                               enum revocation_state state, const struct audit_origin *by,
                               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&register_acts[ACT_REVOCATION_DELIVERED],
                                      bytes_text(order->move), outcomes[state]};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "UPDATE revocation SET state = ? WHERE id = ? AND state = 'pending'",
                        DB_WITH(DB_TEXT(outcomes[state]), DB_INT(order->id)), err);
    if (rc == -ERR_ABSENT)
        return 0; /* somebody else was told the same answer first */
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int register_check_replaceable(struct register_store *store, const char *card, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT 1 FROM issue WHERE card = ?1 AND kind = 'sign'"
                      " AND replaced_at IS NOT NULL AND EXISTS (SELECT 1 FROM issue"
                      " WHERE card = ?1 AND kind = 'auth' AND certificate IS NOT NULL)",
                      DB_WITH(DB_TEXT(card)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT,
                    "a card has at least an auth certificate; a sign certificate alone is issued "
                    "in place of one that was revoked after a move");
    return rc;
}
