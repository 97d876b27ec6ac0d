/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/notice/order.h"

#include "crypto/digest.h"
#include "portal/procedure/store.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, FORGET_SECONDS = 30 * DAY };

const char *const notice_rules[] = {[NOTICE_TO_PERSONS] = "persons",
                                    [NOTICE_TO_SUBSCRIBERS] = "subscribers",
                                    [NOTICE_TO_APPLICANTS] = "applicants",
                                    [NOTICE_RULES_] = NULL};

/* ---- what a rule needs ---- */

static int check_rule(const struct notice_order *order, struct err *err)
{
    const bool given[NOTICE_RULES_] = {[NOTICE_TO_PERSONS] = order->codes != NULL,
                                       [NOTICE_TO_SUBSCRIBERS] = order->event != NULL,
                                       [NOTICE_TO_APPLICANTS] = order->psid != NULL};
    static const char *const names[NOTICE_RULES_] = {"codes", "event", "psid"};

    for (unsigned i = 0; i < NOTICE_RULES_; i++) {
        /* A procedure may be named whatever the rule is: the notice leads to it. */
        if (i == NOTICE_TO_APPLICANTS && order->rule != NOTICE_TO_APPLICANTS)
            continue;
        if (given[i] != (i == (unsigned)order->rule))
            return FAIL(err, ERR_INPUT, "%s: %s", names[i],
                        given[i] ? "this rule has none" : "this rule needs it");
    }
    if (order->codes != NULL &&
        (json_count(order->codes) == 0 || json_count(order->codes) > NOTICE_CODES_MAX))
        return FAIL(err, ERR_INPUT, "codes: 1 to %d", NOTICE_CODES_MAX);
    return 0;
}

static int check_topic(const struct notice_order *order, const struct notice_topic **ret,
                       struct err *err)
{
    *ret = notice_topic_find(order->topic);
    if (*ret == NULL || (*ret)->author != NOTICE_BY_OFFICE)
        return FAIL(err, ERR_INPUT, "topic: offices cannot send this");
    return err_prefix(err, notice_topic_check(*ret, order->parameters, err), "parameters");
}

/* ---- persons that the office knows ---- */

/* The portal's own codes of them, in place of the office's; those that are nobody's are left out.
 */
struct known {
    struct buf codes; /* each of PERSON_CODE_BYTES */
};

static void known_done(struct known *known)
{
    buf_done(&known->codes);
}

static const char *body_of(const struct exchange *x, const char *municipality)
{
    for (size_t i = 0; i < x->tables->body_count; i++) {
        const struct body *body = &x->tables->bodies[i];

        if (body->kind == BODY_MUNICIPALITY && strcmp(body->area, municipality) == 0)
            return body->code;
    }
    return NULL;
}

static int find_known(const struct exchange *x, const char *body, const char *text,
                      struct known *known, struct err *err)
{
    struct person_code code;
    int64_t person;
    int rc;

    TRY(err_prefix(err, person_code_parse(text, &code, err), "codes"));
    rc = exchange_find_person(x, body, &code, &person, err);
    if (rc == 0)
        rc = exchange_find_code(x, person, "PORTAL", &code, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return buf_append(&known->codes, person_code_bytes(&code), err);
}

static int find_all(const struct exchange *x, const struct notice_order *order, struct known *known,
                    struct err *err)
{
    const char *body;

    if (order->codes == NULL)
        return 0;
    body = x == NULL ? NULL : body_of(x, order->municipality);
    if (body == NULL)
        return FAIL(err, ERR_REMOTE, "this portal exchanges nothing with the municipality");
    for (size_t i = 0; i < json_count(order->codes); i++) {
        const char *text = json_text(json_at(order->codes, i));

        if (text == NULL)
            return FAIL(err, ERR_INPUT, "codes: texts");
        TRY(find_known(x, body, text, known, err));
    }
    return 0;
}

/* ---- orders that were there ---- */

/* Whether it is one more of the same; ERR_CONFLICT if its key was another one's. */
static int find_same(struct db_txn *txn, const struct notice_order *order,
                     const struct digest *hash, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf found = BUF_INIT;
    const int rc = db_query_one(
        txn, "SELECT hash FROM notice_order WHERE municipality = ? AND key = ?",
        DB_WITH(DB_TEXT(order->municipality), DB_TEXT(order->key)), &rows, err);

    *ret = rc == 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_blob(&rows, 0, &found, err));
    if (!bytes_equal(buf_bytes(&found), digest_bytes(hash)))
        return FAIL(err, ERR_CONFLICT, "key: another order had it");
    return 0;
}

