/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants, secrets and verifications in SQLite. */
#include "platform/store_sqlite.h"

#include "platform/acts.h"
#include "platform/schema.h"

#include <stdlib.h>

int platform_store_open(const char *path, struct platform_store **ret, struct err *err)
{
    CLEANUP(platform_store_closep) struct platform_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(db_open(path, &platform_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void platform_store_close(struct platform_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    free(store);
}

void platform_store_closep(struct platform_store **store)
{
    platform_store_close(*store);
    *store = NULL;
}

int platform_store_ping(struct platform_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

int platform_list_audit(struct platform_store *store, const char *since, struct json **ret,
                        struct err *err)
{
    return audit_list(store->db, since, ret, err);
}

int platform_audit_tree(struct platform_store *store, const struct audit_tree_query *query,
                        struct json **ret, struct err *err)
{
    return audit_tree(store->db, query, ret, err);
}

int platform_get_wrapped(struct platform_store *store, const char *name, struct buf *ret,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT value FROM wrapped WHERE name = ?", DB_WITH(DB_TEXT(name)),
                     &rows, err));
    return db_blob(&rows, 0, ret, err);
}

int platform_put_wrapped(struct platform_store *store, const char *name, struct bytes wrapped,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO wrapped VALUES (?, ?)",
                   DB_WITH(DB_TEXT(name), DB_BLOB(wrapped)), err));
    return db_commit(&txn, err);
}

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

int platform_keep_verification(struct platform_store *store,
                               const struct verification *verification, const char *outcome,
                               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_JUDGED],
                                      bytes_text(verification->id), outcome};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO verification VALUES (?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(verification->id), DB_TEXT(verification->client_id),
                           DB_INT(verification->at), DB_TEXT(verification->verdict)),
                   err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int platform_get_verification(struct platform_store *store, const char *id, const char *client_id,
                              struct verification *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct verification found;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, client_id, at, verdict FROM verification"
                      " WHERE id = ? AND client_id = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verification");
    TRY(rc);
    TRY(db_text(&rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(&rows, 1, found.client_id, sizeof found.client_id, err));
    TRY(db_int(&rows, 2, &found.at, err));
    TRY(db_text(&rows, 3, found.verdict, sizeof found.verdict, err));
    *ret = found;
    return 0;
}
