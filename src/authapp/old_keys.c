/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/old_keys.h"

#include "authapp/store_sqlite.h"

static int note(struct db_txn *txn, const struct token_keys *keys, int64_t now, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM token_key WHERE retired_at < ?",
                   DB_WITH(DB_INT(now - AUTHAPP_GRANT_SECONDS)), err));
    TRY(db_execute(txn, "UPDATE token_key SET retired_at = ? WHERE retired_at IS NULL",
                   DB_WITH(DB_INT(now)), err));
    for (size_t i = 0; i < keys->count; i++)
        TRY(db_execute(
            txn,
            "INSERT INTO token_key VALUES (?, ?, NULL)"
            " ON CONFLICT (kid) DO UPDATE SET retired_at = NULL",
            DB_WITH(DB_TEXT(keys->at[i].kid.text), DB_BLOB(pubkey_spki(keys->at[i].public))), err));
    return 0;
}

static int add(struct token_keys *keys, size_t room, const struct db_rows *rows, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct token_key *key = &keys->at[keys->count];

    if (keys->count == room)
        return FAIL(err, ERR_CONFLICT,
                    "more than %d keys for tokens were replaced within a day; wait with the next",
                    AUTHAPP_OLD_KEYS_MAX);
    *key = (struct token_key){.public = NULL};
    TRY(db_blob(rows, 0, &spki, err));
    TRY(db_int(rows, 1, &key->retired_at, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &key->public, err));
    keys->count++;
    TRY(jws_alg_of(pubkey_kind(key->public), &key->alg, err));
    return jwk_thumbprint(key->public, &key->kid, err);
}

static int read_old(struct db_txn *txn, struct token_keys *keys, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const size_t room = keys->count + AUTHAPP_OLD_KEYS_MAX;
    int rc;

    TRY(db_query(txn,
                 "SELECT spki, retired_at FROM token_key WHERE retired_at IS NOT NULL"
                 " ORDER BY retired_at DESC",
                 DB_NOTHING, &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(add(keys, room, &rows, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int old_keys_follow(struct authapp_store *store, int64_t now, struct token_keys *keys,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(note(&txn, keys, now, err));
    TRY(read_old(&txn, keys, err));
    return db_commit(&txn, err);
}
