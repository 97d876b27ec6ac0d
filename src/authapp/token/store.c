/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/token/store.h"

#include "authapp/store_sqlite.h"

#include <string.h>

static const char *const kinds[] = {"code", "access", "refresh"};

enum { KIND_SIZE = 8 };

void token_done(struct token *token)
{
    buf_done(&token->attributes);
}

void found_token_done(struct found_token *found)
{
    token_done(&found->token);
}

/* "" is kept as NULL. */
static struct db_value text_or_null(const char *text)
{
    return text[0] == '\0' ? DB_NULL : DB_TEXT(text);
}

static int insert_token(struct db_txn *txn, const char *grant_id, const struct token *token,
                        struct err *err)
{
    const struct db_value attributes = token->attributes.len == 0
                                           ? DB_NULL
                                           : DB_BLOB(buf_bytes(&token->attributes));

    return db_execute(txn, "INSERT INTO token VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
                      DB_WITH(DB_BLOB(digest_bytes(&token->hash)), DB_TEXT(kinds[token->kind]),
                              DB_TEXT(grant_id), DB_INT(token->scopes), DB_INT(token->expires_at),
                              text_or_null(token->redirect_uri), text_or_null(token->challenge),
                              attributes),
                      err);
}

static int insert_tokens(struct db_txn *txn, const char *grant_id, const struct token *tokens,
                         size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        TRY(insert_token(txn, grant_id, &tokens[i], err));
    return 0;
}

static int insert_grant(struct db_txn *txn, const struct grant *grant, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO access_grant (id, client_id, sub, scopes, nonce, auth_time,"
        " expires_at, ended, sid, signing) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        DB_WITH(DB_TEXT(grant->id), DB_TEXT(grant->client_id), text_or_null(grant->sub),
                DB_INT(grant->scopes), text_or_null(grant->nonce), DB_INT(grant->auth_time),
                DB_INT(grant->expires_at), DB_TEXT(grant->sid), text_or_null(grant->signing)),
        err);
}

static int check_known(struct db_txn *txn, const struct browser_session *known, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn, "SELECT 1 FROM browser_session WHERE sid = ?",
                                DB_WITH(DB_TEXT(known->sid)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such session, or it is over")
                             : rc;
}

static int make_grant(struct db_txn *txn, const struct grant_start *start,
                      const struct audit_origin *by, struct err *err)
{
    const struct grant *grant = start->grant;

    if (start->login != NULL)
        TRY(authapp_drop_login(txn, start->login, err));
    if (start->known != NULL)
        TRY(check_known(txn, start->known, err));
    TRY(db_execute(txn, "DELETE FROM access_grant WHERE expires_at < ?", DB_WITH(DB_INT(by->at)),
                   err));
    TRY(db_execute(txn, "DELETE FROM token WHERE expires_at < ?", DB_WITH(DB_INT(by->at)), err));
    TRY(insert_grant(txn, grant, err));
    TRY(insert_token(txn, grant->id, start->token, err));
    if (start->session != NULL)
        TRY(authapp_begin_session(txn, start->session, by->at, err));
    return authapp_note(txn, ACT_GRANT_MADE, grant->id, NULL, by, err);
}

int authapp_make_grant(struct authapp_store *store, const struct grant_start *start,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, make_grant(&txn, start, by, err), err);
}

static int optional_text(const struct db_rows *rows, int column, char *ret, size_t size,
                         struct err *err)
{
    ret[0] = '\0';
    return db_is_null(rows, column) ? 0 : db_text(rows, column, ret, size, err);
}

/* The first columns. */
#define GRANT_COLUMNS                                                                              \
    "g.id, g.client_id, g.sub, g.scopes, g.nonce, g.auth_time, g.expires_at, g.ended, g.sid,"      \
    " g.signing"
enum { GRANT_WIDTH = 10 };

static int read_grant(const struct db_rows *rows, struct grant *ret, struct err *err)
{
    int64_t scopes;
    int64_t ended;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->client_id, sizeof ret->client_id, err));
    TRY(optional_text(rows, 2, ret->sub, sizeof ret->sub, err));
    TRY(db_int(rows, 3, &scopes, err));
    TRY(optional_text(rows, 4, ret->nonce, sizeof ret->nonce, err));
    TRY(db_int(rows, 5, &ret->auth_time, err));
    TRY(db_int(rows, 6, &ret->expires_at, err));
    TRY(db_int(rows, 7, &ended, err));
    TRY(db_text(rows, 8, ret->sid, sizeof ret->sid, err));
    TRY(optional_text(rows, 9, ret->signing, sizeof ret->signing, err));
    ret->scopes = (unsigned)scopes;
    ret->is_ended = ended != 0;
    return 0;
}

static int read_kind(const struct db_rows *rows, int column, enum token_kind *ret, struct err *err)
{
    char kind[KIND_SIZE];

    TRY(db_text(rows, column, kind, sizeof kind, err));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) != 0)
            continue;
        *ret = (enum token_kind)i;
        return 0;
    }
    return FAIL(err, ERR_SYSTEM, "the database has a token of no kind");
}

