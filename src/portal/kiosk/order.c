/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/order.h"

#include "base/rand.h"
#include "base/random_text.h"
#include "crypto/digest.h"
#include "exchange/tsv.h"
#include "portal/kiosk/acts.h"

#include <stdio.h>
#include <string.h>

const char *const kiosk_states[] = {
    [KIOSK_IS_OPEN] = "open",           [KIOSK_IS_SHOWN] = "shown",   [KIOSK_IS_CHOSEN] = "chosen",
    [KIOSK_IS_PAID] = "paid",           [KIOSK_IS_ISSUED] = "issued", [KIOSK_IS_DONE] = "done",
    [KIOSK_IS_CANCELLED] = "cancelled", [KIOSK_STATES_] = NULL,
};

void kiosk_order_done(struct kiosk_order *order)
{
    buf_done(&order->reference);
    buf_done(&order->document);
}

/* ---- opening ---- */

/* Orders that nobody paid for are forgotten when their time is over. */
static int check_room(struct db_txn *txn, const char *terminal, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_execute(txn,
                   "DELETE FROM kiosk_order WHERE terminal = ? AND made_at < ?"
                   " AND state IN ('open', 'shown', 'chosen')",
                   DB_WITH(DB_TEXT(terminal), DB_INT(now - KIOSK_ORDER_SECONDS)), err));
    TRY(db_query_one(txn,
                     "SELECT count(*) FROM kiosk_order WHERE terminal = ?"
                     " AND state NOT IN ('done', 'cancelled')",
                     DB_WITH(DB_TEXT(terminal)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= KIOSK_OPEN_MAX)
        return FAIL(err, ERR_CONFLICT, "%d orders of this terminal are under way", KIOSK_OPEN_MAX);
    return 0;
}

int kiosk_order_open(struct db *db, const struct kiosk_terminal *terminal, int64_t now,
                     struct kiosk_order *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct kiosk_order order = KIOSK_ORDER_INIT;

    order.made_at = now;
    memcpy(order.terminal, terminal->id, sizeof order.terminal);
    TRY(random_text(order.id, sizeof order.id, err));
    TRY(rand_fill(order.nonce, sizeof order.nonce, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, terminal->id, now, err));
    TRY(db_execute(&txn,
                   "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, reference,"
                   " document) VALUES (?, ?, ?, ?, 'open', '', x'')",
                   DB_WITH(DB_TEXT(order.id), DB_TEXT(order.terminal),
                           DB_BLOB(BYTES_ARRAY(order.nonce)), DB_INT(now)),
                   err));
    TRY(db_commit(&txn, err));
    *ret = order;
    return 0;
}

/* ---- looking ---- */

static int read_octets(const struct db_rows *rows, int column, uint8_t *ret, size_t len,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    if (db_is_null(rows, column))
        return 0;
    TRY(db_blob(rows, column, &octets, err));
    if (octets.len != len)
        return FAIL(err, ERR_SYSTEM, "an order has octets of another length");
    memcpy(ret, octets.ptr, len);
    return 0;
}

static int read_state(const struct db_rows *rows, struct kiosk_order *ret, struct err *err)
{
    char state[16], kind[32];
    unsigned place;
    int64_t items;

    TRY(db_text(rows, 4, state, sizeof state, err));
    TRY(tsv_word(state, kiosk_states, "a state", &place, err));
    ret->state = (enum kiosk_state)place;
    if (db_is_null(rows, 7))
        return 0;
    TRY(db_text(rows, 7, kind, sizeof kind, err));
    TRY(kiosk_kind_read(kind, &ret->kind, err));
    TRY(db_int(rows, 14, &items, err));
    ret->items = (unsigned)items & KIOSK_ITEMS_ALL;
    ret->has_choice = true;
    return db_int(rows, 8, &ret->fee, err);
}

/* NULL is "". */
static int read_text(const struct db_rows *rows, int column, char *ret, size_t size,
                     struct err *err)
{
    ret[0] = '\0';
    return db_is_null(rows, column) ? 0 : db_text(rows, column, ret, size, err);
}

static int read_order(const struct db_rows *rows, struct kiosk_order *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->terminal, sizeof ret->terminal, err));
    TRY(read_octets(rows, 2, ret->nonce, sizeof ret->nonce, err));
    TRY(db_int(rows, 3, &ret->made_at, err));
    TRY(read_state(rows, ret, err));
    TRY(read_octets(rows, 5, ret->code.value, sizeof ret->code.value, err));
    TRY(read_octets(rows, 13, ret->local.value, sizeof ret->local.value, err));
    ret->has_local = !db_is_null(rows, 13);
    TRY(read_text(rows, 6, ret->municipality, sizeof ret->municipality, err));
    TRY(read_text(rows, 9, ret->payment, sizeof ret->payment, err));
    TRY(read_text(rows, 10, ret->number, sizeof ret->number, err));
    TRY(db_blob(rows, 11, &ret->reference, err));
    return db_blob(rows, 12, &ret->document, err);
}

