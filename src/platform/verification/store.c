/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/store.h"

#include "platform/acts.h"
#include "platform/store_sqlite.h"
#include "platform/tenant/store.h"
#include "platform/usage/store.h"

#include <stdio.h>
#include <string.h>

static int keep_once(struct db_txn *txn, const struct verification *verification,
                     const struct verification_once *once, struct err *err)
{
    int rc;

    TRY(db_execute(txn, "DELETE FROM verification_once WHERE at < ?",
                   DB_WITH(DB_INT(verification->at - VERIFICATION_ONCE_SECONDS)), err));
    rc = db_execute(txn, "INSERT INTO verification_once VALUES (?, ?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(verification->client_id), DB_TEXT(once->key),
                            DB_BLOB(digest_bytes(&once->fingerprint)), DB_TEXT(verification->id),
                            DB_INT(verification->at)),
                    err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_CONFLICT, "this Idempotency-Key was used") : rc;
}

/* The record of it is the next one: nothing else is done in between. */
static int insert(struct db_txn *txn, const struct verification *verification, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO verification"
                      " (id, client_id, at, verdict, purpose, reasons, alg, digest, kind, record)"
                      " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, 1 + coalesce(max(seq), 0) FROM audit",
                      DB_WITH(DB_TEXT(verification->id), DB_TEXT(verification->client_id),
                              DB_INT(verification->at), DB_TEXT(verification->verdict),
                              DB_TEXT(verification->purpose), DB_TEXT(verification->reasons),
                              DB_INT(verification->digest.alg),
                              DB_BLOB(digest_bytes(&verification->digest)),
                              DB_TEXT(verification->kind)),
                      err);
}

static int keep_parts(struct db_txn *txn, const struct verification *verification, struct err *err)
{
    for (size_t i = 0; i < verification->part_count; i++) {
        const struct verification_part *part = &verification->parts[i];

        TRY(db_execute(txn, "INSERT INTO verification_signature VALUES (?, ?, ?, ?, ?)",
                       DB_WITH(DB_TEXT(verification->id), DB_INT((int64_t)i),
                               DB_TEXT(part->verdict), DB_TEXT(part->reasons),
                               DB_TEXT(part->covers)),
                       err));
    }
    return 0;
}

/* What one verification leaves behind, but for the record of it. */
static int keep(struct db_txn *txn, const struct verification *verification,
                const struct verification_once *once, struct err *err)
{
    const struct usage_judgement what = {verification->purpose, verification->verdict,
                                         verification->method};

    TRY(insert(txn, verification, err));
    TRY(keep_parts(txn, verification, err));
    TRY(platform_charge_usage(txn, verification->client_id, verification->at, err));
    TRY(usage_count_judgement(txn, verification->client_id, verification->at, &what, err));
    return once == NULL ? 0 : keep_once(txn, verification, once, err);
}

static int name_signer(struct db_txn *txn, const struct verification_keeping *keeping,
                       char ret[HOLDER_NAME_SIZE], struct err *err)
{
    int rc;

    if (keeping->signer == NULL)
        return 0;
    rc = holder_find_name(txn, keeping->verification->client_id, keeping->signer, ret, err);
    return rc == -ERR_ABSENT ? 0 : rc;
}

int platform_keep_named(struct platform_store *store, const struct verification_keeping *keeping,
                        const struct audit_origin *by, char ret_name[HOLDER_NAME_SIZE],
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_JUDGED],
                                      bytes_text(keeping->verification->id), keeping->outcome};
    char name[HOLDER_NAME_SIZE] = "";
    int rc;

    TRY(db_join(store->db, &txn, err));
    rc = keep(&txn, keeping->verification, keeping->once, err);
    if (rc == 0)
        rc = audit_append(&txn, by, &event, err);
    if (rc == 0)
        rc = name_signer(&txn, keeping, name, err);
    TRY(db_settle(&txn, rc, err));
    memcpy(ret_name, name, sizeof name);
    return 0;
}

int platform_keep_verification(struct platform_store *store,
                               const struct verification *verification,
                               const struct verification_once *once, const char *outcome,
                               const struct audit_origin *by, struct err *err)
{
    const struct verification_keeping keeping = {verification, once, outcome, NULL};
    char unused[HOLDER_NAME_SIZE];

    return platform_keep_named(store, &keeping, by, unused, err);
}

#define COLUMNS "id, client_id, at, verdict, purpose, reasons, alg, digest, kind"

static int read_digest(const struct db_rows *rows, struct digest *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    int64_t alg;

    TRY(db_int(rows, 6, &alg, err));
    TRY(db_blob(rows, 7, &value, err));
    if (value.len > sizeof ret->value)
        return FAIL(err, ERR_SYSTEM, "the database has a value of another size");
    *ret = (struct digest){.alg = (enum digest_alg)alg, .len = value.len};
    if (value.len > 0)
        memcpy(ret->value, value.ptr, value.len);
    return 0;
}

