/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificates belong to one person, in SQLite. */
#include "authority/party/link.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"

/*
 * In the order in which they were asked for: a number that was given back is given again later, so
 * numbers alone are not in order. A phone's certificates are another row than the card's.
 */
static const char *const queries[LINK_WANTS_] = {
    [LINK_NEWEST] =
        "SELECT other.serial, other.serial = this.serial FROM certificate AS this"
        " JOIN certificate AS other ON other.subject = this.subject AND other.kind = this.kind"
        " AND other.device = this.device"
        " WHERE this.kind = ?1 AND this.serial = ?2 AND ?3 <> '' AND other.certificate IS NOT NULL"
        " ORDER BY other.reserved_at DESC, other.serial DESC LIMIT 1",
    [LINK_BEFORE] =
        "SELECT other.serial, 0 FROM certificate AS this"
        " JOIN certificate AS other ON other.subject = this.subject AND other.kind = this.kind"
        " AND other.device = this.device"
        " WHERE this.kind = ?1 AND this.serial = ?2 AND ?3 <> '' AND other.certificate IS NOT NULL"
        " AND (other.reserved_at, other.serial) < (this.reserved_at, this.serial)"
        " ORDER BY other.reserved_at DESC, other.serial DESC LIMIT 1",
    [LINK_COUNTERPART] =
        "SELECT other.serial, 0 FROM certificate AS this"
        " JOIN certificate AS other ON other.subject = this.subject AND other.kind = ?3"
        " AND other.device = this.device"
        " WHERE this.kind = ?1 AND this.serial = ?2 AND other.certificate IS NOT NULL"
        " ORDER BY other.reserved_at DESC, other.serial DESC LIMIT 1",
};

int link_find(struct db_txn *txn, const struct presented *presented, enum link_want want,
              struct link *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct link link = {.outcome = LINK_NONE, .other = *presented};
    int64_t serial;
    int64_t is_itself;
    int rc;

    if (want == LINK_COUNTERPART)
        link.other.kind = presented->kind == CA_SIGN ? CA_AUTH : CA_SIGN;
    rc = db_query_one(txn, queries[want],
                      DB_WITH(DB_TEXT(ca_kind_name(presented->kind)), DB_INT(presented->serial),
                              DB_TEXT(ca_kind_name(link.other.kind))),
                      &rows, err);
    if (rc == 0) {
        TRY(db_int(&rows, 0, &serial, err));
        TRY(db_int(&rows, 1, &is_itself, err));
        link.other.serial = (uint32_t)serial;
        link.outcome = is_itself ? LINK_NONE : LINK_FOUND;
    } else if (rc != -ERR_ABSENT) {
        return rc;
    }
    *ret = link;
    return 0;
}

static int check_right(const struct link_question *q, struct err *err)
{
    const bool *verifies = q->party->verifies;

    if (q->want == LINK_COUNTERPART && !(verifies[CA_SIGN] && verifies[CA_AUTH]))
        return FAIL(err, ERR_DENIED,
                    "links between sign and auth certificates are for verifiers of both");
    if (!q->is_unknown && !verifies[q->presented.kind])
        return FAIL(err, ERR_DENIED, "this verifier is none of %s certificates",
                    ca_kind_name(q->presented.kind));
    return 0;
}

int authority_answer_link(struct authority_store *store, const struct link_question *q,
                          struct link *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct certificate_id id = certificate_id(q->presented.kind, q->presented.serial);
    struct audit_event event = {&authority_acts[ACT_LINK_ANSWERED],
                                bytes_text(q->is_unknown ? "unknown" : id.text), NULL};
    struct link link = {.outcome = LINK_UNKNOWN};

    TRY(check_right(q, err));
    TRY(db_begin(store->db, &txn, err));
    if (!q->is_unknown)
        TRY(link_find(&txn, &q->presented, q->want, &link, err));
    event.outcome = link.outcome == LINK_FOUND ? link_wants[q->want] : link_outcomes[link.outcome];
    TRY(audit_append(&txn, q->by, &event, err));
    TRY(db_commit(&txn, err));
    *ret = link;
    return 0;
}
