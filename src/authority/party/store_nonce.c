/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers of signed requests that came already, in SQLite: no request counts twice. */
#include "authority/party/signed.h"
#include "authority/store_sqlite.h"

int authority_spend_nonce(struct authority_store *store, const struct digest *nonce, int64_t now,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    /* Signed at most HOLDER_SECONDS ahead, a request is too old as long after that. */
    TRY(db_execute(&txn, "DELETE FROM spent_nonce WHERE until < ?", DB_WITH(DB_INT(now)), err));
    rc = db_execute(&txn, "INSERT INTO spent_nonce VALUES (?, ?)",
                    DB_WITH(DB_BLOB(digest_bytes(nonce)), DB_INT(now + 2 * HOLDER_SECONDS)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_UNTRUSTED, "this request came before; sign another one");
    TRY(rc);
    return db_commit(&txn, err);
}
