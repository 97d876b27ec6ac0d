/* SPDX-License-Identifier: Apache-2.0 */
/* Consents in SQLite. */
#include "authority/consent/store.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"
#include "base/hex.h"
#include "base/rand.h"

#include <string.h>

enum { DAY = 86400 };

#define CONSENT_COLUMNS "consent.id, valid_from, valid_until, withdrawn_at"

static int consent_of_row(const struct db_rows *rows, struct consent *ret, struct err *err)
{
    struct consent consent = {.withdrawn_at = 0};

    TRY(db_text(rows, 0, consent.id, sizeof consent.id, err));
    TRY(db_int(rows, 1, &consent.term.from, err));
    TRY(db_int(rows, 2, &consent.term.until, err));
    if (!db_is_null(rows, 3))
        TRY(db_int(rows, 3, &consent.withdrawn_at, err));
    *ret = consent;
    return 0;
}

static int find_consent(struct db_txn *txn, const char *sql, const struct db_value *values,
                        struct consent *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return consent_of_row(&rows, ret, err);
}

int certificate_is_over(struct db_txn *txn, enum ca_kind kind, uint32_t serial, int64_t now,
                        bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_over;

    TRY(db_query_one(txn,
                     "SELECT certificate.not_after < ?3 OR revocation.serial IS NOT NULL"
                     " FROM certificate LEFT JOIN revocation"
                     " ON revocation.kind = certificate.kind"
                     " AND revocation.serial = certificate.serial"
                     " WHERE certificate.kind = ?1 AND certificate.serial = ?2"
                     " AND certificate.certificate IS NOT NULL",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial), DB_INT(now)), &rows,
                     err));
    TRY(db_int(&rows, 0, &is_over, err));
    *ret = is_over != 0;
    return 0;
}

int certificate_subject(struct db_txn *txn, enum ca_kind kind, uint32_t serial,
                        char ret[SUBJECT_LEN + 1], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT subject FROM certificate WHERE kind = ? AND serial = ?"
                     " AND certificate IS NOT NULL AND subject IS NOT NULL",
                     DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err));
    return db_text(&rows, 0, ret, SUBJECT_LEN + 1, err);
}

int consent_holder(struct db_txn *txn, const struct holder_certificate *holder, int64_t now,
                   char ret[SUBJECT_LEN + 1], struct err *err)
{
    bool is_over;
    int rc;

    TRY(certificate_is_over(txn, holder->kind, holder->serial, now, &is_over, err));
    if (is_over)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_SIGNER),
                         "the certificate of this signature is revoked or over");
    rc = certificate_subject(txn, holder->kind, holder->serial, ret, err);
    if (rc == -ERR_ABSENT)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(CONSENT_SIGNER),
                         "this certificate was issued before consents: a new one is needed");
    return rc;
}

