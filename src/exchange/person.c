/* SPDX-License-Identifier: Apache-2.0 */
/* Which codes are one person's. */
#include "exchange/person.h"
#include "base/clock.h"
#include "exchange/acts.h"
#include "exchange/exchange.h"

static const char portal_body[] = "PORTAL";

static int find(struct db_txn *txn, const char *body, const struct person_code *code, int64_t *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT person FROM exchange_link WHERE body = ? AND code = ?",
                          DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code))), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "nobody is known to %s by this code", body);
    TRY(rc);
    return db_int(&rows, 0, ret, err);
}

static int add_link(struct db_txn *txn, int64_t person, const char *body,
                    const struct person_code *code, struct err *err)
{
    return db_execute(txn, "INSERT INTO exchange_link VALUES (?, ?, ?)",
                      DB_WITH(DB_INT(person), DB_TEXT(body), DB_BLOB(person_code_bytes(code))),
                      err);
}

static int add_person(struct db_txn *txn, const struct person_code *portal, int64_t at,
                      int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "INSERT INTO exchange_person (since) VALUES (?) RETURNING id",
                     DB_WITH(DB_INT(at)), &rows, err));
    TRY(db_int(&rows, 0, ret, err));
    return add_link(txn, *ret, portal_body, portal, err);
}

static int note(struct db_txn *txn, const struct audit_origin *by, const struct exchange_link *link,
                struct err *err)
{
    const struct audit_event event = {&exchange_acts[ACT_PERSON_LINKED],
                                      person_code_bytes(&link->code), link->body};

    return audit_append(txn, by, &event, err);
}

/* Whether all of it is there already; ERR_CONFLICT if part of it is another's. */
static int find_linked(struct db_txn *txn, const struct exchange_link *link, int64_t *person,
                       bool *ret, struct err *err)
{
    int64_t other = 0;
    int rc = find(txn, portal_body, &link->portal, person, NULL);

    *ret = false;
    if (rc < 0 && rc != -ERR_ABSENT)
        return FAIL(err, err_kind_of(rc), "the links of the exchange cannot be read");
    if (rc < 0)
        *person = 0;
    rc = find(txn, link->body, &link->code, &other, NULL);
    if (rc == -ERR_ABSENT)
        return 0;
    if (rc < 0)
        return FAIL(err, err_kind_of(rc), "the links of the exchange cannot be read");
    if (other != *person)
        return FAIL(err, ERR_CONFLICT, "this code of %s is another person's", link->body);
    *ret = true;
    return 0;
}

int exchange_link(const struct exchange *x, const struct exchange_link *link,
                  const struct audit_origin *by, int64_t *ret_person, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t person;
    bool is_there;

    if (tables_body(x->tables, link->body) == NULL)
        return FAIL(err, ERR_INPUT, "the exchange knows no such body");
    if (strcmp(link->body, portal_body) == 0 &&
        !bytes_equal(person_code_bytes(&link->code), person_code_bytes(&link->portal)))
        return FAIL(err, ERR_CONFLICT, "the portal has one code of a person");
    TRY(db_begin(x->db, &txn, err));
    TRY(find_linked(&txn, link, &person, &is_there, err));
    if (!is_there) {
        if (person == 0)
            TRY(add_person(&txn, &link->portal, clock_now(x->clock), &person, err));
        if (strcmp(link->body, portal_body) != 0)
            TRY(add_link(&txn, person, link->body, &link->code, err));
        TRY(note(&txn, by, link, err));
    }
    TRY(db_commit(&txn, err));
    *ret_person = person;
    return 0;
}

int person_meet(struct db_txn *txn, const struct person_code *portal, const struct audit_origin *by,
                int64_t *ret, struct err *err)
{
    const struct exchange_link link = {*portal, portal_body, *portal};
    int rc = find(txn, portal_body, portal, ret, NULL);

    if (rc != -ERR_ABSENT)
        return rc == 0 ? 0 : FAIL(err, err_kind_of(rc), "the links of the exchange cannot be read");
    TRY(add_person(txn, portal, by->at, ret, err));
    return note(txn, by, &link, err);
}

int exchange_find_person(const struct exchange *x, const char *body, const struct person_code *code,
                         int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(x->db, &txn, err));
    return find(&txn, body, code, ret, err);
}

int exchange_find_code(const struct exchange *x, int64_t person, const char *body,
                       struct person_code *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf code = BUF_INIT;
    int rc;

    TRY(db_begin_read(x->db, &txn, err));
    rc = db_query_one(&txn, "SELECT code FROM exchange_link WHERE person = ? AND body = ?",
                      DB_WITH(DB_INT(person), DB_TEXT(body)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "the code of this person for %s is not known", body);
    TRY(rc);
    TRY(db_blob(&rows, 0, &code, err));
    if (code.len != PERSON_CODE_BYTES)
        return FAIL(err, ERR_SYSTEM, "a code of a person has not its length");
    memcpy(ret->value, code.ptr, PERSON_CODE_BYTES);
    return 0;
}
