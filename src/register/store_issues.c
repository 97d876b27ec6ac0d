/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for certificates in SQLite. */
#include "register/acts.h"
#include "register/lifecycle.h"
#include "register/store_sqlite.h"

#include <string.h>

void issue_done(struct issue *issue)
{
    buf_done(&issue->request);
    buf_done(&issue->certificate);
    buf_done(&issue->ca_certificate);
}

/* What is looked for. */
struct sought {
    const char *card;
    enum cert_kind kind;
    bool is_next;
};

/* The request of a card for one kind; ERR_ABSENT if there is none. */
static int read_issue(struct db_txn *txn, const struct sought *sought, struct issue *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(issue_done)
    struct issue issue = {.kind = sought->kind, .is_next = sought->is_next};

    TRY(db_query_one(txn,
                     "SELECT request_id, card, request, not_after, certificate, ca_certificate"
                     " FROM issue WHERE card = ? AND kind = ? AND is_next = ?"
                     " AND replaced_at IS NULL",
                     DB_WITH(DB_TEXT(sought->card), DB_TEXT(cert_kind_name(sought->kind)),
                             DB_INT(sought->is_next)),
                     &rows, err));
    TRY(db_text(&rows, 0, issue.request_id, sizeof issue.request_id, err));
    TRY(db_text(&rows, 1, issue.card, sizeof issue.card, err));
    TRY(db_blob(&rows, 2, &issue.request, err));
    TRY(db_int(&rows, 3, &issue.not_after, err));
    if (!db_is_null(&rows, 4)) {
        TRY(db_blob(&rows, 4, &issue.certificate, err));
        TRY(db_blob(&rows, 5, &issue.ca_certificate, err));
    }
    *ret = issue;
    issue = (struct issue){0};
    return 0;
}

/* What becomes of a request, for the audit log. */
static int note_issue(struct db_txn *txn, enum register_act act, const char *request_id,
                      enum cert_kind kind, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[act], bytes_text(request_id),
                                      cert_kind_name(kind)};

    return audit_append(txn, by, &event, err);
}

/*
 * A request that is kept already: *ret_kept and it is in *issue. Else whether this one is the first
 * or the next one, in issue->is_next.
 */
static int find_place(struct db_txn *txn, struct issue *issue, int64_t now, bool *ret_kept,
                      struct err *err)
{
    struct sought sought = {.card = issue->card, .kind = issue->kind};
    bool is_renewable = false;

    for (int i = 0; i < 2; i++) {
        CLEANUP(issue_done) struct issue known = {.kind = issue->kind};
        int rc;

        sought.is_next = i == 1;
        rc = read_issue(txn, &sought, &known, err);
        if (rc == -ERR_ABSENT && (i == 0 || is_renewable)) {
            issue->is_next = sought.is_next;
            *ret_kept = false;
            return 0;
        }
        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        if (bytes_equal(buf_bytes(&known.request), buf_bytes(&issue->request))) {
            issue_done(issue);
            *issue = known;
            known = (struct issue){.kind = CERT_SIGN};
            *ret_kept = true;
            return 0;
        }
        is_renewable = known.certificate.len > 0 && life_is_renewable(known.not_after, now);
    }
    return FAIL(err, ERR_CONFLICT, "the card has a %s certificate for another key",
                cert_kind_name(issue->kind));
}

/* Whether the certificate may still be asked for, and would say what is true. */
static int check_basis(struct db_txn *txn, const struct issue *issue,
                       const struct issue_basis *basis, int64_t now, struct err *err)
{
    struct resident resident;
    struct card card;

    if (basis == NULL || issue->certificate.len > 0)
        return 0;
    TRY(card_read(txn, issue->card, &card, err));
    TRY(resident_read(txn, card.resident, &resident, err));
    TRY(life_check_issue(&resident, &card, caltime_at(now, JST_OFFSET_SECONDS).date, err));
    return resident_is_same(&resident, basis->resident) &&
                   caldate_compare(card.expires_on, basis->card->expires_on) == 0
               ? 0
               : FAIL(err, ERR_CONFLICT, "the card or its holder was changed meanwhile; ask again");
}

