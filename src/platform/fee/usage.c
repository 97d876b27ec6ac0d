/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/fee/usage.h"

#include "base/caltime.h"
#include "platform/store_sqlite.h"

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
