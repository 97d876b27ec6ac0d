/* SPDX-License-Identifier: Apache-2.0 */
/* Verifiers in SQLite. */
#include "authority/store_sqlite.h"

#include "authority/acts.h"

void verifier_list_done(struct verifier_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        buf_done(&list->entries[i].certificate);
    list->count = 0;
}

/* Whether this very verifier is there; ERR_CONFLICT if its name or certificate is another's. */
static int find_verifier(struct db_txn *txn, const char *name, struct bytes certificate, bool *ret,
                         struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_same_name;
    int64_t is_same_certificate;
    int rc = db_query_one(txn,
                          "SELECT name = ?1, certificate = ?2 FROM verifier"
                          " WHERE name = ?1 OR certificate = ?2",
                          DB_WITH(DB_TEXT(name), DB_BLOB(certificate)), &rows, err);

    if (rc == -ERR_ABSENT) {
        *ret = false;
        return 0;
    }
    TRY(rc);
    TRY(db_int(&rows, 0, &is_same_name, err));
    TRY(db_int(&rows, 1, &is_same_certificate, err));
    if (!is_same_certificate)
        return FAIL(err, ERR_CONFLICT, "this verifier has another certificate; remove it first");
    if (!is_same_name)
        return FAIL(err, ERR_CONFLICT, "this certificate is another verifier's");
    *ret = true;
    return 0;
}

static int check_room(struct db_txn *txn, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn, "SELECT count(*) FROM verifier", DB_NOTHING, &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= VERIFIERS_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d verifiers already", VERIFIERS_MAX);
    return 0;
}

int authority_add_verifier(struct authority_store *store, const char *name,
                           struct bytes certificate, const struct audit_origin *by,
                           bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_ADDED], bytes_text(name), NULL};
    bool is_there;

    TRY(db_begin(store->db, &txn, err));
    TRY(find_verifier(&txn, name, certificate, &is_there, err));
    if (!is_there) {
        TRY(audit_append(&txn, by, &event, err));
        TRY(check_room(&txn, err));
        TRY(db_execute(&txn, "INSERT INTO verifier VALUES (?, ?, ?)",
                       DB_WITH(DB_TEXT(name), DB_BLOB(certificate), DB_INT(by->at)), err));
        TRY(db_commit(&txn, err));
    }
    *ret_is_new = !is_there;
    return 0;
}

int authority_remove_verifier(struct authority_store *store, const char *name,
                              const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_REMOVED], bytes_text(name),
                                      NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "DELETE FROM verifier WHERE name = ?", DB_WITH(DB_TEXT(name)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verifier");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int authority_list_verifiers(struct authority_store *store, struct verifier_list *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn, "SELECT name, certificate FROM verifier ORDER BY name", DB_NOTHING, &rows,
                 err));
    while (ret->count < VERIFIERS_MAX) {
        struct verifier *verifier = &ret->entries[ret->count];
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(db_text(&rows, 0, verifier->name, sizeof verifier->name, err));
        verifier->certificate = (struct buf)BUF_INIT;
        TRY(db_blob(&rows, 1, &verifier->certificate, err));
        ret->count++;
    }
    return 0;
}
