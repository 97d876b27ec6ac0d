/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/authentication/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/store.h"

static int note(struct db_txn *txn, enum platform_act act,
                const struct authentication_record *record, const struct audit_origin *by,
                struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(record->id), record->outcome};

    TRY(platform_charge_usage(txn, record->client_id, by->at, err));
    TRY(usage_count_judgement(txn, record->client_id, by->at, &record->what, err));
    return audit_append(txn, by, &event, err);
}

/* Those whose time is over are refused by it, and need not be remembered. */
static int spend(struct db_txn *txn, const struct authentication_record *record, int64_t now,
                 struct err *err)
{
    int rc;

    TRY(db_execute(txn, "DELETE FROM authentication_spent WHERE expires_at < ?",
                   DB_WITH(DB_INT(now)), err));
    rc = db_execute(txn, "INSERT INTO authentication_spent VALUES (?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(record->client_id), DB_TEXT(record->session),
                            DB_BLOB(record->nonce), DB_INT(record->expires_at)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "this session and nonce have counted already");
    return rc;
}

int platform_count_authentication(struct platform_store *store,
                                  const struct authentication_record *record,
                                  const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_join(store->db, &txn, err));
    rc = spend(&txn, record, by->at, err);
    if (rc == 0)
        rc = note(&txn, ACT_AUTHENTICATION_JUDGED, record, by, err);
    return db_settle(&txn, rc, err);
}

int platform_note_authentication(struct platform_store *store,
                                 const struct authentication_record *record,
                                 const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, note(&txn, ACT_AUTHENTICATION_JUDGED, record, by, err), err);
}

int platform_note_presentation(struct platform_store *store,
                               const struct authentication_record *record,
                               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, note(&txn, ACT_CARD_PRESENTED, record, by, err), err);
}
