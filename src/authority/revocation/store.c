/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations and releases in SQLite: the sequence of events. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"

#define EVENT_COLUMNS "number, kind, serial, at, reason, is_release"

/* The current row of a query for EVENT_COLUMNS. */
static int event_of_row(const struct db_rows *rows, struct revoked *ret, struct err *err)
{
    struct revoked event;
    int64_t numbers[6];
    char kind[8];

    TRY(db_int(rows, 0, &numbers[0], err));
    TRY(db_text(rows, 1, kind, sizeof kind, err));
    TRY(ca_kind_from_name(kind, &event.kind, err));
    for (int i = 2; i < 6; i++)
        TRY(db_int(rows, i, &numbers[i], err));
    event.number = (uint64_t)numbers[0];
    event.serial = (uint32_t)numbers[2];
    event.at = numbers[3];
    event.reason = (enum crl_reason)numbers[4];
    event.is_release = numbers[5] != 0;
    *ret = event;
    return 0;
}

/* The event of a request id, or ERR_ABSENT; ERR_CONFLICT if it was for something else. */
static int find_request(struct db_txn *txn, const char *request_id, const struct revoked *wanted,
                        struct revoked *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct revoked known;

    TRY(db_query_one(txn, "SELECT " EVENT_COLUMNS " FROM event WHERE request_id = ?",
                     DB_WITH(DB_TEXT(request_id)), &rows, err));
    TRY(event_of_row(&rows, &known, err));
    if (known.kind != wanted->kind || known.serial != wanted->serial ||
        known.reason != wanted->reason || known.is_release != wanted->is_release)
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another revocation");
    *ret = known;
    return 0;
}

/* How a certificate stands. */
struct standing {
    bool is_revoked;
    enum crl_reason reason;
    int64_t revoked_at;
    bool is_on_phone;
};

static int read_revocation(const struct db_rows *rows, struct standing *ret, struct err *err)
{
    int64_t reason;

    if (!ret->is_revoked)
        return 0;
    TRY(db_int(rows, 2, &reason, err));
    ret->reason = (enum crl_reason)reason;
    return db_int(rows, 3, &ret->revoked_at, err);
}

/*
 * ERR_ABSENT if there is no such certificate, ERR_CONFLICT if it is not signed. Which number there
 * is is read where the foreign key reads it too, and the rest in the indexes of the few that are
 * not signed or are in phones: one place that is nowhere near the last one, and not three.
 */
