/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/operator/onboarding.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

static int find_state(struct db_txn *txn, const char *client_id, unsigned *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t step;
    int rc = db_query_one(txn,
                          "SELECT step FROM tenant_step WHERE client_id = ? ORDER BY number DESC"
                          " LIMIT 1",
                          DB_WITH(DB_TEXT(client_id)), &rows, err);

    if (rc == -ERR_ABSENT) {
        *ret = 0;
        return 0;
    }
    TRY(rc);
    TRY(db_int(&rows, 0, &step, err));
    *ret = (unsigned)step + 1;
    return 0;
}

int platform_onboarding(struct platform_store *store, const char *client_id, unsigned *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find_state(&txn, client_id, ret, err);
}

int platform_take_step(struct platform_store *store, const struct onboarding_act *act,
                       unsigned state, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_TENANT_STEP], bytes_text(act->client_id),
                                      onboarding_steps[act->step]};
    unsigned found;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_state(&txn, act->client_id, &found, err));
    if (found != state)
        return FAIL(err, ERR_CONFLICT, "somebody else took a step meanwhile");
    rc = db_execute(&txn,
                    "INSERT INTO tenant_step SELECT ?1, 1 + count(*), ?2, ?3, ?4 FROM tenant_step"
                    " WHERE client_id = ?1",
                    DB_WITH(DB_TEXT(act->client_id), DB_INT(act->step), DB_INT(by->at),
                            DB_TEXT(act->reference)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

static int put_step(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char reference[STEP_REFERENCE_MAX + 1];
    int64_t step;
    int64_t at;

    TRY(db_int(rows, 0, &step, err));
    TRY(db_int(rows, 1, &at, err));
    TRY(json_put_text(object, "step", onboarding_steps[step], err));
    TRY(json_put_int(object, "at", at, err));
    if (!db_is_null(rows, 2)) {
        TRY(db_text(rows, 2, reference, sizeof reference, err));
        TRY(json_put_text(object, "reference", reference, err));
    }
    return json_add(list, json_steal(&object), err);
}

int platform_list_steps(struct platform_store *store, const char *client_id, struct json **ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT step, at, reference FROM tenant_step WHERE client_id = ? ORDER BY number",
                 DB_WITH(DB_TEXT(client_id)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_step(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}
