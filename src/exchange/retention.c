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
static int allow(struct db_txn *txn, int64_t now, int64_t before, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO exchange_removal (at, before) SELECT ?1, ?2 WHERE ?2 >"
                      " (SELECT coalesce(max(before), 0) FROM exchange_removal)",
                      DB_WITH(DB_INT(now), DB_INT(before)), err);
}

static int note(struct db_txn *txn, int64_t now, int64_t before, int64_t count, struct err *err)
{
    const struct audit_origin by = audit_by_self(now);
    char day[CALTIME_TEXT_SIZE];
    char outcome[sizeof "9223372036854775807"];
    struct audit_event event = {&exchange_acts[ACT_LOG_REMOVED], {NULL, 0}, outcome};

    caldate_format_iso(caltime_at(before, JST_OFFSET_SECONDS).date, day);
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

int retention_step(const struct exchange *x, int64_t *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct old_record records[RETENTION_BATCH];
    int64_t now = clock_now(x->clock);
    int64_t before = retention_begin(now);
    int64_t count;

    TRY(db_begin(x->db, &txn, err));
    TRY(find_old(&txn, before, records, &count, err));
    if (count > 0) {
        TRY(allow(&txn, now, before, err));
        TRY(remove_all(&txn, records, count, err));
        TRY(note(&txn, now, before, count, err));
        TRY(db_commit(&txn, err));
    }
    *ret_count = count;
    return 0;
}