static int find_standing(struct db_txn *txn, enum ca_kind kind, uint32_t serial,
                         struct standing *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_signed;
    int64_t is_on_phone;
    int rc = db_query_one(
        txn,
        "SELECT NOT EXISTS (SELECT 1 FROM certificate AS p INDEXED BY certificate_pending"
        "  WHERE p.kind = c.kind AND p.serial = c.serial AND p.certificate IS NULL),"
        " EXISTS (SELECT 1 FROM certificate AS d INDEXED BY certificate_phone"
        "  WHERE d.kind = c.kind AND d.serial = c.serial AND d.device = 'phone'),"
        " r.reason, r.revoked_at FROM certificate AS c"
        " LEFT JOIN revocation AS r ON r.kind = c.kind AND r.serial = c.serial"
        " WHERE c.kind = ? AND c.serial = ?",
        DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    TRY(rc);
    TRY(db_int(&rows, 0, &is_signed, err));
    TRY(db_int(&rows, 1, &is_on_phone, err));
    if (!is_signed)
        return FAIL(err, ERR_CONFLICT, "this certificate is not issued yet");
    ret->is_on_phone = is_on_phone != 0;
    ret->is_revoked = !db_is_null(&rows, 2);
    return read_revocation(&rows, ret, err);
}

int revocation_last_number(struct db_txn *txn, uint64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    TRY(db_query_one(txn,
                     "SELECT max((SELECT coalesce(max(number), 0) FROM revocation),"
                     " (SELECT coalesce(max(number), 0) FROM overtaken_event))",
                     DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &number, err));
    *ret = (uint64_t)number;
    return 0;
}

static int note_event(struct db_txn *txn, const struct revoked *event,
                      const struct audit_origin *by, struct err *err)
{
    const struct certificate_id id = certificate_id(event->kind, event->serial);
    const struct audit_event record = {
        &authority_acts[event->is_release ? ACT_CERTIFICATE_RELEASED : ACT_CERTIFICATE_REVOKED],
        bytes_text(id.text), event->is_release ? NULL : crl_reason_name(event->reason)};

    return audit_append(txn, by, &record, err);
}

/* Another event of the certificate takes the place of the hold it has. */
static int overtake(struct db_txn *txn, const struct revoked *by, struct err *err)
{
    const struct db_value certificate[] = {
        DB_TEXT(ca_kind_name(by->kind)), DB_INT(by->serial), {.type = DB_VALUE_END}};

    TRY(db_execute(txn,
                   "INSERT INTO overtaken_event"
                   " SELECT number, request_id, kind, serial, revoked_at, reason, 0"
                   " FROM revocation WHERE kind = ? AND serial = ?",
                   certificate, err));
    return db_execute_one(txn, "DELETE FROM revocation WHERE kind = ? AND serial = ?", certificate,
                          err);
}

static int add_event(struct db_txn *txn, const char *request_id, const struct revoked *event,
                     struct err *err)
{
    return db_execute(txn,
                      event->is_release ? "INSERT INTO overtaken_event VALUES (?, ?, ?, ?, ?, ?, 1)"
                                        : "INSERT INTO revocation VALUES (?, ?, ?, ?, ?, ?)",
                      DB_WITH(DB_INT(event->number), DB_TEXT(request_id),
                              DB_TEXT(ca_kind_name(event->kind)), DB_INT(event->serial),
                              DB_INT(event->at), DB_INT(event->reason)),
                      err);
}

/* Number, keep, record. */
static int put_event(struct db_txn *txn, const char *request_id, struct revoked *event,
                     const struct audit_origin *by, struct err *err)
{
    TRY(revocation_last_number(txn, &event->number, err));
    event->number++;
    TRY(add_event(txn, request_id, event, err));
    return note_event(txn, event, by, err);
}

int revocation_put(struct db_txn *txn, const char *request_id, struct revoked *event,
                   const struct audit_origin *by, struct err *err)
{
    struct standing standing = {.is_revoked = false};

    TRY(find_standing(txn, event->kind, event->serial, &standing, err));
    if (standing.is_revoked &&
        (standing.reason != CRL_CERTIFICATE_HOLD || event->reason == CRL_CERTIFICATE_HOLD))
        return 0;
    if (standing.is_revoked) {
        event->at = standing.revoked_at;
        TRY(overtake(txn, event, err));
    }
    return put_event(txn, request_id, event, by, err);
}

/* The same with what follows from it, then commit, and wake whoever waits. */
static int conclude(struct authority_store *store, struct db_txn *txn, const char *request_id,
                    struct revoked *event, const struct audit_origin *by, struct err *err)
{
    TRY(put_event(txn, request_id, event, by, err));
    if (!event->is_release)
        TRY(phone_ends_with_card(txn, event, by, err));
    TRY(db_commit(txn, err));
    http_bell_ring(&store->changes);
    return 0;
}

int authority_add_revocation(struct authority_store *store,
                             const struct revocation_request *request, struct revoked *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct revoked event = {.kind = request->kind,
                            .serial = request->serial,
                            .at = request->now,
                            .reason = request->reason};
    struct standing standing = {.is_revoked = false};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = find_request(&txn, request->request_id, &event, ret, err);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(find_standing(&txn, request->kind, request->serial, &standing, err));
    if (standing.is_revoked &&
        (standing.reason != CRL_CERTIFICATE_HOLD || request->reason == CRL_CERTIFICATE_HOLD))
        return FAIL(err, ERR_CONFLICT, "this certificate is already revoked");
    if (standing.is_revoked) {
        event.at = standing.revoked_at; /* it has not counted since then */
        TRY(overtake(&txn, &event, err));
    }
    TRY(conclude(store, &txn, request->request_id, &event, request->by, err));
    *ret = event;
    return 0;
}

/* pki.md 12: a hold is for ever, but for the key of a phone that logs in. */
static int check_may_be_released(enum ca_kind kind, const struct standing *standing,
                                 struct err *err)
{
    if (kind != CA_AUTH || !standing->is_on_phone)
        return FAIL(err, ERR_CONFLICT,
                    "only the auth certificate of a phone can be released from a hold");
    if (!standing->is_revoked)
        return FAIL(err, ERR_CONFLICT, "this certificate is not on hold");
    if (standing->reason != CRL_CERTIFICATE_HOLD)
        return FAIL(err, ERR_CONFLICT, "this certificate is revoked for ever");
    return 0;
}

int authority_add_release(struct authority_store *store, const struct release_request *request,
                          struct revoked *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct revoked event = {.kind = request->kind,
                            .serial = request->serial,
                            .at = request->now,
                            .reason = CRL_CERTIFICATE_HOLD,
                            .is_release = true};
    struct standing standing = {.is_revoked = false};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = find_request(&txn, request->request_id, &event, ret, err);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(find_standing(&txn, request->kind, request->serial, &standing, err));
    TRY(check_may_be_released(request->kind, &standing, err));
    TRY(overtake(&txn, &event, err));
    TRY(conclude(store, &txn, request->request_id, &event, request->by, err));
    *ret = event;
    return 0;
}

int authority_was_released(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                           bool *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_release = 0;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT is_release FROM event WHERE kind = ? AND serial = ?"
                      " ORDER BY number DESC LIMIT 1",
                      DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err);
    if (rc == 0)
        rc = db_int(&rows, 0, &is_release, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = is_release != 0;
    return 0;
}

int authority_get_revocation(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                             struct revoked *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT number, kind, serial, revoked_at, reason, 0 FROM revocation"
                     " WHERE kind = ? AND serial = ?",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err));
    return event_of_row(&rows, ret, err);
}

