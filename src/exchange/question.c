/* SPDX-License-Identifier: Apache-2.0 */
/* Taking questions, and telling how they stand. */
#include "exchange/question.h"

#include "base/clock.h"
#include "base/rand.h"
#include "exchange/acts.h"
#include "exchange/limits.h"

#include <stdio.h>

const char *const exchange_states[] = {
    "requested",     "waiting",      "ready",       "nothing", "unsupported",
    "over-capacity", "rate-limited", "maintenance", "expired", NULL};

static const char key_characters[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.";
/* Where in a record the number of the case and the time stand. */
enum { ADDRESSEE_AT = 2, TIME_AT = 32, TIME_LEN = 17 };

int question_read(const struct db_rows *rows, struct question *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf record = BUF_INIT;
    int64_t state;

    TRY(db_int(rows, 0, &ret->id, err));
    TRY(db_int(rows, 1, &ret->person, err));
    TRY(db_text(rows, 2, ret->asker, sizeof ret->asker, err));
    TRY(db_text(rows, 3, ret->provider, sizeof ret->provider, err));
    TRY(db_text(rows, 4, ret->info, sizeof ret->info, err));
    TRY(db_blob(rows, 5, &record, err));
    TRY(db_int(rows, 6, &state, err));
    TRY(db_int(rows, 7, &ret->asked_at, err));
    TRY(db_int(rows, 8, &ret->next_at, err));
    TRY(db_int(rows, 9, &ret->answer_by, err));
    TRY(db_int(rows, 10, &ret->answered_at, err));
    if (record.len != INQUIRY_LEN || state < 0 || state >= EXCHANGE_STATES_)
        return FAIL(err, ERR_SYSTEM, "a question of the exchange is not as it was written");
    memcpy(ret->record, record.ptr, INQUIRY_LEN);
    ret->record[INQUIRY_LEN] = '\0';
    ret->state = (enum exchange_state)state;
    return 0;
}

struct exchange_standing question_standing(const struct question *q)
{
    return (struct exchange_standing){
        .id = q->id,
        .state = q->state,
        .asked_at = q->asked_at,
        .answered_at = q->answered_at,
        .again_at = q->state == EXCHANGE_MAINTENANCE ? q->next_at : 0,
    };
}

/* ---- taking ---- */

static int check_key(const char *key, struct err *err)
{
    size_t len = strlen(key);

    if (len == 0 || len > EXCHANGE_KEY_MAX || strspn(key, key_characters) != len)
        return FAIL(err, ERR_INPUT, "the key of a question is 1 to %d letters, digits, '-_.'",
                    EXCHANGE_KEY_MAX);
    return 0;
}

static int copy_word(const char *text, char *ret, size_t size, struct err *err)
{
    if (text == NULL || strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "a word of the question is missing or too long");
    (void)snprintf(ret, size, "%s", text);
    return 0;
}

/* Of this question and no other: two bodies that compare theirs learn nothing. */
static int draw_addressee(char ret[ADDRESSEE_LEN + 1], struct err *err)
{
    const uint64_t numbers = UINT64_C(1000000000000000); /* ADDRESSEE_LEN digits */
    uint64_t drawn;

    TRY(rand_fill(&drawn, sizeof drawn, err));
    (void)snprintf(ret, ADDRESSEE_LEN + 1, "%015llu", (unsigned long long)(drawn % numbers));
    return 0;
}

static int make_record(const struct exchange_question *q, int64_t now, char *ret, struct err *err)
{
    struct inquiry inquiry = {
        .numbering = "99", /* of this project */
        .asked_at = now * 1000,
        .is_hidden = q->is_hidden,
        .condition = q->condition,
        .year = q->year,
        .first = q->first,
        .last = q->last,
    };

    TRY(draw_addressee(inquiry.addressee, err));
    TRY(copy_word(q->department, inquiry.department, sizeof inquiry.department, err));
    TRY(copy_word(q->user, inquiry.user, sizeof inquiry.user, err));
    TRY(copy_word(q->asker, inquiry.asker, sizeof inquiry.asker, err));
    TRY(copy_word(q->provider, inquiry.provider, sizeof inquiry.provider, err));
    TRY(copy_word(q->duty, inquiry.duty, sizeof inquiry.duty, err));
    TRY(copy_word(q->procedure, inquiry.procedure, sizeof inquiry.procedure, err));
    TRY(copy_word(q->info, inquiry.info, sizeof inquiry.info, err));
    return inquiry_encode(&inquiry, ret, err);
}

/* A refusal is seen by the person as well, if the codes are such that it can be told in words. */
static int log_refusal(const struct exchange *x, const struct exchange_question *q,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct log_record record = {
        .person = q->person, .at = clock_now(x->clock), .what = LOG_REFUSED};

    (void)snprintf(record.receiver, sizeof record.receiver, "%s", q->asker);
    (void)snprintf(record.giver, sizeof record.giver, "%s", q->provider);
    (void)snprintf(record.duty, sizeof record.duty, "%s", q->duty);
    (void)snprintf(record.procedure, sizeof record.procedure, "%s", q->procedure);
    (void)snprintf(record.info, sizeof record.info, "%s", q->info);
    TRY(db_begin(x->db, &txn, err));
    TRY(log_append(&txn, by, &record, err));
    return db_commit(&txn, err);
}

static int check_permission(const struct exchange *x, const struct exchange_question *q,
                            const struct audit_origin *by, struct err *err)
{
    const struct asking asking = {
        q->asker,     q->provider, q->duty,
        q->procedure, q->info,     caltime_at(clock_now(x->clock), JST_OFFSET_SECONDS).date,
        q->is_hidden};
    struct err why = {0};
    int rc = tables_permit(x->tables, &asking, &why);

    if (rc == -ERR_DENIED)
        TRY(log_refusal(x, q, by, err));
    return rc == 0 ? 0 : err_copy(err, &why);
}

static bool is_same_part(const char *a, const char *b, size_t from, size_t until)
{
    return bytes_equal(bytes_of(a + from, until - from), bytes_of(b + from, until - from));
}

/* Whether it asks the same of the same person, at whatever time and under whatever number. */
static bool is_alike(const struct question *q, int64_t person, const char *record)
{
    return q->person == person && is_same_part(q->record, record, 0, ADDRESSEE_AT) &&
           is_same_part(q->record, record, ADDRESSEE_AT + ADDRESSEE_LEN, TIME_AT) &&
           is_same_part(q->record, record, TIME_AT + TIME_LEN, INQUIRY_LEN);
}

/* A question of this asker by its key; ERR_ABSENT if there is none. */
static int find_by_key(struct db_txn *txn, const struct exchange_question *q, const char *record,
                       struct question *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT " QUESTION_COLUMNS " FROM exchange_question"
                     " WHERE asker = ? AND key = ?",
                     DB_WITH(DB_TEXT(q->asker), DB_TEXT(q->key)), &rows, err));
    TRY(question_read(&rows, ret, err));
    return is_alike(ret, q->person, record)
               ? 0
               : FAIL(err, ERR_CONFLICT, "this key was another question's");
}

