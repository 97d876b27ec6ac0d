/* SPDX-License-Identifier: Apache-2.0 */
/* Codes and tokens of a consent. Of all of them the hash alone is kept. */
#include "portal/operator/consent.h"

#include "base/random_text.h"
#include "crypto/client_proof.h"
#include "fetch/limits.h"

#include <string.h>

static const char *const kinds[] = {
    [OPERATOR_CODE] = "code", [OPERATOR_ACCESS] = "access", [OPERATOR_REFRESH] = "refresh"};

struct found {
    struct operator_access access;
    struct digest hash;
    char challenge[PKCE_MAX + 1], redirect_uri[FETCH_URI_MAX + 1];
    bool is_used;
};

static int find(struct db_txn *txn, enum operator_token_kind kind, const char *text,
                struct found *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    enum { AFTER = OPERATOR_CONSENT_WIDTH };
    int64_t is_used;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(text), &ret->hash, err));
    TRY(db_query_one(txn,
                     "SELECT " OPERATOR_CONSENT_COLUMNS ", t.challenge, t.redirect_uri, t.ends_at,"
                     " t.is_used, t.certificate FROM operator_token AS t"
                     " JOIN operator_consent AS k ON k.id = t.consent"
                     " WHERE t.hash = ? AND t.kind = ?",
                     DB_WITH(DB_BLOB(digest_bytes(&ret->hash)), DB_TEXT(kinds[kind])), &rows, err));
    TRY(operator_consent_read(&rows, &ret->access.consent, err));
    TRY(db_text(&rows, AFTER, ret->challenge, sizeof ret->challenge, err));
    TRY(db_text(&rows, AFTER + 1, ret->redirect_uri, sizeof ret->redirect_uri, err));
    TRY(db_int(&rows, AFTER + 2, &ret->access.ends_at, err));
    TRY(db_int(&rows, AFTER + 3, &is_used, err));
    ret->is_used = is_used != 0;
    ret->access.has_certificate = !db_is_null(&rows, AFTER + 4);
    return ret->access.has_certificate
               ? operator_read_digest(&rows, AFTER + 4, &ret->access.certificate, err)
               : 0;
}

int operator_token_find(struct db *db, const char *text, struct operator_access *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct found found;

    TRY(db_begin_read(db, &txn, err));
    TRY(find(&txn, OPERATOR_ACCESS, text, &found, err));
    *ret = found.access;
    return 0;
}

static int nothing(struct err *err)
{
    return FAIL(err, ERR_DENIED, "this is unknown, over, used, or somebody else's");
}

/* Whoever sent it has what was given to the service. */
static int end_replayed(struct db_txn *txn, const struct found *found,
                        const struct operator_spending *spending, const struct audit_origin *by,
                        struct err *err)
{
    const char *why = spending->kind == OPERATOR_CODE ? "code-replayed" : "refresh-replayed";

    TRY(db_execute(txn,
                   "UPDATE operator_consent SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
                   DB_WITH(DB_INT(by->at), DB_TEXT(found->access.consent.id)), err));
    TRY(operator_note(txn, OPERATOR_ACT_WITHDRAWN, found->access.consent.id, why, by, err));
    TRY(db_commit(txn, err));
    return nothing(err);
}

static bool fits(const struct found *found, const struct operator_spending *spending, int64_t now)
{
    if (now >= found->access.ends_at || !operator_consent_counts(&found->access.consent, now))
        return false;
    if (spending->kind == OPERATOR_CODE)
        return spending->redirect_uri != NULL && spending->verifier != NULL &&
               strcmp(spending->redirect_uri, found->redirect_uri) == 0 &&
               pkce_fits(spending->verifier, found->challenge);
    return !found->access.has_certificate ||
           (spending->certificate != NULL && bytes_equal(digest_bytes(spending->certificate),
                                                         digest_bytes(&found->access.certificate)));
}

/* A token of its own text, bound to the certificate that was shown (RFC 8705, 3). */
static int insert(struct db_txn *txn, enum operator_token_kind kind,
                  const struct operator_spending *spending, const struct operator_tokens *tokens,
                  int64_t ends_at, struct err *err)
{
    const char *text = kind == OPERATOR_ACCESS ? tokens->access : tokens->refresh;
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(text), &hash, err));
    return db_execute(
        txn, "INSERT INTO operator_token VALUES (?, ?, ?, '', '', ?, ?, 0)",
        DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_TEXT(kinds[kind]), DB_TEXT(tokens->consent.id),
                spending->certificate == NULL ? DB_NULL
                                              : DB_BLOB(digest_bytes(spending->certificate)),
                DB_INT(ends_at)),
        err);
}

static int give(struct db_txn *txn, const struct operator_spending *spending, int64_t now,
                struct operator_tokens *tokens, struct err *err)
{
    const int64_t consent_ends = tokens->consent.ends_at;
    int64_t ends = now + OPERATOR_ACCESS_SECONDS;

    if (ends > consent_ends)
        ends = consent_ends;
    tokens->expires_in = ends - now;
    TRY(random_text(tokens->access, sizeof tokens->access, err));
    TRY(insert(txn, OPERATOR_ACCESS, spending, tokens, ends, err));
    if (ends == consent_ends)
        return 0;
    TRY(random_text(tokens->refresh, sizeof tokens->refresh, err));
    return insert(txn, OPERATOR_REFRESH, spending, tokens, consent_ends, err);
}

int operator_token_spend(struct db *db, const struct operator_spending *spending,
                         const struct audit_origin *by, struct operator_tokens *ret,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct operator_tokens tokens = {.refresh = ""};
    struct found found;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = find(&txn, spending->kind, spending->text, &found, err);
    if (rc == -ERR_ABSENT ||
        (rc == 0 && strcmp(found.access.consent.client, spending->client->id) != 0))
        return nothing(err);
    TRY(rc);
    if (found.is_used)
        return end_replayed(&txn, &found, spending, by, err);
    if (!fits(&found, spending, by->at))
        return nothing(err);
    tokens.consent = found.access.consent;
    TRY(db_execute(&txn, "UPDATE operator_token SET is_used = 1 WHERE hash = ?",
                   DB_WITH(DB_BLOB(digest_bytes(&found.hash))), err));
    TRY(give(&txn, spending, by->at, &tokens, err));
    TRY(db_commit(&txn, err));
    *ret = tokens;
    return 0;
}

int operator_assertion_use(struct db *db, const char *client, const char *jti, int64_t ends_at,
                           int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(jti), &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM operator_assertion WHERE ends_at <= ?", DB_WITH(DB_INT(now)),
                   err));
    TRY(db_execute(&txn, "INSERT INTO operator_assertion VALUES (?, ?, ?)",
                   DB_WITH(DB_TEXT(client), DB_BLOB(digest_bytes(&hash)), DB_INT(ends_at)), err));
    return db_commit(&txn, err);
}
