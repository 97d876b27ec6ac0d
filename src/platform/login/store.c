/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/login/store.h"

#include "base/rand.h"
#include "platform/acts.h"
#include "platform/store_sqlite.h"

#include <string.h>

static int count_logins(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM login", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_open_login(struct platform_store *store, const struct login *login, int64_t now,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t count;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM login WHERE expires_at < ?",
                   DB_WITH(DB_INT(now - LOGIN_REDEEM_SECONDS)), err));
    TRY(count_logins(&txn, &count, err));
    if (count >= LOGINS_OPEN_MAX)
        return FAIL(err, ERR_REMOTE, "too many people are logging in; try again in a minute");
    rc = db_execute(
        &txn, "INSERT INTO login VALUES (?, ?, ?, ?, ?, ?, 0, NULL, 0, ?)",
        DB_WITH(DB_TEXT(login->session), login->is_console ? DB_NULL : DB_TEXT(login->client_id),
                DB_BLOB(BYTES_ARRAY(login->nonce)), DB_INT(login->expires_at),
                DB_BLOB(digest_bytes(&login->secret)), DB_TEXT(login->code),
                login->invitation.len == 0 ? DB_NULL : DB_BLOB(digest_bytes(&login->invitation))),
        err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    TRY(rc);
    return db_commit(&txn, err);
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

/* Whom it is for. */
static int read_client(const struct db_rows *rows, struct login *login, struct err *err)
{
    login->is_console = db_is_null(rows, 1);
    if (!login->is_console)
        return db_text(rows, 1, login->client_id, sizeof login->client_id, err);
    memcpy(login->client_id, LOGIN_CONSOLE_CLIENT, sizeof LOGIN_CONSOLE_CLIENT);
    if (db_is_null(rows, 8))
        return 0;
    login->invitation.alg = DIGEST_SHA256;
    login->invitation.len = digest_size(DIGEST_SHA256);
    return read_fixed(rows, 8, login->invitation.value, login->invitation.len, err);
}

/* The login of this name inside a transaction; *ret_holder is zeroed if nobody answered. */
static int find_login(struct db_txn *txn, const char *session, struct login *ret,
                      uint8_t ret_holder[HOLDER_ID_SIZE], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct login login = {.secret = {.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)}};
    uint8_t holder[HOLDER_ID_SIZE] = {0};
    int rc = db_query_one(txn,
                          "SELECT session, client_id, nonce, expires_at, secret, code, wrong_codes,"
                          " holder, invitation FROM login WHERE session = ?",
                          DB_WITH(DB_TEXT(session)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such login, or it is over; open a new one");
    TRY(rc);
    TRY(db_text(&rows, 0, login.session, sizeof login.session, err));
    TRY(read_client(&rows, &login, err));
    TRY(read_fixed(&rows, 2, login.nonce, sizeof login.nonce, err));
    TRY(db_int(&rows, 3, &login.expires_at, err));
    TRY(read_fixed(&rows, 4, login.secret.value, login.secret.len, err));
    TRY(db_text(&rows, 5, login.code, sizeof login.code, err));
    TRY(db_int(&rows, 6, &login.wrong_codes, err));
    login.is_answered = !db_is_null(&rows, 7);
    if (login.is_answered)
        TRY(read_fixed(&rows, 7, holder, sizeof holder, err));
    *ret = login;
    memcpy(ret_holder, holder, sizeof holder);
    return 0;
}

int platform_get_login(struct platform_store *store, const char *session, struct login *ret,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    uint8_t holder[HOLDER_ID_SIZE];

    TRY(db_begin_read(store->db, &txn, err));
    return find_login(&txn, session, ret, holder, err);
}

/* What becomes of a login, for the audit log. */
static int note_login(struct db_txn *txn, enum platform_act act, const char *session,
                      const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&platform_acts[act], bytes_text(session), outcome};

    return audit_append(txn, by, &event, err);
}

int platform_check_code(struct platform_store *store, const char *session, const char *code,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    uint8_t holder[HOLDER_ID_SIZE];
    struct login login;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_login(&txn, session, &login, holder, err));
    if (login.wrong_codes >= LOGIN_CODES_MAX)
        return FAIL(err, ERR_DENIED, "too many wrong codes for this login; open a new one");
    if (bytes_equal_secret(bytes_text(code), bytes_text(login.code)))
        return 0;
    TRY(db_execute(&txn, "UPDATE login SET wrong_codes = wrong_codes + 1 WHERE session = ?",
                   DB_WITH(DB_TEXT(session)), err));
    if (login.wrong_codes + 1 == LOGIN_CODES_MAX)
        TRY(note_login(&txn, ACT_LOGIN_REFUSED, session, "wrong-codes", by, err));
    TRY(db_commit(&txn, err));
    return FAIL(err, ERR_DENIED, "this is not the code shown where the login was opened");
}

int platform_note_refusal(struct platform_store *store, const char *session, const char *why,
                          const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE login SET refusals = refusals + 1 WHERE session = ?"
                        " AND refusals < ?",
                        DB_WITH(DB_TEXT(session), DB_INT(LOGIN_REFUSALS_MAX)), err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(note_login(&txn, ACT_LOGIN_REFUSED, session, why, by, err));
    return db_commit(&txn, err);
}

