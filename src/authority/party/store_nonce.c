/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers of signed requests that came already, in SQLite: no request counts twice. Signed
 * at most HOLDER_SECONDS from now, a request is too old twice as long afterwards; its number is
 * kept for longer, so that a clock that goes back by less finds all of them. Before that nobody
 * knows what came already. The newest number stays whatever happens: it says how late it was.
 */
#include "authority/party/signed.h"

#include "authority/limits.h"
#include "authority/store_sqlite.h"
#include "base/fault.h"

enum { NONCE_BACK_S = NONCE_KEEP_S - 2 * HOLDER_SECONDS };

static int check_clock(struct db_txn *txn, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t last;

    TRY(db_query_one(txn, "SELECT coalesce(max(until), 0) FROM spent_nonce", DB_NOTHING, &rows,
                     err));
    TRY(db_int(&rows, 0, &last, err));
    last -= NONCE_KEEP_S;
    if (now >= last - NONCE_BACK_S)
        return 0;
    fault_note(FAULT_CLOCK_BACK);
    return FAIL(err, ERR_REMOTE,
                "the clock is %lld seconds before the last signed request: it went back, or was "
                "ahead; none is taken until it is right",
                (long long)(last - now));
}

int authority_spend_nonce(struct authority_store *store, const struct digest *nonce, int64_t now,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(check_clock(&txn, now, err));
    TRY(db_execute(&txn,
                   "DELETE FROM spent_nonce WHERE until < ?"
                   " AND until < (SELECT max(until) FROM spent_nonce)",
                   DB_WITH(DB_INT(now)), err));
    rc = db_execute(&txn, "INSERT INTO spent_nonce VALUES (?, ?)",
                    DB_WITH(DB_BLOB(digest_bytes(nonce)), DB_INT(now + NONCE_KEEP_S)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_UNTRUSTED, "this request came before; sign another one");
    TRY(rc);
    return db_commit(&txn, err);
}