static int check_room(struct db_txn *txn, const struct notice_order *order, int64_t at,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t count;

    TRY(db_query_one(txn, "SELECT count(*) FROM notice_order WHERE municipality = ? AND at > ?",
                     DB_WITH(DB_TEXT(order->municipality), DB_INT(at - DAY)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (count >= NOTICE_ORDERS_MAX)
        return FAIL(err, ERR_CONFLICT, "a municipality sends at most %d orders in a day",
                    NOTICE_ORDERS_MAX);
    return 0;
}

static int check_procedure(struct db_txn *txn, const struct notice_order *order, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    if (order->psid == NULL)
        return 0;
    rc = db_query_one(txn, "SELECT 1 FROM procedure_offering WHERE psid = ? AND municipality = ?",
                      DB_WITH(DB_TEXT(order->psid), DB_TEXT(order->municipality)), &rows, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_ABSENT, "the municipality has no such procedure") : rc;
}

/* ---- sending ---- */

/* What is the same for all of them. */
struct letter {
    const struct notice_order *order;
    const char *topic, *parameters;
    char link[NOTICE_LINK_MAX + 1];
    int64_t at, ends_at;
};

#define INSERT_NOTICE                                                                              \
    "INSERT INTO notice (account, sender, topic, parameters, link, made_at, ends_at, read_at,"     \
    " archived_at) SELECT account, ?1, ?2, ?3, ?4, ?5, ?6, 0, 0 FROM "

static int insert(struct db_txn *txn, const struct letter *letter, const char *sql,
                  struct db_value whom, struct err *err)
{
    return db_execute(txn, sql,
                      DB_WITH(DB_TEXT(letter->order->municipality), DB_TEXT(letter->topic),
                              DB_TEXT(letter->parameters), DB_TEXT(letter->link),
                              DB_INT(letter->at), DB_INT(letter->ends_at), whom),
                      err);
}

/* A code that is there twice is one person. */
static int insert_known(struct db_txn *txn, const struct letter *letter, const struct known *known,
                        int64_t first, struct err *err)
{
    for (size_t at = 0; at < known->codes.len; at += PERSON_CODE_BYTES)
        TRY(insert(txn, letter, INSERT_NOTICE "(SELECT id AS account FROM account WHERE code = ?7)",
                   DB_BLOB(bytes_of(known->codes.ptr + at, PERSON_CODE_BYTES)), err));
    return db_execute(txn,
                      "DELETE FROM notice WHERE id >= ?1 AND id NOT IN"
                      " (SELECT min(id) FROM notice WHERE id >= ?1 GROUP BY account)",
                      DB_WITH(DB_INT(first)), err);
}

static int insert_all(struct db_txn *txn, const struct letter *letter, const struct known *known,
                      int64_t first, struct err *err)
{
    if (letter->order->rule == NOTICE_TO_PERSONS)
        return insert_known(txn, letter, known, first, err);
    if (letter->order->rule == NOTICE_TO_SUBSCRIBERS)
        return insert(txn, letter,
                      INSERT_NOTICE "(SELECT account FROM notice_subscription"
                                    " WHERE municipality = ?1 AND event = ?7 ORDER BY account)",
                      DB_TEXT(letter->order->event), err);
    return insert(txn, letter,
                  INSERT_NOTICE "(SELECT DISTINCT account.id AS account FROM application"
                                " JOIN account ON owner = 'account:' || account.id"
                                " WHERE municipality = ?1 AND psid = ?7 AND receipt IS NOT NULL"
                                " ORDER BY account.id)",
                  DB_TEXT(letter->order->psid), err);
}

static int next_number(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT coalesce(max(id), 0) + 1 FROM notice", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int note_order(struct db_txn *txn, const struct notice_order *order,
                      const struct digest *hash, int64_t first, const struct audit_origin *by,
                      struct err *err)
{
    const struct audit_event event = {&notice_acts[NOTICE_ORDERED], bytes_text(order->key),
                                      notice_rules[order->rule]};

    TRY(db_execute(txn, "DELETE FROM notice_order WHERE municipality = ? AND at < ?",
                   DB_WITH(DB_TEXT(order->municipality), DB_INT(by->at - FORGET_SECONDS)), err));
    TRY(db_execute(txn,
                   "INSERT INTO notice_order SELECT ?, ?, ?, ?, count(*) FROM notice"
                   " WHERE id >= ?",
                   DB_WITH(DB_TEXT(order->municipality), DB_TEXT(order->key),
                           DB_BLOB(digest_bytes(hash)), DB_INT(by->at), DB_INT(first)),
                   err));
    return audit_append(txn, by, &event, err);
}

static int send(struct db_txn *txn, struct letter *letter, const struct known *known,
                const struct digest *hash, const struct audit_origin *by, struct err *err)
{
    const struct notice_order *order = letter->order;
    int64_t first;

    TRY(check_room(txn, order, by->at, err));
    TRY(check_procedure(txn, order, err));
    if (order->psid != NULL)
        (void)snprintf(letter->link, sizeof letter->link, "procedures/%s", order->psid);
    TRY(next_number(txn, &first, err));
    TRY(insert_all(txn, letter, known, first, err));
    TRY(note_order(txn, order, hash, first, by, err));
    return notice_settle(txn, first, by->at, err);
}

static int take(struct db *db, const struct notice_order *order, const struct notice_topic *topic,
                const struct known *known, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf parameters = BUF_INIT;
    struct letter letter = {.order = order,
                            .topic = topic->code,
                            .at = by->at,
                            .ends_at = by->at + (int64_t)topic->days * DAY};
    struct digest hash;
    bool is_same;

    if (order->parameters != NULL)
        TRY(json_write(order->parameters, &parameters, err));
    else
        TRY(buf_append_text(&parameters, "{}", err));
    TRY(buf_text(&parameters, &letter.parameters, err));
    TRY(digest_compute(DIGEST_SHA256, order->text, &hash, err));
    TRY(db_begin(db, &txn, err));
    TRY(find_same(&txn, order, &hash, &is_same, err));
    if (is_same)
        return 0;
    TRY(send(&txn, &letter, known, &hash, by, err));
    return db_commit(&txn, err);
}

int notice_order(struct db *db, const struct exchange *x, const struct notice_order *order,
                 const struct audit_origin *by, struct err *err)
{
    CLEANUP(known_done) struct known known = {.codes = BUF_INIT};
    const struct notice_topic *topic = NULL;

    TRY(notice_key_check(order->key, err));
    TRY(check_rule(order, err));
    TRY(check_topic(order, &topic, err));
    TRY(find_all(x, order, &known, err));
    return take(db, order, topic, &known, by, err);
}
