/* SPDX-License-Identifier: Apache-2.0 */
#include "register/relocation.h"
#include "register/store_sqlite.h"

int relocation_insert(struct db_txn *txn, const struct resident *before,
                      const struct resident *after, struct caldate since, struct err *err)
{
    const char *address = before->registered_address[0] == '\0' ? before->address
                                                                : before->registered_address;
    const bool arrives = after->standing == STANDING_HERE;
    char day[CALTIME_TEXT_SIZE];

    return db_execute(txn,
                      "INSERT INTO relocation (resident, left_municipality, left_address,"
                      " municipality, since, standing) VALUES (?, ?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(after->id), DB_TEXT(before->municipality),
                              DB_TEXT(arrives ? address : ""), DB_TEXT(after->municipality),
                              date_value(since, day), DB_TEXT(standing_name(after->standing))),
                      err);
}

static int read_row(const struct db_rows *rows, struct relocation *ret, struct err *err)
{
    char standing[sizeof "leaving"];

    TRY(db_int(rows, 0, &ret->number, err));
    TRY(db_text(rows, 1, ret->resident, sizeof ret->resident, err));
    TRY(db_text(rows, 2, ret->from, sizeof ret->from, err));
    TRY(db_text(rows, 3, ret->former_address, sizeof ret->former_address, err));
    TRY(db_text(rows, 4, ret->to, sizeof ret->to, err));
    TRY(column_date(rows, 5, &ret->since, err));
    TRY(db_text(rows, 6, standing, sizeof standing, err));
    return standing_parse(standing, &ret->standing, err);
}

int register_list_relocations(struct register_store *store, int64_t after,
                              struct relocation ret[REGISTER_RELOCATIONS_MAX], size_t *ret_count,
                              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT number, resident, left_municipality, left_address, municipality, since,"
                 " standing FROM relocation WHERE number > ? ORDER BY number LIMIT ?",
                 DB_WITH(DB_INT(after), DB_INT(REGISTER_RELOCATIONS_MAX)), &rows, err));
    while (count < REGISTER_RELOCATIONS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_row(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}
