/* SPDX-License-Identifier: Apache-2.0 */
/* How mandates begin and end. */
#include "portal/mandate/mandate.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "portal/mandate/acts.h"
#include "portal/mandate/code.h"
#include "portal/mandate/legal.h"
#include "portal/notice/notice.h"
#include "portal/operator/consent.h"
#include "portal/store_sqlite.h"

#include <string.h>

const struct audit_act mandate_acts[] = {
    [MANDATE_OFFERED] = {"mandate.offered", "mandate"},
    [MANDATE_BEGUN] = {"mandate.begun", "mandate"},
    [MANDATE_ENDED] = {"mandate.ended", "mandate"},
    [MANDATE_USED] = {"mandate.used", "mandate"},
};

int mandate_note(struct db_txn *txn, enum mandate_act act, const char *id, const char *outcome,
                 const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&mandate_acts[act], bytes_text(id), outcome};

    return audit_append(txn, by, &event, err);
}

/* Somebody on one side is told by a notice, which leads to where he sees all of them. */
static int tell(struct db_txn *txn, const char *account, const char *topic, int64_t now,
                struct err *err)
{
    const struct notice_draft draft = {
        .account = account, .topic = topic, .link = "mandates", .at = now};

    return account[0] == '\0' ? 0 : notice_send(txn, &draft, err);
}

/* ---- beginning ---- */

static int check_name(const char *name, struct err *err)
{
    const size_t count = utf8_count(bytes_text(name));

    return count > 0 && count <= MANDATE_NAME_MAX && utf8_is_shown(bytes_text(name))
               ? 0
               : FAIL(err, ERR_INPUT, "a name is 1 to %d characters", MANDATE_NAME_MAX);
}

static int check_draft(const struct mandate_draft *draft, int64_t now, struct err *err)
{
    if (draft->scopes == 0 || (draft->scopes & ~(unsigned)MANDATE_SCOPES_) != 0)
        return FAIL(err, ERR_INPUT, "a mandate is for something");
    if (draft->ends_at <= now)
        return FAIL(err, ERR_INPUT, "a mandate ends in the future");
    if (draft->proxy != NULL && strcmp(draft->proxy, draft->mandator) == 0)
        return FAIL(err, ERR_CONFLICT, "nobody acts for himself by a mandate");
    TRY(check_name(draft->mandator_name, err));
    return check_name(draft->proxy_name, err);
}

/* An offer that nobody took counts as long as its code does. */
#define COUNTS                                                                                     \
    " ended_at IS NULL AND ends_at > ?2"                                                           \
    " AND (begun_at IS NOT NULL OR made_at > ?2 - ?3)"

static int check_room(struct db_txn *txn, const char *side, const char *account, int64_t now,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf sql = BUF_INIT;
    const char *text;
    int64_t count;

    TRY(buf_append_format(&sql, err, "SELECT count(*) FROM mandate WHERE %s = ?1 AND" COUNTS,
                          side));
    TRY(buf_text(&sql, &text, err));
    TRY(db_query_one(txn, text,
                     DB_WITH(DB_TEXT(account), DB_INT(now), DB_INT(MANDATE_CODE_SECONDS)), &rows,
                     err));
    TRY(db_int(&rows, 0, &count, err));
    return count < MANDATES_MAX
               ? 0
               : FAIL(err, ERR_CONFLICT, "there are %d mandates already; end one first",
                      MANDATES_MAX);
}

/* What is kept of those that are over: the newest ones, and of none of them the reference. */
static int forget(struct db_txn *txn, const char *mandator, int64_t now, struct err *err)
{
    const struct db_value *values = DB_WITH(DB_TEXT(mandator), DB_INT(now),
                                            DB_INT(MANDATE_CODE_SECONDS));

    TRY(db_execute(txn,
                   "UPDATE mandate SET reference = NULL WHERE mandator = ?1 AND NOT (" COUNTS
                   ") AND reference IS NOT NULL",
                   values, err));
    return db_execute(txn,
                      "DELETE FROM mandate WHERE mandator = ?1 AND NOT (" COUNTS ") AND place IN"
                      " (SELECT place FROM mandate WHERE mandator = ?1 ORDER BY place DESC"
                      " LIMIT " DB_ALL " OFFSET ?4)",
                      DB_WITH(DB_TEXT(mandator), DB_INT(now), DB_INT(MANDATE_CODE_SECONDS),
                              DB_INT(MANDATES_KEPT_MAX - 1)),
                      err);
}

static int insert(struct db_txn *txn, const struct mandate_draft *draft, const char *id,
                  const struct digest *code, int64_t now, struct err *err)
{
    const bool is_begun = draft->proxy != NULL;

    return db_execute(
        txn,
        "INSERT INTO mandate (id, kind, scopes, mandator, proxy, code, mandator_name, proxy_name,"
        " municipality, reference, made_at, begun_at, ends_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        DB_WITH(DB_TEXT(id), DB_TEXT(mandate_kinds[draft->kind]), DB_INT(draft->scopes),
                DB_TEXT(draft->mandator), DB_TEXT(draft->proxy),
                is_begun ? DB_NULL : DB_BLOB(digest_bytes(code)), DB_TEXT(draft->mandator_name),
                DB_TEXT(draft->proxy_name), DB_TEXT(draft->municipality), DB_TEXT(draft->reference),
                DB_INT(now), is_begun ? DB_INT(now) : DB_NULL, DB_INT(draft->ends_at)),
        err);
}

