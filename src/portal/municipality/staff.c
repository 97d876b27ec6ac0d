/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/municipality/staff.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "crypto/digest.h"

#include <string.h>

enum { SECONDS_OF_DAY = 24 * 3600 };

static int note(struct db_txn *txn, enum municipality_act act, const char *id,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&municipality_acts[act], bytes_text(id), NULL};

    return audit_append(txn, by, &event, err);
}

static int check_invitation(const struct municipality_invitation *invitation, struct err *err)
{
    const size_t count = utf8_count(bytes_text(invitation->name));
    enum municipality_role role;

    if (utf8_is_blank(bytes_text(invitation->name)) || count > MUNICIPALITY_KEY_NAME_MAX ||
        !utf8_is_shown(bytes_text(invitation->name)))
        return FAIL(err, ERR_INPUT, "name: 1 to %d characters", MUNICIPALITY_KEY_NAME_MAX);
    if (invitation->days < 1 || invitation->days > MUNICIPALITY_INVITATION_DAYS_MAX)
        return FAIL(err, ERR_INPUT, "days: 1 to %d", MUNICIPALITY_INVITATION_DAYS_MAX);
    return municipality_role_read(invitation->role, &role, err);
}

static int check_room(struct db_txn *txn, const char *municipality, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) FROM municipality_staff WHERE municipality = ?1"
                     " AND ended_at = 0 AND (account IS NOT NULL OR invited_until >= ?2)",
                     DB_WITH(DB_TEXT(municipality), DB_INT(now)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= MUNICIPALITY_STAFF_MAX)
        return FAIL(err, ERR_CONFLICT, "at most %d people work for a municipality; dismiss one",
                    MUNICIPALITY_STAFF_MAX);
    return 0;
}

static int insert(struct db_txn *txn, const struct municipality_invitation *invitation,
                  const char *id, const struct digest *hash, int64_t at, struct err *err)
{
    const int rc = db_execute(
        txn, "INSERT INTO municipality_staff VALUES (?, ?, ?, ?, ?, ?, NULL, ?, 0)",
        DB_WITH(DB_TEXT(id), DB_TEXT(invitation->municipality), DB_TEXT(invitation->name),
                DB_TEXT(invitation->role), DB_BLOB(digest_bytes(hash)),
                DB_INT(at + invitation->days * SECONDS_OF_DAY), DB_INT(at)),
        err);

    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such municipality here");
    return rc;
}

int municipality_invite(struct db *db, const struct municipality_invitation *invitation,
                        const struct audit_origin *by,
                        char ret_invitation[MUNICIPALITY_INVITATION_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char text[MUNICIPALITY_INVITATION_SIZE], id[MUNICIPALITY_KEY_ID_SIZE];
    struct digest hash;

    TRY(check_invitation(invitation, err));
    TRY(random_text(text, sizeof text, err));
    TRY(random_text(id, sizeof id, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(text), &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, invitation->municipality, by->at, err));
    TRY(insert(&txn, invitation, id, &hash, by->at, err));
    TRY(note(&txn, MUNICIPALITY_STAFF_INVITED, id, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_invitation, text, sizeof text);
    return 0;
}

/* Whoever works for one municipality sees nothing of another with the same card. */
static int check_account(struct db_txn *txn, const char *account, const char *municipality,
                         const char *role, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t elsewhere, same;

    TRY(db_query_one(txn,
                     "SELECT count(*) FILTER (WHERE municipality <> ?2),"
                     " count(*) FILTER (WHERE municipality = ?2 AND role = ?3)"
                     " FROM municipality_staff WHERE account = ?1 AND ended_at = 0",
                     DB_WITH(DB_TEXT(account), DB_TEXT(municipality), DB_TEXT(role)), &rows, err));
    TRY(db_int(&rows, 0, &elsewhere, err));
    TRY(db_int(&rows, 1, &same, err));
    if (elsewhere > 0)
        return FAIL(err, ERR_CONFLICT, "this account works for another municipality");
    if (same > 0)
        return FAIL(err, ERR_CONFLICT, "this account has this role already");
    return 0;
}

/* What somebody is invited to. */
struct offer {
    char id[MUNICIPALITY_KEY_ID_SIZE], municipality[MUNICIPALITY_CODE_SIZE], role[16];
};

/* One that counts. */
static int find_invitation(struct db_txn *txn, const char *invitation, int64_t now,
                           struct offer *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct digest hash;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(invitation), &hash, err));
    rc = db_query_one(txn,
                      "SELECT id, municipality, role FROM municipality_staff WHERE invitation = ?"
                      " AND account IS NULL AND ended_at = 0 AND invited_until >= ?",
                      DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_INT(now)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this invitation does not count, or does not any more");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(&rows, 1, ret->municipality, sizeof ret->municipality, err));
    return db_text(&rows, 2, ret->role, sizeof ret->role, err);
}

int municipality_join(struct db *db, const char *invitation, const char *account,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct offer offer;

    TRY(db_begin(db, &txn, err));
    TRY(find_invitation(&txn, invitation, by->at, &offer, err));
    TRY(check_account(&txn, account, offer.municipality, offer.role, err));
    TRY(db_execute_one(&txn, "UPDATE municipality_staff SET account = ?, since = ? WHERE id = ?",
                       DB_WITH(DB_TEXT(account), DB_INT(by->at), DB_TEXT(offer.id)), err));
    TRY(note(&txn, MUNICIPALITY_STAFF_JOINED, offer.id, by, err));
    return db_commit(&txn, err);
}

int municipality_dismiss(struct db *db, const char *municipality, const char *id,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE municipality_staff SET ended_at = ?"
                        " WHERE id = ? AND municipality = ? AND ended_at = 0",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_TEXT(municipality)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "nobody of that id works there");
    TRY(rc);
    TRY(note(&txn, MUNICIPALITY_STAFF_DISMISSED, id, by, err));
    return db_commit(&txn, err);
}

