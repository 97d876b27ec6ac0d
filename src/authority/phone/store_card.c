/* SPDX-License-Identifier: Apache-2.0 */
/* Which card a phone was enrolled by, in SQLite: told once at a time, and never without a record.
 */
#include "authority/phone/phone.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"

enum tracing { TRACE_FOUND, TRACE_GONE, TRACE_UNKNOWN };

static const char *const tracings[] = {
    [TRACE_FOUND] = "found", [TRACE_GONE] = "gone", [TRACE_UNKNOWN] = "unknown"};

#define LOOK(certificate, card)                                                                    \
    "SELECT p." card ", r.number IS NOT NULL OR c.not_after < ?2 FROM phone AS p"                  \
    " JOIN certificate AS c ON c.kind = '" certificate "' AND c.serial = p." certificate           \
    " LEFT JOIN revocation AS r ON r.kind = c.kind AND r.serial = c.serial"                        \
    " WHERE p." certificate " = ?1 AND p." card " IS NOT NULL"

/*
 * An auth certificate leads to an auth certificate, a sign certificate to the sign certificate that
 * enrolled it, and neither to the other kind. Where the register has named nobody the card's auth
 * certificate is not known, and the phone's leads nowhere.
 */
static const char *const looks[CA_KINDS_] = {
    [CA_SIGN] = LOOK("sign", "card"), [CA_AUTH] = LOOK("auth", "card_auth")};

static int find_card(struct db_txn *txn, const struct phone_question *q, enum tracing *ret,
                     uint32_t *ret_serial, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial;
    int64_t is_over;

    TRY(db_query_one(txn, looks[q->phone.kind], DB_WITH(DB_INT(q->phone.serial), DB_INT(q->by->at)),
                     &rows, err));
    TRY(db_int(&rows, 0, &serial, err));
    TRY(db_int(&rows, 1, &is_over, err));
    *ret_serial = (uint32_t)serial;
    *ret = is_over ? TRACE_GONE : TRACE_FOUND;
    return 0;
}

static int trace(struct db_txn *txn, const struct phone_question *q, enum tracing *ret,
                 uint32_t *ret_serial, struct err *err)
{
    int rc;

    *ret = TRACE_UNKNOWN;
    if (q->is_unknown)
        return 0;
    rc = find_card(txn, q, ret, ret_serial, err);
    return rc == -ERR_ABSENT ? 0 : rc;
}

int authority_trace_phone(struct authority_store *store, const struct phone_question *q,
                          struct presented *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct certificate_id id = certificate_id(q->phone.kind, q->phone.serial);
    struct audit_event event = {&authority_acts[ACT_PHONE_TRACED],
                                bytes_text(q->is_unknown ? "unknown" : id.text), NULL};
    struct presented card = {.kind = q->phone.kind};
    enum tracing tracing;

    TRY(db_begin(store->db, &txn, err));
    TRY(trace(&txn, q, &tracing, &card.serial, err));
    event.outcome = tracings[tracing];
    TRY(audit_append(&txn, q->by, &event, err));
    TRY(db_commit(&txn, err));
    if (tracing == TRACE_UNKNOWN)
        return FAIL(err, ERR_ABSENT, "this is no certificate of a phone whose card is known");
    if (tracing == TRACE_GONE)
        return FAIL(err, ERR_CONFLICT, "the phone's certificate was revoked, suspended or is over");
    *ret = card;
    return 0;
}
