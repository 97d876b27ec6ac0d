/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/account/store.h"

#include "base/random_text.h"
#include "portal/account/codes.h"
#include "portal/account/row.h"
#include "portal/history/history.h"
#include "portal/mandate/mandate.h"
#include "portal/site/store.h"
#include "portal/store_sqlite.h"

#include <string.h>

int account_read(const struct db_rows *rows, struct account *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf code = BUF_INIT;
    struct account account = {.has_code = !db_is_null(rows, 1)};

    TRY(db_text(rows, 0, account.id, sizeof account.id, err));
    if (account.has_code) {
        TRY(db_blob(rows, 1, &code, err));
        if (code.len != sizeof account.code)
            return FAIL(err, ERR_SYSTEM, "a code that is none");
        memcpy(account.code, code.ptr, code.len);
    }
    TRY(db_int(rows, 2, &account.made_at, err));
    TRY(db_int(rows, 3, &account.used_at, err));
    *ret = account;
    return 0;
}

static int find_account(struct db_txn *txn, const char *where, struct db_value value,
                        struct account *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf sql = BUF_INIT;
    const char *text;

    TRY(buf_append_format(&sql, err, "SELECT " ACCOUNT_COLUMNS " FROM account AS a WHERE %s",
                          where));
    TRY(buf_text(&sql, &text, err));
    TRY(db_query_one(txn, text, DB_WITH(value), &rows, err));
    return account_read(&rows, ret, err);
}

static struct db_value code_of(const struct opening *opening)
{
    return opening->code == NULL ? DB_NULL : DB_BLOB(bytes_of(opening->code, PORTAL_CODE_SIZE));
}

static int make_account(struct db_txn *txn, const struct opening *opening,
                        const struct audit_origin *by, struct account *ret, struct err *err)
{
    struct account account = {.made_at = by->at, .used_at = by->at};

    if (opening->code == NULL && !opening->is_new_fine)
        return FAIL(err, ERR_REMOTE, "the register cannot say whether somebody has an account");
    TRY(random_text(account.id, sizeof account.id, err));
    TRY(db_execute(txn, "INSERT INTO account VALUES (?1, ?2, NULL, ?3, ?3)",
                   DB_WITH(DB_TEXT(account.id), DB_TEXT(opening->sub), DB_INT(by->at)), err));
    *ret = account;
    return portal_note(txn, ACT_ACCOUNT_MADE, account.id, NULL, by, err);
}

/* The account of a code is whoever's it is, whatever he is called this time. */
static int follow_code(struct db_txn *txn, const struct opening *opening,
                       const struct audit_origin *by, struct account *ret, struct err *err)
{
    TRY(find_account(txn, "code = ?", code_of(opening), ret, err));
    TRY(db_execute(txn, "UPDATE account SET sub = ? WHERE id = ?",
                   DB_WITH(DB_TEXT(opening->sub), DB_TEXT(ret->id)), err));
    return portal_note(txn, ACT_ACCOUNT_LINKED, ret->id, "pseudonym", by, err);
}

static int learn_code(struct db_txn *txn, const struct opening *opening,
                      const struct audit_origin *by, struct account *account, struct err *err)
{
    int rc;

    if (opening->code == NULL)
        return 0;
    if (account->has_code)
        return bytes_equal_secret(bytes_of(account->code, PORTAL_CODE_SIZE),
                                  bytes_of(opening->code, PORTAL_CODE_SIZE))
                   ? 0
                   : FAIL(err, ERR_CONFLICT, "the register knows somebody else by this login");
    rc = db_execute(txn, "UPDATE account SET code = ? WHERE id = ?",
                    DB_WITH(code_of(opening), DB_TEXT(account->id)), err);
    if (rc == -ERR_CONFLICT)
        return FAIL(err, ERR_CONFLICT, "the register knows this person by another account");
    TRY(rc);
    memcpy(account->code, opening->code, PORTAL_CODE_SIZE);
    account->has_code = true;
    return portal_note(txn, ACT_ACCOUNT_LINKED, account->id, "code", by, err);
}

