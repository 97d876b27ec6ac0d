/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/client.h"

#include "base/hex.h"
#include "base/json.h"
#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/digest.h"
#include "db/list.h"

#include <string.h>

const struct audit_act gateway_acts[] = {
    [GATEWAY_CLIENT_ADDED] = {"gateway_client.added", "gateway-client"},
    [GATEWAY_CLIENT_RENEWED] = {"gateway_client.renewed", "gateway-client"},
    [GATEWAY_CLIENT_REMOVED] = {"gateway_client.removed", "gateway-client"},
};

static int check_client(const struct gateway_client *client, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const size_t len = strlen(client->id);
    const size_t name = utf8_count(bytes_text(client->name));

    if (len == 0 || strspn(client->id, letters) != len)
        return FAIL(err, ERR_INPUT, "id: 1 to %d small letters, digits, hyphens", GATEWAY_ID_MAX);
    if (utf8_is_blank(bytes_text(client->name)) || name > GATEWAY_NAME_MAX ||
        !utf8_is_shown(bytes_text(client->name)))
        return FAIL(err, ERR_INPUT, "name: 1 to %d characters", GATEWAY_NAME_MAX);
    if (client->rate < 0 || client->rate > GATEWAY_RATE_MAX)
        return FAIL(err, ERR_INPUT, "rate: 1 to %d requests a second", GATEWAY_RATE_MAX);
    return 0;
}

/* A new password, and what is kept of it: the hash of what is sent in its place. */
static int make_password(char ret[GATEWAY_PASSWORD_SIZE], struct digest *ret_kept, struct err *err)
{
    struct digest sent;

    TRY(random_text(ret, GATEWAY_PASSWORD_SIZE, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(ret), &sent, err));
    return digest_compute(DIGEST_SHA256, digest_bytes(&sent), ret_kept, err);
}

static int note(struct db_txn *txn, enum gateway_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&gateway_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

static int check_room(struct db_txn *txn, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn, "SELECT count(*) FROM gateway_client", DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= GATEWAY_CLIENTS_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d clients already", GATEWAY_CLIENTS_MAX);
    return 0;
}

int gateway_client_add(struct db *db, const struct gateway_client *client,
                       const struct audit_origin *by, char ret_password[GATEWAY_PASSWORD_SIZE],
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const int64_t rate = client->rate == 0 ? GATEWAY_RATE_DEFAULT : client->rate;
    char password[GATEWAY_PASSWORD_SIZE];
    struct digest kept;
    int rc;

    TRY(check_client(client, err));
    TRY(make_password(password, &kept, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, err));
    rc = db_execute(&txn, "INSERT INTO gateway_client VALUES (?, ?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(client->id), DB_TEXT(client->name),
                            DB_BLOB(digest_bytes(&kept)), DB_INT(rate), DB_INT(by->at)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is such a client already");
    TRY(rc);
    TRY(note(&txn, GATEWAY_CLIENT_ADDED, client->id, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_password, password, sizeof password);
    return 0;
}

/* A statement that changes the one client; ERR_ABSENT if there is none. */
static int change(struct db_txn *txn, const char *sql, const struct db_value *values,
                  struct err *err)
{
    const int rc = db_execute_one(txn, sql, values, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such client") : rc;
}

int gateway_client_renew(struct db *db, const char *id, const struct audit_origin *by,
                         char ret_password[GATEWAY_PASSWORD_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char password[GATEWAY_PASSWORD_SIZE];
    struct digest kept;

    TRY(make_password(password, &kept, err));
    TRY(db_begin(db, &txn, err));
    TRY(change(&txn, "UPDATE gateway_client SET hash = ? WHERE id = ?",
               DB_WITH(DB_BLOB(digest_bytes(&kept)), DB_TEXT(id)), err));
    TRY(note(&txn, GATEWAY_CLIENT_RENEWED, id, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_password, password, sizeof password);
    return 0;
}

int gateway_client_remove(struct db *db, const char *id, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(change(&txn, "DELETE FROM gateway_client WHERE id = ?", DB_WITH(DB_TEXT(id)), err));
    TRY(note(&txn, GATEWAY_CLIENT_REMOVED, id, by, err));
    return db_commit(&txn, err);
}

static int read_client(const struct db_rows *rows, struct gateway_client *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->name, sizeof ret->name, err));
    TRY(db_int(rows, 2, &ret->rate, err));
    return db_int(rows, 3, &ret->made_at, err);
}

static int put_client(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    struct gateway_client client;

    TRY(read_client(rows, &client, err));
    TRY(json_put_text(item, "id", client.id, err));
    TRY(json_put_text(item, "name", client.name, err));
    TRY(json_put_int(item, "rate", client.rate, err));
    TRY(json_put_int(item, "made_at", client.made_at, err));
    return json_add(list, json_steal(&item), err);
}

int gateway_client_list(struct db *db, struct json **ret, struct err *err)
{
    return db_list(db, "SELECT id, name, rate, made_at FROM gateway_client ORDER BY id", DB_NOTHING,
                   put_client, ret, err);
}

/* Its row and the hash that is kept; of one that is not there, a hash that nothing has. */
static int load(struct db *db, const char *id, struct gateway_client *ret, struct buf *ret_hash,
                struct err *err)
{
    static const uint8_t nothing[32] = {0};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn, "SELECT id, name, rate, made_at, hash FROM gateway_client WHERE id = ?",
                      DB_WITH(DB_TEXT(id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return buf_copy(BYTES_ARRAY(nothing), ret_hash, err);
    TRY(rc);
    TRY(read_client(&rows, ret, err));
    return db_blob(&rows, 4, ret_hash, err);
}

int gateway_client_find(struct db *db, const char *id, const char *password_hash,
                        struct gateway_client *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf sent = BUF_INIT;
    CLEANUP(buf_done) struct buf kept = BUF_INIT;
    struct gateway_client client = {.id = ""};
    struct digest digest;

    if (hex_decode(password_hash, &sent, NULL) < 0)
        buf_clear(&sent);
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&sent), &digest, err));
    TRY(load(db, id, &client, &kept, err));
    if (!bytes_equal_secret(digest_bytes(&digest), buf_bytes(&kept)) || client.id[0] == '\0')
        return FAIL(err, ERR_DENIED, "there is no client of this id and password");
    *ret = client;
    return 0;
}
