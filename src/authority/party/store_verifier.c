/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates that verifiers sign their questions with, in SQLite; and the short way to a
 * verifier, which is registered by an operator and active at once.
 */
#include "authority/party/party.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"

void verifier_list_done(struct verifier_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        buf_done(&list->entries[i].certificate);
    list->count = 0;
}

/* What is known of a name and a certificate. */
struct acquaintance {
    bool has_other;   /* the name has another certificate */
    bool is_anothers; /* the certificate has another name */
    bool is_this;     /* they are together, and in use */
};

static int get_acquainted(struct db_txn *txn, const char *name, struct bytes certificate,
                          struct acquaintance *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found[3];

    TRY(db_query_one(
        txn,
        "SELECT count(*) FILTER (WHERE party = ?1 AND certificate <> ?2 AND retired_at IS NULL),"
        " count(*) FILTER (WHERE party <> ?1 AND certificate = ?2),"
        " count(*) FILTER (WHERE party = ?1 AND certificate = ?2 AND retired_at IS NULL)"
        " FROM party_certificate WHERE party = ?1 OR certificate = ?2",
        DB_WITH(DB_TEXT(name), DB_BLOB(certificate)), &rows, err));
    for (int i = 0; i < 3; i++)
        TRY(db_int(&rows, i, &found[i], err));
    *ret = (struct acquaintance){found[0] > 0, found[1] > 0, found[2] > 0};
    return 0;
}