static int read_issued(struct db_txn *txn, enum ca_kind kind, uint32_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial = CA_SERIAL;
    int rc = db_query_one(txn,
                          "SELECT serial FROM (SELECT serial FROM certificate WHERE kind = ?1"
                          "  AND certificate IS NOT NULL ORDER BY serial DESC LIMIT 1)"
                          " UNION ALL SELECT serial FROM later_ca WHERE kind = ?1"
                          "  AND certificate IS NOT NULL ORDER BY serial DESC LIMIT 1",
                          DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err);

    if (rc == 0)
        rc = db_int(&rows, 0, &serial, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = (uint32_t)serial;
    return 0;
}

/* What was reserved and not signed, given back, or spent, below the highest that is signed. */
static int read_gaps(struct db_txn *txn, enum ca_kind kind, uint32_t below, struct gaps *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial;
    int rc;

    TRY(db_query(txn,
                 "SELECT serial FROM certificate"
                 " WHERE kind = ?1 AND serial < ?2 AND certificate IS NULL"
                 " UNION ALL SELECT serial FROM later_ca"
                 " WHERE kind = ?1 AND serial < ?2 AND certificate IS NULL"
                 " UNION ALL SELECT serial FROM free_serial WHERE kind = ?1 AND serial < ?2"
                 " UNION ALL SELECT serial FROM spent_serial WHERE kind = ?1 AND serial < ?2"
                 " ORDER BY serial",
                 DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(below)), &rows, err));
    ret->count = 0;
    while ((rc = db_next(&rows, err)) == 0) {
        TRY(db_int(&rows, 0, &serial, err));
        gaps_add_number(ret, (uint32_t)serial);
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int read_runs(struct db_txn *txn, enum ca_kind kind, struct serial_runs *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_query(txn, "SELECT first, generation FROM serial_run WHERE kind = ? ORDER BY first",
                 DB_WITH(DB_TEXT(ca_kind_name(kind))), &rows, err));
    ret->count = 0;
    while ((rc = db_next(&rows, err)) == 0) {
        int64_t first;
        int64_t generation;

        TRY(db_int(&rows, 0, &first, err));
        TRY(db_int(&rows, 1, &generation, err));
        TRY(serial_runs_add(ret, (uint32_t)first, (unsigned)generation, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Of both tables no more than a page, or all events behind a number would be sorted for each. */
static int read_entries(struct db_txn *txn, uint64_t since, struct revocation_page *page,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query(txn,
                 "SELECT * FROM (SELECT " EVENT_COLUMNS " FROM"
                 "  (SELECT number, kind, serial, revoked_at AS at, reason, 0 AS is_release"
                 "   FROM revocation) WHERE number > ?1 ORDER BY number LIMIT ?2)"
                 " UNION ALL SELECT * FROM (SELECT " EVENT_COLUMNS " FROM overtaken_event"
                 "  WHERE number > ?1 ORDER BY number LIMIT ?2)"
                 " ORDER BY number LIMIT ?2",
                 DB_WITH(DB_INT(since), DB_INT(FEED_PAGE_MAX)), &rows, err));
    for (page->count = 0; page->count < FEED_PAGE_MAX; page->count++) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(event_of_row(&rows, &page->entries[page->count], err));
    }
    return 0;
}

int authority_list_revocations(struct authority_store *store, uint64_t since,
                               struct revocation_page *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    uint64_t last;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(revocation_last_number(&txn, &last, err));
    if (since > last)
        return FAIL(err, ERR_CONFLICT,
                    "since is ahead of the last revocation here: this database is older than what "
                    "was told before");
    TRY(read_entries(&txn, since, ret, err));
    ret->last = ret->count == 0 ? since : ret->entries[ret->count - 1].number;
    ret->is_last_page = ret->last == last;
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        TRY(read_issued(&txn, (enum ca_kind)kind, &ret->issued[kind], err));
        TRY(read_gaps(&txn, (enum ca_kind)kind, ret->issued[kind], &ret->gaps[kind], err));
        TRY(read_runs(&txn, (enum ca_kind)kind, &ret->runs[kind], err));
    }
    return 0;
}
