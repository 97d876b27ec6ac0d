/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/site/store.h"

#include "base/random_text.h"
#include "portal/account/row.h"
#include "portal/site/tell.h"
#include "portal/store_sqlite.h"

#include <string.h>

/* A login that began behind the end of its session would outlive it. */
static int check_session(struct db_txn *txn, const struct session *session, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn, "SELECT 1 FROM session WHERE id = ?",
                                DB_WITH(DB_TEXT(session->id)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_DENIED, "this session is over; log in again") : rc;
}

int site_login_start(struct portal_store *store, const struct site_start *start,
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct site_linkage linkage;
    char sid[PORTAL_ID_SIZE];

    TRY(random_text(sid, sizeof sid, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM site_login WHERE made_at < ?",
                   DB_WITH(DB_INT(by->at - SITE_LOGIN_SECONDS)), err));
    TRY(check_session(&txn, start->session, err));
    TRY(site_linkage_get_in(&txn, start->session->account.id, start->site, &linkage, err));
    TRY(db_execute(&txn, "INSERT INTO site_login VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                   DB_WITH(DB_TEXT(sid), DB_BLOB(digest_bytes(start->code)),
                           DB_TEXT(start->session->account.id), DB_TEXT(start->site),
                           DB_TEXT(start->session->id), DB_TEXT(start->challenge),
                           DB_TEXT(start->nonce), DB_INT(start->session->made_at), DB_INT(by->at)),
                   err));
    return db_commit(&txn, err);
}

static int read_login(const struct db_rows *rows, struct site_login *ret, struct err *err)
{
    TRY(account_read(rows, &ret->account, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_, ret->sid, sizeof ret->sid, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 1, ret->site, sizeof ret->site, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 2, ret->sub, sizeof ret->sub, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 3, ret->challenge, sizeof ret->challenge, err));
    TRY(db_text(rows, ACCOUNT_COLUMNS_ + 4, ret->nonce, sizeof ret->nonce, err));
    TRY(db_int(rows, ACCOUNT_COLUMNS_ + 5, &ret->auth_time, err));
    TRY(db_int(rows, ACCOUNT_COLUMNS_ + 6, &ret->made_at, err));
    return db_int(rows, ACCOUNT_COLUMNS_ + 7, &ret->used_at, err);
}

int site_login_find(struct portal_store *store, const struct digest *code, struct site_login *ret,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " ACCOUNT_COLUMNS ", l.sid, l.site, k.sub, l.challenge, l.nonce,"
                     " l.auth_time, l.made_at, coalesce(l.used_at, 0) FROM site_login AS l"
                     " JOIN account AS a ON a.id = l.account JOIN site_linkage AS k"
                     " ON k.account = l.account AND k.site = l.site"
                     " WHERE l.code = ? AND k.ended_at IS NULL",
                     DB_WITH(DB_BLOB(digest_bytes(code))), &rows, err));
    return read_login(&rows, ret, err);
}

/* Its code came twice: what came of it counts no more, and the site will be told. */
static int end_login(struct db_txn *txn, const struct site_login *login,
                     const struct audit_origin *by, struct err *err)
{
    TRY(db_execute(
        txn,
        "INSERT INTO site_tell (site, sub, sid, tries, next_at)"
        " VALUES (?, ?, ?, 0, ?)",
        DB_WITH(DB_TEXT(login->site), DB_TEXT(login->sub), DB_TEXT(login->sid), DB_INT(by->at)),
        err));
    TRY(db_execute(txn, "UPDATE site_login SET access = NULL WHERE sid = ?",
                   DB_WITH(DB_TEXT(login->sid)), err));
    return site_note(txn, SITE_REPLAYED, &login->account, NULL, by, err);
}

/* Used meanwhile, or gone with its session. */
static int refuse_used(struct db_txn *txn, const struct site_login *login,
                       const struct audit_origin *by, struct err *err)
{
    const int rc = db_execute_one(txn, "UPDATE site_login SET access = NULL WHERE sid = ?",
                                  DB_WITH(DB_TEXT(login->sid)), err);

    if (rc == 0) {
        TRY(end_login(txn, login, by, err));
        TRY(db_commit(txn, err));
    }
    return rc == 0 || rc == -ERR_ABSENT ? FAIL(err, ERR_CONFLICT, "this code was used") : rc;
}

int site_login_use(struct portal_store *store, const struct site_login *login,
                   const struct site_row *site, const struct digest *access,
                   const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE site_login SET used_at = ?, access = ? WHERE sid = ?"
                        " AND used_at IS NULL",
                        DB_WITH(DB_INT(by->at), DB_BLOB(digest_bytes(access)), DB_TEXT(login->sid)),
                        err);
    if (rc == -ERR_ABSENT)
        return refuse_used(&txn, login, by, err);
    TRY(rc);
    rc = db_execute_one(&txn,
                        "UPDATE site_linkage SET used_at = ? WHERE account = ? AND site = ?"
                        " AND ended_at IS NULL",
                        DB_WITH(DB_INT(by->at), DB_TEXT(login->account.id), DB_TEXT(login->site)),
                        err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "the linkage is over");
    TRY(rc);
    TRY(site_note(&txn, SITE_SIGNED_ON, &login->account, site, by, err));
    return db_commit(&txn, err);
}

int site_login_end(struct portal_store *store, const struct site_login *login,
                   const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(end_login(&txn, login, by, err));
    return db_commit(&txn, err);
}

int site_access_find(struct portal_store *store, const struct digest *access, int64_t now,
                     char ret_sub[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT k.sub FROM site_login AS l JOIN site_linkage AS k"
                     " ON k.account = l.account AND k.site = l.site"
                     " WHERE l.access = ? AND l.used_at > ? AND k.ended_at IS NULL",
                     DB_WITH(DB_BLOB(digest_bytes(access)), DB_INT(now - SITE_TOKEN_SECONDS)),
                     &rows, err));
    return db_text(&rows, 0, ret_sub, PORTAL_ID_SIZE, err);
}

int site_assertion_use(struct portal_store *store, const char *site, const struct digest *jti,
                       int64_t ends_at, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM site_assertion WHERE ends_at < ?", DB_WITH(DB_INT(now)),
                   err));
    TRY(db_execute(&txn, "INSERT INTO site_assertion VALUES (?, ?, ?)",
                   DB_WITH(DB_TEXT(site), DB_BLOB(digest_bytes(jti)), DB_INT(ends_at)), err));
    return db_commit(&txn, err);
}

int site_token_add(struct portal_store *store, const struct digest *token, const char *site,
                   int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM site_token WHERE ends_at <= ?", DB_WITH(DB_INT(now)), err));
    TRY(db_execute(
        &txn, "INSERT INTO site_token VALUES (?, ?, ?)",
        DB_WITH(DB_BLOB(digest_bytes(token)), DB_TEXT(site), DB_INT(now + SITE_TOKEN_SECONDS)),
        err));
    return db_commit(&txn, err);
}

int site_token_find(struct portal_store *store, const struct digest *token, int64_t now,
                    char ret_site[SITE_ID_MAX + 1], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn, "SELECT site FROM site_token WHERE hash = ? AND ends_at > ?",
                     DB_WITH(DB_BLOB(digest_bytes(token)), DB_INT(now)), &rows, err));
    return db_text(&rows, 0, ret_site, SITE_ID_MAX + 1, err);
}
