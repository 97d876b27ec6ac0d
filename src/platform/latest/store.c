/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and their answers. What is watched is in store_watch.c. */
#include "platform/latest/store.h"

#include "docsign/attributes.h"
#include "platform/acts.h"
#include "platform/fee/usage.h"
#include "platform/store_sqlite.h"

#include <string.h>

enum { TOLD_MAX = 1000 }; /* of the latest answers that are listed */

#define QUESTION_COLUMNS "id, client_id, name, service, asked, " HOLDER_NUMBER_COLUMNS

void latest_question_done(struct latest_question *question)
{
    sign_number_done(&question->presented);
}

static int read_question(const struct db_rows *rows, struct latest_question *ret, struct err *err)
{
    CLEANUP(latest_question_done) struct latest_question found = {.attributes = 0};
    int64_t asked;

    TRY(db_text(rows, 0, found.id, sizeof found.id, err));
    TRY(db_text(rows, 1, found.client_id, sizeof found.client_id, err));
    TRY(db_text(rows, 2, found.holder, sizeof found.holder, err));
    TRY(db_text(rows, 3, found.service, sizeof found.service, err));
    TRY(db_int(rows, 4, &asked, err));
    TRY(holder_read_number(rows, 5, &found.presented, err));
    found.attributes = (unsigned)asked;
    latest_question_done(ret);
    *ret = found;
    found.presented = (struct sign_number){.issuer = BUF_INIT};
    return 0;
}

static int find(struct db_txn *txn, const char *sql, const struct db_value *values,
                struct latest_question *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return read_question(&rows, ret, err);
}

/* The question that a tenant has given this name before. */
static int find_named(struct db_txn *txn, const struct latest_wish *wish,
                      struct latest_question *ret, struct err *err)
{
    if (wish->request == NULL)
        return FAIL(err, ERR_ABSENT, "it has no name");
    TRY(find(txn,
             "SELECT " QUESTION_COLUMNS " FROM latest_question"
             " WHERE client_id = ? AND request = ?",
             DB_WITH(DB_TEXT(wish->client_id), DB_TEXT(wish->request)), ret, err));
    if (strcmp(ret->holder, wish->holder) != 0 || strcmp(ret->service, wish->service) != 0 ||
        ret->attributes != wish->attributes)
        return FAIL(err, ERR_CONFLICT, "this request_id was used for another question");
    return 0;
}

/* The same question about the same certificate, whose answer the tenant never saw. */
static int find_lost(struct db_txn *txn, const struct latest_wish *wish,
                     const struct sign_number *number, struct latest_question *ret, struct err *err)
{
    return find(txn,
                "SELECT " QUESTION_COLUMNS " FROM latest_question"
                " WHERE client_id = ? AND name = ? AND service = ? AND asked = ? AND issuer = ?"
                " AND serial = ? AND told = 0 AND (outcome IS NULL OR outcome = 'given') LIMIT 1",
                DB_WITH(DB_TEXT(wish->client_id), DB_TEXT(wish->holder), DB_TEXT(wish->service),
                        DB_INT(wish->attributes), DB_BLOB(buf_bytes(&number->issuer)),
                        DB_BLOB(buf_bytes(&number->serial))),
                ret, err);
}

static int insert(struct db_txn *txn, const struct latest_wish *wish,
                  const struct sign_number *number, const char *id, struct err *err)
{
    return db_execute(
        txn,
        "INSERT INTO latest_question (" QUESTION_COLUMNS ", request, at, told)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        DB_WITH(DB_TEXT(id), DB_TEXT(wish->client_id), DB_TEXT(wish->holder),
                DB_TEXT(wish->service), DB_INT(wish->attributes),
                DB_BLOB(buf_bytes(&number->issuer)), DB_BLOB(buf_bytes(&number->serial)),
                DB_BLOB(buf_bytes(&number->point)), DB_BLOB(buf_bytes(&number->ocsp_url)),
                DB_TEXT(wish->request), DB_INT(wish->at)),
        err);
}

static int is_shown(struct db_txn *txn, const struct latest_wish *wish, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM tenant_holder WHERE client_id = ? AND name = ?",
                          DB_WITH(DB_TEXT(wish->client_id), DB_TEXT(wish->holder)), &rows, err);

    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "you have not been shown such a holder") : rc;
}

static int begin(struct db_txn *txn, const struct latest_wish *wish, struct latest_question *ret,
                 struct err *err)
{
    CLEANUP(sign_number_done) struct sign_number number = {.issuer = BUF_INIT};
    char id[DOOR_ID_SIZE];
    int rc = find_named(txn, wish, ret, err);

