/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/fee/usage.h"

#include "base/caltime.h"
#include "platform/store_sqlite.h"

#include <string.h>

const char *const fee_items[] = {
    [FEE_SIGN_CHECK] = "sign-check", [FEE_AUTH_CHECK] = "auth-check", [FEE_SIGN_LIST] = "sign-list",
    [FEE_AUTH_LIST] = "auth-list",   [FEE_ATTRIBUTES] = "attributes", [FEE_ITEMS_] = NULL};

int fee_count(struct db_txn *txn, const char *client_id, enum fee_item item, int64_t at,
              int64_t count, struct err *err)
{
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(at, JST_OFFSET_SECONDS).date, day);
    return db_execute(
        txn,
        "INSERT INTO usage (client_id, day, item, count) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (client_id, day, item) DO UPDATE SET count = count + excluded.count",
        DB_WITH(DB_TEXT(client_id), DB_TEXT(day), DB_TEXT(fee_items[item]), DB_INT(count)), err);
}

int platform_count_use(struct platform_store *store, const char *client_id, enum fee_item item,
                       int64_t at, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, fee_count(&txn, client_id, item, at, 1, err), err);
}

static int read_use(const struct db_rows *rows, struct fee_use *ret, struct err *err)
{
    char item[16];
    unsigned i = 0;

    TRY(db_text(rows, 0, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 1, item, sizeof item, err));
    TRY(db_text(rows, 2, ret->day, sizeof ret->day, err));
    TRY(db_int(rows, 3, &ret->count, err));
    while (i < FEE_ITEMS_ && strcmp(fee_items[i], item) != 0)
        i++;
    if (i == FEE_ITEMS_)
        return FAIL(err, ERR_SYSTEM, "the database has usage of an unknown item");
    ret->item = (enum fee_item)i;
    return 0;
}

int platform_each_use(struct platform_store *store, const char *month, const char *client_id,
                      fee_use_fn *visit, void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT client_id, item, day, count FROM usage WHERE substr(day, 1, 7) = ?1"
                 " AND (?2 IS NULL OR client_id = ?2) ORDER BY client_id, item, day",
                 DB_WITH(DB_TEXT(month), DB_TEXT(client_id)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct fee_use use;

        TRY(read_use(&rows, &use, err));
        TRY(visit(context, &use, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}
