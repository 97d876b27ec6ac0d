/* SPDX-License-Identifier: Apache-2.0 */
/* Announced maintenance, and when a body can be asked. */
#include "base/clock.h"
#include "exchange/acts.h"
#include "exchange/exchange.h"
#include "exchange/limits.h"

int exchange_announce(const struct exchange *x, const struct exchange_outage *outage,
                      const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&exchange_acts[ACT_OUTAGE_ANNOUNCED],
                                      bytes_text(outage->body), NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (strcmp(outage->body, "*") != 0 && tables_body(x->tables, outage->body) == NULL)
        return FAIL(err, ERR_INPUT, "the exchange knows no such body");
    if (outage->begins >= outage->ends)
        return FAIL(err, ERR_INPUT, "maintenance ends after it begins");
    TRY(db_begin(x->db, &txn, err));
    TRY(db_execute(&txn, "INSERT INTO exchange_outage (body, begins, ends) VALUES (?, ?, ?)",
                   DB_WITH(DB_TEXT(outage->body), DB_INT(outage->begins), DB_INT(outage->ends)),
                   err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

int exchange_outages(struct db_txn *txn, int64_t since,
                     int (*take)(void *context, const struct exchange_outage *outage,
                                 struct err *err),
                     void *context, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char body[CODE_SIZE];
    int rc;

    TRY(db_query(txn,
                 "SELECT body, begins, ends FROM exchange_outage WHERE ends > ?"
                 " ORDER BY begins, id LIMIT ?",
                 DB_WITH(DB_INT(since), DB_INT(EXCHANGE_OUTAGES_SHOWN)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        struct exchange_outage outage = {.body = body};

        TRY(db_text(&rows, 0, body, sizeof body, err));
        TRY(db_int(&rows, 1, &outage.begins, err));
        TRY(db_int(&rows, 2, &outage.ends, err));
        TRY(take(context, &outage, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* The end of the last outage that has begun by then; ERR_ABSENT if there is none. */
static int find_end(struct db_txn *txn, const char *body, int64_t at, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT ends FROM exchange_outage WHERE ends > ?1 AND begins <= ?1"
                     " AND body IN ('*', ?2) ORDER BY ends DESC LIMIT 1",
                     DB_WITH(DB_INT(at), DB_TEXT(body)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

int exchange_open_from(const struct exchange *x, struct db_txn *txn, const char *body, int64_t at,
                       int64_t *ret, struct err *err)
{
    for (;;) {
        int64_t open = hours_open_from(x->hours, at);
        int rc = find_end(txn, body, open, &at, err);

        if (rc == -ERR_ABSENT) {
            *ret = open;
            return 0;
        }
        TRY(rc);
    }
}
