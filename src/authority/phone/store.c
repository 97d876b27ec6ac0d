/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phones in SQLite. What happens to a phone's certificates because of something else has a request
 * id with a slash, which no asker's can have.
 */
#include "authority/consent/store.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"

#include <stdio.h>

enum { ID_MAX = REQUEST_ID_MAX + 32 };

/*
 * What the end of a card's sign certificate means for its phone: the law ends the phone's
 * certificates with it. With the card's auth certificate the phone's ends, for the same reason.
 */
static const struct {
    enum crl_reason reason;
    bool is_sign_only;
} endings[] = {
    [CRL_UNSPECIFIED] = {CRL_CESSATION_OF_OPERATION, false},
    [CRL_KEY_COMPROMISE] = {CRL_KEY_COMPROMISE, false}, /* that key had the phone's certified */
    [CRL_CA_COMPROMISE] = {CRL_CA_COMPROMISE, false},
    [CRL_AFFILIATION_CHANGED] = {CRL_AFFILIATION_CHANGED, true},
    [CRL_SUPERSEDED] = {CRL_SUPERSEDED, false},
    [CRL_CESSATION_OF_OPERATION] = {CRL_CESSATION_OF_OPERATION, false},
    /* A card's hold is never lifted, and a phone's could be: so it ends. */
    [CRL_CERTIFICATE_HOLD] = {CRL_CESSATION_OF_OPERATION, false},
};

/* Whose phones: those enrolled by that sign certificate of a card, and by others of the person. */
enum reach { OF_THIS_AND_EARLIER, OF_THE_PERSON, OF_THE_AUTH_CERTIFICATE };

/* Which certificates of phones, and what becomes of them. */
struct ending {
    uint32_t card; /* the number of its sign certificate, or auth certificate */
    enum reach reach;
    const char *except; /* the request id of a phone that stays; "" for none */
    const char *start;  /* of the request ids */
    enum crl_reason reason;
    bool is_sign_only;
    int64_t at;
    const struct audit_origin *by;
};

/* The next that has not come to that; ERR_ABSENT if there is none. */
static int next_certificate(struct db_txn *txn, const struct ending *ending, enum ca_kind *ret_kind,
                            uint32_t *ret_serial, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char kind[8];
    int64_t serial;

    TRY(db_query_one(
        txn,
        "WITH cards (serial) AS (SELECT ?1 WHERE ?6 <> ?8 UNION SELECT o.serial"
        " FROM certificate AS c JOIN certificate AS o ON o.subject = c.subject AND o.kind = 'sign'"
        " WHERE c.kind = 'sign' AND c.serial = ?1 AND (?6 = ?7 OR o.serial <= ?1) AND ?6 <> ?8),"
        " mine (kind, serial) AS ("
        " SELECT 'sign', sign FROM phone"
        " WHERE card IN (SELECT serial FROM cards) AND request_id <> ?2 UNION ALL"
        " SELECT 'auth', auth FROM phone"
        " WHERE card IN (SELECT serial FROM cards) AND request_id <> ?2 AND ?3 UNION ALL"
        " SELECT 'auth', auth FROM phone WHERE card_auth = ?1 AND ?6 = ?8)"
        " SELECT m.kind, m.serial FROM mine AS m LEFT JOIN revocation AS r"
        " ON r.kind = m.kind AND r.serial = m.serial"
        " WHERE r.number IS NULL OR (r.reason = ?4 AND ?5 <> ?4) LIMIT 1",
        DB_WITH(DB_INT(ending->card), DB_TEXT(ending->except), DB_INT(!ending->is_sign_only),
                DB_INT(CRL_CERTIFICATE_HOLD), DB_INT(ending->reason), DB_INT(ending->reach),
                DB_INT(OF_THE_PERSON), DB_INT(OF_THE_AUTH_CERTIFICATE)),
        &rows, err));
    TRY(db_text(&rows, 0, kind, sizeof kind, err));
    TRY(db_int(&rows, 1, &serial, err));
    *ret_serial = (uint32_t)serial;
    return ca_kind_from_name(kind, ret_kind, err);
}

