/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/kiosk/terminal.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/digest.h"
#include "portal/kiosk/acts.h"
#include "portal/portal.h"

#include <stdio.h>
#include <string.h>

#define ID_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

static int check_inputs(const char *id, const char *name, struct err *err)
{
    const size_t len = strlen(id);
    const size_t count = utf8_count(bytes_text(name));

    if (len == 0 || len > KIOSK_ID_LEN || strspn(id, ID_LETTERS) != len)
        return FAIL(err, ERR_INPUT, "id: 1 to %d of A-Z, 0-9 and -", KIOSK_ID_LEN);
    if (utf8_is_blank(bytes_text(name)) || count > KIOSK_NAME_MAX ||
        !utf8_is_shown(bytes_text(name)))
        return FAIL(err, ERR_INPUT, "name: 1 to %d characters", KIOSK_NAME_MAX);
    return 0;
}

static int check_room(struct db_txn *txn, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn, "SELECT count(*) FROM kiosk_terminal WHERE revoked_at = 0", DB_NOTHING,
                     &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    return count < KIOSK_TERMINALS_MAX
               ? 0
               : FAIL(err, ERR_CONFLICT, "there are %d terminals; revoke one first",
                      KIOSK_TERMINALS_MAX);
}

int kiosk_terminal_add(struct db *db, const char *id, const char *name,
                       const struct audit_origin *by, char ret_key[KIOSK_KEY_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char key[KIOSK_KEY_SIZE];
    struct digest hash;
    int rc;

    TRY(check_inputs(id, name, err));
    TRY(random_text(key, sizeof key, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, err));
    rc = db_execute(
        &txn, "INSERT INTO kiosk_terminal VALUES (?, ?, ?, ?, 0)",
        DB_WITH(DB_TEXT(id), DB_TEXT(name), DB_BLOB(digest_bytes(&hash)), DB_INT(by->at)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is or was a terminal of this id");
    TRY(rc);
    TRY(kiosk_note(&txn, KIOSK_TERMINAL_ADDED, id, NULL, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int kiosk_terminal_renew(struct db *db, const char *id, const struct audit_origin *by,
                         char ret_key[KIOSK_KEY_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char key[KIOSK_KEY_SIZE];
    struct digest hash;
    int rc;

    TRY(random_text(key, sizeof key, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn, "UPDATE kiosk_terminal SET hash = ? WHERE id = ? AND revoked_at = 0",
                        DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_TEXT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such terminal");
    TRY(rc);
    TRY(kiosk_note(&txn, KIOSK_TERMINAL_RENEWED, id, NULL, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int kiosk_terminal_revoke(struct db *db, const char *id, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE kiosk_terminal SET revoked_at = ? WHERE id = ? AND revoked_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such terminal");
    TRY(rc);
    TRY(kiosk_note(&txn, KIOSK_TERMINAL_REVOKED, id, NULL, by, err));
    return db_commit(&txn, err);
}

static int read_terminal(const struct db_rows *rows, struct kiosk_terminal *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    return db_text(rows, 1, ret->name, sizeof ret->name, err);
}

static int put_terminal(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    struct kiosk_terminal terminal;
    int64_t made_at;

    TRY(read_terminal(rows, &terminal, err));
    TRY(db_int(rows, 2, &made_at, err));
    TRY(json_put_text(item, "id", terminal.id, err));
    TRY(json_put_text(item, "name", terminal.name, err));
    TRY(json_put_int(item, "made_at", made_at, err));
    return json_add(list, json_steal(&item), err);
}

int kiosk_terminal_list(struct db *db, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, name, made_at FROM kiosk_terminal WHERE revoked_at = 0 ORDER BY id",
                 DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_terminal(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}

/* ---- in requests ---- */

static int find(struct db *db, const char *key, struct kiosk_terminal *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct digest hash;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn, "SELECT id, name FROM kiosk_terminal WHERE hash = ? AND revoked_at = 0",
                      DB_WITH(DB_BLOB(digest_bytes(&hash))), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this is no terminal's key");
    TRY(rc);
    return read_terminal(&rows, ret, err);
}

/* RFC 6750, 2.1. */
int kiosk_bearer(const struct http_call *call, struct kiosk_terminal *ret, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const struct portal *portal = call->context;
    const char *value = http_header(&call->request, "Authorization");

    if (value == NULL || strncmp(value, scheme, strlen(scheme)) != 0)
        return FAIL(err, ERR_DENIED, "a terminal's key is needed: Authorization: Bearer KEY");
    return find(portal_store_db(portal->store), value + strlen(scheme), ret, err);
}

struct audit_origin kiosk_by(const struct http_call *call, const struct kiosk_terminal *terminal)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "kiosk", terminal->id, call->request.trace_id);
}

static int check(const struct http_call *call, struct err *err)
{
    struct kiosk_terminal terminal;

    return kiosk_bearer(call, &terminal, err);
}

const struct http_access portal_kiosk = {
    "kiosk", check, "With the key of a kiosk: Authorization: Bearer KEY.", .is_bearer = true};