/* The random id of a person by a certificate, the first or a further one; ERR_ABSENT. */
static int find_holder(struct db_txn *txn, const struct holder_key *who, struct buf *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT id FROM holder WHERE issuer = ?1 AND serial = ?2 UNION ALL"
                     " SELECT holder FROM holder_link WHERE issuer = ?1 AND serial = ?2 LIMIT 1",
                     DB_WITH(DB_BLOB(who->issuer), DB_BLOB(who->serial)), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

/* The same, made if he is here for the first time. */
static int holder_id(struct db_txn *txn, const struct holder_key *who, struct buf *ret,
                     struct err *err)
{
    uint8_t id[HOLDER_ID_SIZE];
    int rc = find_holder(txn, who, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(rand_fill(id, sizeof id, err));
    TRY(db_execute(txn, "INSERT INTO holder VALUES (?, ?, ?)",
                   DB_WITH(DB_BLOB(BYTES_ARRAY(id)), DB_BLOB(who->issuer), DB_BLOB(who->serial)),
                   err));
    return buf_append(ret, BYTES_ARRAY(id), err);
}

static int take_id(const struct buf *id, uint8_t ret[HOLDER_ID_SIZE], struct err *err)
{
    if (id->len != HOLDER_ID_SIZE)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    memcpy(ret, id->ptr, HOLDER_ID_SIZE);
    return 0;
}

int platform_get_holder(struct platform_store *store, const struct holder_key *who,
                        uint8_t ret[HOLDER_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    int rc;

    TRY(db_join(store->db, &txn, err));
    rc = holder_id(&txn, who, &id, err);
    TRY(db_settle(&txn, rc, err));
    return take_id(&id, ret, err);
}

int platform_know_holder(struct platform_store *store, const struct holder_key *who,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find_holder(&txn, who, &id, err);
}

/* A further certificate of whom another one is known of; nothing if that is known as well. */
static int link_holder(struct db_txn *txn, const struct holder_key *known,
                       const struct holder_key *further, const char *session,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;
    int rc;

    TRY(find_holder(txn, known, &id, err));
    rc = find_holder(txn, further, &other, err);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(db_execute(
        txn, "INSERT INTO holder_link (issuer, serial, holder) VALUES (?, ?, ?)",
        DB_WITH(DB_BLOB(further->issuer), DB_BLOB(further->serial), DB_BLOB(buf_bytes(&id))), err));
    return note_login(txn, ACT_HOLDER_LINKED, session, NULL, by, err);
}

int platform_link_holder(struct platform_store *store, const struct holder_key *known,
                         const struct holder_key *further, const char *session,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(link_holder(&txn, known, further, session, by, err));
    return db_commit(&txn, err);
}

int platform_join_holder(struct platform_store *store, const struct holder_key *one,
                         const struct holder_key *other, const char *session,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = link_holder(&txn, other, one, session, by, err);
    if (rc == -ERR_ABSENT) {
        TRY(holder_id(&txn, one, &id, err));
        rc = link_holder(&txn, one, other, session, by, err);
    }
    TRY(rc);
    return db_commit(&txn, err);
}

int platform_answer_login(struct platform_store *store, const char *session,
                          const struct holder_key *who, const char *outcome,
                          const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(holder_id(&txn, who, &id, err));
    rc = db_execute_one(&txn,
                        "UPDATE login SET holder = ? WHERE session = ? AND holder IS NULL"
                        " AND expires_at >= ?",
                        DB_WITH(DB_BLOB(buf_bytes(&id)), DB_TEXT(session), DB_INT(by->at)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this login was answered already, or its time is over");
    TRY(rc);
    TRY(note_login(&txn, ACT_LOGIN_ANSWERED, session, outcome, by, err));
    return db_commit(&txn, err);
}

int platform_take_login(struct db_txn *txn, const struct login_taking *taking,
                        const struct audit_origin *by, struct login *ret,
                        uint8_t ret_holder[HOLDER_ID_SIZE], struct err *err)
{
    uint8_t holder[HOLDER_ID_SIZE];
    struct login login;

    TRY(find_login(txn, taking->session, &login, holder, err));
    if (login.is_console != taking->is_console)
        return FAIL(err, ERR_ABSENT, "there is no such login, or it is over; open a new one");
    if (!bytes_equal_secret(digest_bytes(taking->secret), digest_bytes(&login.secret)))
        return FAIL(err, ERR_DENIED, "this is not the secret of whoever opened the login");
    if (by->at > login.expires_at + LOGIN_REDEEM_SECONDS ||
        (!login.is_answered && by->at > login.expires_at))
        return FAIL(err, ERR_ABSENT, "this login is over; open a new one");
    if (!login.is_answered)
        return FAIL(err, ERR_CONFLICT, "nobody has answered this login yet");
    TRY(db_execute_one(txn, "DELETE FROM login WHERE session = ?",
                       DB_WITH(DB_TEXT(taking->session)), err));
    TRY(note_login(txn, ACT_LOGIN_REDEEMED, taking->session, NULL, by, err));
    *ret = login;
    memcpy(ret_holder, holder, sizeof holder);
    return 0;
}

int platform_redeem_login(struct platform_store *store, const char *session,
                          const struct digest *secret, const struct audit_origin *by,
                          uint8_t ret[HOLDER_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct login_taking taking = {session, secret, false};
    uint8_t holder[HOLDER_ID_SIZE];
    struct login login;

    TRY(db_begin(store->db, &txn, err));
    TRY(platform_take_login(&txn, &taking, by, &login, holder, err));
    TRY(db_commit(&txn, err));
    memcpy(ret, holder, sizeof holder);
    return 0;
}
