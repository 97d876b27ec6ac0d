/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/outage/outage.h"

#include "base/utf8.h"
#include "portal/gateway/api.h"
#include "portal/outage/schema.h"

#include <stdio.h>
#include <string.h>

const char portal_outages_v1[] = "CREATE TABLE gateway_outage ("
                                 " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                 " api TEXT NOT NULL," /* "*": all of them */
                                 " kind TEXT NOT NULL,"
                                 " text TEXT NOT NULL,"
                                 " text_en TEXT NOT NULL,"
                                 " begins INTEGER NOT NULL,"
                                 " ends INTEGER," /* NULL: nobody knows yet */
                                 " CHECK (ends IS NULL OR begins <= ends)) STRICT;"
                                 "CREATE INDEX gateway_outage_ends ON gateway_outage (ends);";

const char *const outage_kinds[] = {
    [OUTAGE_FAILURE] = "outage", [OUTAGE_MAINTENANCE] = "maintenance", [OUTAGE_KINDS_] = NULL};
const struct audit_act outage_acts[] = {
    [OUTAGE_ACT_ANNOUNCED] = {"gateway_outage.announced", "gateway-outage"},
    [OUTAGE_ACT_ENDED] = {"gateway_outage.ended", "gateway-outage"},
};

static int check_text(const char *text, struct err *err)
{
    const size_t count = utf8_count(bytes_text(text));

    if (count == 0 || count > OUTAGE_TEXT_MAX || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "text: 1 to %d characters in one line", OUTAGE_TEXT_MAX);
    return 0;
}

static int check(const struct outage *outage, struct err *err)
{
    if (strcmp(outage->api, "*") != 0 && gateway_api_find(outage->api) == NULL)
        return FAIL(err, ERR_INPUT, "api: there is no such interface");
    if (outage->ends == 0 && outage->kind == OUTAGE_MAINTENANCE)
        return FAIL(err, ERR_INPUT, "maintenance is announced with its end");
    if (outage->ends != 0 && outage->ends <= outage->begins)
        return FAIL(err, ERR_INPUT, "it ends after it begins");
    TRY(check_text(outage->text, err));
    return check_text(outage->text_en, err);
}

static int count_open(struct db_txn *txn, int64_t now, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT count(*) FROM gateway_outage WHERE ends IS NULL OR ends > ?",
                     DB_WITH(DB_INT(now)), &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int last_id(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT max(id) FROM gateway_outage", DB_NOTHING, &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int note(struct db_txn *txn, enum outage_act act, int64_t id, const char *outcome,
                const struct audit_origin *by, struct err *err)
{
    char subject[24];
    const struct audit_event event = {
        &outage_acts[act],
        bytes_of(subject, (size_t)snprintf(subject, sizeof subject, "%lld", (long long)id)),
        outcome};

    return audit_append(txn, by, &event, err);
}

int outage_announce(struct db *db, struct outage *outage, const struct audit_origin *by,
                    struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int64_t open, id;

    TRY(check(outage, err));
    TRY(db_begin(db, &txn, err));
    TRY(count_open(&txn, by->at, &open, err));
    if (open >= OUTAGES_MAX)
        return FAIL(err, ERR_CONFLICT, "%d are not over already", OUTAGES_MAX);
    TRY(db_execute(&txn,
                   "INSERT INTO gateway_outage (api, kind, text, text_en, begins, ends)"
                   " VALUES (?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(outage->api), DB_TEXT(outage_kinds[outage->kind]),
                           DB_TEXT(outage->text), DB_TEXT(outage->text_en), DB_INT(outage->begins),
                           outage->ends == 0 ? DB_NULL : DB_INT(outage->ends)),
                   err));
    TRY(last_id(&txn, &id, err));
    TRY(note(&txn, OUTAGE_ACT_ANNOUNCED, id, outage->api, by, err));
    TRY(db_commit(&txn, err));
    outage->id = id;
    return 0;
}

int outage_end(struct db *db, int64_t id, const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn,
                        "UPDATE gateway_outage SET ends = max(?1, begins) WHERE id = ?2"
                        " AND (ends IS NULL OR ends > ?1)",
                        DB_WITH(DB_INT(by->at), DB_INT(id)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is none of that number that is not over");
    TRY(rc);
    TRY(note(&txn, OUTAGE_ACT_ENDED, id, NULL, by, err));
    return db_commit(&txn, err);
}

int outage_is_now(struct db *db, const char *api, int64_t now, bool *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT 1 FROM gateway_outage WHERE begins <= ?1"
                      " AND (ends IS NULL OR ends > ?1) AND api IN ('*', ?2) LIMIT 1",
                      DB_WITH(DB_INT(now), DB_TEXT(api)), &rows, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

static int read_row(const struct db_rows *rows, struct outage *ret, struct err *err)
{
    char kind[16];

    TRY(db_int(rows, 0, &ret->id, err));
    TRY(db_text(rows, 1, ret->api, sizeof ret->api, err));
    TRY(db_text(rows, 2, kind, sizeof kind, err));
    TRY(db_text(rows, 3, ret->text, sizeof ret->text, err));
    TRY(db_text(rows, 4, ret->text_en, sizeof ret->text_en, err));
    TRY(db_int(rows, 5, &ret->begins, err));
    TRY(db_int(rows, 6, &ret->ends, err));
    ret->kind = strcmp(kind, outage_kinds[OUTAGE_MAINTENANCE]) == 0 ? OUTAGE_MAINTENANCE
                                                                    : OUTAGE_FAILURE;
    return 0;
}

/* What was called off before it began never was: it lasts for no second. */
int outage_list(struct db *db, int64_t since, struct outage ret[OUTAGES_SHOWN], size_t *ret_count,
                struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    size_t count = 0;
    int rc = 0;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, api, kind, text, text_en, begins, coalesce(ends, 0)"
                 " FROM gateway_outage WHERE (ends IS NULL OR ends > ?) AND begins IS NOT ends"
                 " ORDER BY begins, id LIMIT ?",
                 DB_WITH(DB_INT(since), DB_INT(OUTAGES_SHOWN)), &rows, err));
    while (count < OUTAGES_SHOWN && (rc = db_next(&rows, err)) == 0)
        TRY(read_row(&rows, &ret[count++], err));
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret_count = count;
    return 0;
}
