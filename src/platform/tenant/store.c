/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"

int platform_add_tenant(struct platform_store *store, const struct tenant *tenant,
                        const struct digest *key, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_TENANT_ADDED],
                                      bytes_text(tenant->client_id), NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute(&txn, "INSERT INTO tenant VALUES (?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(tenant->client_id), DB_TEXT(tenant->name),
                            DB_TEXT(tenant->origin), DB_BLOB(digest_bytes(key))),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is a tenant with this client id already");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int platform_set_tenant_key(struct platform_store *store, const char *client_id,
                            const struct digest *key, const struct audit_origin *by,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_TENANT_KEY_RENEWED], bytes_text(client_id),
                                      NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "UPDATE tenant SET key = ? WHERE client_id = ?",
                        DB_WITH(DB_BLOB(digest_bytes(key)), DB_TEXT(client_id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* The tenant that a statement with one value finds. */
static int find_tenant(struct platform_store *store, const char *sql, struct db_value value,
                       struct tenant *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct tenant tenant;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, sql, DB_WITH(value), &rows, err));
    TRY(db_text(&rows, 0, tenant.client_id, sizeof tenant.client_id, err));
    TRY(db_text(&rows, 1, tenant.name, sizeof tenant.name, err));
    TRY(db_text(&rows, 2, tenant.origin, sizeof tenant.origin, err));
    *ret = tenant;
    return 0;
}

int platform_get_tenant(struct platform_store *store, const char *client_id, struct tenant *ret,
                        struct err *err)
{
    int rc = find_tenant(store, "SELECT client_id, name, origin FROM tenant WHERE client_id = ?",
                         DB_TEXT(client_id), ret, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such client here") : rc;
}

int platform_get_tenant_by_key(struct platform_store *store, const struct digest *key,
                               struct tenant *ret, struct err *err)
{
    int rc = find_tenant(store, "SELECT client_id, name, origin FROM tenant WHERE key = ?",
                         DB_BLOB(digest_bytes(key)), ret, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "this key is no tenant's") : rc;
}
