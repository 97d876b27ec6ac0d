/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/drafts.h"

#include "base/log.h"
#include "portal/application/cardread.h"

#include <string.h>

enum { AT_A_TIME = 100, PAUSE_MS = 60 * 1000 };

/* ---- how many ---- */

#define TICKETS "owner >= 'ticket:' AND owner < 'ticket;'"

static int count(struct db_txn *txn, const char *sql, const struct db_value *values, int64_t *ret,
                 struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

/* Whoever withdraws what he began makes no room by that: it is kept as long as a draft is. */
static int check_tickets(struct db_txn *txn, int64_t at, struct err *err)
{
    int64_t begun;

    TRY(count(txn,
              "SELECT count(*) FROM application"
              " WHERE receipt IS NULL AND changed_at >= ? AND " TICKETS,
              DB_WITH(DB_INT(at - APPLICATION_TICKET_SECONDS)), &begun, err));
    if (begun >= APPLICATION_TICKETS_MAX)
        return FAIL(err, ERR_REMOTE,
                    "too many people are filling in forms without a login; try again later");
    return 0;
}

static bool is_tickets(const char *owner)
{
    return strncmp(owner, "ticket:", strlen("ticket:")) == 0;
}

int drafts_check(struct db_txn *txn, const char *owner, int64_t at, struct err *err)
{
    int64_t open, begun;

    if (is_tickets(owner))
        return check_tickets(txn, at, err);
    TRY(count(txn, "SELECT count(*) FROM application WHERE owner = ? AND state = 'draft'",
              DB_WITH(DB_TEXT(owner)), &open, err));
    if (open >= APPLICATION_OPEN_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d drafts already; submit or withdraw one",
                    APPLICATION_OPEN_MAX);
    TRY(count(txn, "SELECT count(*) FROM application WHERE owner = ? AND receipt IS NULL",
              DB_WITH(DB_TEXT(owner)), &begun, err));
    if (begun >= APPLICATION_BEGUN_MAX)
        return FAIL(err, ERR_CONFLICT,
                    "%d were begun and withdrawn; try again in a few days, or submit a draft",
                    APPLICATION_BEGUN_MAX);
    return 0;
}

int drafts_check_file(struct db_txn *txn, const char *owner, int64_t changed_at, struct err *err)
{
    int64_t files;

    if (!is_tickets(owner))
        return 0;
    TRY(count(txn,
              "SELECT count(*) FROM application_file WHERE application IN"
              " (SELECT id FROM application WHERE changed_at >= ? AND " TICKETS ")",
              DB_WITH(DB_INT(changed_at - APPLICATION_TICKET_SECONDS)), &files, err));
    if (files >= APPLICATION_TICKET_FILES_MAX)
        return FAIL(err, ERR_REMOTE,
                    "too many people attach files without a login; log in, or try again tomorrow");
    return 0;
}

/* ---- how long ---- */

static int forget_one(struct db_txn *txn, const char *id, int64_t now, struct err *err)
{
    const struct audit_origin by = audit_by_self(now);
    const struct audit_event event = {&application_acts[APPLICATION_FORGOTTEN], bytes_text(id),
                                      NULL};

    TRY(db_execute_one(txn, "DELETE FROM application WHERE id = ? AND receipt IS NULL",
                       DB_WITH(DB_TEXT(id)), err));
    return audit_append(txn, &by, &event, err);
}

static int find_old(struct db_txn *txn, int64_t now, char (*ret)[APPLICATION_ID_SIZE],
                    unsigned *ret_count, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    unsigned count = 0;
    int rc;

    TRY(db_query(txn,
                 "SELECT id FROM application WHERE receipt IS NULL AND (changed_at < ?1"
                 " OR (changed_at < ?2 AND " TICKETS ")) LIMIT ?3",
                 DB_WITH(DB_INT(now - APPLICATION_DRAFT_SECONDS),
                         DB_INT(now - APPLICATION_TICKET_SECONDS), DB_INT(AT_A_TIME)),
                 &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(db_text(&rows, 0, ret[count++], APPLICATION_ID_SIZE, err));
    *ret_count = count;
    return rc == -ERR_ABSENT ? 0 : rc;
}

int drafts_forget(struct db *db, int64_t now, unsigned *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char ids[AT_A_TIME][APPLICATION_ID_SIZE];
    unsigned count;

    TRY(db_begin(db, &txn, err));
    TRY(find_old(&txn, now, ids, &count, err));
    for (unsigned i = 0; i < count; i++)
        TRY(forget_one(&txn, ids[i], now, err));
    TRY(cardread_forget(&txn, now, err));
    TRY(db_commit(&txn, err));
    *ret_count = count;
    return 0;
}

/* ---- again and again ---- */

static void *run(void *argument)
{
    struct drafts_keeper *keeper = argument;

    do {
        struct err failure = {0};
        unsigned count;
        int rc;

        do
            rc = drafts_forget(keeper->db, clock_now(keeper->clock), &count, &failure);
        while (rc == 0 && count == AT_A_TIME && chore_rest(&keeper->chore, 0));
        if (rc < 0)
            log_failure("drafts.waits", &failure);
    } while (chore_rest(&keeper->chore, PAUSE_MS));
    return NULL;
}

int drafts_keeper_start(struct drafts_keeper *keeper, struct err *err)
{
    return chore_start(&keeper->chore, run, keeper, err);
}

void drafts_keeper_stop(struct drafts_keeper *keeper)
{
    chore_stop(&keeper->chore);
}
