/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/clinic.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/digest.h"
#include "portal/eligibility/acts.h"

#include <stdio.h>
#include <string.h>

const char *const clinic_roles[] = {
    [CLINIC_TERMINAL] = "terminal", [CLINIC_OPERATOR] = "operator", [CLINIC_ROLES_] = NULL};

const struct audit_act eligibility_acts[] = {
    [ELIGIBILITY_CLINIC_ADDED] = {"clinic.added", "clinic"},
    [ELIGIBILITY_KEY_ADDED] = {"clinic_key.added", "clinic-key"},
    [ELIGIBILITY_KEY_REVOKED] = {"clinic_key.revoked", "clinic-key"},
    [ELIGIBILITY_KEY_BOUND] = {"clinic_key.bound", "clinic-key"},
    [ELIGIBILITY_CHECKED] = {"eligibility.checked", "eligibility-lookup"},
    [ELIGIBILITY_REFUSED] = {"eligibility.refused", "eligibility-lookup"},
    [ELIGIBILITY_READ] = {"eligibility.read", "eligibility-consent"},
    [ELIGIBILITY_WITHDRAWN] = {"eligibility.withdrawn", "eligibility-consent"},
};

static int note(struct db_txn *txn, enum eligibility_act act, const char *subject,
                const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&eligibility_acts[act], bytes_text(subject), outcome};

    return audit_append(txn, by, &event, err);
}

int clinic_typed_id(char ret[PORTAL_ID_SIZE], struct err *err)
{
    do
        TRY(random_text(ret, PORTAL_ID_SIZE, err));
    while (ret[0] == '-');
    return 0;
}

/* As it is told to people, where no name may lead them elsewhere (portal/notice, exchange/note). */
static bool is_told(const char *name)
{
    return utf8_is_shown(bytes_text(name)) && strchr(name, '|') == NULL &&
           strstr(name, "://") == NULL && strstr(name, "www.") == NULL;
}

static int check_name(const char *what, const char *name, int max, struct err *err)
{
    const size_t count = utf8_count(bytes_text(name));

    if (utf8_is_blank(bytes_text(name)) || count > (size_t)max || !is_told(name))
        return FAIL(err, ERR_INPUT, "%s: 1 to %d characters, without '|' and addresses", what, max);
    return 0;
}

/* ---- clinics ---- */

int clinic_add(struct db *db, const struct clinic *clinic, const struct audit_origin *by,
               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    if (strlen(clinic->id) != CLINIC_ID_DIGITS ||
        strspn(clinic->id, "0123456789") != CLINIC_ID_DIGITS)
        return FAIL(err, ERR_INPUT, "the number of a clinic has %d digits", CLINIC_ID_DIGITS);
    TRY(check_name("name", clinic->name, CLINIC_NAME_MAX, err));
    TRY(check_name("English name", clinic->name_en, CLINIC_NAME_MAX, err));
    TRY(db_begin(db, &txn, err));
    rc = db_execute(&txn, "INSERT INTO clinic VALUES (?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(clinic->id), DB_TEXT(clinic->name), DB_TEXT(clinic->name_en),
                            DB_INT(by->at)),
                    err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "there is a clinic of this number");
    TRY(rc);
    TRY(note(&txn, ELIGIBILITY_CLINIC_ADDED, clinic->id, NULL, by, err));
    return db_commit(&txn, err);
}

int clinic_names(struct db_txn *txn, const char *id, struct clinic_names *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT name, name_en FROM clinic WHERE id = ?", DB_WITH(DB_TEXT(id)),
                     &rows, err));
    TRY(db_text(&rows, 0, ret->ja, sizeof ret->ja, err));
    return db_text(&rows, 1, ret->en, sizeof ret->en, err);
}

void clinic_code(const char *id, char ret[CODE_SIZE])
{
    (void)snprintf(ret, CODE_SIZE, "C%.*s", CLINIC_ID_DIGITS, id);
}

/* ---- keys ---- */