static int read_row(const struct db_rows *rows, struct verification *ret, struct err *err)
{
    struct verification found = {.parts = NULL};

    TRY(db_text(rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(rows, 1, found.client_id, sizeof found.client_id, err));
    TRY(db_int(rows, 2, &found.at, err));
    TRY(db_text(rows, 3, found.verdict, sizeof found.verdict, err));
    TRY(db_text(rows, 4, found.purpose, sizeof found.purpose, err));
    TRY(db_text(rows, 5, found.reasons, sizeof found.reasons, err));
    TRY(read_digest(rows, &found.digest, err));
    TRY(db_text(rows, 8, found.kind, sizeof found.kind, err));
    *ret = found;
    return 0;
}

int platform_get_verification(struct platform_store *store, const char *id, const char *client_id,
                              struct verification *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn, "SELECT " COLUMNS " FROM verification WHERE id = ? AND client_id = ?",
                      DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verification");
    TRY(rc);
    return read_row(&rows, ret, err);
}

static int read_part(const struct db_rows *rows, struct verification_part *ret, struct err *err)
{
    TRY(db_text(rows, 0, ret->verdict, sizeof ret->verdict, err));
    TRY(db_text(rows, 1, ret->reasons, sizeof ret->reasons, err));
    return db_text(rows, 2, ret->covers, sizeof ret->covers, err);
}

int platform_list_parts(struct platform_store *store, const char *id,
                        struct verification_part ret[VERIFICATION_PARTS_MAX], size_t *ret_count,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT verdict, reasons, covers FROM verification_signature"
                 " WHERE verification = ? ORDER BY place",
                 DB_WITH(DB_TEXT(id)), &rows, err));
    while (count < VERIFICATION_PARTS_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_part(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}

/* The verification that was asked under a key, and the fingerprint of what was. */
static int find_once(struct db_txn *txn, const char *client_id, const char *key, int64_t since,
                     struct db_rows *rows, struct err *err)
{
    return db_query_one(txn,
                        "SELECT verification, fingerprint FROM verification_once"
                        " WHERE client_id = ? AND key = ? AND at >= ?",
                        DB_WITH(DB_TEXT(client_id), DB_TEXT(key), DB_INT(since)), rows, err);
}

int platform_get_verification_once(struct platform_store *store, const char *client_id,
                                   const struct verification_once *once, int64_t now,
                                   struct verification *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf fingerprint = BUF_INIT;
    char id[VERIFICATION_ID_SIZE];

    {
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        TRY(db_begin_read(store->db, &txn, err));
        TRY(find_once(&txn, client_id, once->key, now - VERIFICATION_ONCE_SECONDS, &rows, err));
        TRY(db_text(&rows, 0, id, sizeof id, err));
        TRY(db_blob(&rows, 1, &fingerprint, err));
    }
    if (!bytes_equal(buf_bytes(&fingerprint), digest_bytes(&once->fingerprint)))
        return FAIL(err, ERR_CONFLICT, "this Idempotency-Key was used for another request");
    return platform_get_verification(store, id, client_id, ret, err);
}

/* "valid 17": what the tenant was told, and where it is in the log. */
static int read_showing(struct db_txn *txn, const char *id, const char *client_id,
                        struct platform_outcome *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char verdict[16];
    int64_t record;
    int rc = db_query_one(txn,
                          "SELECT verdict, coalesce(record, 0) FROM verification"
                          " WHERE id = ? AND client_id = ?",
                          DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verification");
    TRY(rc);
    TRY(db_text(&rows, 0, verdict, sizeof verdict, err));
    TRY(db_int(&rows, 1, &record, err));
    if (record == 0)
        return FAIL(err, ERR_CONFLICT, "it is older than the numbers by which records are found");
    (void)snprintf(ret->text, sizeof ret->text, "%s %lld", verdict, (long long)record);
    return 0;
}

static int read_last(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT max(seq) FROM audit", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

int platform_show_verification(struct platform_store *store, const char *id, const char *client_id,
                               const struct audit_origin *by, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct platform_outcome told;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_SHOWN], bytes_text(id),
                                      told.text};
    int64_t seq;

    TRY(db_begin(store->db, &txn, err));
    TRY(read_showing(&txn, id, client_id, &told, err));
    TRY(audit_append(&txn, by, &event, err));
    TRY(read_last(&txn, &seq, err));
    TRY(db_commit(&txn, err));
    *ret = seq;
    return 0;
}

int platform_delete_verification(struct platform_store *store, const char *id,
                                 const char *client_id, const struct audit_origin *by,
                                 struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_VERIFICATION_DELETED], bytes_text(id),
                                      NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "DELETE FROM verification WHERE id = ? AND client_id = ?",
                        DB_WITH(DB_TEXT(id), DB_TEXT(client_id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verification");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int platform_list_verifications(struct platform_store *store,
                                const struct verification_filter *filter, struct verification *ret,
                                unsigned *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc = 0;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT " COLUMNS " FROM verification WHERE client_id = ?1"
                 " AND at BETWEEN ?2 AND ?3 AND (at, id) < (?4, ?5)"
                 " AND (?6 IS NULL OR verdict = ?6) AND (?7 IS NULL OR purpose = ?7)"
                 " ORDER BY at DESC, id DESC LIMIT ?8",
                 DB_WITH(DB_TEXT(filter->client_id), DB_INT(filter->since), DB_INT(filter->until),
                         DB_INT(filter->before_at), DB_TEXT(filter->before_id),
                         DB_TEXT(filter->verdict), DB_TEXT(filter->purpose), DB_INT(filter->count)),
                 &rows, err));
    while (count < filter->count && (rc = db_next(&rows, err)) == 0)
        TRY(read_row(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}
