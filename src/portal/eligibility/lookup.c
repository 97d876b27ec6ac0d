/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/lookup.h"

#include "base/rand.h"
#include "crypto/digest.h"
#include "portal/eligibility/acts.h"
#include "portal/eligibility/note.h"

#include <string.h>

const char *const lookup_methods[] = {[LOOKUP_OPEN] = "open",
                                      [LOOKUP_PIN] = "pin",
                                      [LOOKUP_PHOTO] = "photo",
                                      [LOOKUP_METHODS_] = NULL};

static int note(struct db_txn *txn, enum eligibility_act act, const struct lookup *lookup,
                const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&eligibility_acts[act], bytes_text(lookup->id), outcome};

    return audit_append(txn, by, &event, err);
}

/* ---- opening ---- */

/* Those that nobody showed a card for are forgotten. */
static int check_room(struct db_txn *txn, const char *clinic, int64_t now, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_execute(txn,
                   "DELETE FROM eligibility_lookup"
                   " WHERE clinic = ? AND method = 0 AND expires_at < ?",
                   DB_WITH(DB_TEXT(clinic), DB_INT(now)), err));
    TRY(db_query_one(txn, "SELECT count(*) FROM eligibility_lookup WHERE clinic = ? AND method = 0",
                     DB_WITH(DB_TEXT(clinic)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= ELIGIBILITY_OPEN_MAX)
        return FAIL(err, ERR_CONFLICT, "%d lookups of this clinic wait for a card; try later",
                    ELIGIBILITY_OPEN_MAX);
    return 0;
}

static int insert(struct db_txn *txn, const struct clinic_key *terminal, struct lookup *lookup,
                  struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "INSERT INTO eligibility_lookup"
                     " (id, clinic, terminal, nonce, expires_at, method, is_changed)"
                     " VALUES (?, ?, ?, ?, ?, 0, 0) RETURNING number",
                     DB_WITH(DB_TEXT(lookup->id), DB_TEXT(lookup->clinic), DB_TEXT(terminal->id),
                             DB_BLOB(BYTES_ARRAY(lookup->nonce)), DB_INT(lookup->expires_at)),
                     &rows, err));
    return db_int(&rows, 0, &lookup->number, err);
}

int lookup_open(struct db *db, const struct clinic_key *terminal, int64_t now, struct lookup *ret,
                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct lookup lookup = {.expires_at = now + ELIGIBILITY_SECONDS};

    memcpy(lookup.clinic, terminal->clinic, sizeof lookup.clinic);
    TRY(clinic_typed_id(lookup.id, err));
    TRY(rand_fill(lookup.nonce, sizeof lookup.nonce, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_room(&txn, terminal->clinic, now, err));
    TRY(insert(&txn, terminal, &lookup, err));
    TRY(db_commit(&txn, err));
    *ret = lookup;
    return 0;
}

/* ---- looking ---- */

static int read_nonce(const struct db_rows *rows, int column, struct lookup *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;

    TRY(db_blob(rows, column, &nonce, err));
    if (nonce.len != sizeof ret->nonce)
        return FAIL(err, ERR_SYSTEM, "a nonce has not its length");
    memcpy(ret->nonce, nonce.ptr, sizeof ret->nonce);
    return 0;
}

static int read_checked(const struct db_rows *rows, struct lookup *ret, struct err *err)
{
    int64_t method;
    int64_t is_told;
    int64_t is_changed;

    TRY(db_int(rows, 5, &method, err));
    if (method < 0 || method >= LOOKUP_METHODS_)
        return FAIL(err, ERR_SYSTEM, "a lookup has no method");
    ret->method = (enum lookup_method)method;
    TRY(db_text(rows, 6, ret->operator, sizeof ret->operator, err));
    TRY(db_int(rows, 7, &ret->checked_at, err));
    TRY(db_int(rows, 8, &ret->person, err));
    TRY(db_int(rows, 9, &is_told, err));
    TRY(db_int(rows, 10, &is_changed, err));
    ret->is_told = is_told != 0;
    ret->is_changed = is_changed != 0;
    return 0;
}

int lookup_get(struct db *db, const char *clinic, const char *id, struct lookup *ret,
               struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT l.number, l.id, l.clinic, nonce, expires_at, method,"
                      " coalesce(k.name, ''), coalesce(checked_at, 0), coalesce(person, 0),"
                      " told IS NOT NULL, is_changed"
                      " FROM eligibility_lookup l LEFT JOIN clinic_key k ON k.id = l.operator"
                      " WHERE l.id = ? AND l.clinic = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(clinic)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such lookup");
    TRY(rc);
    TRY(db_int(&rows, 0, &ret->number, err));
    TRY(db_text(&rows, 1, ret->id, sizeof ret->id, err));
    TRY(db_text(&rows, 2, ret->clinic, sizeof ret->clinic, err));
    TRY(read_nonce(&rows, 3, ret, err));
    TRY(db_int(&rows, 4, &ret->expires_at, err));
    return read_checked(&rows, ret, err);
}