int service_is_open(struct db_txn *txn, const char *party, const char *provider,
                    const char *service, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT 1 FROM service JOIN provider"
                          " ON provider.party = service.party AND provider.name = service.provider"
                          " WHERE service.party = ? AND provider = ? AND service.name = ?"
                          " AND ended_at IS NULL",
                          DB_WITH(DB_TEXT(party), DB_TEXT(provider), DB_TEXT(service)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

static int check_service(struct db_txn *txn, const struct consent_record *r, struct err *err)
{
    bool is_open;

    TRY(service_is_open(txn, r->party->name, r->document.provider, r->document.service, &is_open,
                        err));
    if (!is_open)
        return FAIL_WITH(err, ERR_DENIED, HTTP_NAMED(CONSENT_NOT_NOTIFIED),
                         "the verifier has given no notice of this service");
    return 0;
}

#define OF_PLACE                                                                                   \
    " FROM consent WHERE party = ?1 AND provider = ?2 AND service = ?3 AND subject = ?4"

int consent_at(struct db_txn *txn, const struct consent_place *place, int64_t now,
               struct consent *ret, unsigned *ret_attributes, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t attributes;

    TRY(db_query_one(txn,
                     "SELECT " CONSENT_COLUMNS ", attributes" OF_PLACE
                     " ORDER BY withdrawn_at IS NULL AND ?5 BETWEEN valid_from AND valid_until"
                     " DESC, registered_at DESC, valid_until DESC, consent.rowid DESC LIMIT 1",
                     DB_WITH(DB_TEXT(place->party), DB_TEXT(place->provider),
                             DB_TEXT(place->service), DB_TEXT(place->subject), DB_INT(now)),
                     &rows, err));
    TRY(consent_of_row(&rows, ret, err));
    TRY(db_int(&rows, 4, &attributes, err));
    *ret_attributes = (unsigned)attributes;
    return 0;
}

/* The one that is not withdrawn and ends last, or else the one that was withdrawn last. */
static int find_last(struct db_txn *txn, const struct consent_place *place, struct consent *ret,
                     struct err *err)
{
    return find_consent(txn,
                        "SELECT " CONSENT_COLUMNS OF_PLACE
                        " ORDER BY withdrawn_at IS NULL DESC, withdrawn_at DESC, valid_until DESC,"
                        " consent.rowid DESC LIMIT 1",
                        DB_WITH(DB_TEXT(place->party), DB_TEXT(place->provider),
                                DB_TEXT(place->service), DB_TEXT(place->subject)),
                        ret, err);
}

/* Numbers are each provider's own, so that none shows how much happens to others. */
static int note(struct db_txn *txn, const char *id, const char *state,
                const struct audit_origin *by, struct err *err)
{
    const bool is_given = strcmp(state, "given") == 0;
    const struct audit_event event = {
        &authority_acts[is_given ? ACT_CONSENT_GIVEN : ACT_CONSENT_WITHDRAWN], bytes_text(id),
        NULL};

    TRY(db_execute(txn,
                   "INSERT INTO consent_event (party, provider, number, consent, state, at)"
                   " SELECT party, provider, 1 + (SELECT coalesce(max(number), 0)"
                   " FROM consent_event AS e WHERE e.party = c.party AND e.provider = c.provider),"
                   " id, ?2, ?3 FROM consent AS c WHERE id = ?1",
                   DB_WITH(DB_TEXT(id), DB_TEXT(state), DB_INT(by->at)), err));
    return audit_append(txn, by, &event, err);
}

/*
 * Another one while there is one is a mistake, unless that one soon ends; and a document from
 * before a withdrawal does not undo it.
 */
static int check_others(struct db_txn *txn, const struct consent_record *r,
                        const struct consent_place *place, struct err *err)
{
    struct consent last;
    int rc = find_last(txn, place, &last, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    if (last.withdrawn_at == 0 && last.term.until > r->by->at + (int64_t)CONSENT_RENEWAL_DAYS * DAY)
        return FAIL_WITH(err, ERR_CONFLICT, HTTP_NAMED(CONSENT_DUPLICATE),
                         "there is a consent to this service already");
    if (last.withdrawn_at != 0 && r->document.at <= last.withdrawn_at)
        return FAIL_WITH(err, ERR_CONFLICT, HTTP_NAMED(CONSENT_OUTDATED),
                         "this consent was signed before the last one was withdrawn");
    return 0;
}

static int new_id(char ret[CONSENT_ID_LEN + 1], struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    uint8_t octets[CONSENT_ID_LEN / 2];

    TRY(rand_fill(octets, sizeof octets, err));
    TRY(hex_append(&hex, BYTES_ARRAY(octets), err));
    memcpy(ret, hex.ptr, CONSENT_ID_LEN);
    ret[CONSENT_ID_LEN] = '\0';
    return 0;
}

static int insert(struct db_txn *txn, const struct consent_record *r, const char *subject,
                  struct consent *ret, struct err *err)
{
    struct consent consent = {.term = r->term, .is_new = true};

    TRY(new_id(consent.id, err));
    TRY(db_execute(txn,
                   "INSERT INTO consent (id, digest, party, provider, service, subject,"
                   " attributes, document, signature, registered_at, valid_from, valid_until,"
                   " certificate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(consent.id), DB_BLOB(digest_bytes(&r->digest)),
                           DB_TEXT(r->party->name), DB_TEXT(r->document.provider),
                           DB_TEXT(r->document.service), DB_TEXT(subject),
                           DB_INT(r->document.attributes), DB_BLOB(r->text), DB_BLOB(r->signature),
                           DB_INT(r->by->at), DB_INT(r->term.from), DB_INT(r->term.until),
                           r->certificate.len == 0 ? DB_NULL : DB_BLOB(r->certificate)),
                   err));
    TRY(note(txn, consent.id, "given", r->by, err));
    *ret = consent;
    return 0;
}

static int withdraw(struct db_txn *txn, struct consent *consent, const struct audit_origin *by,
                    struct err *err)
{
    TRY(db_execute_one(txn, "UPDATE consent SET withdrawn_at = ? WHERE id = ?",
                       DB_WITH(DB_INT(by->at), DB_TEXT(consent->id)), err));
    TRY(note(txn, consent->id, "withdrawn", by, err));
    consent->withdrawn_at = by->at;
    consent->is_new = true;
    return 0;
}

/* All there are to a service, of which a renewal may have made two; *ret is the last one. */
static int end_all(struct db_txn *txn, const struct consent_place *place,
                   const struct audit_origin *by, struct consent *ret, struct err *err)
{
    struct consent last;
    bool is_new = false;

    TRY(find_last(txn, place, &last, err));
    while (last.withdrawn_at == 0) {
        TRY(withdraw(txn, &last, by, err));
        is_new = true;
        TRY(find_last(txn, place, &last, err));
    }
    last.is_new = is_new;
    *ret = last;
    return 0;
}

static int begin_consent(struct db_txn *txn, const struct consent_record *r,
                         const struct consent_place *place, struct consent *ret, struct err *err)
{
    int rc = find_consent(txn, "SELECT " CONSENT_COLUMNS " FROM consent WHERE digest = ?",
                          DB_WITH(DB_BLOB(digest_bytes(&r->digest))), ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(check_others(txn, r, place, err));
    return insert(txn, r, place->subject, ret, err);
}

/* A document is the same again if the same person signed it: two may sign the same words. */
static int identify(const struct consent_record *r, const char *subject, struct digest *ret,
                    struct err *err)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;

    TRY(digest_begin(DIGEST_SHA256, &stream, err));
    TRY(digest_add(stream, bytes_text(subject), err)); /* of a fixed length */
    TRY(digest_add(stream, r->text, err));
    return digest_end(stream, ret, err);
}

int authority_keep_consent(struct authority_store *store, const struct consent_record *record,
                           struct consent *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct consent_record mine = *record;
    const struct consent_record *r = &mine;
    char subject[SUBJECT_LEN + 1];
    const struct consent_place place = {r->party->name, r->document.provider, r->document.service,
                                        subject};
    const struct holder_certificate holder = {CA_SIGN, r->serial};
    struct consent consent;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    TRY(consent_holder(&txn, &holder, r->by->at, subject, err));
    TRY(identify(r, subject, &mine.digest, err));
    TRY(check_service(&txn, r, err));
    rc = r->document.is_withdrawal ? end_all(&txn, &place, r->by, &consent, err)
                                   : begin_consent(&txn, r, &place, &consent, err);
    if (rc == -ERR_ABSENT)
        return FAIL_WITH(err, ERR_ABSENT, HTTP_NAMED(CONSENT_NONE),
                         "there is no consent to this service");
    TRY(rc);
    TRY(db_commit(&txn, err));
    *ret = consent;
    return 0;
}

/* The texts of a place, read from a consent. */
struct place_texts {
    char party[VERIFIER_NAME_MAX + 1], provider[VERIFIER_NAME_MAX + 1];
    char service[VERIFIER_NAME_MAX + 1];
};

static int find_place(struct db_txn *txn, const char *id, const char *subject,
                      struct place_texts *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT party, provider, service FROM consent"
                          " WHERE id = ? AND subject = ?",
                          DB_WITH(DB_TEXT(id), DB_TEXT(subject)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "you have given no such consent");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->party, sizeof ret->party, err));
    TRY(db_text(&rows, 1, ret->provider, sizeof ret->provider, err));
    return db_text(&rows, 2, ret->service, sizeof ret->service, err);
}

int authority_withdraw_consent(struct authority_store *store,
                               const struct holder_certificate *holder, const char *id,
                               const struct audit_origin *by, struct consent *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char subject[SUBJECT_LEN + 1];
    struct place_texts texts;
    const struct consent_place place = {texts.party, texts.provider, texts.service, subject};
    struct consent consent;

    TRY(db_begin(store->db, &txn, err));
    TRY(consent_holder(&txn, holder, by->at, subject, err));
    TRY(find_place(&txn, id, subject, &texts, err));
    TRY(end_all(&txn, &place, by, &consent, err));
    TRY(db_commit(&txn, err));
    *ret = consent;
    return 0;
}
