/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates are looked for by issuer and serial number, which stand in them; so they are entered
 * in an index when somebody is looked for who is not in it, each of them once: those of both CAs,
 * whose key identifiers tell them apart.
 */
#include "base/hex.h"
#include "register/acts.h"
#include "register/codes_store.h"
#include "register/store_sqlite.h"
#include "x509/cert.h"

/* ---- the index ---- */

/* One that is in no index yet. */
struct unindexed {
    char request_id[RESIDENT_ID_LEN + 1];
    struct buf certificate;
};

static int next_unindexed(struct db_txn *txn, struct unindexed *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT request_id, certificate FROM issue"
                     " WHERE certificate IS NOT NULL AND is_indexed = 0 LIMIT 1",
                     DB_NOTHING, &rows, err));
    TRY(db_text(&rows, 0, ret->request_id, sizeof ret->request_id, err));
    return db_blob(&rows, 1, &ret->certificate, err);
}

static int insert(struct db_txn *txn, const struct unindexed *one, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const struct tbs *tbs;
    const char *text;

    TRY(x509_cert_parse(buf_bytes(&one->certificate), &certificate, err));
    tbs = x509_cert_tbs(certificate);
    TRY(hex_append(&issuer, tbs->authority_key_id, err));
    TRY(buf_text(&issuer, &text, err));
    return db_execute(
        txn, "INSERT INTO indexed_certificate VALUES (?, ?, ?)",
        DB_WITH(DB_TEXT(text), DB_INT(tbs_serial_number(tbs)), DB_TEXT(one->request_id)), err);
}

static int index_new(struct db_txn *txn, struct err *err)
{
    for (;;) {
        struct unindexed one = {.certificate = BUF_INIT};
        int rc = next_unindexed(txn, &one, err);

        if (rc == 0)
            rc = insert(txn, &one, err);
        if (rc == 0)
            rc = db_execute(txn, "UPDATE issue SET is_indexed = 1 WHERE request_id = ?",
                            DB_WITH(DB_TEXT(one.request_id)), err);
        buf_done(&one.certificate);
        if (rc < 0)
            return rc == -ERR_ABSENT ? 0 : rc;
    }
}

static int find(struct db_txn *txn, const char *issuer, int64_t serial, struct code_holder *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_over;

    TRY(db_query_one(
        txn,
        "SELECT card.resident, issue.replaced_at IS NOT NULL OR issue.held_at IS NOT"
        " NULL FROM indexed_certificate AS a JOIN issue ON issue.request_id = a.request_id"
        " JOIN card ON card.serial = issue.card WHERE a.issuer = ? AND a.serial = ?",
        DB_WITH(DB_TEXT(issuer), DB_INT(serial)), &rows, err));
    TRY(db_text(&rows, 0, ret->resident, sizeof ret->resident, err));
    TRY(db_int(&rows, 1, &is_over, err));
    ret->is_over = is_over != 0;
    return 0;
}

int register_find_certificate(struct register_store *store, const char *issuer, int64_t serial,
                              struct code_holder *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = find(&txn, issuer, serial, ret, err);
    db_txn_done(&txn);
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(db_begin(store->db, &txn, err));
    TRY(index_new(&txn, err));
    rc = find(&txn, issuer, serial, ret, err);
    TRY(db_commit(&txn, err));
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "no card here has this certificate") : rc;
}

static int note(struct register_store *store, const struct audit_event *event,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(audit_append(&txn, by, event, err));
    return db_commit(&txn, err);
}

int register_note_codes(struct register_store *store, const char *resident, const char *outcome,
                        const struct audit_origin *by, struct err *err)
{
    const enum register_act act = resident == NULL ? ACT_CODES_REFUSED : ACT_CODES_TOLD;
    const struct audit_event event = {&register_acts[act],
                                      bytes_text(resident == NULL ? "nobody" : resident), outcome};

    return note(store, &event, by, err);
}

int register_note_extract(struct register_store *store, const char *resident, const char *outcome,
                          const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_EXTRACT_TOLD], bytes_text(resident),
                                      outcome};

    return note(store, &event, by, err);
}
