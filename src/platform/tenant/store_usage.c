/* SPDX-License-Identifier: Apache-2.0 */
/* How many judgements each tenant had, by months of Japan's calendar. Deleting a verification does
 * not lower it. */
#include "platform/tenant/store.h"

#include "base/caltime.h"
#include "platform/store_sqlite.h"

#include <stdio.h>

enum { MONTHS = 12 };

struct usage_month usage_month_of(int64_t at)
{
    struct caltime first = {.date = caltime_at(at, JST_OFFSET_SECONDS).date};
    struct usage_month month = {.name = ""};

    (void)snprintf(month.name, sizeof month.name, "%04d-%02d", first.date.year, first.date.month);
    first.date.day = 1;
    first.date.year += first.date.month == MONTHS;
    first.date.month = first.date.month % MONTHS + 1;
    month.ends_at = caltime_utc(first, JST_OFFSET_SECONDS);
    return month;
}

static int read_usage(struct db_txn *txn, const char *client_id, const char *month, int64_t *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT coalesce(sum(count), 0) FROM tenant_usage WHERE client_id = ?"
                     " AND month = ?",
                     DB_WITH(DB_TEXT(client_id), DB_TEXT(month)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_count_usage(struct platform_store *store, const char *client_id, int64_t at,
                         int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct usage_month month = usage_month_of(at);

    TRY(db_begin_read(store->db, &txn, err));
    return read_usage(&txn, client_id, month.name, ret, err);
}

static int read_quota(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT quota FROM tenant WHERE client_id = ?",
                     DB_WITH(DB_TEXT(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_charge_usage(struct db_txn *txn, const char *client_id, int64_t at, struct err *err)
{
    const struct usage_month month = usage_month_of(at);
    int64_t quota;
    int64_t used;

    TRY(db_execute(txn,
                   "INSERT INTO tenant_usage VALUES (?, ?, 1)"
                   " ON CONFLICT (client_id, month) DO UPDATE SET count = count + 1",
                   DB_WITH(DB_TEXT(client_id), DB_TEXT(month.name)), err));
    TRY(read_quota(txn, client_id, &quota, err));
    if (quota == 0)
        return 0;
    TRY(read_usage(txn, client_id, month.name, &used, err));
    return used > quota ? FAIL(err, ERR_REMOTE, "this month's quota is used up") : 0;
}
