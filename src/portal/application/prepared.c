/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/prepared.h"

#include "portal/application/states.h"

#include <string.h>

enum { CLIENT_SIZE = 32, NAME_SIZE = 256 };

static int check_room(struct db_txn *txn, const char *owner, const char *client, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t waiting, taken_back;

    TRY(db_query_one(txn,
                     "SELECT count(*) FILTER (WHERE a.state = 'draft'), count(p.taken_back_at)"
                     " FROM application_prepared AS p JOIN application AS a"
                     " ON a.id = p.application WHERE p.client = ? AND a.owner = ?",
                     DB_WITH(DB_TEXT(client), DB_TEXT(owner)), &rows, err));
    TRY(db_int(&rows, 0, &waiting, err));
    TRY(db_int(&rows, 1, &taken_back, err));
    if (waiting >= APPLICATION_PREPARED_MAX)
        return FAIL(err, ERR_CONFLICT, "the person has %d drafts of this service already",
                    APPLICATION_PREPARED_MAX);
    if (taken_back >= APPLICATION_TAKEN_BACK_MAX)
        return FAIL(err, ERR_CONFLICT, "this service took %d back from the person in the last days",
                    APPLICATION_TAKEN_BACK_MAX);
    return 0;
}

int application_prepared_add(struct db_txn *txn, const char *id, const char *owner,
                             const struct preparer *preparer, struct err *err)
{
    TRY(check_room(txn, owner, preparer->client, err));
    return db_execute(txn,
                      "INSERT INTO application_prepared"
                      " (application, client, client_name, client_name_en, told)"
                      " VALUES (?, ?, ?, ?, 'draft')",
                      DB_WITH(DB_TEXT(id), DB_TEXT(preparer->client), DB_TEXT(preparer->name),
                              DB_TEXT(preparer->name_en)),
                      err);
}

int application_prepared_find(struct db_txn *txn, const char *id, const char *client,
                              const char *owner, struct application_standing *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char state[APPLICATION_STATE_SIZE], told[APPLICATION_STATE_SIZE];
    int64_t is_opened;

    TRY(db_query_one(txn,
                     "SELECT a.state, coalesce(a.receipt, ''), a.changed_at, p.told,"
                     " p.opened_at IS NOT NULL"
                     " FROM application_prepared AS p JOIN application AS a ON a.id = p.application"
                     " WHERE p.application = ? AND p.client = ? AND a.owner = ?",
                     DB_WITH(DB_TEXT(id), DB_TEXT(client), DB_TEXT(owner)), &rows, err));
    TRY(db_text(&rows, 0, state, sizeof state, err));
    TRY(application_state_read(state, &ret->state, err));
    TRY(db_text(&rows, 1, ret->receipt, sizeof ret->receipt, err));
    TRY(db_int(&rows, 2, &ret->changed_at, err));
    TRY(db_text(&rows, 3, told, sizeof told, err));
    TRY(db_int(&rows, 4, &is_opened, err));
    ret->is_told = strcmp(state, told) == 0;
    ret->is_opened = is_opened != 0;
    return 0;
}

/* Most are not to be marked, and are found without waiting for whoever writes. */
static int is_unopened(struct db *db, const char *id, const char *owner, bool *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT 1 FROM application_prepared AS p JOIN application AS a"
                      " ON a.id = p.application"
                      " WHERE p.application = ? AND p.opened_at IS NULL AND a.owner = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(owner)), &rows, err);
    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int application_prepared_open(struct db *db, const char *id, const char *owner, int64_t at,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is;

    TRY(is_unopened(db, id, owner, &is, err));
    if (!is)
        return 0;
    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE application_prepared SET opened_at = ?"
                   " WHERE application = ? AND opened_at IS NULL",
                   DB_WITH(DB_INT(at), DB_TEXT(id)), err));
    return db_commit(&txn, err);
}

int application_prepared_take_back(struct db_txn *txn, const char *id, int64_t at, struct err *err)
{
    return db_execute_one(
        txn, "UPDATE application_prepared SET taken_back_at = ?, told = ? WHERE application = ?",
        DB_WITH(DB_INT(at), DB_TEXT(application_states[APPLICATION_WITHDRAWN]), DB_TEXT(id)), err);
}

int application_prepared_told(struct db *db, const char *id, enum application_state state,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "UPDATE application_prepared SET told = ? WHERE application = ?",
                   DB_WITH(DB_TEXT(application_states[state]), DB_TEXT(id)), err));
    return db_commit(&txn, err);
}

int application_preparer_put(struct json *body, const struct preparer *preparer, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    if (preparer->client[0] == '\0')
        return 0;
    TRY(json_put_text(item, "client_id", preparer->client, err));
    TRY(json_put_text(item, "client_name", preparer->name, err));
    TRY(json_put_text(item, "client_name_en", preparer->name_en, err));
    if (preparer->taken_back_at != 0)
        TRY(json_put_int(item, "taken_back_at", preparer->taken_back_at, err));
    return json_put(body, "prepared_by", json_steal(&item), err);
}

int application_prepared_put(struct json *body, struct db *db, const char *id, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char client[CLIENT_SIZE], name[NAME_SIZE], name_en[NAME_SIZE];
    struct preparer preparer = {client, name, name_en, 0};
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT client, client_name, client_name_en, coalesce(taken_back_at, 0)"
                      " FROM application_prepared WHERE application = ?",
                      DB_WITH(DB_TEXT(id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, client, sizeof client, err));
    TRY(db_text(&rows, 1, name, sizeof name, err));
    TRY(db_text(&rows, 2, name_en, sizeof name_en, err));
    TRY(db_int(&rows, 3, &preparer.taken_back_at, err));
    return application_preparer_put(body, &preparer, err);
}

const struct http_member application_preparer_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the service"},
    {"client_name", HTTP_TEXT, HTTP_REQUIRED, "its name then, in Japanese"},
    {"client_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"taken_back_at", HTTP_INT, HTTP_OPTIONAL,
     "when the service took it back, UTC seconds; missing: it did not"},
    {NULL},
};
