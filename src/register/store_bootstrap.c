/* SPDX-License-Identifier: Apache-2.0 */
/* The first clerk in SQLite: one row of one table, which is over once it names a clerk. */
#include "base/hex.h"
#include "base/rand.h"
#include "register/acts.h"
#include "register/refusal.h"
#include "register/store_sqlite.h"

#include <string.h>

/* The challenge that was given last; ERR_ABSENT if none was. Refused once it led to a clerk. */
static int read_challenge(struct db_txn *txn, char ret[BOOTSTRAP_CHALLENGE_LEN + 1],
                          struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT challenge, clerk FROM bootstrap", DB_NOTHING, &rows, err));
    if (!db_is_null(&rows, 1))
        return refuse(err, REFUSED_BOOTSTRAPPED);
    return db_text(&rows, 0, ret, BOOTSTRAP_CHALLENGE_LEN + 1, err);
}

static int new_challenge(char ret[BOOTSTRAP_CHALLENGE_LEN + 1], struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    uint8_t random[BOOTSTRAP_CHALLENGE_LEN / 2];
    const char *text;

    TRY(rand_fill(random, sizeof random, err));
    TRY(hex_append(&hex, BYTES_ARRAY(random), err));
    TRY(buf_text(&hex, &text, err));
    memcpy(ret, text, BOOTSTRAP_CHALLENGE_LEN + 1);
    return 0;
}

int register_begin_bootstrap(struct register_store *store,
                             char ret_challenge[BOOTSTRAP_CHALLENGE_LEN + 1],
                             const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = read_challenge(&txn, challenge, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    TRY(new_challenge(challenge, err));
    TRY(db_execute(&txn,
                   "INSERT INTO bootstrap (id, challenge, asked_at) VALUES (1, ?1, ?2)"
                   " ON CONFLICT (id) DO UPDATE SET challenge = ?1, asked_at = ?2",
                   DB_WITH(DB_TEXT(challenge), DB_INT(by->at)), err));
    TRY(db_commit(&txn, err));
    memcpy(ret_challenge, challenge, sizeof challenge);
    return 0;
}

int register_finish_bootstrap(struct register_store *store, const char *challenge,
                              struct clerk *clerk, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char known[BOOTSTRAP_CHALLENGE_LEN + 1];
    struct clerk added = *clerk;
    int rc;

    TRY(id_new(added.id, err));
    TRY(db_begin(store->db, &txn, err));
    rc = read_challenge(&txn, known, err);
    if (rc == -ERR_ABSENT ||
        (rc == 0 && !bytes_equal_secret(bytes_text(known), bytes_text(challenge))))
        return refuse(err, REFUSED_CHALLENGE);
    TRY(rc);
    TRY(clerk_insert(&txn, &added, by, err));
    TRY(db_execute_one(&txn, "UPDATE bootstrap SET clerk = ?, done_at = ? WHERE clerk IS NULL",
                       DB_WITH(DB_TEXT(added.id), DB_INT(by->at)), err));
    TRY(db_commit(&txn, err));
    *clerk = added;
    return 0;
}
