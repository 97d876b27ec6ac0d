/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/signing/store.h"

#include "authapp/store_sqlite.h"

#include <string.h>

static const char *const outcomes[] = {"open", "signed", "denied"};

enum { WORD_SIZE = 8 };

void signing_done(struct signing *signing)
{
    buf_done(&signing->text);
    buf_done(&signing->document);
    buf_done(&signing->certificate);
    buf_done(&signing->signature);
}

/* Of one client, so that no other one finds no room because of it. */
static int count(struct db_txn *txn, const char *client_id, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM signing WHERE client_id = ?",
                     DB_WITH(DB_TEXT(client_id)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static struct db_value blob_or_null(const struct buf *buf)
{
    return buf->len == 0 ? DB_NULL : DB_BLOB(buf_bytes(buf));
}

int authapp_open_signing(struct authapp_store *store, const struct signing *signing,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t kept;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM signing WHERE expires_at < ?",
                   DB_WITH(DB_INT(by->at - AUTHAPP_SIGNING_RESULT_SECONDS)), err));
    TRY(db_execute(&txn, "UPDATE signing SET document = NULL WHERE expires_at < ?",
                   DB_WITH(DB_INT(by->at)), err));
    TRY(count(&txn, signing->client_id, &kept, err));
    if (kept >= AUTHAPP_SIGNINGS_MAX)
        return FAIL(err, ERR_REMOTE,
                    "too much of this client is waiting to be signed; try again later");
    TRY(db_execute(&txn,
                   "INSERT INTO signing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 'open',"
                   " NULL, NULL, NULL)",
                   DB_WITH(DB_TEXT(signing->id), DB_TEXT(signing->session),
                           DB_TEXT(signing->client_id), DB_TEXT(signing->platform),
                           DB_TEXT(signing->title), blob_or_null(&signing->text),
                           DB_BLOB(digest_bytes(&signing->digest)), DB_INT(signing->is_bare),
                           DB_INT(signing->has_document), blob_or_null(&signing->document),
                           DB_TEXT(signing->code), DB_INT(signing->expires_at)),
                   err));
    TRY(authapp_note(&txn, ACT_SIGNING_OPENED, signing->id, NULL, by, err));
    return db_commit(&txn, err);
}

static int read_digest(const struct db_rows *rows, int column, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf blob = BUF_INIT;

    TRY(db_blob(rows, column, &blob, err));
    *ret = (struct digest){.alg = DIGEST_SHA256, .len = digest_size(DIGEST_SHA256)};
    if (blob.len != ret->len)
        return FAIL(err, ERR_SYSTEM, "the database has a digest of another size");
    memcpy(ret->value, blob.ptr, blob.len);
    return 0;
}

static int read_flag(const struct db_rows *rows, int column, bool *ret, struct err *err)
{
    int64_t number;

    TRY(db_int(rows, column, &number, err));
    *ret = number != 0;
    return 0;
}

static int read_end(const struct db_rows *rows, int column, struct signing *ret, struct err *err)
{
    char word[WORD_SIZE];

    TRY(db_text(rows, column, word, sizeof word, err));
    if (!db_is_null(rows, column + 1))
        TRY(db_blob(rows, column + 1, &ret->certificate, err));
    if (!db_is_null(rows, column + 2))
        TRY(db_blob(rows, column + 2, &ret->signature, err));
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (strcmp(outcomes[i], word) != 0)
            continue;
        ret->outcome = (enum signing_outcome)i;
        return 0;
    }
    return FAIL(err, ERR_SYSTEM, "the database has a signing that ended in no way");
}

#define COLUMNS                                                                                    \
    "SELECT id, session, client_id, platform, title, text, digest, bare, has_document, code,"      \
    " wrong_codes, expires_at, outcome, certificate, signature, login FROM signing WHERE "

static int read_row(const struct db_rows *rows, struct signing *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->session, sizeof ret->session, err));
    TRY(db_text(rows, 2, ret->client_id, sizeof ret->client_id, err));
    TRY(db_text(rows, 3, ret->platform, sizeof ret->platform, err));
    TRY(db_text(rows, 4, ret->title, sizeof ret->title, err));
    if (!db_is_null(rows, 5))
        TRY(db_blob(rows, 5, &ret->text, err));
    TRY(read_digest(rows, 6, &ret->digest, err));
    TRY(read_flag(rows, 7, &ret->is_bare, err));
    TRY(read_flag(rows, 8, &ret->has_document, err));
    TRY(db_text(rows, 9, ret->code, sizeof ret->code, err));
    TRY(db_int(rows, 10, &ret->wrong_codes, err));
    TRY(db_int(rows, 11, &ret->expires_at, err));
    if (!db_is_null(rows, 15))
        TRY(db_text(rows, 15, ret->login, sizeof ret->login, err));
    return read_end(rows, 12, ret, err);
}

