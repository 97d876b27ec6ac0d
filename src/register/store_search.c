/* SPDX-License-Identifier: Apache-2.0 */
/* Finding residents in SQLite. */
#include "register/search.h"

#include "register/store_sqlite.h"

#include <string.h>

/* The ids first: a row is read by the one function that knows how. */
struct found {
    char ids[SEARCH_RESULTS_MAX][RESIDENT_ID_LEN + 1];
    size_t count;
};

static int read_ids(struct db_txn *txn, const char *sql, const struct db_value *values,
                    struct found *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn, sql, values, &rows, err));
    for (ret->count = 0; ret->count < SEARCH_RESULTS_MAX; ret->count++) {
        rc = db_next(&rows, err);
        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(db_text(&rows, 0, ret->ids[ret->count], sizeof ret->ids[0], err));
    }
    return 0;
}

int register_search(struct register_store *store, const struct resident_search *search,
                    int (*tell)(void *context, const struct resident *, struct err *),
                    void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char day[CALTIME_TEXT_SIZE];
    struct found found;

    if (strlen(search->name) > NAME_BYTES_MAX)
        return FAIL(err, ERR_INPUT, "name is too long");
    caldate_format_iso(search->birth, day);
    TRY(db_begin_read(store->db, &txn, err));
    TRY(read_ids(&txn,
                 "SELECT id FROM resident WHERE birth = ?1"
                 " AND (municipality = ?2 OR ?2 = '" EVERY_MUNICIPALITY "'"
                 " OR (standing IN ('leaving', 'abroad') AND ?3 <> '' AND ?3 IN (name, kana)))"
                 " AND (substr(name, 1, length(?3)) = ?3"
                 " OR substr(coalesce(kana, ''), 1, length(?3)) = ?3) ORDER BY name, id",
                 DB_WITH(DB_TEXT(day), DB_TEXT(search->municipality), DB_TEXT(search->name)),
                 &found, err));
    for (size_t i = 0; i < found.count; i++) {
        struct resident resident;

        TRY(resident_read(&txn, found.ids[i], &resident, err));
        TRY(tell(context, &resident, err));
    }
    return 0;
}

int register_each_card(struct register_store *store, const char *resident,
                       int (*tell)(void *context, const struct card *, struct err *), void *context,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct found found;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(read_ids(&txn, "SELECT serial FROM card WHERE resident = ? ORDER BY issued_at DESC, serial",
                 DB_WITH(DB_TEXT(resident)), &found, err));
    for (size_t i = 0; i < found.count; i++) {
        struct card card;

        TRY(card_read(&txn, found.ids[i], &card, err));
        TRY(tell(context, &card, err));
    }
    return 0;
}

static int find_number(struct register_store *store, const struct mynumber *number,
                       const char *municipality, struct resident *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char id[RESIDENT_ID_LEN + 1];
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT resident FROM mynumber JOIN resident ON id = resident"
                      " WHERE digits = ?1"
                      " AND (municipality = ?2 OR ?2 = '" EVERY_MUNICIPALITY "')",
                      DB_WITH(DB_BLOB(secret_bytes(&number->digits)), DB_TEXT(municipality)), &rows,
                      err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "nobody of this municipality has that number");
    TRY(rc);
    TRY(db_text(&rows, 0, id, sizeof id, err));
    return resident_read(&txn, id, ret, err);
}

int register_find_by_number(struct register_store *store, const struct mynumber *number,
                            const char *municipality, const struct mynumber_use *use,
                            struct resident *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct resident found;

    TRY(find_number(store, number, municipality, &found, err));
    TRY(mynumber_guard(store, found.id, use, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(mynumber_record_use(&txn, found.id, use, err));
    TRY(db_commit(&txn, err));
    *ret = found;
    return 0;
}
