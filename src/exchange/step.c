/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of one question. That the provider is about to be asked is written down before it is,
 * and its answer with the record of the log in one transaction: a crash between the two has it
 * asked again.
 */
#include "base/clock.h"
#include "exchange/acts.h"
#include "exchange/answer.h"
#include "exchange/question.h"

#include <stdio.h>

enum { RETRY_LONGEST = 600 };

/* How a question goes on. */
struct change {
    enum exchange_state state;
    int64_t next_at; /* 0: not at all */
};

static int update(struct db_txn *txn, const struct question *q, const struct change *change,
                  struct err *err)
{
    return db_execute_one(txn,
                          "UPDATE exchange_question SET state = ?, next_at = ?"
                          " WHERE id = ? AND state = ?",
                          DB_WITH(DB_INT(change->state),
                                  change->next_at == 0 ? DB_NULL : DB_INT(change->next_at),
                                  DB_INT(q->id), DB_INT(q->state)),
                          err);
}

static int move_on(const struct exchange *x, const struct question *q, const struct change *change,
                   struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(x->db, &txn, err));
    TRY(update(&txn, q, change, err));
    return db_commit(&txn, err);
}

/* Nobody answered in time, the provider is full, or a result was kept long enough. */
static int end(const struct exchange *x, const struct question *q, enum exchange_state state,
               struct err *err)
{
    const struct audit_origin by = audit_by_self(clock_now(x->clock));
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct audit_event event = {
        &exchange_acts[ACT_EXCHANGE_ENDED], {NULL, 0}, exchange_states[state]};
    char id[24];

    (void)snprintf(id, sizeof id, "%lld", (long long)q->id);
    event.subject = bytes_text(id);
    TRY(db_begin(x->db, &txn, err));
    TRY(update(&txn, q, &(struct change){state, 0}, err));
    TRY(db_execute_one(&txn, "UPDATE exchange_question SET answer = NULL WHERE id = ?",
                       DB_WITH(DB_INT(q->id)), err));
    TRY(audit_append(&txn, &by, &event, err));
    return db_commit(&txn, err);
}

static void make_log_record(const struct question *q, const struct inquiry *inquiry, int64_t at,
                            struct log_record *ret)
{
    *ret = (struct log_record){.person = q->person, .at = at, .is_hidden = inquiry->is_hidden};
    (void)snprintf(ret->receiver, sizeof ret->receiver, "%s", q->asker);
    (void)snprintf(ret->giver, sizeof ret->giver, "%s", q->provider);
    (void)snprintf(ret->duty, sizeof ret->duty, "%s", inquiry->duty);
    (void)snprintf(ret->procedure, sizeof ret->procedure, "%s", inquiry->procedure);
    (void)snprintf(ret->info, sizeof ret->info, "%s", q->info);
    (void)snprintf(ret->detail, sizeof ret->detail, "%s", inquiry->department);
}

/* answer is empty where there was nothing. */
static int receive(const struct exchange *x, const struct question *q, struct bytes answer,
                   struct err *err)
{
    int64_t now = clock_now(x->clock);
    const struct audit_origin by = audit_by_role(now, "body", q->provider, NULL);
    const struct change change = {answer.len == 0 ? EXCHANGE_NOTHING : EXCHANGE_READY,
                                  now + x->keep_seconds};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct log_record record;
    struct inquiry inquiry;

    TRY(inquiry_decode(bytes_of(q->record, INQUIRY_LEN), &inquiry, err));
    make_log_record(q, &inquiry, now, &record);
    record.what = answer.len == 0 ? LOG_NOTHING : LOG_GIVEN;
    TRY(db_begin(x->db, &txn, err));
    TRY(update(&txn, q, &change, err));
    TRY(db_execute_one(
        &txn, "UPDATE exchange_question SET answered_at = ?, answer = ? WHERE id = ?",
        DB_WITH(DB_INT(now), answer.len == 0 ? DB_NULL : DB_BLOB(answer), DB_INT(q->id)), err));
    TRY(log_append(&txn, &by, &record, err));
    return db_commit(&txn, err);
}

/* After as long again as it has lasted: who is down is not asked without end. */
static int64_t retry_at(const struct exchange *x, const struct question *q, int64_t now)
{
    int64_t passed = now - q->asked_at;
    int64_t wait = passed < x->retry_seconds ? x->retry_seconds : passed;

    return now + (wait > RETRY_LONGEST ? RETRY_LONGEST : wait);
}

static int take_answer(const struct exchange *x, const struct question *q,
                       const struct provider_answer *answer, struct err *err)
{
    int64_t now = clock_now(x->clock);
    CLEANUP(json_freep) struct json *checked = NULL;
    struct change later = {EXCHANGE_WAITING, answer->again_at > now ? answer->again_at : now + 1};

    switch (answer->outcome) {
    case PROVIDER_GIVES:
        if (answer_parse(x->tables, q->info, buf_bytes(&answer->answer), &checked, NULL) == 0)
            return receive(x, q, buf_bytes(&answer->answer), err);
        later.next_at = retry_at(x, q, now); /* what cannot be read was not handed over */
        return move_on(x, q, &later, err);
    case PROVIDER_NOTHING:
        return receive(x, q, bytes_of(NULL, 0), err);
    case PROVIDER_LATER:
        return move_on(x, q, &later, err);
    case PROVIDER_FULL:
        return end(x, q, EXCHANGE_OVER_CAPACITY, err);
    }
    return FAIL(err, ERR_USAGE, "a provider's answer is of no kind");
}

static int ask_provider(const struct exchange *x, struct question *q, struct err *err)
{
    struct provider_question question = {.id = q->id, .record = bytes_of(q->record, INQUIRY_LEN)};
    struct provider_answer answer = {.answer = BUF_INIT};
    int64_t now = clock_now(x->clock);
    const struct change later = {EXCHANGE_WAITING, retry_at(x, q, now)};
    int rc;

    TRY(exchange_find_code(x, q->person, q->provider, &question.person, err));
    if (q->state != EXCHANGE_WAITING) {
        TRY(move_on(x, q, &later, err));
        q->state = EXCHANGE_WAITING;
    }
    rc = x->provider.ask(x->provider.context, &question, &answer, err);
    rc = rc < 0 ? move_on(x, q, &later, err) : take_answer(x, q, &answer, err);
    buf_done(&answer.answer);
    return rc;
}

static int find_due(const struct exchange *x, struct question *ret, int64_t *ret_open,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t now = clock_now(x->clock);

    TRY(db_begin_read(x->db, &txn, err));
    {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

        TRY(db_query_one(&txn,
                         "SELECT " QUESTION_COLUMNS " FROM exchange_question"
                         " WHERE next_at <= ? ORDER BY next_at, id LIMIT 1",
                         DB_WITH(DB_INT(now)), &rows, err));
        TRY(question_read(&rows, ret, err));
    }
    return exchange_open_from(x, &txn, ret->provider, now, ret_open, err);
}

int exchange_step(const struct exchange *x, struct err *err)
{
    int64_t now = clock_now(x->clock);
    struct question q;
    int64_t open;

    TRY(find_due(x, &q, &open, err));
    if (q.answered_at != 0 || now >= q.answer_by)
        return end(x, &q, EXCHANGE_EXPIRED, err);
    if (open > now)
        return move_on(x, &q, &(struct change){EXCHANGE_MAINTENANCE, open}, err);
    return ask_provider(x, &q, err);
}

int exchange_next_due(const struct exchange *x, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(x->db, &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT next_at FROM exchange_question WHERE next_at IS NOT NULL"
                     " ORDER BY next_at LIMIT 1",
                     DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}