static int end_certificate(struct db_txn *txn, const struct ending *ending, enum ca_kind kind,
                           uint32_t serial, struct err *err)
{
    struct revoked event = {
        .kind = kind, .serial = serial, .at = ending->at, .reason = ending->reason};
    char id[ID_MAX];

    (void)snprintf(id, sizeof id, "%s/%s/%lu", ending->start, ca_kind_name(kind),
                   (unsigned long)serial);
    return revocation_put(txn, id, &event, ending->by, err);
}

/* *ret: how many. */
static int end_all(struct db_txn *txn, const struct ending *ending, unsigned *ret, struct err *err)
{
    enum ca_kind kind;
    uint32_t serial;
    int rc;

    for (*ret = 0; (rc = next_certificate(txn, ending, &kind, &serial, err)) == 0; ++*ret)
        TRY(end_certificate(txn, ending, kind, serial, err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

int phone_ends_with_card(struct db_txn *txn, const struct revoked *event,
                         const struct audit_origin *by, struct err *err)
{
    char start[32];
    struct ending ending = {.card = event->serial,
                            .reach = event->kind == CA_SIGN ? OF_THIS_AND_EARLIER
                                                            : OF_THE_AUTH_CERTIFICATE,
                            .except = "",
                            .start = start,
                            .reason = endings[event->reason].reason,
                            .is_sign_only = endings[event->reason].is_sign_only,
                            .at = event->at,
                            .by = by};
    unsigned count;

    (void)snprintf(start, sizeof start, "event/%llu", (unsigned long long)event->number);
    return end_all(txn, &ending, &count, err);
}

static int is_revoked(struct db_txn *txn, enum ca_kind kind, uint32_t serial, bool *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM revocation WHERE kind = ? AND serial = ?",
                          DB_WITH(DB_TEXT(ca_kind_name(kind)), DB_INT(serial)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

static int is_kept(struct db_txn *txn, const char *request_id, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM phone WHERE request_id = ?",
                          DB_WITH(DB_TEXT(request_id)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

/* Neither the card nor one of the phone's has been revoked meanwhile. */
static int check_in_force(struct db_txn *txn, const struct phone *phone, struct err *err)
{
    bool revoked;

    TRY(is_revoked(txn, CA_SIGN, phone->card, &revoked, err));
    if (revoked)
        return FAIL(err, ERR_CONFLICT, "the card's sign certificate has been revoked meanwhile");
    TRY(is_revoked(txn, CA_AUTH, phone->card_auth, &revoked, err));
    if (revoked)
        return FAIL(err, ERR_CONFLICT, "the card's auth certificate has been revoked meanwhile");
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        TRY(is_revoked(txn, (enum ca_kind)kind, phone->serials[kind], &revoked, err));
        if (revoked)
            return FAIL(err, ERR_CONFLICT,
                        "the certificates of this request are revoked; make new keys");
    }
    return 0;
}

static int put_phone(struct db_txn *txn, const struct phone *phone, struct err *err)
{
    const struct certificate_id id = certificate_id(CA_SIGN, phone->card);
    const struct audit_event event = {&authority_acts[ACT_PHONE_ENROLLED], bytes_text(id.text),
                                      NULL};

    TRY(db_execute(txn,
                   "INSERT INTO phone (request_id, card, card_auth, sign, auth, enrolled_at)"
                   " VALUES (?, ?, nullif(?, 0), ?, ?, ?)",
                   DB_WITH(DB_TEXT(phone->request_id), DB_INT(phone->card),
                           DB_INT(phone->card_auth), DB_INT(phone->serials[CA_SIGN]),
                           DB_INT(phone->serials[CA_AUTH]), DB_INT(phone->now)),
                   err));
    return audit_append(txn, phone->by, &event, err);
}

int authority_keep_phone(struct authority_store *store, const struct phone *phone, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct ending before = {.card = phone->card,
                                  .reach = OF_THE_PERSON,
                                  .except = phone->request_id,
                                  .start = phone->request_id,
                                  .reason = CRL_SUPERSEDED,
                                  .at = phone->now,
                                  .by = phone->by};
    unsigned count;
    bool kept;

    TRY(db_begin(store->db, &txn, err));
    TRY(is_kept(&txn, phone->request_id, &kept, err));
    if (kept)
        return 0;
    TRY(check_in_force(&txn, phone, err));
    TRY(end_all(&txn, &before, &count, err));
    TRY(put_phone(&txn, phone, err));
    TRY(db_commit(&txn, err));
    http_bell_ring(&store->changes);
    return 0;
}

int authority_hold_phone(struct authority_store *store, const struct phone *phone, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct ending hold = {.card = phone->card,
                                .reach = OF_THE_PERSON,
                                .except = "",
                                .start = phone->request_id,
                                .reason = CRL_CERTIFICATE_HOLD,
                                .at = phone->now,
                                .by = phone->by};
    unsigned count;

    TRY(db_begin(store->db, &txn, err));
    TRY(end_all(&txn, &hold, &count, err));
    if (count == 0)
        return FAIL(err, ERR_CONFLICT, "no phone that was enrolled by this card is in force");
    TRY(db_commit(&txn, err));
    http_bell_ring(&store->changes);
    return 0;
}

int authority_find_card_auth(struct authority_store *store, uint32_t sign, uint32_t *ret,
                             struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found = 0;
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT a.serial FROM certificate AS c JOIN certificate AS a"
                      " ON a.subject = c.subject AND a.kind = 'auth'"
                      " WHERE c.kind = 'sign' AND c.serial = ? AND a.device = 'card'"
                      " AND a.certificate IS NOT NULL ORDER BY a.serial DESC LIMIT 1",
                      DB_WITH(DB_INT(sign)), &rows, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (rc == 0)
        TRY(db_int(&rows, 0, &found, err));
    *ret = (uint32_t)found;
    return 0;
}

int authority_get_subject(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                          char ret[SUBJECT_LEN + 1], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return certificate_subject(&txn, kind, serial, ret, err);
}

/* A phone's certificate that is signed, in force, and belongs to no phone. */
static int next_undelivered(struct db_txn *txn, enum ca_kind *ret_kind, uint32_t *ret_serial,
                            struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char kind[8];
    int64_t serial;

    TRY(db_query_one(txn,
                     "SELECT c.kind, c.serial FROM certificate AS c"
                     " WHERE c.device = 'phone' AND c.certificate IS NOT NULL"
                     " AND NOT EXISTS (SELECT 1 FROM revocation AS r"
                     " WHERE r.kind = c.kind AND r.serial = c.serial)"
                     " AND NOT EXISTS (SELECT 1 FROM phone AS p"
                     " WHERE (c.kind = 'sign' AND p.sign = c.serial)"
                     " OR (c.kind = 'auth' AND p.auth = c.serial)) LIMIT 1",
                     DB_NOTHING, &rows, err));
    TRY(db_text(&rows, 0, kind, sizeof kind, err));
    TRY(db_int(&rows, 1, &serial, err));
    *ret_serial = (uint32_t)serial;
    return ca_kind_from_name(kind, ret_kind, err);
}

int authority_end_undelivered(struct authority_store *store, const struct audit_origin *by,
                              unsigned *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    /* pki.md 2: destroyed before delivery. */
    const struct ending undelivered = {
        .start = "undelivered", .reason = CRL_UNSPECIFIED, .at = by->at, .by = by};
    enum ca_kind kind;
    uint32_t serial;
    unsigned count = 0;
    int rc;

    TRY(db_begin(store->db, &txn, err));
    for (; (rc = next_undelivered(&txn, &kind, &serial, err)) == 0; count++)
        TRY(end_certificate(&txn, &undelivered, kind, serial, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(db_commit(&txn, err));
    if (count > 0)
        http_bell_ring(&store->changes);
    *ret = count;
    return 0;
}
