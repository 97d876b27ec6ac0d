/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/operator/store.h"

#include "base/random_text.h"
#include "platform/acts.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/tenant.h"

#include <stdio.h>
#include <string.h>

static int note(struct db_txn *txn, enum platform_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

static int count_keys(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM operator_key WHERE revoked_at = 0", DB_NOTHING,
                     &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_add_operator_key(struct platform_store *store, const struct operator_key *key,
                              const struct digest *hash, const struct audit_origin *by,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t count;

    TRY(db_begin(store->db, &txn, err));
    TRY(count_keys(&txn, &count, err));
    if (count >= OPERATOR_KEYS_MAX)
        return FAIL(err, ERR_CONFLICT, "an operator has at most %d keys; revoke one first",
                    OPERATOR_KEYS_MAX);
    TRY(db_execute(&txn, "INSERT INTO operator_key VALUES (?, ?, ?, ?, ?, 0)",
                   DB_WITH(DB_TEXT(key->id), DB_TEXT(key->name), DB_BLOB(digest_bytes(hash)),
                           DB_INT(key->made_at), DB_INT(key->expires_at)),
                   err));
    TRY(note(&txn, ACT_OPERATOR_KEY_ADDED, key->id, by, err));
    return db_commit(&txn, err);
}

int platform_revoke_operator_key(struct platform_store *store, const char *id,
                                 const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE operator_key SET revoked_at = ? WHERE id = ? AND revoked_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such key");
    TRY(rc);
    TRY(note(&txn, ACT_OPERATOR_KEY_REVOKED, id, by, err));
    return db_commit(&txn, err);
}

static int read_key(const struct db_rows *rows, struct operator_key *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->name, sizeof ret->name, err));
    TRY(db_int(rows, 2, &ret->made_at, err));
    return db_int(rows, 3, &ret->expires_at, err);
}

int platform_get_operator_key(struct platform_store *store, const struct digest *hash, int64_t now,
                              struct operator_key *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, name, made_at, expires_at FROM operator_key WHERE hash = ?"
                      " AND revoked_at = 0 AND (expires_at = 0 OR expires_at >= ?)",
                      DB_WITH(DB_BLOB(digest_bytes(hash)), DB_INT(now)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this key is no operator's");
    TRY(rc);
    return read_key(&rows, ret, err);
}

int platform_list_operator_keys(struct platform_store *store,
                                struct operator_key ret[OPERATOR_KEYS_MAX], unsigned *ret_count,
                                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, name, made_at, expires_at FROM operator_key WHERE revoked_at = 0"
                 " ORDER BY made_at, rowid",
                 DB_NOTHING, &rows, err));
    while (count < OPERATOR_KEYS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_key(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

int operator_add_key(struct platform_store *store, const struct operator_key_inputs *inputs,
                     const struct audit_origin *by, char ret_key[OPERATOR_KEY_SIZE],
                     struct operator_key *ret, struct err *err)
{
    struct operator_key made = {.made_at = by->at, .expires_at = inputs->expires_at};
    char key[OPERATOR_KEY_SIZE];
    struct digest hash;

    TRY(tenant_name_check(inputs->name, TENANT_KEY_NAME_MAX, err));
    if (inputs->expires_at != 0 && inputs->expires_at <= by->at)
        return FAIL(err, ERR_INPUT, "a key that expires does so later than now");
    (void)snprintf(made.name, sizeof made.name, "%s", inputs->name);
    TRY(random_text(made.id, sizeof made.id, err));
    TRY(random_text(key, sizeof key, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(platform_add_operator_key(store, &made, &hash, by, err));
    memcpy(ret_key, key, sizeof key);
    *ret = made;
    return 0;
}