int kiosk_order_get(struct db *db, const char *terminal, const char *id, struct kiosk_order *ret,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, terminal, nonce, made_at, state, code, municipality, kind, fee,"
                      " payment, number, CAST(reference AS BLOB), document, local, items"
                      " FROM kiosk_order"
                      " WHERE id = ? AND terminal = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(terminal)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such order");
    TRY(rc);
    return read_order(&rows, ret, err);
}

/* ---- steps ---- */

/* One row, in the state that the statement asks for. */
static int step(struct db_txn *txn, const char *sql, const struct db_value *values, struct err *err)
{
    const int rc = db_execute_one(txn, sql, values, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_CONFLICT, "the order is not so far, or is further")
                             : rc;
}

/* Whether another call of the same step was first, at the latest since the order was looked at. */
static int was_done(struct db_txn *txn, const char *sql, const struct db_value *values, bool *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn, sql, values, &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int was_in_state(struct db_txn *txn, const struct kiosk_order *order, enum kiosk_state state,
                        bool *ret, struct err *err)
{
    return was_done(txn, "SELECT 1 FROM kiosk_order WHERE id = ? AND state = ?",
                    DB_WITH(DB_TEXT(order->id), DB_TEXT(kiosk_states[state])), ret, err);
}

int kiosk_order_show(struct db *db, const struct kiosk_order *order,
                     const struct kiosk_shown *shown, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(step(&txn,
             "UPDATE kiosk_order SET state = 'shown', code = ?, local = ?, reference = ?,"
             " municipality = ? WHERE id = ? AND state = 'open'",
             DB_WITH(DB_BLOB(person_code_bytes(shown->code)),
                     shown->local == NULL ? DB_NULL : DB_BLOB(person_code_bytes(shown->local)),
                     DB_TEXT(shown->reference), DB_TEXT(shown->municipality), DB_TEXT(order->id)),
             err));
    return db_commit(&txn, err);
}

int kiosk_order_choose(struct db *db, const struct kiosk_order *order,
                       const struct kiosk_offer *offer, unsigned items, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(step(&txn,
             "UPDATE kiosk_order SET state = 'chosen', kind = ?, fee = ?, items = ?"
             " WHERE id = ? AND state IN ('shown', 'chosen')",
             DB_WITH(DB_TEXT(kiosk_kinds[offer->kind]), DB_INT(offer->fee), DB_INT(items),
                     DB_TEXT(order->id)),
             err));
    return db_commit(&txn, err);
}

int kiosk_order_pay(struct db *db, const struct kiosk_order *order, const char *payment,
                    const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_paid;
    int rc;

    TRY(db_begin(db, &txn, err));
    TRY(was_done(&txn, "SELECT 1 FROM kiosk_order WHERE id = ? AND payment = ?",
                 DB_WITH(DB_TEXT(order->id), DB_TEXT(payment)), &is_paid, err));
    if (is_paid)
        return 0;
    rc = db_execute_one(&txn,
                        "UPDATE kiosk_order SET state = 'paid', payment = ?"
                        " WHERE id = ? AND state = 'chosen' AND fee = ? AND kind = ?"
                        " AND items = ?",
                        DB_WITH(DB_TEXT(payment), DB_TEXT(order->id), DB_INT(order->fee),
                                DB_TEXT(kiosk_kinds[order->kind]), DB_INT(order->items)),
                        err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "this payment is for another order");
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this order is not to be paid for");
    TRY(rc);
    TRY(kiosk_note(&txn, KIOSK_PAID, order->id, kiosk_kinds[order->kind], by, err));
    return db_commit(&txn, err);
}

static int keep_issued(struct db_txn *txn, const struct kiosk_order *order,
                       const struct kiosk_issue *issue, int64_t at, struct err *err)
{
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, issue->document, &hash, err));
    return db_execute(txn, "INSERT INTO kiosk_issued VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                      DB_WITH(DB_TEXT(issue->number), DB_TEXT(order->terminal),
                              DB_TEXT(order->municipality), DB_TEXT(kiosk_kinds[order->kind]),
                              DB_INT(order->fee), DB_INT(at), DB_BLOB(digest_bytes(&hash))),
                      err);
}

