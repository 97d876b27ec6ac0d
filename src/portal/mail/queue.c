/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mail/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct audit_act mail_acts[] = {
    [MAIL_ADDRESS_GIVEN] = {"mail_address.given", "account"},
    [MAIL_ADDRESS_PROVED] = {"mail_address.proved", "account"},
    [MAIL_ADDRESS_REMOVED] = {"mail_address.removed", "account"},
    [MAIL_TRIED_AGAIN] = {"mail.tried_again", "mail"},
};

int mail_note(struct db_txn *txn, enum mail_act act, const char *subject,
              const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&mail_acts[act], bytes_text(subject), NULL};

    return audit_append(txn, by, &event, err);
}

/* ---- coming in ---- */

int mail_queue_notices(struct db_txn *txn, int64_t first, int64_t at, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO mail (account, notice, state, tries, due_at, made_at, why)"
                      " SELECT account, notice.id, 'waiting', 0, ?2, ?2, '' FROM notice"
                      " JOIN mail_address USING (account)"
                      " WHERE notice.id >= ?1 AND confirmed_at > 0 ORDER BY notice.id",
                      DB_WITH(DB_INT(first), DB_INT(at)), err);
}

int mail_queue_code(struct db_txn *txn, const char *account, const char *code, int64_t at,
                    struct err *err)
{
    TRY(db_execute(txn,
                   "UPDATE mail SET state = 'dead', code = NULL, why = 'another code was sent'"
                   " WHERE account = ? AND notice IS NULL AND state = 'waiting'",
                   DB_WITH(DB_TEXT(account)), err));
    return db_execute(txn,
                      "INSERT INTO mail (account, code, state, tries, due_at, made_at, why)"
                      " VALUES (?1, ?2, 'waiting', 0, ?3, ?3, '')",
                      DB_WITH(DB_TEXT(account), DB_TEXT(code), DB_INT(at)), err);
}

/* ---- going out ---- */

static int read_job(const struct db_rows *rows, struct mail_job *ret, struct err *err)
{
    TRY(db_int(rows, 0, &ret->id, err));
    TRY(db_text(rows, 1, ret->account, sizeof ret->account, err));
    TRY(db_text(rows, 2, ret->code, sizeof ret->code, err));
    TRY(db_text(rows, 3, ret->address, sizeof ret->address, err));
    TRY(db_text(rows, 4, ret->language, sizeof ret->language, err));
    return db_int(rows, 5, &ret->tries, err);
}

int mail_next(struct db *db, int64_t now, struct mail_job *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT mail.id, account, coalesce(code, ''), address, language, mail.tries"
                      " FROM mail JOIN mail_address USING (account)"
                      " WHERE state = 'waiting' AND due_at <= ?"
                      " AND (notice IS NULL OR confirmed_at > 0) ORDER BY due_at, mail.id LIMIT 1",
                      DB_WITH(DB_INT(now)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no mail is due");
    TRY(rc);
    return read_job(&rows, ret, err);
}

/* Whoever has taken his address back, or given another one since, is not written to. */
int mail_hand(struct db *db, const struct mail_job *job, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE mail SET state = 'handed' WHERE id = ?1 AND state = 'waiting'"
                        " AND EXISTS (SELECT 1 FROM mail_address"
                        " WHERE account = mail.account AND address = ?2"
                        " AND (mail.notice IS NULL OR confirmed_at > 0))",
                        DB_WITH(DB_INT(job->id), DB_TEXT(job->address)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this mail is not wanted any more");
    TRY(rc);
    return db_commit(&txn, err);
}

static int64_t pause_after(int64_t tries)
{
    int64_t pause = MAIL_RETRY_FIRST_S;

    while (tries-- > 0 && pause < MAIL_RETRY_MAX_S)
        pause *= 2;
    return pause < MAIL_RETRY_MAX_S ? pause : MAIL_RETRY_MAX_S;
}

/*
 * What its owner did while it was on its way did not find it waiting: it waits no more where he has
 * taken his address back or, for a code, asked for another one.
 */
static int drop_unwanted(struct db_txn *txn, const struct mail_job *job, struct err *err)
{
    return db_execute(txn,
                      "UPDATE mail SET state = 'dead', code = NULL,"
                      " why = 'it is not wanted any more' WHERE id = ? AND state = 'waiting'"
                      " AND (NOT EXISTS (SELECT 1 FROM mail_address AS a"
                      " WHERE a.account = mail.account) OR (notice IS NULL AND EXISTS"
                      " (SELECT 1 FROM mail AS newer WHERE newer.account = mail.account"
                      " AND newer.notice IS NULL AND newer.id > mail.id)))",
                      DB_WITH(DB_INT(job->id)), err);
}

/* A code is not kept longer than it takes to tell it. */
int mail_settle(struct db *db, const struct mail_job *job, enum mail_outcome outcome,
                const char *why, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const bool is_again = outcome == MAIL_LATER && job->tries + 1 < MAIL_TRIES_MAX;
    const char *state = outcome == MAIL_ACCEPTED ? "sent" : is_again ? "waiting" : "dead";

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE mail SET state = ?1, tries = ?2, due_at = ?3, why = ?4,"
                   " code = CASE WHEN ?1 = 'waiting' THEN code END"
                   " WHERE id = ?5 AND state IN ('waiting', 'handed')",
                   DB_WITH(DB_TEXT(state), DB_INT(job->tries + 1),
                           DB_INT(now + pause_after(job->tries)), DB_TEXT(why), DB_INT(job->id)),
                   err));
    TRY(drop_unwanted(&txn, job, err));
    return db_commit(&txn, err);
}

