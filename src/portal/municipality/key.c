/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/municipality/key.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/digest.h"
#include "db/list.h"

#include <stdio.h>
#include <string.h>

const char *const municipality_roles[] = {
    [MUNICIPALITY_CLERK] = "clerk", [MUNICIPALITY_EDITOR] = "editor", [MUNICIPALITY_ROLES_] = NULL};
const struct audit_act municipality_acts[] = {
    [MUNICIPALITY_KEY_ADDED] = {"municipality_key.added", "municipality-key"},
    [MUNICIPALITY_KEY_REVOKED] = {"municipality_key.revoked", "municipality-key"},
    [MUNICIPALITY_STAFF_INVITED] = {"municipality_staff.invited", "municipality-staff"},
    [MUNICIPALITY_STAFF_JOINED] = {"municipality_staff.joined", "municipality-staff"},
    [MUNICIPALITY_STAFF_DISMISSED] = {"municipality_staff.dismissed", "municipality-staff"},
    [MUNICIPALITY_DRAFT_SAVED] = {"procedure_draft.saved", "procedure-draft"},
    [MUNICIPALITY_DRAFT_PUBLISHED] = {"procedure_draft.published", "procedure-draft"},
};

int municipality_role_read(const char *name, enum municipality_role *ret, struct err *err)
{
    for (unsigned i = 0; i < MUNICIPALITY_ROLES_; i++) {
        if (strcmp(municipality_roles[i], name) == 0) {
            *ret = (enum municipality_role)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "role: clerk or editor");
}

static int check_inputs(const struct municipality_key_inputs *inputs, struct err *err)
{
    const size_t count = utf8_count(bytes_text(inputs->name));
    enum municipality_role role;

    if (utf8_is_blank(bytes_text(inputs->name)) || count > MUNICIPALITY_KEY_NAME_MAX ||
        !utf8_is_shown(bytes_text(inputs->name)))
        return FAIL(err, ERR_INPUT, "name: 1 to %d characters", MUNICIPALITY_KEY_NAME_MAX);
    return municipality_role_read(inputs->role, &role, err);
}

static int check_room(struct db_txn *txn, const char *municipality, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) FROM municipality_key"
                     " WHERE municipality = ? AND revoked_at = 0",
                     DB_WITH(DB_TEXT(municipality)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= MUNICIPALITY_KEYS_MAX)
        return FAIL(err, ERR_CONFLICT, "a municipality has at most %d keys; revoke one first",
                    MUNICIPALITY_KEYS_MAX);
    return 0;
}

static int insert(struct db_txn *txn, const struct municipality_key_inputs *inputs, const char *id,
                  const struct digest *hash, int64_t at, struct err *err)
{
    const int rc = db_execute(txn, "INSERT INTO municipality_key VALUES (?, ?, ?, ?, ?, ?, 0)",
                              DB_WITH(DB_TEXT(id), DB_TEXT(inputs->municipality),
                                      DB_TEXT(inputs->name), DB_TEXT(inputs->role),
                                      DB_BLOB(digest_bytes(hash)), DB_INT(at)),
                              err);

    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such municipality here");
    return rc;
}

static int note(struct db_txn *txn, enum municipality_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&municipality_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

int municipality_key_add(struct db *db, const struct municipality_key_inputs *inputs,
                         const struct audit_origin *by, char ret_key[MUNICIPALITY_KEY_SIZE],
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char key[MUNICIPALITY_KEY_SIZE], id[MUNICIPALITY_KEY_ID_SIZE];
    struct digest hash;

    TRY(check_inputs(inputs, err));
    TRY(random_text(key, sizeof key, err));
    TRY(random_text(id, sizeof id, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, inputs->municipality, err));
    TRY(insert(&txn, inputs, id, &hash, by->at, err));
    TRY(note(&txn, MUNICIPALITY_KEY_ADDED, id, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int municipality_key_revoke(struct db *db, const char *municipality, const char *id,
                            const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE municipality_key SET revoked_at = ?"
                        " WHERE id = ? AND municipality = ? AND revoked_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_TEXT(municipality)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such key");
    TRY(rc);
    TRY(note(&txn, MUNICIPALITY_KEY_REVOKED, id, by, err));
    return db_commit(&txn, err);
}

static int put_key(const struct db_rows *rows, struct json *list, struct err *err)
{
    static const char *const names[] = {"id", "name", "role"};
    CLEANUP(json_freep) struct json *item = json_object_new();
    int64_t made_at;

    for (int i = 0; i < 3; i++) {
        char text[4 * MUNICIPALITY_KEY_NAME_MAX + 1];

        TRY(db_text(rows, i, text, sizeof text, err));
        TRY(json_put_text(item, names[i], text, err));
    }
    TRY(db_int(rows, 3, &made_at, err));
    TRY(json_put_int(item, "made_at", made_at, err));
    return json_add(list, json_steal(&item), err);
}

int municipality_key_list(struct db *db, const char *municipality, struct json **ret,
                          struct err *err)
{
    return db_list(db,
                   "SELECT id, name, role, made_at FROM municipality_key"
                   " WHERE municipality = ? AND revoked_at = 0 ORDER BY made_at, id",
                   DB_WITH(DB_TEXT(municipality)), put_key, ret, err);
}

int municipality_key_find(struct db *db, const char *key, struct municipality_key *ret,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct municipality_key found;
    struct digest hash;
    char role[16];
    int rc;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, municipality, role, name FROM municipality_key"
                      " WHERE hash = ? AND revoked_at = 0",
                      DB_WITH(DB_BLOB(digest_bytes(&hash))), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this is nobody's key");
    TRY(rc);
    TRY(db_text(&rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(&rows, 1, found.municipality, sizeof found.municipality, err));
    TRY(db_text(&rows, 2, role, sizeof role, err));
    TRY(db_text(&rows, 3, found.name, sizeof found.name, err));
    TRY(municipality_role_read(role, &found.role, err));
    *ret = found;
    return 0;
}