/* One that is open and asks the same; ERR_ABSENT if there is none. */
static int find_open(struct db_txn *txn, const struct exchange_question *q, const char *record,
                     struct question *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query(
        txn,
        "SELECT " QUESTION_COLUMNS " FROM exchange_question"
        " WHERE person = ? AND asker = ? AND provider = ? AND info = ?"
        " AND answered_at IS NULL AND next_at IS NOT NULL",
        DB_WITH(DB_INT(q->person), DB_TEXT(q->asker), DB_TEXT(q->provider), DB_TEXT(q->info)),
        &rows, err));
    do {
        TRY(db_next(&rows, err));
        TRY(question_read(&rows, ret, err));
    } while (!is_alike(ret, q->person, record));
    return 0;
}

static int find_same(struct db_txn *txn, const struct exchange_question *q, const char *record,
                     struct question *ret, struct err *err)
{
    int rc = find_by_key(txn, q, record, ret, err);

    return rc == -ERR_ABSENT ? find_open(txn, q, record, ret, err) : rc;
}

static int number_of(struct db_txn *txn, const char *sql, const struct db_value *values,
                     int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

/* 0, or when the asker may ask about this person again. */
static int find_rate(const struct exchange *x, struct db_txn *txn,
                     const struct exchange_question *q, int64_t now, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t since;
    int rc = db_query_one(txn,
                          "SELECT asked_at FROM exchange_question"
                          " WHERE person = ? AND asker = ? AND asked_at > ?"
                          " ORDER BY asked_at DESC LIMIT 1 OFFSET ?",
                          DB_WITH(DB_INT(q->person), DB_TEXT(q->asker),
                                  DB_INT(now - x->rate_seconds), DB_INT(x->rate - 1)),
                          &rows, err);

    *ret = 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_int(&rows, 0, &since, err));
    *ret = since + x->rate_seconds;
    return 0;
}

/* What state a new question begins in, and when it goes on (0: it does not). */
static int find_beginning(const struct exchange *x, struct db_txn *txn, struct question *q,
                          struct err *err)
{
    int64_t open;

