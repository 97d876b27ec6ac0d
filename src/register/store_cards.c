/* SPDX-License-Identifier: Apache-2.0 */
/* Cards and the requests for their certificates in SQLite. */
#include "register/acts.h"
#include "register/store_sqlite.h"

#include <string.h>

static const char *const kinds[CERT_KINDS_] = {[CERT_SIGN] = "sign", [CERT_AUTH] = "auth"};

const char *cert_kind_name(enum cert_kind kind)
{
    return kinds[kind];
}

void issue_done(struct issue *issue)
{
    buf_done(&issue->request);
    buf_done(&issue->certificate);
    buf_done(&issue->ca_certificate);
}

static int read_card(struct db_txn *txn, const char *serial, struct card *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct card card = {0};
    int64_t is_further;
    char state[16];

    TRY(db_query_one(txn,
                     "SELECT serial, resident, state, security_code, window_id, issued_at,"
                     " expires_on, is_further FROM card WHERE serial = ?",
                     DB_WITH(DB_TEXT(serial)), &rows, err));
    TRY(db_text(&rows, 0, card.serial, sizeof card.serial, err));
    TRY(db_text(&rows, 1, card.resident, sizeof card.resident, err));
    TRY(db_text(&rows, 2, state, sizeof state, err));
    TRY(card_state_parse(state, &card.state, err));
    TRY(db_text(&rows, 3, card.security_code, sizeof card.security_code, err));
    TRY(db_text(&rows, 4, card.window_id, sizeof card.window_id, err));
    TRY(db_int(&rows, 5, &card.issued_at, err));
    TRY(column_date(&rows, 6, &card.expires_on, err));
    TRY(db_int(&rows, 7, &is_further, err));
    card.is_further = is_further != 0;
    *ret = card;
    return 0;
}

static int get_card(struct db_txn *txn, const char *serial, struct card *ret, struct err *err)
{
    int rc = read_card(txn, serial, ret, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "there is no such card") : rc;
}

/* Whether a query for one row finds it. */
static int exists(struct db_txn *txn, const char *sql, const char *value, bool *ret,
                  struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, sql, DB_WITH(DB_TEXT(value)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

static int insert_card(struct db_txn *txn, const struct card *card, const struct audit_origin *by,
                       struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_CARD_REGISTERED], bytes_text(card->serial),
                                      NULL};
    char expires_on[CALTIME_TEXT_SIZE];
    bool is_resident;
    bool has_card;

    TRY(exists(txn, "SELECT 1 FROM resident WHERE id = ?", card->resident, &is_resident, err));
    if (!is_resident)
        return FAIL(err, ERR_ABSENT, "there is no such resident");
    TRY(exists(txn, "SELECT 1 FROM card WHERE resident = ? AND is_further = 0", card->resident,
               &has_card, err));
    if (has_card && !card->is_further)
        return FAIL(err, ERR_CONFLICT, "this resident has another card");
    TRY(audit_append(txn, by, &event, err));
    caldate_format_iso(card->expires_on, expires_on);
    return db_execute(txn, "INSERT INTO card VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
                      DB_WITH(DB_TEXT(card->serial), DB_TEXT(card->resident),
                              DB_TEXT(card_state_name(card->state)), DB_TEXT(card->security_code),
                              DB_TEXT(card->window_id), DB_INT(card->issued_at),
                              DB_TEXT(expires_on), DB_INT(card->is_further)),
                      err);
}

int register_add_card(struct register_store *store, struct card *card,
                      const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct card known;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = read_card(&txn, card->serial, &known, err);
    if (rc == 0 && strcmp(known.resident, card->resident) != 0)
        return FAIL(err, ERR_CONFLICT, "the card with this serial is another resident's");
    if (rc == 0) {
        *card = known;
        *ret_is_new = false;
        return 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(insert_card(&txn, card, by, err));
    TRY(db_commit(&txn, err));
    *ret_is_new = true;
    return 0;
}

int register_get_card(struct register_store *store, const char *serial, struct card *ret,
                      struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return get_card(&txn, serial, ret, err);
}

int register_activate_card(struct register_store *store, const char *serial,
                           const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&register_acts[ACT_CARD_ACTIVATED], bytes_text(serial), NULL};
    struct card card;

    TRY(db_begin(store->db, &txn, err));
    TRY(get_card(&txn, serial, &card, err));
    switch (card.state) {
    case CARD_STOCK:
        return FAIL(err, ERR_CONFLICT, "the card has no certificates yet");
    case CARD_ACTIVE:
        return 0;
    case CARD_ISSUED:
    case CARD_STATES_:
        break;
    }
    TRY(db_execute_one(&txn, "UPDATE card SET state = 'active', activated_at = ? WHERE serial = ?",
                       DB_WITH(DB_INT(by->at), DB_TEXT(serial)), err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* The request of a card for one kind; ERR_ABSENT if there is none. */
static int read_issue(struct db_txn *txn, const char *card, enum cert_kind kind, struct issue *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(issue_done) struct issue issue = {.kind = kind};

    TRY(db_query_one(txn,
                     "SELECT request_id, card, request, not_after, certificate, ca_certificate"
                     " FROM issue WHERE card = ? AND kind = ? AND replaced_at IS NULL",
                     DB_WITH(DB_TEXT(card), DB_TEXT(kinds[kind])), &rows, err));
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
    const struct audit_event event = {&register_acts[act], bytes_text(request_id), kinds[kind]};

    return audit_append(txn, by, &event, err);
}

int register_begin_issue(struct register_store *store, struct issue *issue,
                         const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct issue known;
    char id[RESIDENT_ID_LEN + 1];
    int rc;

    TRY(id_new(id, err));
    TRY(db_begin(store->db, &txn, err));
    rc = read_issue(&txn, issue->card, issue->kind, &known, err);
    if (rc == 0) {
        bool is_same = bytes_equal(buf_bytes(&known.request), buf_bytes(&issue->request));

        issue_done(is_same ? issue : &known);
        if (!is_same)
            return FAIL(err, ERR_CONFLICT, "the card has a %s certificate for another key",
                        kinds[issue->kind]);
        *issue = known;
        return 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(note_issue(&txn, ACT_CERTIFICATE_REQUESTED, id, issue->kind, by, err));
    TRY(db_execute(&txn, "INSERT INTO issue VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
                   DB_WITH(DB_TEXT(id), DB_TEXT(issue->card), DB_TEXT(kinds[issue->kind]),
                           DB_BLOB(buf_bytes(&issue->request)), DB_INT(by->at),
                           DB_INT(issue->not_after)),
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
    TRY(exists(&txn, "SELECT 1 FROM issue WHERE request_id = ? AND certificate IS NOT NULL",
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

int register_mark_issued(struct register_store *store, const char *serial, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE card SET state = 'issued' WHERE serial = ?1 AND state = 'stock'"
                   " AND EXISTS (SELECT 1 FROM issue WHERE card = ?1 AND kind = 'auth')"
                   " AND NOT EXISTS"
                   " (SELECT 1 FROM issue WHERE card = ?1 AND certificate IS NULL)",
                   DB_WITH(DB_TEXT(serial)), err));
    return db_commit(&txn, err);
}
