/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations in SQLite. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"

#define REVOCATION_COLUMNS "number, kind, serial, revoked_at, reason"

/* The current row of a query for REVOCATION_COLUMNS. */
static int revoked_of_row(const struct db_rows *rows, struct revoked *ret, struct err *err)
{
    struct revoked revoked;
    int64_t numbers[4];
    char kind[8];

    TRY(db_int(rows, 0, &numbers[0], err));
    TRY(db_text(rows, 1, kind, sizeof kind, err));
    TRY(ca_kind_from_name(kind, &revoked.kind, err));
    for (int i = 1; i < 4; i++)
        TRY(db_int(rows, i + 1, &numbers[i], err));
    revoked.number = (uint64_t)numbers[0];
    revoked.serial = (uint32_t)numbers[1];
    revoked.at = numbers[2];
    revoked.reason = (enum crl_reason)numbers[3];
    *ret = revoked;
    return 0;
}

/* The revocation of a request id, or ERR_ABSENT; ERR_CONFLICT if it was for something else. */
static int find_request(struct db_txn *txn, const struct revocation_request *request,
                        struct revoked *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct revoked known;

    TRY(db_query_one(txn, "SELECT " REVOCATION_COLUMNS " FROM revocation WHERE request_id = ?",
                     DB_WITH(DB_TEXT(request->request_id)), &rows, err));
    TRY(revoked_of_row(&rows, &known, err));
    if (known.kind != request->kind || known.serial != request->serial ||
        known.reason != request->reason)
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another revocation");
    *ret = known;
    return 0;
}

/* There is such a certificate, signed, and it is not revoked. */
static int check_certificate(struct db_txn *txn, const struct revocation_request *request,
                             struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_signed;
    int64_t is_revoked;
    int rc = db_query_one(
        txn,
        "SELECT c.certificate IS NOT NULL, r.number IS NOT NULL FROM certificate AS c"
        " LEFT JOIN revocation AS r ON r.kind = c.kind AND r.serial = c.serial"
        " WHERE c.kind = ? AND c.serial = ?",
        DB_WITH(DB_TEXT(ca_kind_name(request->kind)), DB_INT(request->serial)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    TRY(rc);
    TRY(db_int(&rows, 0, &is_signed, err));
    TRY(db_int(&rows, 1, &is_revoked, err));
    if (!is_signed)
        return FAIL(err, ERR_CONFLICT, "this certificate is not issued yet");
    if (is_revoked)
        return FAIL(err, ERR_CONFLICT, "this certificate is already revoked");
    return 0;
}

int revocation_last_number(struct db_txn *txn, uint64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t number;

    TRY(db_query_one(txn, "SELECT coalesce(max(number), 0) FROM revocation", DB_NOTHING, &rows,
                     err));
    TRY(db_int(&rows, 0, &number, err));
    *ret = (uint64_t)number;
    return 0;
}

static int note_revocation(struct db_txn *txn, const struct revocation_request *request,
                           struct err *err)
{
    const struct certificate_id id = certificate_id(request->kind, request->serial);
    const struct audit_event event = {&authority_acts[ACT_CERTIFICATE_REVOKED], bytes_text(id.text),
                                      crl_reason_name(request->reason)};

    return audit_append(txn, request->by, &event, err);
}

int authority_add_revocation(struct authority_store *store,
                             const struct revocation_request *request, struct revoked *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct revoked revoked = {
        0, request->kind, request->serial, request->now, request->reason,
    };
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = find_request(&txn, request, ret, err);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(check_certificate(&txn, request, err));
    TRY(revocation_last_number(&txn, &revoked.number, err));
    revoked.number++;
    TRY(db_execute(&txn, "INSERT INTO revocation VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_INT(revoked.number), DB_TEXT(request->request_id),
                           DB_TEXT(ca_kind_name(request->kind)), DB_INT(request->serial),
                           DB_INT(request->now), DB_INT(request->reason)),
                   err));
    TRY(note_revocation(&txn, request, err));
    TRY(db_commit(&txn, err));
    *ret = revoked;
    return 0;
}

int authority_get_revocation(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                             struct revoked *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT " REVOCATION_COLUMNS " FROM revocation WHERE kind = ? AND serial = ?",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err));
    return revoked_of_row(&rows, ret, err);
}

static int read_issued(struct db_txn *txn, enum ca_kind kind, uint32_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t serial = CA_SERIAL;
    int rc = db_query_one(txn,
                          "SELECT serial FROM certificate WHERE kind = ?"
                          " AND certificate IS NOT NULL ORDER BY serial DESC LIMIT 1",
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

static int read_entries(struct db_txn *txn, uint64_t since, struct revocation_page *page,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query(txn,
                 "SELECT " REVOCATION_COLUMNS " FROM revocation WHERE number > ?"
                 " ORDER BY number LIMIT ?",
                 DB_WITH(DB_INT(since), DB_INT(FEED_PAGE_MAX)), &rows, err));
    for (page->count = 0; page->count < FEED_PAGE_MAX; page->count++) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(revoked_of_row(&rows, &page->entries[page->count], err));
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
    }
    return 0;
}
