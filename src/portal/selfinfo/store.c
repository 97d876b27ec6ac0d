/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/selfinfo/store.h"

#include "portal/store_sqlite.h"

#include <stdlib.h>

static int add_items(struct db_txn *txn, const struct selfinfo_request *request, struct err *err)
{
    for (unsigned i = 0; i < request->count; i++) {
        const struct selfinfo_item *item = &request->items[i];

        TRY(db_execute(txn, "INSERT INTO selfinfo_item VALUES (?, ?, ?, ?, NULL)",
                       DB_WITH(DB_TEXT(request->id), DB_INT(item->number), DB_TEXT(item->info),
                               DB_TEXT(item->provider)),
                       err));
    }
    return 0;
}

int selfinfo_add(struct portal_store *store, const char *account,
                 const struct selfinfo_request *request, const struct audit_origin *by,
                 struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "DELETE FROM selfinfo_request WHERE id IN (SELECT id FROM selfinfo_request"
                   " WHERE account = ? ORDER BY made_at DESC, id LIMIT " DB_ALL " OFFSET ?)",
                   DB_WITH(DB_TEXT(account), DB_INT(PORTAL_SELFINFO_REQUESTS_MAX - 1)), err));
    TRY(db_execute(&txn, "INSERT INTO selfinfo_request VALUES (?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(request->id), DB_TEXT(account), DB_INT(request->person),
                           DB_INT(request->year), DB_INT(request->made_at)),
                   err));
    TRY(add_items(&txn, request, err));
    TRY(portal_note(&txn, ACT_SELFINFO_REQUESTED, request->id, NULL, by, err));
    return db_commit(&txn, err);
}

int selfinfo_note_question(struct portal_store *store, const char *request,
                           const struct selfinfo_item *item, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE selfinfo_item SET question = ? WHERE request = ? AND number = ?"
                   " AND question IS NULL",
                   DB_WITH(DB_INT(item->question), DB_TEXT(request), DB_INT(item->number)), err));
    return db_commit(&txn, err);
}

static int read_request(struct db_txn *txn, const char *account, const char *id,
                        struct selfinfo_request *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t year;
    int rc = db_query_one(txn,
                          "SELECT id, person, made_at, year FROM selfinfo_request"
                          " WHERE id = ? AND account = ?",
                          DB_WITH(DB_TEXT(id), DB_TEXT(account)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such request");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_int(&rows, 1, &ret->person, err));
    TRY(db_int(&rows, 2, &ret->made_at, err));
    TRY(db_int(&rows, 3, &year, err));
    ret->year = (int)year;
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

static int get(struct db_txn *txn, const char *account, const char *id,
               struct selfinfo_request *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    *ret = (struct selfinfo_request){.count = 0};
    TRY(read_request(txn, account, id, ret, err));
    TRY(db_query(txn,
                 "SELECT number, info, provider, coalesce(question, 0) FROM selfinfo_item"
                 " WHERE request = ? ORDER BY number",
                 DB_WITH(DB_TEXT(id)), &rows, err));
    while (ret->count < PORTAL_SELFINFO_ITEMS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_item(&rows, &ret->items[ret->count++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int selfinfo_get(struct portal_store *store, const char *account, const char *id,
                 struct selfinfo_request *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return get(&txn, account, id, ret, err);
}

void selfinfo_requests_freep(struct selfinfo_requests **requests)
{
    free(*requests);
    *requests = NULL;
}

int selfinfo_list(struct portal_store *store, const char *account, struct selfinfo_requests **ret,
                  struct err *err)
{
    CLEANUP(selfinfo_requests_freep) struct selfinfo_requests *all = calloc(1, sizeof *all);
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char id[PORTAL_ID_SIZE];
    int rc = 0;

    if (all == NULL)
        return FAIL_NOMEM(err);
    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id FROM selfinfo_request WHERE account = ? ORDER BY made_at DESC, id",
                 DB_WITH(DB_TEXT(account)), &rows, err));
    while (all->count < PORTAL_SELFINFO_REQUESTS_MAX && (rc = db_next(&rows, err)) == 0) {
        TRY(db_text(&rows, 0, id, sizeof id, err));
        TRY(get(&txn, account, id, &all->at[all->count++], err));
    }
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = all;
    all = NULL;
    return 0;
}
