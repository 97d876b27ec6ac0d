/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/kept_secret.h"

#include "base/rand.h"
#include "crypto/pubkey.h"

static int find(const struct kept_secret *which, struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(which->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT value FROM wrapped WHERE name = ?",
                     DB_WITH(DB_TEXT(which->name)), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

static int keep(const struct kept_secret *which, struct bytes wrapped, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(which->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO wrapped VALUES (?, ?)",
                   DB_WITH(DB_TEXT(which->name), DB_BLOB(wrapped)), err));
    return db_commit(&txn, err);
}

static int make(const struct kept_secret *which, struct signer *signer, struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(pubkey_freep) struct pubkey *wrapper = NULL;
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(signer_public(signer, which->key, &spki, err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&spki), &wrapper, err));
    TRY(secret_new(KEPT_SECRET_SIZE, &secret, err));
    TRY(rand_fill(secret.ptr, secret.len, err));
    TRY(pubkey_wrap(wrapper, &secret, &wrapped, err));
    return keep(which, buf_bytes(&wrapped), err);
}

int kept_secret_load(const struct kept_secret *which, struct signer *signer, struct secret *ret,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf wrapped = BUF_INIT;
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    int rc = find(which, &wrapped, err);

    if (rc == -ERR_ABSENT) {
        TRY(make(which, signer, err));
        rc = find(which, &wrapped, err);
    }
    TRY(rc);
    rc = signer_unwrap(signer, which->key, buf_bytes(&wrapped), &secret, err);
    if (rc == -ERR_UNTRUSTED || (rc == 0 && secret.len != KEPT_SECRET_SIZE))
        return FAIL(err, ERR_CONFLICT,
                    "signerd's key %s is not the one that the secret \"%s\" was wrapped for; with "
                    "another secret everybody would become somebody else",
                    which->key, which->name);
    TRY(rc);
    *ret = secret;
    secret = (struct secret)SECRET_INIT;
    return 0;
}
