/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/known.h"

const char *const tenant_environments[] = {
    [ENVIRONMENT_LIVE] = "live", [ENVIRONMENT_TEST] = "test", [ENVIRONMENTS_] = NULL};

static int fail_absent(int rc, struct err *err)
{
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such client here") : rc;
}

static int note(struct db_txn *txn, enum platform_act act, const char *client_id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(client_id), NULL};

    return audit_append(txn, by, &event, err);
}

static int add(struct db_txn *txn, const struct tenant *tenant, const struct digest *key,
               const struct audit_origin *by, struct err *err)
{
    const struct tenant_rules *rules = &tenant->rules;
    int rc;

    /* The column of the key is from before there were several: it holds nobody's hash. */
    rc = db_execute(txn,
                    "INSERT INTO tenant (client_id, name, origin, key, environment, rate, quota,"
                    " sources) VALUES (?, ?, ?, randomblob(16), ?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(tenant->client_id), DB_TEXT(tenant->name),
                            DB_TEXT(tenant->origin), DB_INT(rules->environment),
                            DB_INT(rules->rate), DB_INT(rules->quota), DB_TEXT(rules->sources)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is a tenant with this client id already");
    TRY(rc);
    TRY(db_execute(txn,
                   "INSERT INTO tenant_key VALUES (lower(hex(randomblob(11))), ?, 'first', ?, ?,"
                   " ?, 0, 0, 0)",
                   DB_WITH(DB_TEXT(tenant->client_id), DB_INT(ROLE_OWNER),
                           DB_BLOB(digest_bytes(key)), DB_INT(by->at)),
                   err));
    return note(txn, ACT_TENANT_ADDED, tenant->client_id, by, err);
}

int platform_add_tenant(struct platform_store *store, const struct tenant *tenant,
                        const struct digest *key, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(add(&txn, tenant, key, by, err));
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

int platform_add_test_tenant(struct platform_store *store, const char *live,
                             const struct tenant *tenant, const struct digest *key,
                             const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(add(&txn, tenant, key, by, err));
    rc = db_execute(&txn, "INSERT INTO tenant_environment VALUES (?, ?)",
                    DB_WITH(DB_TEXT(tenant->client_id), DB_TEXT(live)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "this tenant has a test environment already");
    TRY(rc);
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

static int put_environment(const struct db_rows *rows, struct json *array, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char origin[TENANT_ORIGIN_MAX + 1], client_id[CLIENT_ID_MAX + 1];
    int64_t environment;

    TRY(db_text(rows, 0, client_id, sizeof client_id, err));
    TRY(db_int(rows, 1, &environment, err));
    TRY(db_text(rows, 2, origin, sizeof origin, err));
    TRY(json_put_text(object, "client_id", client_id, err));
    TRY(json_put_text(object, "environment", tenant_environments[environment], err));
    TRY(json_put_text(object, "origin", origin, err));
    return json_add(array, json_steal(&object), err);
}

int platform_list_environments(struct platform_store *store, const char *client_id,
                               struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *array = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "WITH own (live) AS (SELECT coalesce((SELECT live FROM tenant_environment"
                 "  WHERE client_id = ?1), ?1))"
                 " SELECT client_id, environment, origin FROM tenant, own"
                 " WHERE client_id = own.live OR client_id IN"
                 "  (SELECT e.client_id FROM tenant_environment AS e WHERE e.live = own.live)"
                 " ORDER BY client_id <> own.live, client_id",
                 DB_WITH(DB_TEXT(client_id)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_environment(&rows, array, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&array);
    return 0;
}

/* A test environment and the tenant whose it is stay what they are. */
static int check_environment(struct db_txn *txn, const char *client_id,
                             enum tenant_environment environment, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT 1 FROM tenant_environment WHERE (client_id = ?1 AND ?2 = 0)"
                          " OR (live = ?1 AND ?2 <> 0)",
                          DB_WITH(DB_TEXT(client_id), DB_INT(environment)), &rows, err);

    if (rc == 0)
        return FAIL(err, ERR_CONFLICT, "a provider's live and test environment stay what they are");
    return rc == -ERR_ABSENT ? 0 : rc;
}

int platform_set_tenant_rules(struct platform_store *store, const char *client_id,
                              const struct tenant_rules *rules, const struct audit_origin *by,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(check_environment(&txn, client_id, rules->environment, err));
    TRY(fail_absent(
        db_execute_one(&txn,
                       "UPDATE tenant SET environment = ?, rate = ?, quota = ?,"
                       " sources = ? WHERE client_id = ?",
                       DB_WITH(DB_INT(rules->environment), DB_INT(rules->rate),
                               DB_INT(rules->quota), DB_TEXT(rules->sources), DB_TEXT(client_id)),
                       err),
        err));
    TRY(note(&txn, ACT_TENANT_CHANGED, client_id, by, err));
    TRY(db_commit(&txn, err));
    known_forget(store->known);
    return 0;
}

/* A tenant from the first columns of a row. */
static int read_tenant(const struct db_rows *rows, struct tenant *ret, struct err *err)
{
    struct tenant tenant = {.name = ""};
    int64_t environment;

    TRY(db_text(rows, 0, tenant.client_id, sizeof tenant.client_id, err));
    TRY(db_text(rows, 1, tenant.name, sizeof tenant.name, err));
    TRY(db_text(rows, 2, tenant.origin, sizeof tenant.origin, err));
    TRY(db_int(rows, 3, &environment, err));
    TRY(db_int(rows, 4, &tenant.rules.rate, err));
    TRY(db_int(rows, 5, &tenant.rules.quota, err));
    TRY(db_text(rows, 6, tenant.rules.sources, sizeof tenant.rules.sources, err));
    tenant.rules.environment = (enum tenant_environment)environment;
    *ret = tenant;
    return 0;
}

#define COLUMNS "t.client_id, t.name, t.origin, t.environment, t.rate, t.quota, t.sources"

int platform_get_tenant(struct platform_store *store, const char *client_id, struct tenant *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(fail_absent(db_query_one(&txn, "SELECT " COLUMNS " FROM tenant AS t WHERE client_id = ?",
                                 DB_WITH(DB_TEXT(client_id)), &rows, err),
                    err));
    return read_tenant(&rows, ret, err);
}

static int read_found_key(const struct db_rows *rows, struct tenant_key *ret, struct err *err)
{
    int64_t role;

    TRY(db_text(rows, 7, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 8, ret->name, sizeof ret->name, err));
    TRY(db_int(rows, 9, &role, err));
    TRY(db_int(rows, 10, &ret->used_at, err));
    TRY(db_int(rows, 11, &ret->expires_at, err));
    ret->role = (enum tenant_role)role;
    return 0;
}

static int look_up(struct platform_store *store, const struct digest *key, int64_t now,
                   struct tenant *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct tenant tenant;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " COLUMNS ", k.id, k.name, k.role, k.used_at, k.expires_at"
                      " FROM tenant_key AS k"
                      " JOIN tenant AS t USING (client_id) WHERE k.hash = ?1 AND k.revoked_at = 0"
                      " AND (k.expires_at = 0 OR k.expires_at >= ?2)",
                      DB_WITH(DB_BLOB(digest_bytes(key)), DB_INT(now)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this key is no tenant's");
    TRY(rc);
    TRY(read_tenant(&rows, &tenant, err));
    TRY(read_found_key(&rows, &tenant.key, err));
    tenant.key.hash = *key;
    *ret = tenant;
    return 0;
}

int platform_get_tenant_by_key(struct platform_store *store, const struct digest *key, int64_t now,
                               struct tenant *ret, struct err *err)
{
    const uint64_t edition = known_edition(store->known);

    if (known_find(store->known, key, now, ret))
        return 0;
    TRY(look_up(store, key, now, ret, err));
    known_put(store->known, ret, edition);
    return 0;
}

int platform_list_tenants(struct platform_store *store, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *array = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn, "SELECT client_id FROM tenant ORDER BY client_id", DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        char client_id[CLIENT_ID_MAX + 1];

        TRY(db_text(&rows, 0, client_id, sizeof client_id, err));
        TRY(json_add_text(array, client_id, err));
    }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&array);
    return 0;
}
