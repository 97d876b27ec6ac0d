/* SPDX-License-Identifier: Apache-2.0 */
/* The latest attributes in SQLite: consent, certificate, record and charge in one transaction. */
#include "authority/consent/latest.h"
#include "authority/consent/store.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"
#include "authority/usage/usage.h"

#include <string.h>

/* A hit of before under the same request id; ERR_ABSENT if there was none. */
static int find_disclosure(struct db_txn *txn, const struct latest_question *q, const char *consent,
                           struct latest *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_same;
    int64_t serial;
    int64_t attributes;

    TRY(db_query_one(txn,
                     "SELECT presented = ?3 AND consent = ?4 AND asked = ?5, serial, attributes, at"
                     " FROM disclosure WHERE party = ?1 AND request_id = ?2",
                     DB_WITH(DB_TEXT(q->party->name), DB_TEXT(q->request_id),
                             DB_INT(q->presented.serial), DB_TEXT(consent), DB_INT(q->attributes)),
                     &rows, err));
    TRY(db_int(&rows, 0, &is_same, err));
    TRY(db_int(&rows, 1, &serial, err));
    TRY(db_int(&rows, 2, &attributes, err));
    TRY(db_int(&rows, 3, &ret->charged_at, err));
    if (!is_same)
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another question");
    ret->serial = (uint32_t)serial;
    ret->attributes = (unsigned)attributes;
    return 0;
}

static int check_consent(struct db_txn *txn, const struct latest_question *q,
                         struct consent *consent, struct latest *latest, struct err *err)
{
    char subject[SUBJECT_LEN + 1];
    const struct consent_place place = {q->party->name, q->provider, q->service, subject};
    const int64_t now = q->by->at;
    unsigned attributes;
    int rc = certificate_subject(txn, CA_SIGN, q->presented.serial, subject, err);

    latest->outcome = LATEST_UNKNOWN;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    rc = consent_at(txn, &place, now, consent, &attributes, err);
    latest->outcome = LATEST_NO_CONSENT;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    latest->attributes = q->attributes == 0 ? attributes : q->attributes;
    if (consent->withdrawn_at != 0)
        latest->outcome = LATEST_WITHDRAWN;
    else if (now > consent->term.until)
        latest->outcome = LATEST_EXPIRED;
    else if (now < consent->term.from)
        latest->outcome = LATEST_NOT_YET;
    else if ((latest->attributes & ~attributes) != 0)
        latest->outcome = LATEST_NOT_CONSENTED;
    else
        latest->outcome = LATEST_GIVEN;
    return 0;
}

/* Whether the last certificate of somebody ended for good, or a next one may follow. */
static int check_ceased(struct db_txn *txn, uint32_t serial, enum latest_outcome *ret,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t reason;
    int rc = db_query_one(txn, "SELECT reason FROM revocation WHERE kind = 'sign' AND serial = ?",
                          DB_WITH(DB_INT(serial)), &rows, err);

    *ret = LATEST_NOT_REISSUED;
    if (rc == -ERR_ABSENT) /* it is past its end */
        return 0;
    TRY(rc);
    TRY(db_int(&rows, 0, &reason, err));
    if (reason == CRL_CESSATION_OF_OPERATION)
        *ret = LATEST_CEASED;
    return 0;
}

/*
 * The newest certificate behind the one presented, on whatever device, and one in force before all
 * others; itself if there is none.
 */
static int find_behind(struct db_txn *txn, const struct latest_question *q, uint32_t *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial = q->presented.serial;
    int rc = db_query_one(
        txn,
        "SELECT other.serial FROM certificate AS this JOIN certificate AS other"
        " ON other.subject = this.subject AND other.kind = 'sign'"
        " AND (other.reserved_at, other.serial) > (this.reserved_at, this.serial)"
        " LEFT JOIN revocation AS r ON r.kind = 'sign' AND r.serial = other.serial"
        " WHERE this.kind = 'sign' AND this.serial = ?1 AND other.certificate IS NOT NULL"
        " ORDER BY r.serial IS NULL AND other.not_after >= ?2 DESC, other.reserved_at DESC,"
        " other.serial DESC LIMIT 1",
        DB_WITH(DB_INT(serial), DB_INT(q->by->at)), &rows, err);

    if (rc == 0)
        rc = db_int(&rows, 0, &serial, err);
    if (rc != -ERR_ABSENT)
        TRY(rc);
    *ret = (uint32_t)serial;
    return 0;
}

