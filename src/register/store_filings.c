/* SPDX-License-Identifier: Apache-2.0 */
/* Filings in SQLite. A state changes by one statement that names the states it may change from. */
#include "register/acts.h"
#include "register/filing_store.h"
#include "register/refusal.h"
#include "register/store_sqlite.h"

#include <string.h>

const char *const filing_state_names[] = {
    [FILING_RECEIVED] = "received", [FILING_PENDING] = "pending", [FILING_CONFIRMED] = "confirmed",
    [FILING_DONE] = "done",         [FILING_REFUSED] = "refused", [FILING_WITHDRAWN] = "withdrawn",
    [FILING_EXPIRED] = "expired",   [FILING_STATES_] = NULL,
};

void filing_done(struct filing *filing)
{
    buf_done(&filing->request);
    buf_done(&filing->signature);
    buf_done(&filing->answer);
}

static int read_state(const struct db_rows *rows, int column, enum filing_state *ret,
                      struct err *err)
{
    char name[16];

    TRY(db_text(rows, column, name, sizeof name, err));
    for (unsigned i = 0; i < FILING_STATES_; i++) {
        if (strcmp(filing_state_names[i], name) == 0) {
            *ret = (enum filing_state)i;
            return 0;
        }
    }
    return FAIL(err, ERR_SYSTEM, "a stored filing has no state that is known");
}

static int read_optional(const struct db_rows *rows, int column, char *ret, size_t size,
                         struct err *err)
{
    ret[0] = '\0';
    return db_is_null(rows, column) ? 0 : db_text(rows, column, ret, size, err);
}

static int read_number(const struct db_rows *rows, int column, int64_t *ret, struct err *err)
{
    *ret = 0;
    return db_is_null(rows, column) ? 0 : db_int(rows, column, ret, err);
}

#define FILING_COLUMNS                                                                             \
    "SELECT number, request_id, clerk, issuer, serial, sign, counter, operation, path, act,"       \
    " digest, received_at, waits_until, state, confirmed_by, status, request, signature, answer"   \
    " FROM filing "

/* Who signed it, and how it was sent. */
static int read_signed(const struct db_rows *rows, struct filing *ret, struct err *err)
{
    int64_t serial;

    TRY(db_int(rows, 0, &ret->number, err));
    TRY(db_text(rows, 1, ret->request_id, sizeof ret->request_id, err));
    TRY(db_text(rows, 2, ret->clerk, sizeof ret->clerk, err));
    TRY(db_text(rows, 3, ret->card.issuer, sizeof ret->card.issuer, err));
    TRY(db_int(rows, 4, &serial, err));
    ret->card.serial = (uint32_t)serial;
    TRY(column_hash(rows, 5, ret->card.sign, err));
    TRY(db_text(rows, 6, ret->counter, sizeof ret->counter, err));
    TRY(db_text(rows, 7, ret->operation, sizeof ret->operation, err));
    TRY(db_text(rows, 8, ret->path, sizeof ret->path, err));
    TRY(read_optional(rows, 9, ret->act, sizeof ret->act, err));
    ret->digest = (struct digest){.alg = DIGEST_SHA256, .len = CLERK_HASH_LEN};
    return column_hash(rows, 10, ret->digest.value, err);
}

static int read_bytes(const struct db_rows *rows, int column, struct buf *ret, struct err *err)
{
    return db_is_null(rows, column) ? 0 : db_blob(rows, column, ret, err);
}

static int read_filing(const struct db_rows *rows, struct filing *ret, struct err *err)
{
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    int64_t status;

    TRY(read_signed(rows, &filing, err));
    TRY(db_int(rows, 11, &filing.received_at, err));
    TRY(read_number(rows, 12, &filing.waits_until, err));
    TRY(read_state(rows, 13, &filing.state, err));
    TRY(read_optional(rows, 14, filing.confirmed_by, sizeof filing.confirmed_by, err));
    TRY(read_number(rows, 15, &status, err));
    filing.status = (unsigned)status;
    TRY(read_bytes(rows, 16, &filing.request, err));
    TRY(db_blob(rows, 17, &filing.signature, err));
    TRY(read_bytes(rows, 18, &filing.answer, err));
    filing_done(ret);
    *ret = filing;
    filing = (struct filing)FILING_INIT;
    return 0;
}