static int read_token(const struct db_rows *rows, struct token *ret, struct err *err)
{
    int64_t scopes;
    int64_t used;

    TRY(read_kind(rows, GRANT_WIDTH, &ret->kind, err));
    TRY(db_int(rows, GRANT_WIDTH + 1, &scopes, err));
    TRY(db_int(rows, GRANT_WIDTH + 2, &ret->expires_at, err));
    TRY(db_int(rows, GRANT_WIDTH + 3, &used, err));
    TRY(optional_text(rows, GRANT_WIDTH + 4, ret->redirect_uri, sizeof ret->redirect_uri, err));
    TRY(optional_text(rows, GRANT_WIDTH + 5, ret->challenge, sizeof ret->challenge, err));
    if (!db_is_null(rows, GRANT_WIDTH + 6))
        TRY(db_blob(rows, GRANT_WIDTH + 6, &ret->attributes, err));
    ret->scopes = (unsigned)scopes;
    ret->is_used = used != 0;
    return 0;
}

int authapp_find_token(struct authapp_store *store, const struct digest *hash,
                       struct found_token *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(found_token_done) struct found_token found = {.token = {.hash = *hash}};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " GRANT_COLUMNS ", t.kind, t.scopes, t.expires_at, t.used,"
                      " t.redirect_uri, t.challenge, t.attributes"
                      " FROM token t JOIN access_grant g ON g.id = t.grant_id WHERE t.hash = ?",
                      DB_WITH(DB_BLOB(digest_bytes(hash))), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such token");
    TRY(rc);
    TRY(read_grant(&rows, &found.grant, err));
    TRY(read_token(&rows, &found.token, err));
    *ret = found;
    found.token.attributes = (struct buf)BUF_INIT;
    return 0;
}

static int spend_token(struct db_txn *txn, const struct found_token *spent,
                       const struct token *fresh, size_t count, struct err *err)
{
    /* What it could open is of no more use; that it was used is. */
    int rc = db_execute_one(txn,
                            "UPDATE token SET used = 1, attributes = NULL WHERE hash = ?"
                            " AND used = 0 AND EXISTS (SELECT 1 FROM access_grant"
                            " WHERE id = grant_id AND ended = 0)",
                            DB_WITH(DB_BLOB(digest_bytes(&spent->token.hash))), err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this token was used before");
    TRY(rc);
    return insert_tokens(txn, spent->grant.id, fresh, count, err);
}

int authapp_spend_token(struct authapp_store *store, const struct found_token *spent,
                        const struct token *fresh, size_t count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_join(store->db, &txn, err));
    return db_settle(&txn, spend_token(&txn, spent, fresh, count, err), err);
}

int authapp_drop_token(struct authapp_store *store, const struct digest *hash, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM token WHERE hash = ?", DB_WITH(DB_BLOB(digest_bytes(hash))),
                   err));
    return db_commit(&txn, err);
}

static int end_grant(struct db_txn *txn, const char *id, const char *why,
                     const struct audit_origin *by, struct err *err)
{
    int rc = db_execute_one(txn, "UPDATE access_grant SET ended = 1 WHERE id = ? AND ended = 0",
                            DB_WITH(DB_TEXT(id)), err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_execute(txn, "UPDATE token SET attributes = NULL WHERE grant_id = ?",
                   DB_WITH(DB_TEXT(id)), err));
    return authapp_note(txn, ACT_GRANT_ENDED, id, why, by, err);
}

int authapp_end_grant(struct authapp_store *store, const char *id, const char *why,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(end_grant(&txn, id, why, by, err));
    return db_commit(&txn, err);
}

/* One that has not ended; false in *ret if there is none left. */
static int next_of_session(struct db_txn *txn, const char *sid, char id[AUTHAPP_ID_SIZE], bool *ret,
                           struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT id FROM access_grant WHERE sid = ? AND ended = 0 LIMIT 1",
                          DB_WITH(DB_TEXT(sid)), &rows, err);

    *ret = rc == 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return db_text(&rows, 0, id, AUTHAPP_ID_SIZE, err);
}

int authapp_end_session(struct authapp_store *store, const char *sid, const char *why,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[AUTHAPP_ID_SIZE];
    bool is_left;

    TRY(db_begin(store->db, &txn, err));
    TRY(authapp_drop_session(&txn, sid, err));
    TRY(next_of_session(&txn, sid, id, &is_left, err));
    while (is_left) {
        TRY(end_grant(&txn, id, why, by, err));
        TRY(next_of_session(&txn, sid, id, &is_left, err));
    }
    return db_commit(&txn, err);
}

int authapp_get_grant(struct authapp_store *store, const char *sid, struct grant *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct grant grant = {.id = ""};
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " GRANT_COLUMNS " FROM access_grant g WHERE g.sid = ?"
                      " ORDER BY g.ended, g.expires_at DESC LIMIT 1",
                      DB_WITH(DB_TEXT(sid)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such grant, or its time is over");
    TRY(rc);
    TRY(read_grant(&rows, &grant, err));
    *ret = grant;
    return 0;
}