int mandate_make(struct portal_store *store, const struct mandate_draft *draft,
                 const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE],
                 char ret_code[MANDATE_CODE_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char code[MANDATE_CODE_SIZE] = "";
    char id[PORTAL_ID_SIZE];
    struct digest hash = {.len = 0};

    TRY(check_draft(draft, by->at, err));
    TRY(random_text(id, sizeof id, err));
    if (draft->proxy == NULL) {
        TRY(mandate_code_make(code, err));
        TRY(mandate_code_read(code, &hash, err));
    }
    TRY(db_begin(store->db, &txn, err));
    TRY(forget(&txn, draft->mandator, by->at, err));
    TRY(check_room(&txn, "mandator", draft->mandator, by->at, err));
    if (draft->proxy != NULL)
        TRY(check_room(&txn, "proxy", draft->proxy, by->at, err));
    TRY(insert(&txn, draft, id, &hash, by->at, err));
    TRY(mandate_note(&txn, draft->proxy == NULL ? MANDATE_OFFERED : MANDATE_BEGUN, id,
                     mandate_kinds[draft->kind], by, err));
    if (draft->proxy != NULL)
        TRY(tell(&txn, draft->mandator, "mandate.given", by->at, err));
    if (draft->municipality != NULL)
        TRY(mandate_tell_law(&txn, id, MANDATE_RECORDED, by, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_id, id, sizeof id);
    memcpy(ret_code, code, sizeof code);
    return 0;
}

static int find_offer(struct db_txn *txn, const struct digest *hash, int64_t now,
                      char ret_id[PORTAL_ID_SIZE], char ret_mandator[PORTAL_ID_SIZE],
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn, "SELECT id, mandator FROM mandate WHERE code = ?1 AND" COUNTS,
        DB_WITH(DB_BLOB(digest_bytes(hash)), DB_INT(now), DB_INT(MANDATE_CODE_SECONDS)), &rows,
        err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no mandate with this code");
    TRY(rc);
    TRY(db_text(&rows, 0, ret_id, PORTAL_ID_SIZE, err));
    return db_text(&rows, 1, ret_mandator, PORTAL_ID_SIZE, err);
}

int mandate_take(struct portal_store *store, const char *code, const char *account,
                 const struct audit_origin *by, char ret_id[PORTAL_ID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[PORTAL_ID_SIZE], mandator[PORTAL_ID_SIZE];
    struct digest hash;

    TRY(mandate_code_read(code, &hash, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(find_offer(&txn, &hash, by->at, id, mandator, err));
    if (strcmp(mandator, account) == 0)
        return FAIL(err, ERR_CONFLICT, "this is your own code: it is for the other person");
    TRY(check_room(&txn, "proxy", account, by->at, err));
    TRY(db_execute_one(&txn, "UPDATE mandate SET proxy = ?, begun_at = ?, code = NULL WHERE id = ?",
                       DB_WITH(DB_TEXT(account), DB_INT(by->at), DB_TEXT(id)), err));
    TRY(mandate_note(&txn, MANDATE_BEGUN, id, NULL, by, err));
    TRY(tell(&txn, mandator, "mandate.given", by->at, err));
    TRY(db_commit(&txn, err));
    memcpy(ret_id, id, sizeof id);
    return 0;
}

/* ---- ending ---- */

/* On which side of it somebody is. */
static int find_side(struct db_txn *txn, const char *id, const struct mandate_ender *ender,
                     int64_t now, const char **ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t side;
    int rc = db_query_one(txn,
                          "SELECT CASE WHEN municipality = ?5 THEN 2 WHEN municipality IS NOT NULL"
                          " THEN 3 WHEN mandator = ?4 THEN 0 ELSE 1 END FROM mandate"
                          " WHERE id = ?1 AND (mandator = ?4 OR proxy = ?4 OR municipality = ?5)"
                          " AND" COUNTS,
                          DB_WITH(DB_TEXT(id), DB_INT(now), DB_INT(MANDATE_CODE_SECONDS),
                                  DB_TEXT(ender->account), DB_TEXT(ender->municipality)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such mandate");
    TRY(rc);
    TRY(db_int(&rows, 0, &side, err));
    if (mandate_sides[side] == NULL)
        return FAIL(err, ERR_DENIED, "the municipality recorded this one, and ends it");
    *ret = mandate_sides[side];
    return 0;
}

/* Both sides, but for whoever ends it himself. */
static int tell_end(struct db_txn *txn, const char *id, const char *ender, int64_t now,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char account[PORTAL_ID_SIZE];

    TRY(db_query_one(txn, "SELECT mandator, coalesce(proxy, '') FROM mandate WHERE id = ?",
                     DB_WITH(DB_TEXT(id)), &rows, err));
    for (int i = 0; i < 2; i++) {
        TRY(db_text(&rows, i, account, sizeof account, err));
        if (ender == NULL || strcmp(account, ender) != 0)
            TRY(tell(txn, account, "mandate.ended", now, err));
    }
    return 0;
}

int mandate_end(struct portal_store *store, const char *id, const struct mandate_ender *ender,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const char *side;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_side(&txn, id, ender, by->at, &side, err));
    TRY(db_execute_one(&txn,
                       "UPDATE mandate SET ended_at = ?, ended_by = ?, code = NULL,"
                       " reference = NULL WHERE id = ?",
                       DB_WITH(DB_INT(by->at), DB_TEXT(side), DB_TEXT(id)), err));
    TRY(mandate_note(&txn, MANDATE_ENDED, id, side, by, err));
    TRY(operator_consent_end_with(&txn, id, by, err));
    TRY(tell_end(&txn, id, ender->account, by->at, err));
    if (ender->municipality != NULL)
        TRY(mandate_tell_law(&txn, id, MANDATE_CANCELLED, by, err));
    return db_commit(&txn, err);
}