    q->next_at = 0;
    q->state = EXCHANGE_UNSUPPORTED;
    if (!tables_body(x->tables, q->provider)->is_connected)
        return 0;
    TRY(number_of(txn,
                  "SELECT count(*) FROM exchange_question WHERE provider = ?"
                  " AND answered_at IS NULL AND next_at IS NOT NULL",
                  DB_WITH(DB_TEXT(q->provider)), &open, err));
    q->state = EXCHANGE_OVER_CAPACITY;
    if (open >= x->capacity)
        return 0;
    TRY(exchange_open_from(x, txn, q->provider, q->asked_at, &q->next_at, err));
    q->state = q->next_at > q->asked_at ? EXCHANGE_MAINTENANCE : EXCHANGE_REQUESTED;
    return 0;
}

static int insert(struct db_txn *txn, const struct exchange_question *asked, struct question *q,
                  struct err *err)
{
    return number_of(
        txn,
        "INSERT INTO exchange_question"
        " (person, asker, key, provider, info, record, state, asked_at, next_at, answer_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        DB_WITH(DB_INT(q->person), DB_TEXT(q->asker), DB_TEXT(asked->key), DB_TEXT(q->provider),
                DB_TEXT(q->info), DB_BLOB(bytes_of(q->record, INQUIRY_LEN)), DB_INT(q->state),
                DB_INT(q->asked_at), q->next_at == 0 ? DB_NULL : DB_INT(q->next_at),
                DB_INT(q->answer_by)),
        &q->id, err);
}

static int keep(const struct exchange *x, struct db_txn *txn, const struct exchange_question *asked,
                struct question *q, const struct audit_origin *by, struct err *err)
{
    struct audit_event event = {&exchange_acts[ACT_EXCHANGE_ASKED], {NULL, 0}, NULL};
    char id[24];

    TRY(find_beginning(x, txn, q, err));
    q->answer_by = (q->next_at > q->asked_at ? q->next_at : q->asked_at) + x->answer_seconds;
    TRY(insert(txn, asked, q, err));
    (void)snprintf(id, sizeof id, "%lld", (long long)q->id);
    event.subject = bytes_text(id);
    event.outcome = exchange_states[q->state];
    return audit_append(txn, by, &event, err);
}

static void begin_question(const struct exchange_question *asked, int64_t now, const char *record,
                           struct question *ret)
{
    *ret = (struct question){.person = asked->person, .asked_at = now};
    (void)snprintf(ret->asker, sizeof ret->asker, "%s", asked->asker);
    (void)snprintf(ret->provider, sizeof ret->provider, "%s", asked->provider);
    (void)snprintf(ret->info, sizeof ret->info, "%s", asked->info);
    memcpy(ret->record, record, INQUIRY_LEN + 1);
}

int exchange_ask(const struct exchange *x, const struct exchange_question *asked,
                 const struct audit_origin *by, struct exchange_standing *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t now = clock_now(x->clock);
    char record[INQUIRY_LEN + 1];
    struct person_code code;
    struct question q;
    int64_t again_at;
    int rc;

    TRY(check_key(asked->key, err));
    TRY(make_record(asked, now, record, err));
    TRY(check_permission(x, asked, by, err));
    if (tables_body(x->tables, asked->provider)->is_connected)
        TRY(exchange_find_code(x, asked->person, asked->provider, &code, err));
    TRY(db_begin(x->db, &txn, err));
    rc = find_same(&txn, asked, record, &q, err);
    if (rc != -ERR_ABSENT) {
        TRY(rc);
        *ret = question_standing(&q);
        return 0;
    }
    TRY(find_rate(x, &txn, asked, now, &again_at, err));
    if (again_at != 0) {
        *ret = (struct exchange_standing){.state = EXCHANGE_RATE_LIMITED, .again_at = again_at};
        return 0;
    }
    begin_question(asked, now, record, &q);
    TRY(keep(x, &txn, asked, &q, by, err));
    TRY(db_commit(&txn, err));
    *ret = question_standing(&q);
    return 0;
}

/* ---- telling ---- */

int exchange_answer_get(const struct exchange *x, int64_t person, int64_t id,
                        struct exchange_standing *ret, struct buf *ret_answer, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct question q;
    int rc;

    TRY(db_begin_read(x->db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT " QUESTION_COLUMNS ", answer FROM exchange_question"
                      " WHERE id = ? AND person = ?",
                      DB_WITH(DB_INT(id), DB_INT(person)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such question of this person");
    TRY(rc);
    TRY(question_read(&rows, &q, err));
    if (ret_answer != NULL && q.state == EXCHANGE_READY)
        TRY(db_blob(&rows, 11, ret_answer, err));
    *ret = question_standing(&q);
    return 0;
}