static int check_room(struct db_txn *txn, const char *clinic, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;
    int rc = db_query_one(txn,
                          "SELECT (SELECT count(*) FROM clinic_key"
                          " WHERE clinic = clinic.id AND revoked_at = 0)"
                          " FROM clinic WHERE id = ?",
                          DB_WITH(DB_TEXT(clinic)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no clinic of this number");
    TRY(rc);
    TRY(db_int(&rows, 0, &count, err));
    if (count >= CLINIC_KEYS_MAX)
        return FAIL(err, ERR_CONFLICT, "a clinic has at most %d keys; revoke one first",
                    CLINIC_KEYS_MAX);
    return 0;
}

static int check_inputs(const struct clinic_key_inputs *inputs, struct err *err)
{
    TRY(check_name("name", inputs->name, CLINIC_KEY_NAME_MAX, err));
    for (unsigned i = 0; i < CLINIC_ROLES_; i++)
        if (strcmp(clinic_roles[i], inputs->role) == 0)
            return 0;
    return FAIL(err, ERR_INPUT, "role: terminal or operator");
}

int clinic_key_add(struct db *db, const struct clinic_key_inputs *inputs,
                   const struct audit_origin *by, char ret_key[CLINIC_KEY_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char key[CLINIC_KEY_SIZE], id[CLINIC_KEY_ID_SIZE];
    struct digest hash;

    TRY(check_inputs(inputs, err));
    TRY(random_text(key, sizeof key, err));
    TRY(clinic_typed_id(id, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, inputs->clinic, err));
    TRY(db_execute(&txn, "INSERT INTO clinic_key VALUES (?, ?, ?, ?, ?, ?, 0, NULL)",
                   DB_WITH(DB_TEXT(id), DB_TEXT(inputs->clinic), DB_TEXT(inputs->name),
                           DB_TEXT(inputs->role), DB_BLOB(digest_bytes(&hash)), DB_INT(by->at)),
                   err));
    TRY(note(&txn, ELIGIBILITY_KEY_ADDED, id, inputs->role, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int clinic_key_revoke(struct db *db, const char *clinic, const char *id,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE clinic_key SET revoked_at = ?"
                        " WHERE id = ? AND clinic = ? AND revoked_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_TEXT(clinic)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the clinic has no such key");
    TRY(rc);
    TRY(note(&txn, ELIGIBILITY_KEY_REVOKED, id, NULL, by, err));
    return db_commit(&txn, err);
}

int clinic_key_bind(struct db *db, const struct clinic_binding *binding,
                    const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE clinic_key SET certificate = ?"
                        " WHERE id = ? AND clinic = ? AND role = 'terminal' AND revoked_at = 0",
                        DB_WITH(DB_BLOB(digest_bytes(binding->certificate)), DB_TEXT(binding->key),
                                DB_TEXT(binding->clinic)),
                        err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the clinic has no such key of a terminal");
    TRY(rc);
    TRY(note(&txn, ELIGIBILITY_KEY_BOUND, binding->key, NULL, by, err));
    return db_commit(&txn, err);
}

static int read_certificate(const struct db_rows *rows, int column, struct clinic_key *ret,
                            struct err *err)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;

    if (db_is_null(rows, column))
        return 0;
    TRY(db_blob(rows, column, &hash, err));
    ret->certificate = (struct digest){.alg = DIGEST_SHA256, .len = hash.len};
    if (hash.len != digest_size(DIGEST_SHA256))
        return FAIL(err, ERR_SYSTEM, "the digest of a certificate has not its length");
    memcpy(ret->certificate.value, hash.ptr, hash.len);
    ret->has_certificate = true;
    return 0;
}

int clinic_key_find(struct db *db, const char *key, enum clinic_role role, struct clinic_key *ret,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct clinic_key found = {.role = role};
    struct digest hash;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, clinic, name, certificate FROM clinic_key"
                      " WHERE hash = ? AND role = ? AND revoked_at = 0",
                      DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_TEXT(clinic_roles[role])), &rows,
                      err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this is no %s's key", clinic_roles[role]);
    TRY(rc);
    TRY(db_text(&rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(&rows, 1, found.clinic, sizeof found.clinic, err));
    TRY(db_text(&rows, 2, found.name, sizeof found.name, err));
    TRY(read_certificate(&rows, 3, &found, err));
    *ret = found;
    return 0;
}

/* ---- telling ---- */

static int put_texts(const struct db_rows *rows, int first, const char *const *names,
                     struct json *item, struct err *err)
{
    for (int i = 0; names[i] != NULL; i++) {
        char text[CLINIC_NAME_SIZE];

        TRY(db_text(rows, first + i, text, sizeof text, err));
        TRY(json_put_text(item, names[i], text, err));
    }
    return 0;
}

static int put_keys(struct db_txn *txn, const char *clinic, struct json *item, struct err *err)
{
    static const char *const names[] = {"id", "role", "name", NULL};
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_query(txn,
                 "SELECT id, role, name, made_at FROM clinic_key"
                 " WHERE clinic = ? AND revoked_at = 0 ORDER BY made_at, id",
                 DB_WITH(DB_TEXT(clinic)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(json_freep) struct json *key = json_object_new();
        int64_t made_at;

        TRY(put_texts(&rows, 0, names, key, err));
        TRY(db_int(&rows, 3, &made_at, err));
        TRY(json_put_int(key, "made_at", made_at, err));
        TRY(json_add(list, json_steal(&key), err));
    }
    return rc == -ERR_ABSENT ? json_put(item, "keys", json_steal(&list), err) : rc;
}

int clinic_list(struct db *db, struct json **ret, struct err *err)
{
    static const char *const names[] = {"id", "name", "name_en", NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn, "SELECT id, name, name_en FROM clinic ORDER BY id", DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(json_freep) struct json *item = json_object_new();
        char id[CLINIC_ID_SIZE];

        TRY(put_texts(&rows, 0, names, item, err));
        TRY(db_text(&rows, 0, id, sizeof id, err));
        TRY(put_keys(&txn, id, item, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}