static int count(struct db_txn *txn, const char *sql, const char *name, int64_t *ret,
                 struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, name == NULL ? DB_NOTHING : DB_WITH(DB_TEXT(name)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int check_room(struct db_txn *txn, struct err *err)
{
    int64_t all;

    TRY(count(txn, "SELECT count(*) FROM party_certificate WHERE retired_at IS NULL", NULL, &all,
              err));
    if (all >= VERIFIERS_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d verifiers already", VERIFIERS_MAX);
    return 0;
}

static int keep_certificate(struct db_txn *txn, const char *name, struct bytes certificate,
                            int64_t at, struct err *err)
{
    TRY(check_room(txn, err));
    return db_execute(txn,
                      "INSERT INTO party_certificate (party, certificate, added_at)"
                      " VALUES (?, ?, ?) ON CONFLICT (certificate)"
                      " DO UPDATE SET added_at = excluded.added_at, retired_at = NULL",
                      DB_WITH(DB_TEXT(name), DB_BLOB(certificate), DB_INT(at)), err);
}

int authority_add_verifier(struct authority_store *store, const char *name,
                           struct bytes certificate, const struct audit_origin *by,
                           bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_ADDED], bytes_text(name), NULL};
    struct acquaintance known;

    TRY(db_begin(store->db, &txn, err));
    TRY(get_acquainted(&txn, name, certificate, &known, err));
    if (known.is_anothers)
        return FAIL(err, ERR_CONFLICT, "this certificate is another verifier's");
    if (known.has_other && !known.is_this)
        return FAIL(err, ERR_CONFLICT, "this verifier has another certificate; remove it first");
    *ret_is_new = !known.is_this;
    if (known.is_this)
        return 0;
    TRY(audit_append(&txn, by, &event, err));
    TRY(db_execute(&txn,
                   "INSERT INTO party (name, title, role, is_sign, is_auth, applied_at,"
                   " certified_at, notified_at) VALUES (?1, ?1, 'platform', 1, 1, ?2, ?2, ?2)"
                   " ON CONFLICT (name) DO UPDATE SET certified_at = ?2, notified_at = ?2,"
                   " suspended_at = NULL, ended_at = NULL",
                   DB_WITH(DB_TEXT(name), DB_INT(by->at)), err));
    TRY(keep_certificate(&txn, name, certificate, by->at, err));
    return db_commit(&txn, err);
}

/* Its history stays; the certificates are nobody's afterwards. */
int authority_remove_verifier(struct authority_store *store, const char *name,
                              const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_REMOVED], bytes_text(name),
                                      NULL};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn, "UPDATE party SET ended_at = ? WHERE name = ? AND ended_at IS NULL",
                        DB_WITH(DB_INT(by->at), DB_TEXT(name)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such verifier");
    TRY(rc);
    TRY(db_execute(&txn, "DELETE FROM party_certificate WHERE party = ?", DB_WITH(DB_TEXT(name)),
                   err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int authority_add_party_certificate(struct authority_store *store, const char *name,
                                    struct bytes certificate, const struct audit_origin *by,
                                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_CERTIFICATE], bytes_text(name),
                                      "added"};
    struct acquaintance known;
    struct party party;
    int64_t own;

    TRY(db_begin(store->db, &txn, err));
    TRY(party_read(&txn, name, &party, err));
    if (party.ended_at != 0)
        return FAIL(err, ERR_CONFLICT, "this verifier has ended");
    TRY(get_acquainted(&txn, name, certificate, &known, err));
    if (known.is_anothers)
        return FAIL(err, ERR_CONFLICT, "this certificate is another verifier's");
    if (known.is_this)
        return 0;
    TRY(count(&txn, "SELECT count(*) FROM party_certificate WHERE party = ? AND retired_at IS NULL",
              name, &own, err));
    if (own >= PARTY_CERTIFICATES_MAX)
        return FAIL(err, ERR_CONFLICT, "this verifier has %d certificates; retire one first",
                    PARTY_CERTIFICATES_MAX);
    TRY(keep_certificate(&txn, name, certificate, by->at, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int authority_retire_party_certificate(struct authority_store *store, const char *name,
                                       struct bytes certificate, const struct audit_origin *by,
                                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&authority_acts[ACT_VERIFIER_CERTIFICATE], bytes_text(name),
                                      "retired"};
    int rc;

    TRY(db_begin(store->db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE party_certificate SET retired_at = ?"
                        " WHERE party = ? AND certificate = ? AND retired_at IS NULL",
                        DB_WITH(DB_INT(by->at), DB_TEXT(name), DB_BLOB(certificate)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this verifier has no such certificate in use");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

/* Where the party of a certificate is active. */
#define IN_USE                                                                                     \
    "retired_at IS NULL AND notified_at IS NOT NULL AND suspended_at IS NULL AND ended_at IS NULL"

static int read_verifier(const struct db_rows *rows, struct verifier *ret, struct err *err)
{
    int64_t is_of[CA_KINDS_];

    TRY(db_text(rows, 0, ret->name, sizeof ret->name, err));
    TRY(db_int(rows, 2, &is_of[CA_SIGN], err));
    TRY(db_int(rows, 3, &is_of[CA_AUTH], err));
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        ret->verifies[kind] = is_of[kind] != 0;
    ret->certificate = (struct buf)BUF_INIT;
    return db_blob(rows, 1, &ret->certificate, err);
}

int authority_list_verifiers(struct authority_store *store, struct verifier_list *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT name, certificate, is_sign, is_auth FROM party"
                 " JOIN party_certificate ON party = name WHERE " IN_USE
                 " ORDER BY name, added_at, certificate",
                 DB_NOTHING, &rows, err));
    while (ret->count < VERIFIERS_MAX) {
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(read_verifier(&rows, &ret->entries[ret->count], err));
        ret->count++;
    }
    return 0;
}

int authority_find_party(struct authority_store *store, struct bytes certificate, struct party *ret,
                         struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char name[VERIFIER_NAME_MAX + 1];
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT name FROM party JOIN party_certificate ON party = name"
                      " WHERE certificate = ? AND " IN_USE,
                      DB_WITH(DB_BLOB(certificate)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no verifier that may ask has this certificate");
    TRY(rc);
    TRY(db_text(&rows, 0, name, sizeof name, err));
    return party_read(&txn, name, ret, err);
}
