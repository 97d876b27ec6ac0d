/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/log.h"

#include "exchange/acts.h"
#include "exchange/limits.h"

#include <stdio.h>

const char *const log_whats[] = {"given",         "nothing",        "refused",     "pulled",
                                 "login",         "identity-check", "eligibility", "printed",
                                 "asserted",      "acted",          "notified",    "mandated",
                                 "consent-ended", "prepared",       NULL};

#define COLUMNS                                                                                    \
    "id, person, at, what, receiver, giver, duty, procedure, info, detail, is_hidden, audit, told"

void log_record_text(const struct log_record *r, char ret[LOG_TEXT_SIZE])
{
    (void)snprintf(ret, LOG_TEXT_SIZE, "%lld|%lld|%lld|%s|%s|%s|%s|%s|%s|%s|%d%s%s",
                   (long long)r->id, (long long)r->person, (long long)r->at, log_whats[r->what],
                   r->receiver, r->giver, r->duty, r->procedure, r->info, r->detail, r->is_hidden,
                   r->told[0] == '\0' ? "" : "|", r->told);
}

static int one_number(struct db_txn *txn, const char *sql, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

int log_append(struct db_txn *txn, const struct audit_origin *by, struct log_record *r,
               struct err *err)
{
    char text[LOG_TEXT_SIZE];
    struct audit_event event = {&exchange_acts[ACT_EXCHANGE_LOGGED], {NULL, 0}, NULL};

    /* Numbers of records that were removed are never given again: the audit log keeps its own. */
    TRY(one_number(txn,
                   "SELECT 1 + max((SELECT coalesce(max(id), 0) FROM exchange_log),"
                   " (SELECT coalesce(max(seq), 0) FROM audit))",
                   &r->id, err));
    log_record_text(r, text);
    event.subject = bytes_text(text);
    event.outcome = log_whats[r->what];
    TRY(audit_append(txn, by, &event, err));
    TRY(one_number(txn, "SELECT max(seq) FROM audit", &r->audit, err));
    return db_execute(txn,
                      "INSERT INTO exchange_log (" COLUMNS ")"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      DB_WITH(DB_INT(r->id), DB_INT(r->person), DB_INT(r->at), DB_INT(r->what),
                              DB_TEXT(r->receiver), DB_TEXT(r->giver), DB_TEXT(r->duty),
                              DB_TEXT(r->procedure), DB_TEXT(r->info), DB_TEXT(r->detail),
                              DB_INT(r->is_hidden), DB_INT(r->audit), DB_TEXT(r->told)),
                      err);
}

static int read_texts(const struct db_rows *rows, struct log_record *r, struct err *err)
{
    TRY(db_text(rows, 4, r->receiver, sizeof r->receiver, err));
    TRY(db_text(rows, 5, r->giver, sizeof r->giver, err));
    TRY(db_text(rows, 6, r->duty, sizeof r->duty, err));
    TRY(db_text(rows, 7, r->procedure, sizeof r->procedure, err));
    TRY(db_text(rows, 8, r->info, sizeof r->info, err));
    TRY(db_text(rows, 9, r->detail, sizeof r->detail, err));
    return db_text(rows, 12, r->told, sizeof r->told, err);
}

static int read_record(const struct db_rows *rows, struct log_record *r, struct err *err)
{
    int64_t what;
    int64_t is_hidden;

    TRY(db_int(rows, 0, &r->id, err));
    TRY(db_int(rows, 1, &r->person, err));
    TRY(db_int(rows, 2, &r->at, err));
    TRY(db_int(rows, 3, &what, err));
    TRY(read_texts(rows, r, err));
    TRY(db_int(rows, 10, &is_hidden, err));
    TRY(db_int(rows, 11, &r->audit, err));
    if (what < 0 || what >= LOG_WHATS_)
        return FAIL(err, ERR_SYSTEM, "a record of the exchange is of no kind");
    r->what = (enum log_what)what;
    r->is_hidden = is_hidden != 0;
    return 0;
}

/* What a page and its counts have in common; with a body, rows have to be read to count them. */
#define WHERE        " FROM exchange_log WHERE person = ?1 AND at BETWEEN ?2 AND ?3"
#define WHERE_WHAT   " AND (?4 IS NULL OR what = ?4)"
#define WHERE_BODY   " AND (receiver = ?5 OR giver = ?5)"
#define FIRST        "(SELECT coalesce(min(at), 0) FROM exchange_log WHERE person = ?1)"
#define COUNTS       "SELECT count(*), coalesce(sum(is_hidden), 0), " FIRST WHERE WHERE_WHAT
#define PAGE         "SELECT " COLUMNS WHERE WHERE_WHAT
#define NEWEST_FIRST " AND is_hidden = 0 ORDER BY at DESC, id DESC LIMIT "

static struct db_value what_value(const struct log_query *query)
{
    return query->what < 0 ? DB_NULL : DB_INT(query->what);
}

#define QUERY_VALUES                                                                               \
    DB_INT(query->person), DB_INT(query->from), DB_INT(query->until), what_value(query)

static int query_counts(struct db_txn *txn, const struct log_query *query, struct db_rows *rows,
                        struct err *err)
{
    if (query->body == NULL)
        return db_query_one(txn, COUNTS, DB_WITH(QUERY_VALUES), rows, err);
    return db_query_one(txn, COUNTS WHERE_BODY, DB_WITH(QUERY_VALUES, DB_TEXT(query->body)), rows,
                        err);
}

static int count_records(struct db_txn *txn, const struct log_query *query, struct log_counts *ret,
                         struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(query_counts(txn, query, &rows, err));
    TRY(db_int(&rows, 0, &ret->shown, err));
    TRY(db_int(&rows, 1, &ret->hidden, err));
    ret->shown -= ret->hidden;
    return db_int(&rows, 2, &ret->first_at, err);
}

static int query_page(struct db_txn *txn, const struct log_query *query, struct db_rows *rows,
                      struct err *err)
{
    if (query->body == NULL)
        return db_query(txn, PAGE NEWEST_FIRST "?5 OFFSET ?6",
                        DB_WITH(QUERY_VALUES, DB_INT(query->limit), DB_INT(query->offset)), rows,
                        err);
    return db_query(
        txn, PAGE WHERE_BODY NEWEST_FIRST "?6 OFFSET ?7",
        DB_WITH(QUERY_VALUES, DB_TEXT(query->body), DB_INT(query->limit), DB_INT(query->offset)),
        rows, err);
}

static int tell_records(struct db_txn *txn, const struct log_query *query,
                        const struct log_reader *reader, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct log_record record;
    int rc;

    TRY(query_page(txn, query, &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        TRY(read_record(&rows, &record, err));
        TRY(reader->record(reader->context, &record, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

int log_page(struct db_txn *txn, const struct log_query *query, const struct log_reader *reader,
             struct err *err)
{
    struct log_counts counts;

    if (query->limit < 1 || query->limit > EXCHANGE_PAGE_MAX || query->offset < 0)
        return FAIL(err, ERR_INPUT, "a page has 1 to %d records", EXCHANGE_PAGE_MAX);
    TRY(count_records(txn, query, &counts, err));
    TRY(reader->counts(reader->context, &counts, err));
    return tell_records(txn, query, reader, err);
}

int log_get(struct db_txn *txn, int64_t person, int64_t id, struct log_record *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT " COLUMNS " FROM exchange_log"
                          " WHERE id = ? AND person = ? AND is_hidden = 0",
                          DB_WITH(DB_INT(id), DB_INT(person)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such record of the exchange");
    TRY(rc);
    return read_record(&rows, ret, err);
}