static int find_filing(struct db_txn *txn, const char *request_id, struct filing *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, FILING_COLUMNS "WHERE request_id = ?", DB_WITH(DB_TEXT(request_id)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such filing");
    TRY(rc);
    return read_filing(&rows, ret, err);
}

static struct db_value optional_text(const char *text)
{
    return text[0] == '\0' ? DB_NULL : DB_TEXT(text);
}

static struct db_value optional_blob(struct bytes blob)
{
    return blob.len == 0 ? DB_NULL : DB_BLOB(blob);
}

static int insert(struct db_txn *txn, const struct filing *f, const struct audit_origin *by,
                  struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_FILING_RECEIVED],
                                      bytes_text(f->request_id), f->operation};

    TRY(audit_append(txn, by, &event, err));
    return db_execute(
        txn,
        "INSERT INTO filing (request_id, clerk, issuer, serial, sign, counter, operation, path,"
        " act, digest, request, signature, received_at, waits_until, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        DB_WITH(DB_TEXT(f->request_id), DB_TEXT(f->clerk), DB_TEXT(f->card.issuer),
                DB_INT(f->card.serial), DB_BLOB(BYTES_ARRAY(f->card.sign)), DB_TEXT(f->counter),
                DB_TEXT(f->operation), DB_TEXT(f->path), optional_text(f->act),
                DB_BLOB(digest_bytes(&f->digest)), optional_blob(buf_bytes(&f->request)),
                DB_BLOB(buf_bytes(&f->signature)), DB_INT(f->received_at),
                f->waits_until == 0 ? DB_NULL : DB_INT(f->waits_until),
                DB_TEXT(filing_state_names[f->state])),
        err);
}

int register_keep_filing(struct register_store *store, struct filing *filing,
                         const struct audit_origin *by, bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(filing_done) struct filing known = FILING_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = find_filing(&txn, filing->request_id, &known, err);
    if (rc == -ERR_ABSENT) {
        TRY(insert(&txn, filing, by, err));
        TRY(db_commit(&txn, err));
        *ret_is_new = true;
        return 0;
    }
    TRY(rc);
    if (!bytes_equal(digest_bytes(&known.digest), digest_bytes(&filing->digest)))
        return refuse(err, REFUSED_ID_REUSED);
    filing_done(filing);
    *filing = known;
    known = (struct filing)FILING_INIT;
    *ret_is_new = false;
    return 0;
}

int register_get_filing(struct register_store *store, const char *request_id, struct filing *ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find_filing(&txn, request_id, ret, err);
}

int register_next_pending(struct register_store *store, int64_t behind, int64_t now,
                          struct filing *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     FILING_COLUMNS "WHERE state = 'pending' AND number > ? AND waits_until >= ?"
                                    " ORDER BY number LIMIT 1",
                     DB_WITH(DB_INT(behind), DB_INT(now)), &rows, err));
    return read_filing(&rows, ret, err);
}

int register_find_signed_act(struct register_store *store, const char *act, struct filing *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query_one(&txn,
                     FILING_COLUMNS "WHERE act = ? AND state IN ('received', 'confirmed', 'done')"
                                    " ORDER BY number LIMIT 1",
                     DB_WITH(DB_TEXT(act)), &rows, err));
    return read_filing(&rows, ret, err);
}

int register_confirm_filing(struct register_store *store, const struct confirmation *confirmation,
                            const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_FILING_CONFIRMED],
                                      bytes_text(confirmation->request_id), NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(filing_done) struct filing known = FILING_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_filing(&txn, confirmation->request_id, &known, err));
    if (known.state == FILING_CONFIRMED)
        return 0;
    if (known.state != FILING_PENDING)
        return refuse(err, REFUSED_OVER);
    TRY(audit_append(&txn, by, &event, err));
    TRY(db_execute_one(&txn,
                       "UPDATE filing SET state = 'confirmed', confirmed_by = ?, confirmation = ?"
                       " WHERE request_id = ? AND state = 'pending'",
                       DB_WITH(DB_TEXT(confirmation->clerk), DB_TEXT(confirmation->filing),
                               DB_TEXT(confirmation->request_id)),
                       err));
    return db_commit(&txn, err);
}

int register_end_filing(struct register_store *store, const struct filing_end *end,
                        const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_FILING_ENDED], bytes_text(end->request_id),
                                      filing_state_names[end->state]};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    /* What a second clerk has confirmed is being done: nobody withdraws it any more. */
    rc = db_execute_one(&txn,
                        "UPDATE filing SET state = ?1, status = ?2, answer = ?3, ended_at = ?4"
                        " WHERE request_id = ?5 AND (state = 'pending' OR"
                        " (state IN ('received', 'confirmed') AND ?1 <> 'withdrawn'))",
                        DB_WITH(DB_TEXT(filing_state_names[end->state]),
                                end->status == 0 ? DB_NULL : DB_INT(end->status),
                                optional_blob(end->answer), DB_INT(by->at),
                                DB_TEXT(end->request_id)),
                        err);
    if (rc == -ERR_ABSENT)
        return refuse(err, REFUSED_OVER);
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}
