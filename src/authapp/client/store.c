/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/store.h"

#include "authapp/client/known.h"
#include "authapp/store_sqlite.h"

#include <string.h>

int authapp_add_client(struct authapp_store *store, const struct client *client,
                       struct bytes metadata, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct db_value secret = client->has_secret ? DB_BLOB(digest_bytes(&client->secret))
                                                      : DB_NULL;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute(&txn, "INSERT INTO client VALUES (?, ?, ?)",
                    DB_WITH(DB_TEXT(client->id), DB_BLOB(metadata), secret), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is a client with this id already");
    TRY(rc);
    TRY(authapp_note(&txn, ACT_CLIENT_ADDED, client->id, NULL, by, err));
    return db_commit(&txn, err);
}

static int no_such_client(int rc, struct err *err)
{
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such client here") : rc;
}

/* Whoever looks from now on looks here: also if it cannot be told what became of it. */
static int commit_change(struct authapp_store *store, struct db_txn *txn, struct err *err)
{
    int rc = db_commit(txn, err);

    known_clients_forget(store->clients);
    return rc;
}

int authapp_set_secret(struct authapp_store *store, const char *id, const struct digest *secret,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(no_such_client(db_execute_one(&txn, "UPDATE client SET secret = ? WHERE client_id = ?",
                                      DB_WITH(DB_BLOB(digest_bytes(secret)), DB_TEXT(id)), err),
                       err));
    TRY(authapp_note(&txn, ACT_CLIENT_SECRET_RENEWED, id, NULL, by, err));
    return commit_change(store, &txn, err);
}

int authapp_remove_client(struct authapp_store *store, const char *id,
                          const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(no_such_client(
        db_execute_one(&txn, "DELETE FROM client WHERE client_id = ?", DB_WITH(DB_TEXT(id)), err),
        err));
    TRY(db_execute(&txn, "DELETE FROM access_grant WHERE client_id = ?", DB_WITH(DB_TEXT(id)),
                   err));
    TRY(db_execute(&txn, "DELETE FROM login WHERE client_id = ?", DB_WITH(DB_TEXT(id)), err));
    TRY(authapp_note(&txn, ACT_CLIENT_REMOVED, id, NULL, by, err));
    return commit_change(store, &txn, err);
}

/* The client in the current row: metadata, secret. */
static int read_client(const struct db_rows *rows, struct client *ret, struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(buf_done) struct buf secret = BUF_INIT;

    TRY(db_blob(rows, 0, &metadata, err));
    TRY(client_parse(buf_bytes(&metadata), &client, err));
    client.has_secret = !db_is_null(rows, 1);
    if (client.has_secret) {
        client.secret = (struct digest){.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)};
        TRY(db_blob(rows, 1, &secret, err));
        if (secret.len != client.secret.len)
            return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
        memcpy(client.secret.value, secret.ptr, secret.len);
    }
    *ret = client;
    client.metadata = NULL;
    return 0;
}

static int look_up(struct authapp_store *store, const char *id, struct client *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(no_such_client(db_query_one(&txn, "SELECT metadata, secret FROM client WHERE client_id = ?",
                                    DB_WITH(DB_TEXT(id)), &rows, err),
                       err));
    return read_client(&rows, ret, err);
}

int authapp_get_client(struct authapp_store *store, const char *id, struct client *ret,
                       struct err *err)
{
    const uint64_t edition = known_clients_edition(store->clients);
    struct client client;

    if (known_clients_find(store->clients, id, ret))
        return 0;
    TRY(look_up(store, id, &client, err));
    known_clients_put(store->clients, &client, edition);
    *ret = client;
    return 0;
}

int authapp_each_client(struct authapp_store *store,
                        int (*each)(void *context, const struct client *client, struct err *err),
                        void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn, "SELECT metadata, secret FROM client ORDER BY client_id", DB_NOTHING, &rows,
                 err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(client_done) struct client client = {.metadata = NULL};

        TRY(read_client(&rows, &client, err));
        TRY(each(context, &client, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int use_assertion(struct db_txn *txn, const char *client_id, const struct digest *jti,
                         int64_t expires_at, int64_t now, struct err *err)
{
    int rc;

    TRY(db_execute(txn, "DELETE FROM assertion WHERE expires_at < ?", DB_WITH(DB_INT(now)), err));
    rc = db_execute(txn, "INSERT INTO assertion VALUES (?, ?, ?)",
                    DB_WITH(DB_TEXT(client_id), DB_BLOB(digest_bytes(jti)), DB_INT(expires_at)),
                    err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_CONFLICT, "this assertion was used before") : rc;
}

int authapp_use_assertion(struct authapp_store *store, const char *client_id,
                          const struct digest *jti, int64_t expires_at, int64_t now,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, use_assertion(&txn, client_id, jti, expires_at, now, err), err);
}
