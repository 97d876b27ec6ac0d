/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of tenants. Revoked ones stay, so that the hash of a lost key is never given again. */
#include "platform/tenant/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/known.h"

#include <stdio.h>

const char *const tenant_roles[] = {[ROLE_OWNER] = "owner",
                                    [ROLE_DEVELOPER] = "developer",
                                    [ROLE_AUDITOR] = "auditor",
                                    [ROLE_BILLING] = "billing",
                                    [ROLES_] = NULL};

enum { USE_SECONDS = 60 };

static int insert(struct db_txn *txn, const struct tenant_key *key, const struct digest *hash,
                  struct err *err)
{
    int rc = db_execute(txn, "INSERT INTO tenant_key VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
                        DB_WITH(DB_TEXT(key->id), DB_TEXT(key->client_id), DB_TEXT(key->name),
                                DB_INT(key->role), DB_BLOB(digest_bytes(hash)),
                                DB_INT(key->made_at), DB_INT(key->expires_at)),
                        err);

    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    return rc;
}

static int note(struct db_txn *txn, enum platform_act act, const struct tenant_key *key,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(key->id),
                                      act == ACT_TENANT_KEY_ADDED ? tenant_roles[key->role] : NULL};

    return audit_append(txn, by, &event, err);
}

static int count_keys(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM tenant_key WHERE client_id = ? AND revoked_at = 0",
                     DB_WITH(DB_TEXT(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_add_tenant_key(struct platform_store *store, const struct tenant_key *key,
                            const struct digest *hash, const struct audit_origin *by,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t count;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_keys(&txn, key->client_id, &count, err));
    if (count >= TENANT_KEYS_MAX)
        return FAIL(err, ERR_CONFLICT, "a tenant has at most %d keys; revoke one first",
                    TENANT_KEYS_MAX);
    TRY(insert(&txn, key, hash, err));
    TRY(note(&txn, ACT_TENANT_KEY_ADDED, key, by, err));
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

int platform_set_tenant_key(struct platform_store *store, const struct tenant_key *key,
                            const struct digest *hash, const struct audit_origin *by,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_TENANT_KEY_RENEWED],
                                      bytes_text(key->client_id), NULL};

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE tenant_key SET revoked_at = ? WHERE client_id = ? AND revoked_at = 0",
                   DB_WITH(DB_INT(by->at), DB_TEXT(key->client_id)), err));
    TRY(insert(&txn, key, hash, err));
    TRY(audit_append(&txn, by, &event, err));
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

int platform_revoke_tenant_key(struct platform_store *store, const char *client_id, const char *id,
                               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct tenant_key key = {.role = ROLE_OWNER};
    int rc;

    (void)snprintf(key.id, sizeof key.id, "%s", id);
    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE tenant_key SET revoked_at = ? WHERE client_id = ? AND id = ?"
                        " AND revoked_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(client_id), DB_TEXT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such key");
    TRY(rc);
    TRY(note(&txn, ACT_TENANT_KEY_REVOKED, &key, by, err));
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

static int use(struct db_txn *txn, const struct tenant_key *key, int64_t now, struct err *err)
{
    return db_execute(txn, "UPDATE tenant_key SET used_at = ?1 WHERE id = ?2 AND used_at < ?1",
                      DB_WITH(DB_INT(now), DB_TEXT(key->id)), err);
}

int platform_use_tenant_key(struct platform_store *store, const struct tenant_key *key, int64_t now,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (now - key->used_at < USE_SECONDS)
        return 0;
    TRY(db_join(store->db, &txn, err));
    TRY(db_settle(&txn, use(&txn, key, now, err), err));
    known_use(store->known, &key->hash, now);
    return 0;
}

static int read_key(const struct db_rows *rows, struct tenant_key *ret, struct err *err)
{
    int64_t role;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 2, ret->name, sizeof ret->name, err));
    TRY(db_int(rows, 3, &role, err));
    TRY(db_int(rows, 4, &ret->made_at, err));
    TRY(db_int(rows, 5, &ret->expires_at, err));
    TRY(db_int(rows, 6, &ret->used_at, err));
    ret->role = (enum tenant_role)role;
    ret->revoked_at = 0;
    return 0;
}

int platform_list_tenant_keys(struct platform_store *store, const char *client_id,
                              struct tenant_key ret[TENANT_KEYS_MAX], unsigned *ret_count,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, client_id, name, role, made_at, expires_at, used_at FROM tenant_key"
                 " WHERE client_id = ? AND revoked_at = 0 ORDER BY made_at, rowid",
                 DB_WITH(DB_TEXT(client_id)), &rows, err));
    while (count < TENANT_KEYS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_key(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}