    if (rc != -ERR_ABSENT)
        return rc;
    TRY(is_shown(txn, wish, err));
    rc = holder_find_number(txn, wish->client_id, wish->holder, &number, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_UNTRUSTED, "this holder has shown you no sign certificate");
    TRY(rc);
    if (wish->request == NULL) {
        rc = find_lost(txn, wish, &number, ret, err);
        if (rc != -ERR_ABSENT)
            return rc;
    }
    TRY(door_make_id(id, err));
    TRY(insert(txn, wish, &number, id, err));
    return find(txn, "SELECT " QUESTION_COLUMNS " FROM latest_question WHERE id = ?",
                DB_WITH(DB_TEXT(id)), ret, err);
}

int platform_begin_question(struct platform_store *store, const struct latest_wish *wish,
                            struct latest_question *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(store->db, &txn, err));
    TRY(begin(&txn, wish, ret, err));
    return db_commit(&txn, err);
}

static int was_given(struct db_txn *txn, const char *id, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM latest_question WHERE id = ? AND outcome = 'given'",
                          DB_WITH(DB_TEXT(id)), &rows, err);

    *ret = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Unless the tenant was shown another certificate since. */
static int advance(struct db_txn *txn, const struct latest_question *q,
                   const struct sign_number *newer, struct err *err)
{
    CLEANUP(sign_number_done) struct sign_number now = {.issuer = BUF_INIT};

    TRY(holder_find_number(txn, q->client_id, q->holder, &now, err));
    if (!bytes_equal(buf_bytes(&now.issuer), buf_bytes(&q->presented.issuer)) ||
        !bytes_equal(buf_bytes(&now.serial), buf_bytes(&q->presented.serial)))
        return 0;
    return holder_set_number(txn, q->client_id, q->holder, newer, err);
}

static int end_given(struct db_txn *txn, const struct latest_question *q,
                     const struct latest_result *result, struct err *err)
{
    bool is_counted;

    TRY(was_given(txn, q->id, &is_counted, err));
    TRY(db_execute_one(txn,
                       "UPDATE latest_question SET outcome = 'given', given = ?2, charged_at = ?3,"
                       " told = max(told, ?4) WHERE id = ?1",
                       DB_WITH(DB_TEXT(q->id), DB_INT(result->attributes),
                               DB_INT(result->charged_at), DB_INT(result->is_told)),
                       err));
    if (!is_counted)
        TRY(fee_count(txn, q->client_id, FEE_ATTRIBUTES, result->charged_at, 1, err));
    return result->is_told ? advance(txn, q, result->newer, err) : 0;
}

/* A refusal does not undo what was given under this id before. */
static int end_refused(struct db_txn *txn, const struct latest_question *q,
                       const struct latest_result *result, int64_t at, struct err *err)
{
    TRY(db_execute(txn,
                   "UPDATE latest_question SET outcome = ?2 WHERE id = ?1"
                   " AND (outcome IS NULL OR outcome <> 'given')",
                   DB_WITH(DB_TEXT(q->id), DB_TEXT(result->outcome)), err));
    if (strcmp(result->outcome, "holder-ceased") != 0)
        return 0;
    return db_execute(txn,
                      "UPDATE tenant_holder SET ended_at = ?3 WHERE client_id = ?1 AND name = ?2"
                      " AND ended_at IS NULL",
                      DB_WITH(DB_TEXT(q->client_id), DB_TEXT(q->holder), DB_INT(at)), err);
}

int platform_end_question(struct platform_store *store, const struct latest_question *question,
                          const struct latest_result *result, const struct audit_origin *by,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&platform_acts[ACT_LATEST_ASKED],
                                      bytes_text(question->holder), result->outcome};

    TRY(db_begin(store->db, &txn, err));
    if (strcmp(result->outcome, "given") == 0)
        TRY(end_given(&txn, question, result, err));
    else
        TRY(end_refused(&txn, question, result, by->at, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int platform_open_question(struct platform_store *store, int64_t before,
                           struct latest_question *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return find(&txn,
                "SELECT " QUESTION_COLUMNS " FROM latest_question WHERE outcome IS NULL AND at < ?"
                " ORDER BY at LIMIT 1",
                DB_WITH(DB_INT(before)), ret, err);
}

static int put_told(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char service[LATEST_NAME_MAX + 1];
    int64_t attributes;
    int64_t at;

    TRY(db_text(rows, 0, service, sizeof service, err));
    TRY(db_int(rows, 1, &attributes, err));
    TRY(db_int(rows, 2, &at, err));
    TRY(json_put_text(object, "service", service, err));
    TRY(attributes_put(object, (unsigned)attributes, err));
    TRY(json_put_int(object, "told_at", at, err));
    return json_add(list, json_steal(&object), err);
}

int platform_list_told(struct platform_store *store, const char *client_id, const char *holder,
                       struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT service, given, charged_at FROM latest_question WHERE client_id = ?"
                 " AND name = ? AND outcome = 'given' AND told = 1 ORDER BY charged_at DESC, id"
                 " LIMIT ?",
                 DB_WITH(DB_TEXT(client_id), DB_TEXT(holder), DB_INT(TOLD_MAX)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_told(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(json_put(body, "told", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}
