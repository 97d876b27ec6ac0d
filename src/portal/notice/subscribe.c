/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody wants to hear of: life events, each of a municipality that he names himself. The
 * portal knows nobody's residence; this says no more than what he chose.
 */
#include "portal/notice/store.h"

#include <string.h>

enum { CODE_SIZE = 6, EVENT_SIZE = 32 };

int notice_subscriptions(struct db *db, const char *account, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT municipality, event FROM notice_subscription WHERE account = ?"
                 " ORDER BY municipality, event",
                 DB_WITH(DB_TEXT(account)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(json_freep) struct json *item = json_object_new();
        char code[CODE_SIZE], event[EVENT_SIZE];

        TRY(db_text(&rows, 0, code, sizeof code, err));
        TRY(db_text(&rows, 1, event, sizeof event, err));
        TRY(json_put_text(item, "municipality", code, err));
        TRY(json_put_text(item, "event", event, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}

static int has_municipality(struct db_txn *txn, const char *code, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn, "SELECT 1 FROM municipality WHERE code = ?",
                                DB_WITH(DB_TEXT(code)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such municipality here") : rc;
}

static int add(struct db_txn *txn, const char *account, const struct json *item, struct err *err)
{
    const char *code, *event;
    int rc;

    TRY(json_get_text(item, "municipality", &code, err));
    TRY(json_get_text(item, "event", &event, err));
    TRY(has_municipality(txn, code, err));
    rc = db_execute(txn, "INSERT INTO notice_subscription VALUES (?, ?, ?)",
                    DB_WITH(DB_TEXT(account), DB_TEXT(code), DB_TEXT(event)), err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_INPUT, "subscriptions: one of them is there twice")
                               : rc;
}

int notice_subscribe(struct db *db, const char *account, const struct json *list,
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&notice_acts[NOTICE_SUBSCRIBED], bytes_text(account), NULL};

    if (json_count(list) > NOTICE_SUBSCRIPTIONS_MAX)
        return FAIL(err, ERR_INPUT, "subscriptions: at most %d", NOTICE_SUBSCRIPTIONS_MAX);
    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM notice_subscription WHERE account = ?",
                   DB_WITH(DB_TEXT(account)), err));
    for (size_t i = 0; i < json_count(list); i++)
        TRY(add(&txn, account, json_at(list, i), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