int register_begin_issue(struct register_store *store, struct issue *issue,
                         const struct issue_basis *basis, const struct audit_origin *by,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[RESIDENT_ID_LEN + 1];
    bool is_kept;

    TRY(id_new_at(by->at, id, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(find_place(&txn, issue, by->at, &is_kept, err));
    TRY(check_basis(&txn, issue, basis, by->at, err));
    if (is_kept)
        return 0;
    TRY(note_issue(&txn, ACT_CERTIFICATE_REQUESTED, id, issue->kind, by, err));
    TRY(db_execute(&txn,
                   "INSERT INTO issue (request_id, card, kind, request, requested_at, not_after,"
                   " is_next) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(id), DB_TEXT(issue->card), DB_TEXT(cert_kind_name(issue->kind)),
                           DB_BLOB(buf_bytes(&issue->request)), DB_INT(by->at),
                           DB_INT(issue->not_after), DB_INT(issue->is_next)),
                   err));
    TRY(db_commit(&txn, err));
    memcpy(issue->request_id, id, sizeof issue->request_id);
    return 0;
}

int register_finish_issue(struct register_store *store, const struct issue *issue,
                          const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_there;

    TRY(db_begin(store->db, &txn, err));
    TRY(row_exists(&txn, "SELECT 1 FROM issue WHERE request_id = ? AND certificate IS NOT NULL",
                   issue->request_id, &is_there, err));
    if (is_there)
        return 0;
    TRY(db_execute_one(
        &txn, "UPDATE issue SET certificate = ?, ca_certificate = ? WHERE request_id = ?",
        DB_WITH(DB_BLOB(buf_bytes(&issue->certificate)), DB_BLOB(buf_bytes(&issue->ca_certificate)),
                DB_TEXT(issue->request_id)),
        err));
    TRY(note_issue(&txn, ACT_CERTIFICATE_RECEIVED, issue->request_id, issue->kind, by, err));
    return db_commit(&txn, err);
}

int register_drop_issue(struct register_store *store, const struct issue *issue,
                        const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "DELETE FROM issue WHERE request_id = ? AND certificate IS NULL",
                        DB_WITH(DB_TEXT(issue->request_id)), err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(note_issue(&txn, ACT_CERTIFICATE_REFUSED, issue->request_id, issue->kind, by, err));
    return db_commit(&txn, err);
}

int register_mark_issued(struct register_store *store, const char *serial,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_complete;

    TRY(db_begin(store->db, &txn, err));
    TRY(row_exists(&txn,
                   "SELECT 1 FROM card WHERE serial = ?1 AND state = 'stock'"
                   " AND EXISTS (SELECT 1 FROM issue WHERE card = ?1 AND kind = 'auth')"
                   " AND NOT EXISTS (SELECT 1 FROM issue WHERE card = ?1 AND certificate IS NULL)",
                   serial, &is_complete, err));
    if (!is_complete)
        return 0;
    TRY(card_set_state(&txn, serial, CARD_ISSUED, NULL, by->at, err));
    return db_commit(&txn, err);
}

int register_find_unanswered(struct register_store *store, int64_t before, int64_t *number,
                             struct issue *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char card[CARD_SERIAL_MAX + 1];
    char kind[8];
    struct sought sought = {.card = card};
    int64_t found, is_next;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT rowid, card, kind, is_next FROM issue WHERE certificate IS NULL"
                     " AND replaced_at IS NULL AND requested_at < ? AND +rowid > ?"
                     " ORDER BY +rowid LIMIT 1", /* by the index of the few that wait */
                     DB_WITH(DB_INT(before), DB_INT(*number)), &rows, err));
    TRY(db_int(&rows, 0, &found, err));
    TRY(db_text(&rows, 1, card, sizeof card, err));
    TRY(db_text(&rows, 2, kind, sizeof kind, err));
    TRY(db_int(&rows, 3, &is_next, err));
    sought.kind = strcmp(kind, cert_kind_name(CERT_SIGN)) == 0 ? CERT_SIGN : CERT_AUTH;
    sought.is_next = is_next != 0;
    TRY(read_issue(&txn, &sought, ret, err));
    *number = found;
    return 0;
}

const char *const cert_standing_names[CERT_STANDINGS_ + 1] = {
    [CERT_NONE] = "none", [CERT_ASKED] = "asked", [CERT_ISSUED] = "issued",
    [CERT_DUE] = "due",   [CERT_HELD] = "held",   [CERT_RENEWING] = "renewing",
};

static int read_standing(struct db_txn *txn, const char *card, enum cert_kind kind,
                         enum cert_standing *ret, int64_t *ret_not_after, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t standing;

    TRY(db_query_one(
        txn,
        "SELECT CASE WHEN n.card IS NOT NULL THEN ?3 WHEN c.held_at IS NOT NULL THEN ?4"
        " WHEN c.certificate IS NOT NULL THEN ?5 ELSE ?6 END, c.not_after"
        " FROM issue AS c LEFT JOIN issue AS n ON n.card = c.card AND n.kind = c.kind"
        " AND n.is_next = 1 AND n.replaced_at IS NULL"
        " WHERE c.card = ?1 AND c.kind = ?2 AND c.is_next = 0 AND c.replaced_at IS NULL",
        DB_WITH(DB_TEXT(card), DB_TEXT(cert_kind_name(kind)), DB_INT(CERT_RENEWING),
                DB_INT(CERT_HELD), DB_INT(CERT_ISSUED), DB_INT(CERT_ASKED)),
        &rows, err));
    TRY(db_int(&rows, 0, &standing, err));
    TRY(db_int(&rows, 1, ret_not_after, err));
    *ret = (enum cert_standing)standing;
    return 0;
}

int register_get_certificates(struct register_store *store, const char *card, int64_t now,
                              enum cert_standing ret[CERT_KINDS_], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        int64_t not_after = 0;
        int rc = read_standing(&txn, card, (enum cert_kind)kind, &ret[kind], &not_after, err);

        if (rc < 0 && rc != -ERR_ABSENT)
            return rc;
        if (rc == -ERR_ABSENT)
            ret[kind] = CERT_NONE;
        else if (ret[kind] == CERT_ISSUED && life_is_renewable(not_after, now))
            ret[kind] = CERT_DUE;
    }
    return 0;
}