static int have_account(struct db_txn *txn, const struct opening *opening,
                        const struct audit_origin *by, struct account *ret, struct err *err)
{
    int rc = find_account(txn, "sub = ?", DB_TEXT(opening->sub), ret, err);

    if (rc == -ERR_ABSENT && opening->code != NULL)
        rc = follow_code(txn, opening, by, ret, err);
    if (rc == -ERR_ABSENT)
        rc = make_account(txn, opening, by, ret, err);
    TRY(rc);
    return learn_code(txn, opening, by, ret, err);
}

int portal_find_account(struct portal_store *store, const uint8_t code[PORTAL_CODE_SIZE],
                        char ret[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct account account;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find_account(&txn, "code = ?", DB_BLOB(bytes_of(code, PORTAL_CODE_SIZE)), &account, err));
    memcpy(ret, account.id, PORTAL_ID_SIZE);
    return 0;
}

/* No authentication app gives a pseudonym with a colon: it is 43 letters (follow_code). */
#define NOBODY_YET "waiting:"

int portal_have_account(struct portal_store *store, const uint8_t code[PORTAL_CODE_SIZE],
                        const struct audit_origin *by, char ret[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char sub[sizeof NOBODY_YET + PORTAL_ID_SIZE] = NOBODY_YET;
    const struct opening opening = {.sub = sub, .code = code};
    struct account account;
    int rc;

    TRY(random_text(sub + sizeof NOBODY_YET - 1, PORTAL_ID_SIZE, err));
    TRY(db_begin(store->db, &txn, err));
    rc = find_account(&txn, "code = ?", code_of(&opening), &account, err);
    if (rc == -ERR_ABSENT) {
        TRY(make_account(&txn, &opening, by, &account, err));
        rc = learn_code(&txn, &opening, by, &account, err);
    }
    TRY(rc);
    TRY(db_commit(&txn, err));
    memcpy(ret, account.id, PORTAL_ID_SIZE);
    return 0;
}

/* ---- sessions ---- */

static int end_one(struct db_txn *txn, const char *id, const char *why,
                   const struct audit_origin *by, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM session WHERE id = ?", DB_WITH(DB_TEXT(id)), err));
    TRY(site_session_ended(txn, id, by->at, err));
    return portal_note(txn, ACT_SESSION_ENDED, id, why, by, err);
}

/* The names of some sessions, which a statement picks. */
struct picked {
    char ids[PORTAL_SESSIONS_MAX][PORTAL_ID_SIZE];
    unsigned count;
};

static int pick(struct db_txn *txn, const char *sql, const struct db_value *values,
                struct picked *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    ret->count = 0;
    TRY(db_query(txn, sql, values, &rows, err));
    while (ret->count < PORTAL_SESSIONS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(db_text(&rows, 0, ret->ids[ret->count++], PORTAL_ID_SIZE, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int end_picked(struct db_txn *txn, const struct picked *picked, const char *why,
                      const struct audit_origin *by, struct err *err)
{
    for (unsigned i = 0; i < picked->count; i++)
        TRY(end_one(txn, picked->ids[i], why, by, err));
    return 0;
}

/* Sessions that are over, of everybody; that which the browser had; the oldest ones where somebody
 * has too many. */
static int make_room(struct db_txn *txn, const struct opening *opening, const char *account,
                     const struct audit_origin *by, struct err *err)
{
    struct picked picked;

    TRY(db_execute(
        txn, "DELETE FROM session WHERE used_at < ? OR made_at < ?",
        DB_WITH(DB_INT(by->at - PORTAL_SESSION_IDLE), DB_INT(by->at - PORTAL_SESSION_SECONDS)),
        err));
    if (opening->ends != NULL) {
        TRY(pick(txn, "SELECT id FROM session WHERE hash = ?",
                 DB_WITH(DB_BLOB(digest_bytes(opening->ends))), &picked, err));
        TRY(end_picked(txn, &picked, "replaced", by, err));
    }
    TRY(pick(txn,
             "SELECT id FROM session WHERE account = ? ORDER BY made_at DESC, id LIMIT " DB_ALL
             " OFFSET ?",
             DB_WITH(DB_TEXT(account), DB_INT(PORTAL_SESSIONS_MAX - 1)), &picked, err));
    return end_picked(txn, &picked, "replaced", by, err);
}

static int insert(struct db_txn *txn, const struct opening *opening, const struct session *session,
                  struct err *err)
{
    return db_execute(txn, "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
                      DB_WITH(DB_BLOB(digest_bytes(&session->hash)), DB_TEXT(session->id),
                              DB_TEXT(session->account.id), DB_TEXT(session->csrf),
                              DB_TEXT(session->browser), DB_TEXT(opening->sid),
                              DB_TEXT(opening->id_token), DB_TEXT(opening->person_reference),
                              DB_INT(session->made_at)),
                      err);
}

/* Who uses somebody's card sees that he has been here. */
static int show_login(struct db_txn *txn, const char *account, const struct audit_origin *by,
                      struct err *err)
{
    const struct note note = {.what = LOG_LOGIN,
                              .channel = NOTE_PORTAL,
                              .receiver = PORTAL_BODY,
                              .why = {"このポータルにカードでログインしました",
                                      "A card was used to log in at this portal"}};

    return history_note(txn, account, &note, by, err);
}

int portal_open_session(struct portal_store *store, const struct opening *opening,
                        const struct audit_origin *by, struct session *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct session session = *opening->session;

    session.made_at = session.used_at = by->at;
    TRY(db_begin(store->db, &txn, err));
    TRY(have_account(&txn, opening, by, &session.account, err));
    TRY(make_room(&txn, opening, session.account.id, by, err));
    TRY(insert(&txn, opening, &session, err));
    TRY(db_execute(&txn, "UPDATE account SET used_at = ? WHERE id = ?",
                   DB_WITH(DB_INT(by->at), DB_TEXT(session.account.id)), err));
    TRY(portal_note(&txn, ACT_SESSION_OPENED, session.id, NULL, by, err));
    if (opening->is_shown)
        TRY(show_login(&txn, session.account.id, by, err));
    TRY(db_commit(&txn, err));
    *ret = session;
    return 0;
}

#define SESSION_COLUMNS ACCOUNT_COLUMNS ", s.id, s.csrf, s.browser, s.made_at, s.used_at"
#define IN_TIME         " AND s.used_at >= ? AND s.made_at >= ?"
#define TIMES(now)      DB_INT((now)-PORTAL_SESSION_IDLE), DB_INT((now)-PORTAL_SESSION_SECONDS)

static int read_session(const struct db_rows *rows, struct session *ret, struct err *err)
{
    TRY(account_read(rows, &ret->account, err));
    memcpy(ret->actor, ret->account.id, sizeof ret->actor);
    memcpy(ret->actor_code, ret->account.code, sizeof ret->actor_code);
    ret->actor_has_code = ret->account.has_code;
    TRY(db_text(rows, ACCOUNT_COLUMNS_, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 1, ret->csrf, sizeof ret->csrf, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 2, ret->browser, sizeof ret->browser, err));
    TRY(db_int(rows, ACCOUNT_COLUMNS_ + 3, &ret->made_at, err));
    return db_int(rows, ACCOUNT_COLUMNS_ + 4, &ret->used_at, err);
}

static int say_over(struct err *err)
{
    return FAIL(err, ERR_DENIED, "this session is over; log in again");
}

int portal_get_session(struct portal_store *store, const struct digest *hash, int64_t now,
                       struct session *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct session session = {.hash = *hash};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " SESSION_COLUMNS " FROM session AS s JOIN account AS a"
                      " ON a.id = s.account WHERE s.hash = ?" IN_TIME,
                      DB_WITH(DB_BLOB(digest_bytes(hash)), TIMES(now)), &rows, err);
    if (rc == -ERR_ABSENT)
        return say_over(err);
    TRY(rc);
    TRY(read_session(&rows, &session, err));
    *ret = session;
    return 0;
}

enum { USE_SECONDS = 60 };

int portal_use_session(struct portal_store *store, const struct session *session, int64_t now,
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (now - session->used_at < USE_SECONDS)
        return 0;
    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "UPDATE session SET used_at = ?1 WHERE hash = ?2 AND used_at < ?1",
                   DB_WITH(DB_INT(now), DB_BLOB(digest_bytes(&session->hash))), err));
    return db_commit(&txn, err);
}

int portal_list_sessions(struct portal_store *store, const char *account, int64_t now,
                         struct session ret[PORTAL_SESSIONS_MAX], unsigned *ret_count,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " SESSION_COLUMNS " FROM session AS s JOIN account AS a"
                 " ON a.id = s.account WHERE s.account = ?" IN_TIME
                 " ORDER BY s.made_at DESC, s.id",
                 DB_WITH(DB_TEXT(account), TIMES(now)), &rows, err));
    while (count < PORTAL_SESSIONS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_session(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

static int get_text_of(struct portal_store *store, const char *sql, const struct session *session,
                       struct buf *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, sql, DB_WITH(DB_BLOB(digest_bytes(&session->hash))), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

int portal_get_id_token(struct portal_store *store, const struct session *session, struct buf *ret,
                        struct err *err)
{
    const int rc = get_text_of(store, "SELECT CAST(id_token AS BLOB) FROM session WHERE hash = ?",
                               session, ret, err);

    return rc == -ERR_ABSENT ? say_over(err) : rc;
}

/* A reference goes with the login that brought it; somebody's proxy has that of the mandate. */
void id_tokens_done(struct id_tokens *tokens)
{
    for (unsigned i = 0; i < tokens->count; i++)
        buf_done(&tokens->texts[i]);
    tokens->count = 0;
}

int portal_list_id_tokens(struct portal_store *store, const struct session *own,
                          struct id_tokens *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    *ret = (struct id_tokens){.count = 0};
    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT CAST(id_token AS BLOB) FROM session WHERE account = ? AND id <> ?"
                 " ORDER BY made_at DESC, id",
                 DB_WITH(DB_TEXT(own->account.id), DB_TEXT(own->id)), &rows, err));
    while (ret->count < PORTAL_SESSIONS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(db_blob(&rows, 0, &ret->texts[ret->count++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int portal_get_person_reference(struct portal_store *store, const struct session *session,
                                struct buf *ret, struct err *err)
{
    if (session->mandate[0] != '\0')
        return mandate_reference(store, session->mandate, ret, err);
    return get_text_of(store,
                       "SELECT CAST(person_reference AS BLOB) FROM session WHERE hash = ?"
                       " AND person_reference IS NOT NULL",
                       session, ret, err);
}

/* ---- ends ---- */

int portal_end_sessions(struct portal_store *store, const struct ending *ending,
                        const struct audit_origin *by, unsigned *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct picked picked;
    unsigned count = 0;

    TRY(db_begin(store->db, &txn, err));
    do {
        TRY(pick(&txn,
                 "SELECT s.id FROM session AS s JOIN account AS a ON a.id = s.account"
                 " WHERE (?1 IS NULL OR s.account = ?1) AND (?2 IS NULL OR s.id = ?2)"
                 " AND (?3 IS NULL OR s.id <> ?3) AND (?4 IS NULL OR s.sid = ?4)"
                 " AND (?5 IS NULL OR a.sub = ?5)"
                 " AND (?1 IS NOT NULL OR ?4 IS NOT NULL OR ?5 IS NOT NULL)",
                 DB_WITH(DB_TEXT(ending->account), DB_TEXT(ending->session),
                         DB_TEXT(ending->except), DB_TEXT(ending->sid), DB_TEXT(ending->sub)),
                 &picked, err));
        TRY(end_picked(&txn, &picked, ending->why, by, err));
        count += picked.count;
    } while (picked.count == PORTAL_SESSIONS_MAX);
    TRY(db_commit(&txn, err));
    if (ret_count != NULL)
        *ret_count = count;
    return 0;
}
