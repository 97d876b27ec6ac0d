/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/store.h"

#include "authapp/store_sqlite.h"

#include <string.h>

static const struct {
    const char *word;
    enum authapp_act act;
} outcomes[] = {
    [LOGIN_OPEN] = {"open", ACT_LOGIN_ANSWERED},
    [LOGIN_ANSWERED] = {"answered", ACT_LOGIN_ANSWERED},
    [LOGIN_REFUSED] = {"refused", ACT_LOGIN_REFUSED},
    [LOGIN_CANCELLED] = {"cancelled", ACT_LOGIN_CANCELLED},
};

enum { WORD_SIZE = 16 };

void login_done(struct login *login)
{
    buf_done(&login->request);
    buf_done(&login->holder);
}

static int count(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM login", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int open_login(struct db_txn *txn, const struct login *login, int64_t now, struct err *err)
{
    int64_t kept;

    TRY(db_execute(txn, "DELETE FROM login WHERE expires_at < ?",
                   DB_WITH(DB_INT(now - AUTHAPP_RETURN_SECONDS)), err));
    TRY(count(txn, &kept, err));
    if (kept >= AUTHAPP_LOGINS_MAX)
        return FAIL(err, ERR_REMOTE, "too many people are logging in; try again in a minute");
    return db_execute(txn, "INSERT INTO login VALUES (?, ?, ?, ?, ?, ?, 0, ?, 'open', 0, NULL)",
                      DB_WITH(DB_TEXT(login->session), DB_TEXT(login->client_id),
                              DB_BLOB(digest_bytes(&login->browser)),
                              DB_BLOB(buf_bytes(&login->request)),
                              DB_BLOB(BYTES_ARRAY(login->nonce)), DB_TEXT(login->code),
                              DB_INT(login->expires_at)),
                      err);
}

int authapp_open_login(struct authapp_store *store, const struct login *login, int64_t now,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, open_login(&txn, login, now, err), err);
}

/* A blob of a known length. */
static int read_fixed(const struct db_rows *rows, int column, uint8_t *ret, size_t size,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf blob = BUF_INIT;

    TRY(db_blob(rows, column, &blob, err));
    if (blob.len != size)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(ret, blob.ptr, size);
    return 0;
}

static int read_outcome(const struct db_rows *rows, struct login *ret, struct err *err)
{
    char word[WORD_SIZE];

    TRY(db_text(rows, 7, word, sizeof word, err));
    TRY(db_int(rows, 8, &ret->answered_at, err));
    if (!db_is_null(rows, 9))
        TRY(db_blob(rows, 9, &ret->holder, err));
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (strcmp(outcomes[i].word, word) != 0)
            continue;
        ret->outcome = (enum login_outcome)i;
        return 0;
    }
    return FAIL(err, ERR_SYSTEM, "the database has a login that ended in no way");
}

static int find(struct db_txn *txn, const char *session, struct login *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(login_done)
    struct login login = {.browser = {.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)}};
    int rc = db_query_one(txn,
                          "SELECT client_id, browser, request, nonce, code, wrong_codes,"
                          " expires_at, outcome, answered_at, holder, session"
                          " FROM login WHERE session = ?",
                          DB_WITH(DB_TEXT(session)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such login, or it is over; begin again");
    TRY(rc);
    TRY(db_text(&rows, 0, login.client_id, sizeof login.client_id, err));
    TRY(read_fixed(&rows, 1, login.browser.value, login.browser.len, err));
    TRY(db_blob(&rows, 2, &login.request, err));
    TRY(read_fixed(&rows, 3, login.nonce, sizeof login.nonce, err));
    TRY(db_text(&rows, 4, login.code, sizeof login.code, err));
    TRY(db_int(&rows, 5, &login.wrong_codes, err));
    TRY(db_int(&rows, 6, &login.expires_at, err));
    TRY(read_outcome(&rows, &login, err));
    TRY(db_text(&rows, 10, login.session, sizeof login.session, err));
    *ret = login;
    login = (struct login){.request = BUF_INIT, .holder = BUF_INIT};
    return 0;
}

int authapp_get_login(struct authapp_store *store, const char *session, struct login *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find(&txn, session, ret, err);
}

int authapp_check_code(struct authapp_store *store, const char *session, const char *code,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(login_done) struct login login = {.request = BUF_INIT};

    TRY(db_begin(store->db, &txn, err));
    TRY(find(&txn, session, &login, err));
    if (login.wrong_codes >= AUTHAPP_CODES_MAX)
        return FAIL(err, ERR_DENIED, "too many wrong codes for this login; begin again");
    if (bytes_equal_secret(bytes_text(code), bytes_text(login.code)))
        return 0;
    TRY(db_execute(&txn, "UPDATE login SET wrong_codes = wrong_codes + 1 WHERE session = ?",
                   DB_WITH(DB_TEXT(session)), err));
    if (login.wrong_codes + 1 == AUTHAPP_CODES_MAX)
        TRY(authapp_note(&txn, ACT_LOGIN_REFUSED, session, "wrong-codes", by, err));
    TRY(db_commit(&txn, err));
    return FAIL(err, ERR_DENIED, "this is not the code shown where the login was opened");
}

static int end_login(struct db_txn *txn, const char *session, const struct login_end *end,
                     const struct audit_origin *by, struct err *err)
{
    int rc;

    rc = db_execute_one(txn,
                        "UPDATE login SET outcome = ?, answered_at = ?, holder = ?"
                        " WHERE session = ? AND outcome = 'open' AND expires_at >= ?",
                        DB_WITH(DB_TEXT(outcomes[end->outcome].word), DB_INT(by->at),
                                end->outcome == LOGIN_ANSWERED ? DB_BLOB(end->holder) : DB_NULL,
                                DB_TEXT(session), DB_INT(by->at)),
                        err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this login was answered already, or its time is over");
    TRY(rc);
    return authapp_note(txn, outcomes[end->outcome].act, session, end->why, by, err);
}

int authapp_end_login(struct authapp_store *store, const char *session, const struct login_end *end,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, end_login(&txn, session, end, by, err), err);
}

int authapp_drop_login(struct db_txn *txn, const char *session, struct err *err)
{
    int rc = db_execute_one(txn, "DELETE FROM login WHERE session = ?", DB_WITH(DB_TEXT(session)),
                            err);

    return rc == -ERR_ABSENT
               ? FAIL(err, ERR_ABSENT, "there is no such login, or it is over; begin again")
               : rc;
}

int authapp_take_login(struct authapp_store *store, const char *session, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(authapp_drop_login(&txn, session, err));
    return db_commit(&txn, err);
}
