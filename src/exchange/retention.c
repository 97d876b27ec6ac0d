/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/retention.h"

#include "base/clock.h"
#include "exchange/acts.h"

#include <inttypes.h>
#include <stdio.h>

/* A record that is to go, and its record in the audit log. */
struct old_record {
    int64_t id, audit;
};

/* The moment of a removal, and the first one of which everything is kept. */
struct span_of_time {
    int64_t now, before;
};

int64_t retention_begin(int64_t now)
{
    struct caltime at = caltime_at(now, JST_OFFSET_SECONDS);

    at.date = caldate_birthday(at.date, at.date.year - RETENTION_YEARS);
    at.hour = at.minute = at.second = 0;
    return caltime_utc(at, JST_OFFSET_SECONDS);
}

static int find_old(struct db_txn *txn, int64_t before, struct old_record ret[RETENTION_BATCH],
                    int64_t *ret_count, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    *ret_count = 0;
    TRY(db_query(txn, "SELECT id, audit FROM exchange_log WHERE at < ? ORDER BY at LIMIT ?",
                 DB_WITH(DB_INT(before), DB_INT(RETENTION_BATCH)), &rows, err));
    while (*ret_count < RETENTION_BATCH && (rc = db_next(&rows, err)) == 0) {
        TRY(db_int(&rows, 0, &ret[*ret_count].id, err));
        TRY(db_int(&rows, 1, &ret[*ret_count].audit, err));
        (*ret_count)++;
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* What the database asks for before it lets a record go. */
static int allow(struct db_txn *txn, const struct span_of_time *span, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO exchange_removal (at, before) SELECT ?1, ?2 WHERE ?2 >"
                      " (SELECT coalesce(max(before), 0) FROM exchange_removal)",
                      DB_WITH(DB_INT(span->now), DB_INT(span->before)), err);
}

/* Nothing went: there is nothing to write down. */
static int note(struct db_txn *txn, const struct span_of_time *span, enum exchange_act act,
                int64_t count, struct err *err)
{
    const struct audit_origin by = audit_by_self(span->now);
    char day[CALTIME_TEXT_SIZE];
    char outcome[sizeof "9223372036854775807"];
    struct audit_event event = {&exchange_acts[act], {NULL, 0}, outcome};

    if (count == 0)
        return 0;
    caldate_format_iso(caltime_at(span->before, JST_OFFSET_SECONDS).date, day);
    (void)snprintf(outcome, sizeof outcome, "%" PRId64, count);
    event.subject = bytes_text(day);
    return audit_append(txn, &by, &event, err);
}

static int remove_all(struct db_txn *txn, const struct old_record *records, int64_t count,
                      struct err *err)
{
    for (int64_t i = 0; i < count; i++) {
        TRY(db_execute_one(txn, "DELETE FROM exchange_log WHERE id = ?",
                           DB_WITH(DB_INT(records[i].id)), err));
        TRY(audit_remove_salt(txn, records[i].audit, err));
    }
    return 0;
}

/* Questions that are over. What asked them goes with them, as their database says. */
static int find_questions(struct db_txn *txn, int64_t before, int64_t max,
                          int64_t ret[RETENTION_BATCH], int64_t *ret_count, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    *ret_count = 0;
    TRY(db_query(txn,
                 "SELECT id FROM exchange_question WHERE next_at IS NULL AND asked_at < ?"
                 " ORDER BY asked_at LIMIT ?",
                 DB_WITH(DB_INT(before), DB_INT(max)), &rows, err));
    while (*ret_count < max && (rc = db_next(&rows, err)) == 0)
        TRY(db_int(&rows, 0, &ret[(*ret_count)++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int remove_questions(struct db_txn *txn, const int64_t *questions, int64_t count,
                            struct err *err)
{
    for (int64_t i = 0; i < count; i++)
        TRY(db_execute_one(txn, "DELETE FROM exchange_question WHERE id = ?",
                           DB_WITH(DB_INT(questions[i])), err));
    return 0;
}

/* Records first, then questions, together no more than a batch. */
int retention_step(const struct exchange *x, int64_t *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const int64_t now = clock_now(x->clock);
    const struct span_of_time span = {now, retention_begin(now)};
    struct old_record records[RETENTION_BATCH];
    int64_t questions[RETENTION_BATCH];
    int64_t count, asked;

    TRY(db_begin(x->db, &txn, err));
    TRY(find_old(&txn, span.before, records, &count, err));
    TRY(find_questions(&txn, span.before, RETENTION_BATCH - count, questions, &asked, err));
    if (count + asked > 0) {
        TRY(allow(&txn, &span, err));
        TRY(remove_all(&txn, records, count, err));
        TRY(remove_questions(&txn, questions, asked, err));
        TRY(note(&txn, &span, ACT_LOG_REMOVED, count, err));
        TRY(note(&txn, &span, ACT_QUESTIONS_REMOVED, asked, err));
        TRY(db_commit(&txn, err));
    }
    *ret_count = count + asked;
    return 0;
}
