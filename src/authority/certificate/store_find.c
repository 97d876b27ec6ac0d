/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator may ask about one certificate. */
#include "authority/store_sqlite.h"

#include <string.h>

#define FOUND_COLUMNS                                                                              \
    "SELECT c.kind, c.serial, c.reserved_at, c.not_after, c.certificate IS NOT NULL,"              \
    " c.device = 'phone', coalesce(r.revoked_at, 0), coalesce(r.reason, -1),"                      \
    " coalesce(l.name, ''), c.generation"                                                          \
    " FROM certificate AS c"                                                                       \
    " LEFT JOIN revocation AS r ON r.kind = c.kind AND r.serial = c.serial"                        \
    " LEFT JOIN crl AS l ON l.id = c.point WHERE "

static int read_found(const struct db_rows *rows, struct found *ret, struct err *err)
{
    struct found found;
    int64_t numbers[8];
    int64_t generation;
    char kind[8];

    TRY(db_text(rows, 0, kind, sizeof kind, err));
    TRY(ca_kind_from_name(kind, &found.kind, err));
    for (int i = 1; i < 8; i++)
        TRY(db_int(rows, i, &numbers[i], err));
    TRY(db_text(rows, 8, found.list, sizeof found.list, err));
    TRY(db_int(rows, 9, &generation, err));
    found.generation = (unsigned)generation;
    found.serial = (uint32_t)numbers[1];
    found.reserved_at = numbers[2];
    found.not_after = numbers[3];
    found.is_signed = numbers[4] != 0;
    found.is_on_phone = numbers[5] != 0;
    found.is_revoked = numbers[7] >= 0;
    found.revoked_at = numbers[6];
    found.reason = found.is_revoked ? (enum crl_reason)numbers[7] : CRL_UNSPECIFIED;
    *ret = found;
    return 0;
}

int authority_find_certificate(struct authority_store *store, const struct find_query *query,
                               struct found *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    if (query->request_id != NULL)
        rc = db_query_one(&txn, FOUND_COLUMNS "c.request_id = ?",
                          DB_WITH(DB_TEXT(query->request_id)), &rows, err);
    else if (query->key.len > 0)
        rc = db_query_one(&txn, FOUND_COLUMNS CERTIFICATE_HAS_KEY("?1"),
                          DB_WITH(DB_BLOB(query->key)), &rows, err);
    else
        rc = db_query_one(&txn, FOUND_COLUMNS "c.kind = ? AND c.serial = ?",
                          DB_WITH(DB_TEXT(ca_kind_name(query->kind)), DB_INT(query->serial)), &rows,
                          err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    TRY(rc);
    return read_found(&rows, ret, err);
}
