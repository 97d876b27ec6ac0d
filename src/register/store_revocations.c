/* SPDX-License-Identifier: Apache-2.0 */
/* Orders to revoke, and what became of them, in SQLite. */
#include "register/acts.h"
#include "register/lifecycle.h"
#include "register/store_sqlite.h"

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

/* What became of the orders to revoke that an act gave: the end, when all have come to it. */
static int read_state(struct db_txn *txn, const char *act, enum revocation_state *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char state[16];
    int rc = db_query_one(txn,
                          "SELECT state FROM revocation WHERE act = ? ORDER BY CASE state"
                          " WHEN 'pending' THEN 0 WHEN 'refused' THEN 1 ELSE 2 END LIMIT 1",
                          DB_WITH(DB_TEXT(act)), &rows, err);

    if (rc == -ERR_ABSENT) {
        *ret = REVOCATION_NONE;
        return 0;
    }
    TRY(rc);
    TRY(db_text(&rows, 0, state, sizeof state, err));
    return state_of_text(state, ret, err);
}

int register_get_revocation_state(struct register_store *store, const char *act,
                                  enum revocation_state *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return read_state(&txn, act, ret, err);
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
                     "SELECT id, request_id, kind, serial, reason, act FROM revocation"
                     " WHERE state = 'pending' AND id > ? ORDER BY id LIMIT 1",
                     DB_WITH(DB_INT(above)), &rows, err));
    TRY(db_int(&rows, 0, &order.id, err));
    TRY(db_text(&rows, 1, order.request_id, sizeof order.request_id, err));
    TRY(db_text(&rows, 2, order.kind, sizeof order.kind, err));
    TRY(db_int(&rows, 3, &serial, err));
    TRY(db_text(&rows, 4, order.reason, sizeof order.reason, err));
    TRY(db_text(&rows, 5, order.act, sizeof order.act, err));
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
                                      bytes_text(order->act), outcomes[state]};
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

int register_check_replaceable(struct register_store *store, const char *card, int64_t now,
                               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_replaced = 0;
    int64_t not_after = 0;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT replaced_at IS NOT NULL, not_after FROM issue"
                      " WHERE card = ?1 AND kind = 'sign' AND EXISTS (SELECT 1 FROM issue"
                      " WHERE card = ?1 AND kind = 'auth' AND certificate IS NOT NULL)"
                      " ORDER BY replaced_at IS NOT NULL DESC LIMIT 1",
                      DB_WITH(DB_TEXT(card)), &rows, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (rc == 0) {
        TRY(db_int(&rows, 0, &is_replaced, err));
        TRY(db_int(&rows, 1, &not_after, err));
    }
    if (is_replaced != 0 || life_is_renewable(not_after, now))
        return 0;
    return FAIL(err, ERR_INPUT,
                "a card has at least an auth certificate; a sign certificate alone is issued "
                "in place of one that was revoked or soon ends");
}

int register_get_renewed(struct register_store *store, const char *card, enum cert_kind kind,
                         int64_t *ret_not_after, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t not_after;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(
        &txn,
        "SELECT CASE WHEN replaced_at IS NULL OR act.name = ? THEN issue.not_after ELSE 0 END"
        " FROM issue LEFT JOIN act ON act.request_id = issue.ended_by"
        " WHERE issue.card = ? AND kind = ? AND is_next = 0"
        " ORDER BY replaced_at IS NULL DESC, replaced_at DESC, issue.rowid DESC LIMIT 1",
        DB_WITH(DB_TEXT(life_renew->name), DB_TEXT(card), DB_TEXT(cert_kind_name(kind))), &rows,
        err);
    if (rc == -ERR_ABSENT) {
        *ret_not_after = 0;
        return 0;
    }
    TRY(rc);
    TRY(db_int(&rows, 0, &not_after, err));
    *ret_not_after = not_after;
    return 0;
}