int kiosk_order_issue(struct db *db, const struct kiosk_order *order,
                      const struct kiosk_issue *issue, const struct audit_origin *by,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(step(&txn,
             "UPDATE kiosk_order SET state = 'issued', number = ?, document = ?, reference = '',"
             " local = NULL"
             " WHERE id = ? AND state = 'paid'",
             DB_WITH(DB_TEXT(issue->number), DB_BLOB(issue->document), DB_TEXT(order->id)), err));
    TRY(keep_issued(&txn, order, issue, by->at, err));
    TRY(exchange_note(&txn, &order->code, issue->note, by, err));
    TRY(kiosk_note(&txn, KIOSK_ISSUED, order->id, kiosk_kinds[order->kind], by, err));
    return db_commit(&txn, err);
}

int kiosk_order_finish(struct db *db, const struct kiosk_order *order,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_done;

    TRY(db_begin(db, &txn, err));
    TRY(was_in_state(&txn, order, KIOSK_IS_DONE, &is_done, err));
    if (is_done)
        return 0;
    TRY(step(&txn,
             "UPDATE kiosk_order SET state = 'done', document = x''"
             " WHERE id = ? AND state = 'issued'",
             DB_WITH(DB_TEXT(order->id)), err));
    TRY(kiosk_note(&txn, KIOSK_PRINTED, order->id, NULL, by, err));
    return db_commit(&txn, err);
}

int kiosk_order_cancel(struct db *db, const struct kiosk_order *order,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_cancelled;

    TRY(db_begin(db, &txn, err));
    TRY(was_in_state(&txn, order, KIOSK_IS_CANCELLED, &is_cancelled, err));
    if (is_cancelled)
        return 0;
    TRY(step(
        &txn,
        "UPDATE kiosk_order SET state = 'cancelled', document = x'', reference = '', local = NULL"
        " WHERE id = ? AND state = ? AND state <> 'done'",
        DB_WITH(DB_TEXT(order->id), DB_TEXT(kiosk_states[order->state])), err));
    if (order->number[0] != '\0')
        TRY(db_execute_one(&txn, "UPDATE kiosk_issued SET is_void = 1 WHERE number = ?",
                           DB_WITH(DB_TEXT(order->number)), err));
    TRY(kiosk_note(&txn, KIOSK_CANCELLED, order->id, kiosk_states[order->state], by, err));
    return db_commit(&txn, err);
}

int kiosk_order_refuse(struct db *db, const struct kiosk_order *order, const char *why,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(kiosk_note(&txn, KIOSK_REFUSED, order->id, why, by, err));
    return db_commit(&txn, err);
}
