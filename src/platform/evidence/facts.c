/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/evidence/facts.h"

#include "platform/limits.h"
#include "platform/operator/onboarding.h"
#include "platform/store_sqlite.h"

const char *const evidence_webhooks[] = {"none", "public", "any", NULL};

enum { NAME_SIZE = 64 };

/* One number that is asked of the database. */
struct number {
    const char *name, *sql;
};

static const struct number numbers[] = {
    {"operator_keys", "SELECT count(*) FROM operator_key WHERE revoked_at = 0 AND (expires_at = 0 "
                      "OR expires_at > ?)"},
    {"operator_keys_without_end",
     "SELECT count(*) FROM operator_key WHERE revoked_at = 0 AND expires_at = 0 AND ? > 0"},
    {"operator_members",
     "SELECT count(*) FROM member WHERE client_id IS NULL AND removed_at = 0 AND bound_at <> 0"
     " AND ? > 0"},
    {"tenant_members",
     "SELECT count(*) FROM member WHERE client_id IS NOT NULL AND removed_at = 0 AND ? > 0"},
    {"tenant_keys",
     "SELECT count(*) FROM tenant_key WHERE revoked_at = 0 AND (expires_at = 0 OR expires_at > ?)"},
    {"webhooks", "SELECT count(*) FROM webhook WHERE ended_at IS NULL AND ? > 0"},
    {"webhooks_in_clear",
     "SELECT count(*) FROM webhook WHERE ended_at IS NULL AND url NOT LIKE 'https://%' AND ? > 0"},
    {"deliveries_waiting", "SELECT count(*) FROM delivery WHERE state = 'waiting' AND ? > 0"},
    {"deliveries_dead", "SELECT count(*) FROM delivery WHERE state = 'dead' AND ? > 0"},
    /* They are taken away when the next one comes. */
    {"logins_over", "SELECT count(*) FROM login WHERE expires_at < ?"},
    {"billed_questions", "SELECT coalesce(sum(count), 0) FROM usage WHERE ? > 0"},
    {"oldest_verification", "SELECT coalesce(min(at), 0) FROM verification WHERE ? > 0"},
    {"audit_records", "SELECT coalesce(max(seq), 0) FROM audit WHERE ? > 0"},
};

static int put_number(struct db_txn *txn, const struct number *number, int64_t now,
                      struct json *body, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t value;

    TRY(db_query_one(txn, number->sql, DB_WITH(DB_INT(now)), &rows, err));
    TRY(db_int(&rows, 0, &value, err));
    return json_put_int(body, number->name, value, err);
}

/* Each table but those of the log, which has its own count. */
static int list_tables(struct db_txn *txn, struct json **ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *names = json_array_new();
    int rc;

    TRY(db_query(txn,
                 "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%'"
                 " AND name NOT LIKE 'sqlite%' ORDER BY name",
                 DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        char name[NAME_SIZE];

        TRY(db_text(&rows, 0, name, sizeof name, err));
        TRY(json_add_text(names, name, err));
    }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&names);
    return 0;
}

static int put_table(struct db_txn *txn, const char *name, struct json *list, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf sql = BUF_INIT;
    const char *text;
    int64_t count;

    TRY(buf_append_format(&sql, err, "SELECT count(*) FROM \"%s\"", name));
    TRY(buf_text(&sql, &text, err));
    TRY(db_query_one(txn, text, DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    TRY(json_put_text(object, "name", name, err));
    TRY(json_put_int(object, "rows", count, err));
    return json_add(list, json_steal(&object), err);
}

static int put_tables(struct db_txn *txn, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(json_freep) struct json *names = NULL;

    TRY(list_tables(txn, &names, err));
    for (size_t i = 0; i < json_count(names); i++)
        TRY(put_table(txn, json_text(json_at(names, i)), list, err));
    return json_put(body, "tables", json_steal(&list), err);
}

/* Where a tenant stands and whether anything was judged for it. */
static int put_tenant(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char client_id[CLIENT_ID_MAX + 1];
    int64_t state;
    int64_t used;

    TRY(db_text(rows, 0, client_id, sizeof client_id, err));
    TRY(db_int(rows, 1, &state, err));
    TRY(db_int(rows, 2, &used, err));
    if (state < 0 || state > STEPS_)
        return FAIL(err, ERR_SYSTEM, "the database has a step that is not known");
    TRY(json_put_text(object, "client_id", client_id, err));
    TRY(json_put_text(object, "state", onboarding_states[state], err));
    TRY(json_put_int(object, "judgements", used, err));
    return json_add(list, json_steal(&object), err);
}

static int put_tenants(struct db_txn *txn, struct json *body, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_query(txn,
                 "SELECT client_id, coalesce((SELECT step + 1 FROM tenant_step AS s"
                 " WHERE s.client_id = t.client_id ORDER BY number DESC LIMIT 1), 0),"
                 " coalesce((SELECT sum(count) FROM usage_day AS u"
                 " WHERE u.client_id = t.client_id AND kind = 'judgement'), 0)"
                 " FROM tenant AS t ORDER BY client_id",
                 DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_tenant(&rows, list, err));
    return rc == -ERR_ABSENT ? json_put(body, "tenants", json_steal(&list), err) : rc;
}

int evidence_put_kept(struct platform_store *store, int64_t now, struct json *body, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        TRY(put_number(&txn, &numbers[i], now, body, err));
    TRY(put_tenants(&txn, body, err));
    return put_tables(&txn, body, err);
}
