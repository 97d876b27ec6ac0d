/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/report/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

enum { JWK_MAX = 1024 };

int platform_note_report_key(struct platform_store *store, const char *kid, const char *jwk,
                             int64_t at, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO report_key VALUES (?, ?, ?) ON CONFLICT (kid) DO NOTHING",
                   DB_WITH(DB_TEXT(kid), DB_TEXT(jwk), DB_INT(at)), err));
    return db_commit(&txn, err);
}

static int add_key(const struct db_rows *rows, struct json *keys, struct err *err)
{
    char text[JWK_MAX];
    struct json *key = NULL;

    TRY(db_text(rows, 0, text, sizeof text, err));
    TRY(json_parse(bytes_text(text), &key, err));
    return json_add(keys, key, err);
}

int platform_list_report_keys(struct platform_store *store, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *set = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn, "SELECT jwk FROM report_key ORDER BY since DESC, kid", DB_NOTHING, &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(add_key(&rows, keys, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(json_put(set, "keys", json_steal(&keys), err));
    *ret = json_steal(&set);
    return 0;
}

int platform_note_report(struct platform_store *store, const char *verification,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_REPORTED],
                                      bytes_text(verification), NULL};

    TRY(db_begin(store->db, &txn, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
