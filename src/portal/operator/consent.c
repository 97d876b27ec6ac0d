/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/consent.h"

#include "base/random_text.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400 };

bool operator_consent_has(const struct operator_consent *consent, const char *item)
{
    char word[32];

    (void)snprintf(word, sizeof word, " %s ", item);
    return strstr(consent->items, word) != NULL;
}

bool operator_consent_has_info(const struct tables *tables, const struct operator_consent *consent,
                               const char *info)
{
    size_t count;
    const struct item *items = tables_items(tables, info, &count);

    for (size_t i = 0; i < count; i++)
        if (operator_consent_has(consent, items[i].code))
            return true;
    return false;
}

bool operator_consent_counts(const struct operator_consent *consent, int64_t now)
{
    return consent->ended_at == 0 && now < consent->ends_at;
}

int operator_consent_read(const struct db_rows *rows, struct operator_consent *ret, struct err *err)
{
    int64_t is_period;

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->client, sizeof ret->client, err));
    TRY(db_text(rows, 2, ret->account, sizeof ret->account, err));
    TRY(db_int(rows, 3, &ret->person, err));
    TRY(db_text(rows, 4, ret->api, sizeof ret->api, err));
    TRY(db_text(rows, 5, ret->area, sizeof ret->area, err));
    TRY(db_text(rows, 6, ret->items, sizeof ret->items, err));
    TRY(db_int(rows, 7, &is_period, err));
    TRY(db_int(rows, 8, &ret->made_at, err));
    TRY(db_int(rows, 9, &ret->ends_at, err));
    TRY(db_int(rows, 10, &ret->ended_at, err));
    TRY(db_int(rows, 11, &ret->used_at, err));
    TRY(db_text(rows, 12, ret->mandate, sizeof ret->mandate, err));
    TRY(db_text(rows, 13, ret->proxy_name, sizeof ret->proxy_name, err));
    ret->is_period = is_period != 0;
    return 0;
}

/* ---- giving ---- */

static int check_room(struct db_txn *txn, const char *account, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) FROM operator_consent WHERE account = ? AND ends_at > ?"
                     " AND ended_at IS NULL",
                     DB_WITH(DB_TEXT(account), DB_INT(now)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= OPERATOR_CONSENTS_MAX)
        return FAIL(err, ERR_CONFLICT, "you have %d consents already; withdraw one first",
                    OPERATOR_CONSENTS_MAX);
    return 0;
}

/*
 * What a proxy gives ends with the mandate at the latest. The end of a mandate never moves, so this
 * holds at each use without a look at the mandate; its end before that is
 * operator_consent_end_with.
 */
static int bound_by_mandate(struct db_txn *txn, struct operator_consent *consent, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t ends_at;
    int rc;

    if (consent->mandate[0] == '\0')
        return 0;
    rc = db_query_one(
        txn,
        "SELECT ends_at FROM mandate WHERE id = ? AND mandator = ?"
        " AND ended_at IS NULL AND ends_at > ?",
        DB_WITH(DB_TEXT(consent->mandate), DB_TEXT(consent->account), DB_INT(consent->made_at)),
        &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "the mandate is over");
    TRY(rc);
    TRY(db_int(&rows, 0, &ends_at, err));
    if (consent->ends_at > ends_at)
        consent->ends_at = ends_at;
    return 0;
}

/* It may have been suspended since its request was read. */
static int check_client(struct db_txn *txn, const char *id, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn,
                                "SELECT 1 FROM operator_client WHERE id = ? AND state = 'approved'",
                                DB_WITH(DB_TEXT(id)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_UNTRUSTED, "this service is not allowed to ask") : rc;
}