/* ---- checking ---- */

/* What the person sees of it, whatever the insurer answers. */
static int log_check(struct db_txn *txn, const struct lookup *lookup,
                     const struct lookup_check *check, const struct audit_origin *by,
                     struct err *err)
{
    const struct eligibility_note told = {.what = LOG_ELIGIBILITY,
                                          .clinic = lookup->clinic,
                                          .portal = &check->portal,
                                          .duty = check->duty,
                                          .procedure = check->procedure,
                                          .info = check->info,
                                          .detail = lookup_methods[check->method]};

    return eligibility_note(txn, &told, by, err);
}

int lookup_check(struct db *db, const struct lookup *lookup, const struct lookup_check *check,
                 const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE eligibility_lookup SET method = ?, operator = ?, checked_at = ?,"
                        " person = ? WHERE number = ? AND method = 0",
                        DB_WITH(DB_INT(check->method), DB_TEXT(check->operator), DB_INT(by->at),
                                DB_INT(check->person), DB_INT(lookup->number)),
                        err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "a card was shown for this lookup before");
    TRY(rc);
    TRY(consent_give(&txn, lookup->number, check->consents, by->at, err));
    TRY(log_check(&txn, lookup, check, by, err));
    TRY(note(&txn, ELIGIBILITY_CHECKED, lookup, lookup_methods[check->method], by, err));
    return db_commit(&txn, err);
}

int lookup_refuse(struct db *db, const struct lookup *lookup, const char *why,
                  const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(note(&txn, ELIGIBILITY_REFUSED, lookup, why, by, err));
    return db_commit(&txn, err);
}

/* ---- changes ---- */

/* Under the lookup's name, so that the same text is another digest each time. */
static int digest_told(const char *lookup, const char *text, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf told = BUF_INIT;

    TRY(buf_append_format(&told, err, "%s\n%s", lookup, text));
    return digest_compute(DIGEST_SHA256, buf_bytes(&told), ret, err);
}

/* Whether the clinic was told something else of this person the last time, if there was one. */
static int find_change(struct db_txn *txn, const struct lookup *lookup, const char *text, bool *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf told = BUF_INIT;
    char last[PORTAL_ID_SIZE];
    struct digest same;
    int rc = db_query_one(
        txn,
        "SELECT id, told FROM eligibility_lookup WHERE person = ? AND clinic = ?"
        " AND number < ? AND told IS NOT NULL ORDER BY number DESC LIMIT 1",
        DB_WITH(DB_INT(lookup->person), DB_TEXT(lookup->clinic), DB_INT(lookup->number)), &rows,
        err);

    *ret = false;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_text(&rows, 0, last, sizeof last, err));
    TRY(db_blob(&rows, 1, &told, err));
    TRY(digest_told(last, text, &same, err));
    *ret = !bytes_equal(buf_bytes(&told), digest_bytes(&same));
    return 0;
}

int lookup_note_told(struct db *db, const struct lookup *lookup, const char *text, bool *ret,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct digest told;
    bool is_changed;

    if (lookup->is_told) {
        *ret = lookup->is_changed;
        return 0;
    }
    TRY(digest_told(lookup->id, text, &told, err));
    TRY(db_begin(db, &txn, err));
    TRY(find_change(&txn, lookup, text, &is_changed, err));
    TRY(db_execute(
        &txn,
        "UPDATE eligibility_lookup SET told = ?, is_changed = ?"
        " WHERE number = ? AND told IS NULL",
        DB_WITH(DB_BLOB(digest_bytes(&told)), DB_INT(is_changed), DB_INT(lookup->number)), err));
    TRY(db_commit(&txn, err));
    *ret = is_changed;
    return 0;
}