int mail_recover(struct db *db, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn,
                   "UPDATE mail SET state = 'dead', code = NULL, tries = tries + 1,"
                   " why = 'the portal stopped while it was sent' WHERE state = 'handed'",
                   DB_NOTHING, err));
    return db_commit(&txn, err);
}

int mail_forget(struct db *db, int64_t now, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, "DELETE FROM mail WHERE made_at < ? AND state <> 'handed'",
                   DB_WITH(DB_INT(now - MAIL_KEPT_S)), err));
    return db_commit(&txn, err);
}

/* ---- for operators ---- */

static int count(struct db_txn *txn, struct json **ret, struct err *err)
{
    static const char *const states[] = {"waiting", "handed", "sent", "dead"};
    CLEANUP(json_freep) struct json *counts = json_object_new();

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
        int64_t number;

        TRY(db_query_one(txn, "SELECT count(*) FROM mail WHERE state = ?",
                         DB_WITH(DB_TEXT(states[i])), &rows, err));
        TRY(db_int(&rows, 0, &number, err));
        TRY(json_put_int(counts, states[i], number, err));
    }
    *ret = json_steal(&counts);
    return 0;
}

static int put_dead(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    char why[ERR_TEXT_MAX];
    int64_t number;

    TRY(db_int(rows, 0, &number, err));
    TRY(json_put_int(item, "id", number, err));
    TRY(db_int(rows, 1, &number, err));
    TRY(json_put_int(item, "made_at", number, err));
    TRY(db_int(rows, 2, &number, err));
    TRY(json_put_int(item, "tries", number, err));
    TRY(db_text(rows, 3, why, sizeof why, err));
    TRY(json_put_text(item, "why", why, err));
    return json_add(list, json_steal(&item), err);
}

int mail_tell(struct db *db, int64_t after, struct json **ret_counts, struct json **ret_dead,
              struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *counts = NULL;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(count(&txn, &counts, err));
    TRY(db_query(&txn,
                 "SELECT id, made_at, tries, why FROM mail WHERE state = 'dead' AND id > ?"
                 " ORDER BY id LIMIT ?",
                 DB_WITH(DB_INT(after), DB_INT(MAIL_DEAD_PAGE_MAX)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0)
        TRY(put_dead(&rows, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret_counts = json_steal(&counts);
    *ret_dead = json_steal(&list);
    return 0;
}

/* A code is gone; whoever wants one asks for another. */
int mail_again(struct db *db, int64_t id, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char number[24];
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE mail SET state = 'waiting', tries = 0, due_at = ?, why = ''"
                        " WHERE id = ? AND state = 'dead' AND notice IS NOT NULL",
                        DB_WITH(DB_INT(by->at), DB_INT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no mail of a notice was given up under this number");
    TRY(rc);
    (void)snprintf(number, sizeof number, "%" PRId64, id);
    TRY(mail_note(&txn, MAIL_TRIED_AGAIN, number, by, err));
    return db_commit(&txn, err);
}
