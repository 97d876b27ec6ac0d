/* SPDX-License-Identifier: Apache-2.0 */
/* That somebody acted for another stands in the logs of both. */
#include "portal/mandate/mandate.h"

#include "exchange/note.h"
#include "portal/account/row.h"
#include "portal/mandate/acts.h"
#include "portal/store_sqlite.h"

#include <string.h>

static const struct names scope_names[] = {
    {"わたしの情報", "Self-information"},
    {"手続の申請", "Applications"},
    {"お知らせ", "Notices"},
    {"やりとりの記録", "Exchange log"},
};
static const struct names sides[] = {
    {"代理人", "The person who acts for you"},
    {"あなた（代理人として）", "You, for somebody else"},
};

static int place_of(unsigned scope)
{
    int place = 0;

    while (place < 3 && scope != 1U << place)
        place++;
    return place;
}

/* An account that the register has told no code of has no log. */
static int tell(struct db_txn *txn, const struct account *whose, int side, unsigned scope,
                const struct audit_origin *by, struct err *err)
{
    const struct note note = {.what = LOG_ACTED,
                              .channel = NOTE_PORTAL,
                              .receiver = "proxy",
                              .receiver_name = sides[side],
                              .why = {"代理の登録", "A mandate"},
                              .items = scope_names[place_of(scope)]};
    struct person_code code;

    if (!whose->has_code)
        return 0;
    memcpy(code.value, whose->code, sizeof code.value);
    return exchange_note(txn, &code, &note, by, err);
}

static int is_quiet(struct db_txn *txn, const struct mandate_claim *claim, bool *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT 1 FROM mandate_use WHERE mandate = ? AND scope = ? AND at > ?",
                          DB_WITH(DB_TEXT(claim->id), DB_INT(claim->scope),
                                  DB_INT(claim->now - MANDATE_QUIET_SECONDS)),
                          &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int tell_both(struct db_txn *txn, const struct mandate_claim *claim,
                     const struct account *mandator, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct account proxy;

    TRY(db_query_one(txn, "SELECT " ACCOUNT_COLUMNS " FROM account AS a WHERE a.id = ?",
                     DB_WITH(DB_TEXT(claim->proxy)), &rows, err));
    TRY(account_read(&rows, &proxy, err));
    TRY(tell(txn, mandator, 0, claim->scope, by, err));
    return tell(txn, &proxy, 1, claim->scope, by, err);
}

int mandate_use(struct portal_store *store, const struct mandate_claim *claim, bool is_change,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct account mandator;
    bool quiet;

    TRY(db_begin(store->db, &txn, err));
    TRY(mandate_find_in(&txn, claim, &mandator, err));
    TRY(is_quiet(&txn, claim, &quiet, err));
    if (quiet && !is_change)
        return 0;
    TRY(db_execute(&txn,
                   "INSERT INTO mandate_use VALUES (?, ?, ?)"
                   " ON CONFLICT (mandate, scope) DO UPDATE SET at = excluded.at",
                   DB_WITH(DB_TEXT(claim->id), DB_INT(claim->scope), DB_INT(claim->now)), err));
    TRY(mandate_note(&txn, MANDATE_USED, claim->id, mandate_scopes[place_of(claim->scope)], by,
                     err));
    TRY(tell_both(&txn, claim, &mandator, by, err));
    return db_commit(&txn, err);
}