static int put_texts(const struct db_rows *rows, const char *const *names, struct json *item,
                     struct err *err)
{
    for (int i = 0; names[i] != NULL; i++) {
        char text[PROCEDURE_NAME_SIZE];

        TRY(db_text(rows, i, text, sizeof text, err));
        TRY(json_put_text(item, names[i], text, err));
    }
    return 0;
}

static int put_one(const struct db_rows *rows, struct json *list, struct err *err)
{
    static const char *const names[] = {"id", "name", "role", NULL};
    CLEANUP(json_freep) struct json *item = json_object_new();
    int64_t is_invited, since;

    TRY(put_texts(rows, names, item, err));
    TRY(db_int(rows, 3, &is_invited, err));
    TRY(db_int(rows, 4, &since, err));
    TRY(json_put_bool(item, "is_invited", is_invited != 0, err));
    TRY(json_put_int(item, "since", since, err));
    return json_add(list, json_steal(&item), err);
}

static int put_own(const struct db_rows *rows, struct json *list, struct err *err)
{
    static const char *const names[] = {"municipality", "prefecture", "place",
                                        "name",         "role",       NULL};
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(put_texts(rows, names, item, err));
    return json_add(list, json_steal(&item), err);
}

static int list(struct db *db, const char *sql, const char *of,
                int (*put)(const struct db_rows *, struct json *, struct err *), struct json **ret,
                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *found = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn, sql, DB_WITH(DB_TEXT(of)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put(&rows, found, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&found);
    return 0;
}

int municipality_staff_list(struct db *db, const char *municipality, struct json **ret,
                            struct err *err)
{
    return list(db,
                "SELECT id, name, role, account IS NULL, since FROM municipality_staff"
                " WHERE municipality = ? AND ended_at = 0 ORDER BY since, id",
                municipality, put_one, ret, err);
}

int municipality_staff_own(struct db *db, const char *account, struct json **ret, struct err *err)
{
    return list(db,
                "SELECT m.code, m.prefecture, m.name, s.name, s.role FROM municipality_staff AS s"
                " JOIN municipality AS m ON m.code = s.municipality"
                " WHERE s.account = ? AND s.ended_at = 0 ORDER BY s.role",
                account, put_own, ret, err);
}

int municipality_staff_find(struct db *db, const char *account, enum municipality_role role,
                            struct municipality_key *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct municipality_key found = {.role = role};
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, municipality, name FROM municipality_staff"
                      " WHERE account = ? AND role = ? AND ended_at = 0",
                      DB_WITH(DB_TEXT(account), DB_TEXT(municipality_roles[role])), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this is for the role %s of a municipality",
                    municipality_roles[role]);
    TRY(rc);
    TRY(db_text(&rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(&rows, 1, found.municipality, sizeof found.municipality, err));
    TRY(db_text(&rows, 2, found.name, sizeof found.name, err));
    *ret = found;
    return 0;
}
