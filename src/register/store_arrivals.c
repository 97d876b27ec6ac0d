/* SPDX-License-Identifier: Apache-2.0 */
/* Arrivals in SQLite: the resident, and why they came as their first act, in one transaction. */
#include "register/arrival.h"

#include "register/refusal.h"
#include "register/store_sqlite.h"

#include <stdio.h>
#include <string.h>

#define ARRIVED "registered" /* among the names of acts; it is none of lifecycle.h */

enum {
    DETAILS_SIZE = 64,
    TRIES_MAX = 8, /* of ten thousand million numbers a nation has one in a hundred */
};

static void write_details(const struct arrival *arrival, char ret[DETAILS_SIZE])
{
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(arrival->since, day);
    (void)snprintf(ret, DETAILS_SIZE, "reason=%s\nsince=%s\n",
                   arrival_reason_names[arrival->reason], day);
}

/* Whom this very request has added; "": nobody. ERR_CONFLICT if its id was another one's. */
static int find_done(struct db_txn *txn, const struct resident *resident,
                     const struct arrival *arrival, char ret[RESIDENT_ID_LEN + 1], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char details[DETAILS_SIZE];
    struct resident known;
    int rc;

    write_details(arrival, details);
    rc = db_query_one(txn,
                      "SELECT resident FROM act WHERE request_id = ? AND name = '" ARRIVED "'"
                      " AND details = ?",
                      DB_WITH(DB_TEXT(arrival->request_id), DB_TEXT(details)), &rows, err);
    ret[0] = '\0';
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, ret, RESIDENT_ID_LEN + 1, err));
    TRY(resident_read(txn, ret, &known, err));
    if (!resident_is_same(resident, &known))
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another resident");
    return 0;
}

/* Somebody who may be the same one is no reason to add a second one. */
static int check_unknown(struct db_txn *txn, const struct resident *resident,
                         const struct arrival *arrival, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char birth[CALTIME_TEXT_SIZE];
    int rc;

    if (arrival->is_somebody_else)
        return 0;
    caldate_format_iso(resident->birth, birth);
    rc = db_query_one(txn,
                      "SELECT 1 FROM resident WHERE birth = ?1 AND standing <> 'dead'"
                      " AND (name = ?2 OR (kana = ?3 AND kana <> '')) LIMIT 1",
                      DB_WITH(DB_TEXT(birth), DB_TEXT(resident->name), DB_TEXT(resident->kana)),
                      &rows, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return refuse(err, REFUSED_KNOWN);
}

static int is_taken(struct db_txn *txn, const struct mynumber *number, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM mynumber WHERE digits = ?",
                          DB_WITH(DB_BLOB(secret_bytes(&number->digits))), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

static int designate(struct db_txn *txn, enum mynumber_rule rule, struct mynumber *ret,
                     struct err *err)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        bool taken = false;

        mynumber_done(ret);
        TRY(mynumber_new(rule, ret, err));
        TRY(is_taken(txn, ret, &taken, err));
        if (!taken)
            return 0;
    }
    return FAIL(err, ERR_SYSTEM, "no individual number is left");
}

static int number_it(struct db_txn *txn, const struct arrival_order *order, struct err *err)
{
    struct resident_numbers *numbers = order->numbers;
    bool taken = false;

    TRY(resident_code_is_free(txn, &numbers->code, err));
    if (secret_bytes(&numbers->number.digits).len == 0)
        return designate(txn, order->rule, &numbers->number, err);
    TRY(is_taken(txn, &numbers->number, &taken, err));
    return taken ? FAIL(err, ERR_CONFLICT, "this individual number is another resident's") : 0;
}

static int note_arrival(struct db_txn *txn, const char *resident, const struct arrival_order *order,
                        struct err *err)
{
    char details[DETAILS_SIZE];
    int rc;

    write_details(order->arrival, details);
    rc = db_execute(txn,
                    "INSERT INTO act (request_id, name, resident, card, details, done_at)"
                    " VALUES (?, '" ARRIVED "', ?, NULL, ?, ?)",
                    DB_WITH(DB_TEXT(order->arrival->request_id), DB_TEXT(resident),
                            DB_TEXT(details), DB_INT(order->by->at)),
                    err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_CONFLICT, "this request_id was used for another act")
                               : rc;
}

static int add(struct db_txn *txn, struct resident *resident, const struct arrival_order *order,
               bool *ret_is_new, struct err *err)
{
    char known[RESIDENT_ID_LEN + 1];

    TRY(find_done(txn, resident, order->arrival, known, err));
    *ret_is_new = known[0] == '\0';
    if (!*ret_is_new) {
        memcpy(resident->id, known, sizeof resident->id);
        return 0;
    }
    TRY(check_unknown(txn, resident, order->arrival, err));
    TRY(number_it(txn, order, err));
    TRY(resident_insert(txn, resident, order->numbers, order->by, err));
    return note_arrival(txn, resident->id, order, err);
}

int register_add_arrival(struct register_store *store, struct resident *resident,
                         const struct arrival_order *order, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct resident added = *resident;
    bool is_new = false;

    TRY(id_new(added.id, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(add(&txn, &added, order, &is_new, err));
    TRY(db_commit(&txn, err));
    memcpy(resident->id, added.id, sizeof resident->id);
    *ret_is_new = is_new;
    return 0;
}
