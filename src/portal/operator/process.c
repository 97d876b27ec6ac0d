/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as they are kept. */
#include "portal/operator/process.h"

#include "portal/operator/pull.h"

#include <string.h>

static int check_room(struct db_txn *txn, const struct operator_consent *consent, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn, "SELECT count(*) FROM operator_process WHERE consent = ?",
                     DB_WITH(DB_TEXT(consent->id)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    return count < (consent->is_period ? OPERATOR_PROCESSES_MAX : 1)
               ? 0
               : operator_fail(OPERATOR_CONSENT_USED, err);
}

static int add_items(struct db_txn *txn, const struct selfinfo_request *request, struct err *err)
{
    for (unsigned i = 0; i < request->count; i++) {
        const struct selfinfo_item *item = &request->items[i];

        TRY(db_execute(txn, "INSERT INTO operator_process_item VALUES (?, ?, ?, ?, NULL)",
                       DB_WITH(DB_TEXT(request->id), DB_INT(item->number), DB_TEXT(item->info),
                               DB_TEXT(item->provider)),
                       err));
    }
    return 0;
}

int operator_process_add(struct db *db, const struct operator_consent *consent,
                         const struct selfinfo_request *request, bool is_told,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(operator_pull_check(&txn, consent, by->at, err));
    TRY(check_room(&txn, consent, err));
    TRY(db_execute(&txn, "INSERT INTO operator_process VALUES (?, ?, ?, ?, ?, 0)",
                   DB_WITH(DB_TEXT(request->id), DB_TEXT(consent->id), DB_INT(request->year),
                           DB_INT(by->at), is_told ? DB_INT(by->at) : DB_NULL),
                   err));
    TRY(add_items(&txn, request, err));
    TRY(operator_note(&txn, OPERATOR_ACT_REQUESTED, request->id, consent->client, by, err));
    return db_commit(&txn, err);
}

static int read_process(struct db_txn *txn, const struct operator_consent *consent, const char *id,
                        struct selfinfo_request *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t year;
    int rc = db_query_one(txn,
                          "SELECT id, year, made_at FROM operator_process"
                          " WHERE id = ? AND consent = ?",
                          DB_WITH(DB_TEXT(id), DB_TEXT(consent->id)), &rows, err);

    if (rc == -ERR_ABSENT)
        return operator_fail(OPERATOR_NO_PROCESS, err);
    TRY(rc);
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_int(&rows, 1, &year, err));
    TRY(db_int(&rows, 2, &ret->made_at, err));
    ret->year = (int)year;
    ret->person = consent->person;
    return 0;
}

static int read_item(const struct db_rows *rows, struct selfinfo_item *ret, struct err *err)
{
    int64_t number;

    TRY(db_int(rows, 0, &number, err));
    TRY(db_text(rows, 1, ret->info, sizeof ret->info, err));
    TRY(db_text(rows, 2, ret->provider, sizeof ret->provider, err));
    TRY(db_int(rows, 3, &ret->question, err));
    ret->number = (unsigned)number;
    return 0;
}

int operator_process_get(struct db *db, const struct operator_consent *consent, const char *id,
                         struct selfinfo_request *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    *ret = (struct selfinfo_request){.count = 0};
    TRY(db_begin_read(db, &txn, err));
    TRY(read_process(&txn, consent, id, ret, err));
    TRY(db_query(&txn,
                 "SELECT number, info, provider, coalesce(question, 0) FROM operator_process_item"
                 " WHERE process = ? ORDER BY number",
                 DB_WITH(DB_TEXT(id)), &rows, err));
    while (ret->count < PORTAL_SELFINFO_ITEMS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_item(&rows, &ret->items[ret->count++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int note_question(struct db *db, const char *process, const struct selfinfo_item *item,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE operator_process_item SET question = ? WHERE process = ?"
                   " AND number = ? AND question IS NULL",
                   DB_WITH(DB_INT(item->question), DB_TEXT(process), DB_INT(item->number)), err));
    return db_commit(&txn, err);
}

int operator_process_continue(const struct portal *portal, const char *client,
                              struct selfinfo_request *request, const struct audit_origin *by,
                              struct err *err)
{
    for (unsigned i = 0; i < request->count; i++) {
        struct selfinfo_item *item = &request->items[i];
        const bool was_asked = item->question != 0;

        TRY(selfinfo_ask_item(portal, request, item, client, by, err));
        if (!was_asked && item->question != 0)
            TRY(note_question(portal_store_db(portal->store), request->id, item, err));
    }
    return 0;
}

/* ---- those that are to be told ---- */

int operator_process_due(struct db *db, int64_t now, struct operator_due *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " OPERATOR_CONSENT_COLUMNS ", p.id, p.tries FROM operator_process AS p"
                     " JOIN operator_consent AS k ON k.id = p.consent"
                     " WHERE p.tell_at <= ? ORDER BY p.tell_at LIMIT 1",
                     DB_WITH(DB_INT(now)), &rows, err));
    TRY(operator_consent_read(&rows, &ret->consent, err));
    TRY(db_text(&rows, OPERATOR_CONSENT_WIDTH, ret->process, sizeof ret->process, err));
    memcpy(ret->client, ret->consent.client, sizeof ret->client);
    return db_int(&rows, OPERATOR_CONSENT_WIDTH + 1, &ret->tries, err);
}

int operator_process_again(struct db *db, const struct operator_due *due, int64_t at, int64_t tries,
                           struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "UPDATE operator_process SET tell_at = ?, tries = ? WHERE id = ?",
                   DB_WITH(at == 0 ? DB_NULL : DB_INT(at), DB_INT(tries), DB_TEXT(due->process)),
                   err));
    return db_commit(&txn, err);
}

int operator_process_is_over(const struct portal *portal, const struct selfinfo_request *request,
                             bool *ret, struct err *err)
{
    bool is_over = true;

    for (unsigned i = 0; i < request->count; i++) {
        struct exchange_standing standing;

        TRY(selfinfo_find_standing(portal, request, &request->items[i], &standing, NULL, err));
        is_over = is_over && selfinfo_is_over(standing.state);
    }
    *ret = is_over;
    return 0;
}