static int find(struct db_txn *txn, const char *sql, const struct db_value *values,
                struct signing *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    int rc = db_query_one(txn, sql, values, &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such signing, or it is over; begin again");
    TRY(rc);
    TRY(read_row(&rows, &signing, err));
    *ret = signing;
    signing = (struct signing){.text = BUF_INIT};
    return 0;
}

int authapp_signing_of_session(struct authapp_store *store, const char *session,
                               struct signing *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find(&txn, COLUMNS "session = ?", DB_WITH(DB_TEXT(session)), ret, err);
}

int authapp_signing_of_client(struct authapp_store *store, const char *client_id, const char *id,
                              struct signing *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find(&txn, COLUMNS "id = ? AND client_id = ?", DB_WITH(DB_TEXT(id), DB_TEXT(client_id)),
                ret, err);
}

int authapp_signing_document(struct authapp_store *store, const char *session, struct buf *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT document FROM signing WHERE session = ? AND document IS NOT NULL",
                      DB_WITH(DB_TEXT(session)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such document here");
    TRY(rc);
    return db_blob(&rows, 0, ret, err);
}

int authapp_check_signing_code(struct authapp_store *store, const char *session, const char *code,
                               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};

    TRY(db_begin(store->db, &txn, err));
    TRY(find(&txn, COLUMNS "session = ?", DB_WITH(DB_TEXT(session)), &signing, err));
    if (signing.wrong_codes >= AUTHAPP_CODES_MAX)
        return FAIL(err, ERR_DENIED, "too many wrong codes for this signing; begin again");
    if (bytes_equal_secret(bytes_text(code), bytes_text(signing.code)))
        return 0;
    TRY(db_execute(&txn, "UPDATE signing SET wrong_codes = wrong_codes + 1 WHERE session = ?",
                   DB_WITH(DB_TEXT(session)), err));
    if (signing.wrong_codes + 1 == AUTHAPP_CODES_MAX)
        TRY(authapp_note(&txn, ACT_SIGNING_DENIED, signing.id, "wrong-codes", by, err));
    TRY(db_commit(&txn, err));
    return FAIL(err, ERR_DENIED, "this is not the code shown beside the address of the signing");
}

int authapp_claim_signing(struct authapp_store *store, const struct signing *signing,
                          const char *login, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(
        &txn,
        "UPDATE signing SET login = ? WHERE session = ? AND outcome = 'open'"
        " AND expires_at >= ? AND (login IS NULL OR login = ?)",
        DB_WITH(DB_TEXT(login), DB_TEXT(signing->session), DB_INT(now), DB_TEXT(login)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this signing is over, or another login's");
    TRY(rc);
    TRY(db_execute(&txn, "UPDATE login SET expires_at = ? WHERE session = ?",
                   DB_WITH(DB_INT(signing->expires_at), DB_TEXT(login)), err));
    return db_commit(&txn, err);
}

static int set_end(struct db_txn *txn, const char *session, const struct signing_end *end,
                   int64_t now, struct err *err)
{
    const bool is_signed = end->signature.len > 0;
    int rc = db_execute_one(
        txn,
        "UPDATE signing SET outcome = ?, certificate = ?, signature = ?, document = NULL"
        " WHERE session = ? AND outcome = 'open' AND expires_at >= ?",
        DB_WITH(DB_TEXT(outcomes[is_signed ? SIGNING_SIGNED : SIGNING_DENIED]),
                is_signed ? DB_BLOB(end->certificate) : DB_NULL,
                is_signed ? DB_BLOB(end->signature) : DB_NULL, DB_TEXT(session), DB_INT(now)),
        err);

    return rc == -ERR_ABSENT
               ? FAIL(err, ERR_CONFLICT, "this signing was answered already, or its time is over")
               : rc;
}

int authapp_end_signing(struct authapp_store *store, const char *session,
                        const struct signing_end *end, const struct audit_origin *by,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    const bool is_signed = end->signature.len > 0;

    TRY(db_begin(store->db, &txn, err));
    TRY(find(&txn, COLUMNS "session = ?", DB_WITH(DB_TEXT(session)), &signing, err));
    TRY(set_end(&txn, session, end, by->at, err));
    TRY(authapp_note(&txn, is_signed ? ACT_SIGNING_SIGNED : ACT_SIGNING_DENIED, signing.id,
                     is_signed ? NULL : end->why, by, err));
    return db_commit(&txn, err);
}
