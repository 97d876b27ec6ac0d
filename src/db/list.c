/* SPDX-License-Identifier: Apache-2.0 */
#include "db/list.h"

int db_list(struct db *db, const char *sql, const struct db_value *values,
            int (*put)(const struct db_rows *row, struct json *list, struct err *err),
            struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn, sql, values, &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}
