/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/consent.h"

#include "base/random_text.h"
#include "portal/eligibility/acts.h"
#include "portal/eligibility/note.h"

#include <string.h>

const char *const consent_kinds[] = {[CONSENT_MEDICINE] = "medicine",
                                     [CONSENT_CHECKUP] = "check-up",
                                     [CONSENT_COST] = "cost",
                                     [CONSENT_KINDS_] = NULL};
const char *const consent_infos[CONSENT_KINDS_] = {[CONSENT_MEDICINE] = "TM99000000000101",
                                                   [CONSENT_CHECKUP] = "TM99000000000103",
                                                   [CONSENT_COST] = "TM99000000000102"};

int consent_kind_of(const char *word, enum consent_kind *ret, struct err *err)
{
    for (unsigned i = 0; word != NULL && i < CONSENT_KINDS_; i++) {
        if (strcmp(consent_kinds[i], word) == 0) {
            *ret = (enum consent_kind)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a consent is for medicine, check-up or cost");
}

/* ---- giving ---- */

int consent_give(struct db_txn *txn, int64_t lookup, unsigned consents, int64_t now,
                 struct err *err)
{
    for (unsigned i = 0; i < CONSENT_KINDS_; i++) {
        char id[PORTAL_ID_SIZE];

        if ((consents & 1U << i) == 0)
            continue;
        TRY(random_text(id, sizeof id, err));
        TRY(db_execute(txn,
                       "INSERT INTO eligibility_consent"
                       " SELECT ?, number, clinic, person, ?, ?, ?, 0 FROM eligibility_lookup"
                       " WHERE number = ?",
                       DB_WITH(DB_TEXT(id), DB_INT(i), DB_INT(now),
                               DB_INT(now + ELIGIBILITY_CONSENT), DB_INT(lookup)),
                       err));
    }
    return 0;
}

static int read_kind(const struct db_rows *rows, int column, enum consent_kind *ret,
                     struct err *err)
{
    int64_t kind;

    TRY(db_int(rows, column, &kind, err));
    if (kind < 0 || kind >= CONSENT_KINDS_)
        return FAIL(err, ERR_SYSTEM, "a consent is of no kind");
    *ret = (enum consent_kind)kind;
    return 0;
}

int consent_list(struct db *db, int64_t lookup, int64_t now, struct consent ret[CONSENT_KINDS_],
                 unsigned *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, kind, expires_at FROM eligibility_consent"
                 " WHERE lookup = ? AND withdrawn_at = 0 AND expires_at > ? ORDER BY kind",
                 DB_WITH(DB_INT(lookup), DB_INT(now)), &rows, err));
    while (count < CONSENT_KINDS_ && (rc = db_next(&rows, err)) == 0) {
        TRY(db_text(&rows, 0, ret[count].id, sizeof ret[count].id, err));
        TRY(read_kind(&rows, 1, &ret[count].kind, err));
        TRY(db_int(&rows, 2, &ret[count].expires_at, err));
        count++;
    }
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

static int note(struct db_txn *txn, enum eligibility_act act, const char *consent,
                const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&eligibility_acts[act], bytes_text(consent), outcome};

    return audit_append(txn, by, &event, err);
}

/* ---- reading ---- */

/* The newest consent that holds. *ret_count: how often it was made use of. */
static int find_consent(struct db_txn *txn, const struct reading_wish *wish, int64_t now,
                        char ret[PORTAL_ID_SIZE], int64_t *ret_count, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT id, (SELECT count(*) FROM eligibility_reading WHERE consent = c.id)"
        " FROM eligibility_consent c WHERE person = ? AND clinic = ? AND kind = ?"
        " AND withdrawn_at = 0 AND expires_at > ? ORDER BY given_at DESC, lookup DESC LIMIT 1",
        DB_WITH(DB_INT(wish->person), DB_TEXT(wish->clinic), DB_INT(wish->kind), DB_INT(now)),
        &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_DENIED, "this person has not consented to that here, or not any more");
    TRY(rc);
    TRY(db_text(&rows, 0, ret, PORTAL_ID_SIZE, err));
    return db_int(&rows, 1, ret_count, err);
}

/* What the person sees of it. */
static int log_reading(struct db_txn *txn, const struct reading_wish *wish,
                       const struct audit_origin *by, struct err *err)
{
    const struct eligibility_note told = {.what = LOG_PULLED,
                                          .clinic = wish->clinic,
                                          .portal = &wish->portal,
                                          .duty = wish->duty,
                                          .procedure = wish->procedure,
                                          .info = consent_infos[wish->kind]};

    return eligibility_note(txn, &told, by, err);
}

int reading_begin(struct db *db, const struct reading_wish *wish, const struct audit_origin *by,
                  struct reading *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct reading reading = {.kind = wish->kind, .person = wish->person};
    int64_t count;

    TRY(random_text(reading.id, sizeof reading.id, err));
    TRY(db_begin(db, &txn, err));
    TRY(find_consent(&txn, wish, by->at, reading.consent, &count, err));
    if (count >= ELIGIBILITY_READINGS_MAX)
        return FAIL(err, ERR_CONFLICT, "this consent was made use of %d times",
                    ELIGIBILITY_READINGS_MAX);
    TRY(db_execute(&txn, "INSERT INTO eligibility_reading VALUES (?, ?, ?)",
                   DB_WITH(DB_TEXT(reading.id), DB_TEXT(reading.consent), DB_INT(by->at)), err));
    TRY(log_reading(&txn, wish, by, err));
    TRY(note(&txn, ELIGIBILITY_READ, reading.consent, consent_kinds[wish->kind], by, err));
    TRY(db_commit(&txn, err));
    *ret = reading;
    return 0;
}

int reading_get(struct db *db, const char *clinic, const char *id, int64_t now, struct reading *ret,
                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t holds;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT r.id, c.id, c.kind, c.person,"
                      " c.withdrawn_at = 0 AND c.expires_at > ?"
                      " FROM eligibility_reading r JOIN eligibility_consent c ON c.id = r.consent"
                      " WHERE r.id = ? AND c.clinic = ?",
                      DB_WITH(DB_INT(now), DB_TEXT(id), DB_TEXT(clinic)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such reading");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(&rows, 1, ret->consent, sizeof ret->consent, err));
    TRY(read_kind(&rows, 2, &ret->kind, err));
    TRY(db_int(&rows, 3, &ret->person, err));
    TRY(db_int(&rows, 4, &holds, err));
    return holds != 0 ? 0 : FAIL(err, ERR_DENIED, "the consent for this does not hold any more");
}

/* ---- withdrawing ---- */

static int find_own(struct db_txn *txn, int64_t person, const char *id, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM eligibility_consent WHERE id = ? AND person = ?",
                          DB_WITH(DB_TEXT(id), DB_INT(person)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such consent") : rc;
}

int consent_withdraw(struct db *db, int64_t person, const char *id, const struct audit_origin *by,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    TRY(find_own(&txn, person, id, err));
    rc = db_execute_one(&txn,
                        "UPDATE eligibility_consent SET withdrawn_at = ?"
                        " WHERE id = ? AND withdrawn_at = 0 AND expires_at > ?",
                        DB_WITH(DB_INT(by->at), DB_TEXT(id), DB_INT(by->at)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this consent does not hold any more");
    TRY(rc);
    TRY(note(&txn, ELIGIBILITY_WITHDRAWN, id, NULL, by, err));
    return db_commit(&txn, err);
}