/* The newer certificate, if the one presented has ended and that one has not. */
static int find_newer(struct db_txn *txn, const struct latest_question *q, struct latest *latest,
                      struct err *err)
{
    bool is_over;

    TRY(certificate_is_over(txn, CA_SIGN, q->presented.serial, q->by->at, &is_over, err));
    if (!is_over) {
        latest->outcome = LATEST_NOT_REVOKED;
        return 0;
    }
    TRY(find_behind(txn, q, &latest->serial, err));
    TRY(certificate_is_over(txn, CA_SIGN, latest->serial, q->by->at, &is_over, err));
    if (is_over)
        return check_ceased(txn, latest->serial, &latest->outcome, err);
    return 0;
}

static int read_certificate(struct db_txn *txn, uint32_t serial, struct buf *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT certificate FROM certificate WHERE kind = 'sign' AND serial = ?",
                     DB_WITH(DB_INT(serial)), &rows, err));
    return db_blob(&rows, 0, ret, err);
}

static int keep_disclosure(struct db_txn *txn, const struct latest_question *q, const char *consent,
                           const struct latest *latest, struct err *err)
{
    TRY(db_execute(txn,
                   "INSERT INTO disclosure (party, request_id, consent, presented, asked, serial,"
                   " attributes, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(q->party->name), DB_TEXT(q->request_id), DB_TEXT(consent),
                           DB_INT(q->presented.serial), DB_INT(q->attributes),
                           DB_INT(latest->serial), DB_INT(latest->attributes), DB_INT(q->by->at)),
                   err));
    return usage_add(txn, q->party->name, q->by->at, USAGE_ATTRIBUTES, 1, err);
}

/* All that follows when consent is clear. */
static int give(struct db_txn *txn, const struct latest_question *q, const char *consent,
                struct latest *latest, struct err *err)
{
    int rc = find_disclosure(txn, q, consent, latest, err);

    if (rc == -ERR_ABSENT) {
        TRY(find_newer(txn, q, latest, err));
        if (latest->outcome != LATEST_GIVEN)
            return 0;
        TRY(keep_disclosure(txn, q, consent, latest, err));
        latest->charged_at = q->by->at;
        latest->is_new = true;
    } else {
        TRY(rc);
    }
    return read_certificate(txn, latest->serial, &latest->cert, err);
}

static int decide(struct db_txn *txn, const struct latest_question *q, struct latest *latest,
                  struct err *err)
{
    struct consent consent;
    bool is_open;

    TRY(service_is_open(txn, q->party->name, q->provider, q->service, &is_open, err));
    if (!is_open) {
        latest->outcome = LATEST_NOT_NOTIFIED;
        return 0;
    }
    if (q->is_unknown || q->presented.kind != CA_SIGN) {
        latest->outcome = LATEST_UNKNOWN;
        return 0;
    }
    TRY(check_consent(txn, q, &consent, latest, err));
    return latest->outcome == LATEST_GIVEN ? give(txn, q, consent.id, latest, err) : 0;
}

int authority_answer_latest(struct authority_store *store, const struct latest_question *q,
                            struct latest *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(latest_done) struct latest latest = LATEST_INIT;
    const struct certificate_id id = certificate_id(q->presented.kind, q->presented.serial);
    struct audit_event event = {&authority_acts[ACT_LATEST_ANSWERED],
                                bytes_text(q->is_unknown ? "unknown" : id.text), NULL};

    if (!q->party->verifies[CA_SIGN])
        return FAIL(err, ERR_DENIED, "attributes are for verifiers of sign certificates");
    TRY(db_begin(store->db, &txn, err));
    TRY(decide(&txn, q, &latest, err));
    event.outcome = latest_outcomes[latest.outcome];
    TRY(audit_append(&txn, q->by, &event, err));
    TRY(db_commit(&txn, err));
    latest_done(ret);
    *ret = latest;
    latest.cert = (struct buf)BUF_INIT;
    return 0;
}