static int insert(struct db_txn *txn, const struct operator_consent *c, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO operator_consent (id, client, account, person, api, area, items, is_period,"
        " made_at, ends_at, mandate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        DB_WITH(DB_TEXT(c->id), DB_TEXT(c->client), DB_TEXT(c->account), DB_INT(c->person),
                DB_TEXT(c->api), DB_TEXT(c->area), DB_TEXT(c->items), DB_INT(c->is_period),
                DB_INT(c->made_at), DB_INT(c->ends_at),
                c->mandate[0] == '\0' ? DB_NULL : DB_TEXT(c->mandate)),
        err);
}

static int insert_code(struct db_txn *txn, const struct operator_request *request,
                       const struct operator_consent *consent, const char *code, struct err *err)
{
    struct digest hash;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(code), &hash, err));
    return db_execute(txn, "INSERT INTO operator_token VALUES (?, 'code', ?, ?, ?, NULL, ?, 0)",
                      DB_WITH(DB_BLOB(digest_bytes(&hash)), DB_TEXT(consent->id),
                              DB_TEXT(request->challenge), DB_TEXT(request->redirect_uri),
                              DB_INT(consent->made_at + OPERATOR_CODE_SECONDS)),
                      err);
}

int operator_consent_give(struct db *db, const struct operator_request *request,
                          struct operator_consent *consent, const struct audit_origin *by,
                          char ret_code[PORTAL_SECRET_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char code[PORTAL_SECRET_SIZE];

    TRY(random_text(consent->id, sizeof consent->id, err));
    TRY(random_text(code, sizeof code, err));
    (void)snprintf(consent->client, sizeof consent->client, "%s", request->client.id);
    (void)snprintf(consent->api, sizeof consent->api, "%s", request->api->name);
    consent->is_period = request->is_period;
    consent->made_at = by->at;
    consent->ends_at = by->at + (request->is_period ? request->api->period_days * DAY_SECONDS
                                                    : OPERATOR_CONSENT_SECONDS);
    TRY(db_begin(db, &txn, err));
    TRY(check_client(&txn, consent->client, err));
    TRY(bound_by_mandate(&txn, consent, err));
    TRY(check_room(&txn, consent->account, by->at, err));
    TRY(db_execute(&txn, "DELETE FROM operator_token WHERE ends_at < ?",
                   DB_WITH(DB_INT(by->at - DAY_SECONDS)), err));
    TRY(insert(&txn, consent, err));
    TRY(insert_code(&txn, request, consent, code, err));
    TRY(operator_note(&txn, OPERATOR_ACT_CONSENTED, consent->id, consent->client, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_code, code, sizeof code);
    return 0;
}

int operator_consent_withdraw(struct db *db, const struct operator_consents *among, const char *id,
                              const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(
        &txn,
        "UPDATE operator_consent SET ended_at = ?1 WHERE id = ?2 AND account = ?3"
        " AND ended_at IS NULL AND ends_at > ?1 AND (?4 IS NULL OR api = ?4)",
        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_TEXT(among->account), DB_TEXT(among->api)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such consent that is not over");
    TRY(rc);
    TRY(operator_note(&txn, OPERATOR_ACT_WITHDRAWN, id, "withdrawn", by, err));
    return db_commit(&txn, err);
}

int operator_consent_list(struct db *db, const struct operator_consents *among, const char *after,
                          int (*each)(void *context, const struct operator_consent *consent,
                                      struct err *err),
                          void *context, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct operator_consent consent;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " OPERATOR_CONSENT_COLUMNS " FROM operator_consent AS k"
                 " WHERE account = ?1 AND (?2 = '' OR (made_at, id) < (SELECT made_at, id"
                 " FROM operator_consent WHERE id = ?2 AND account = ?1))"
                 " AND (?4 IS NULL OR api = ?4)"
                 " ORDER BY made_at DESC, id DESC LIMIT ?3",
                 DB_WITH(DB_TEXT(among->account), DB_TEXT(after), DB_INT(OPERATOR_PAGE_MAX),
                         DB_TEXT(among->api)),
                 &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        TRY(operator_consent_read(&rows, &consent, err));
        TRY(each(context, &consent, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}
