/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning, reading, answering and submitting. */
#include "portal/application/store.h"

#include "base/caltime.h"
#include "base/random_text.h"
#include "db/list.h"
#include "portal/application/drafts.h"
#include "portal/application/prepared.h"
#include "portal/application/states.h"

#include <stdio.h>
#include <string.h>

const struct audit_act application_acts[] = {
    [APPLICATION_BEGUN] = {"application.begun", "application"},
    [APPLICATION_WAS_SUBMITTED] = {"application.submitted", "application"},
    [APPLICATION_MOVED] = {"application.moved", "application"},
    [APPLICATION_FORGOTTEN] = {"application.forgotten", "application"},
};

void application_done(struct application *application)
{
    json_freep(&application->form);
    json_freep(&application->answers);
}

static int check_period(const struct procedure_item *item, int64_t now, struct err *err)
{
    char today[CALTIME_TEXT_SIZE];

    caldate_format_iso(caltime_at(now, JST_OFFSET_SECONDS).date, today);
    if ((item->from[0] != '\0' && strcmp(today, item->from) < 0) ||
        (item->until[0] != '\0' && strcmp(today, item->until) > 0))
        return FAIL(err, ERR_CONFLICT, "this can be applied for in its period only");
    return 0;
}

/* What is missing may follow. */
static int check_answers(const struct json *form, const struct json *answers, struct err *err)
{
    CLEANUP(json_freep) struct json *problems = NULL;
    const char *field, *problem;

    if (answers == NULL)
        return 0;
    TRY(form_judge(form, answers, FORM_SO_FAR, &problems, err));
    if (json_count(problems) == 0)
        return 0;
    TRY(json_get_text(json_at(problems, 0), "field", &field, err));
    TRY(json_get_text(json_at(problems, 0), "problem", &problem, err));
    return FAIL(err, ERR_INPUT, "answers: %s (%s)", field, problem);
}

static int insert(struct db_txn *txn, const struct procedure_detail *detail, const char *id,
                  const struct beginner *beginner, int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    CLEANUP(buf_done) struct buf given = BUF_INIT;
    const char *answers = "[]";
    const char *form;

    TRY(json_write(detail->form, &written, err));
    TRY(buf_text(&written, &form, err));
    if (beginner->answers != NULL) {
        TRY(json_write(beginner->answers, &given, err));
        TRY(buf_text(&given, &answers, err));
    }
    TRY(db_execute(txn,
                   "INSERT INTO application (id, owner, psid, municipality, name, form, answers,"
                   " state, round, revision, prepared_at, made_at, changed_at, mandate,"
                   " mandate_kind) VALUES (?, ?, ?, ?, ?, ?, ?, 'draft', 0, 0, 0, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(id), DB_TEXT(beginner->owner), DB_TEXT(detail->item.psid),
                           DB_TEXT(detail->item.municipality), DB_TEXT(detail->item.name),
                           DB_TEXT(form), DB_TEXT(answers), DB_INT(at), DB_INT(at),
                           DB_TEXT(application_proxy_mandate(&beginner->proxy)),
                           DB_TEXT(application_proxy_kind(&beginner->proxy))),
                   err));
    return application_note_step(txn, id, APPLICATION_DRAFT, "", at, err);
}

int application_begin(struct db *db, const char *psid, const struct beginner *beginner,
                      const struct audit_origin *by, char ret_id[APPLICATION_ID_SIZE],
                      struct err *err)
{
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char id[APPLICATION_ID_SIZE];

    TRY(procedure_get(db, psid, by->at, &detail, err));
    if (!detail.item.is_online || detail.form == NULL)
        return FAIL(err, ERR_ABSENT, "this cannot be applied for here");
    TRY(check_period(&detail.item, by->at, err));
    TRY(check_answers(detail.form, beginner->answers, err));
    TRY(random_text(id, sizeof id, err));
    TRY(db_begin(db, &txn, err));
    TRY(drafts_check(&txn, beginner->owner, by->at, err));
    TRY(insert(&txn, &detail, id, beginner, by->at, err));
    if (beginner->also != NULL)
        TRY(beginner->also(&txn, id, &detail.item, beginner->context, err));
    TRY(audit_append(
        &txn, by, &(struct audit_event){&application_acts[APPLICATION_BEGUN], bytes_text(id), NULL},
        err));
    TRY(db_commit(&txn, err));
    memcpy(ret_id, id, sizeof id);
    return 0;
}

static int read_json(const struct db_rows *rows, int column, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(db_blob(rows, column, &text, err));
    return json_parse(buf_bytes(&text), ret, err);
}

/* The procedure's name in English, as long as it is called as it was when somebody applied. */
#define NAME_EN                                                                                    \
    "coalesce((SELECT t.name_en FROM procedure_offering AS o JOIN procedure_text AS t"             \
    " ON t.id = o.text WHERE o.psid = application.psid AND t.name = application.name), '')"

#define COLUMNS                                                                                    \
    "id, owner, psid, municipality, name, state, coalesce(receipt, ''), round, prepared_at,"       \
    " made_at, changed_at, CAST(form AS BLOB), CAST(answers AS BLOB), revision,"                   \
    " coalesce(mandate, ''), coalesce(mandate_kind, ''), " NAME_EN

static int read_proxy(const struct db_rows *rows, int column, struct application_proxy *ret,
                      struct err *err)
{
    char mandate[PORTAL_ID_SIZE], kind[16];

    TRY(db_text(rows, column, mandate, sizeof mandate, err));
    TRY(db_text(rows, column + 1, kind, sizeof kind, err));
    return application_proxy_read(mandate, kind, ret, err);
}

static int read_row(const struct db_rows *rows, struct application *ret, struct err *err)
{
    char state[APPLICATION_STATE_SIZE];

    TRY(db_text(rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(rows, 1, ret->owner, sizeof ret->owner, err));
    TRY(db_text(rows, 2, ret->psid, sizeof ret->psid, err));
    TRY(db_text(rows, 3, ret->municipality, sizeof ret->municipality, err));
    TRY(db_text(rows, 4, ret->name, sizeof ret->name, err));
    TRY(db_text(rows, 5, state, sizeof state, err));
    TRY(application_state_read(state, &ret->state, err));
    TRY(db_text(rows, 6, ret->receipt, sizeof ret->receipt, err));
    TRY(db_int(rows, 7, &ret->round, err));
    TRY(db_int(rows, 8, &ret->prepared_at, err));
    TRY(db_int(rows, 9, &ret->made_at, err));
    TRY(db_int(rows, 10, &ret->changed_at, err));
    TRY(db_int(rows, 13, &ret->revision, err));
    TRY(read_proxy(rows, 14, &ret->proxy, err));
    TRY(db_text(rows, 16, ret->name_en, sizeof ret->name_en, err));
    TRY(read_json(rows, 11, &ret->form, err));
    return read_json(rows, 12, &ret->answers, err);
}

/* By a statement that finds one at most. */
static int get(struct db *db, const char *sql, const struct db_value *values,
               struct application *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(application_done) struct application application = {.form = NULL};
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn, sql, values, &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such application");
    TRY(rc);
    TRY(read_row(&rows, &application, err));
    *ret = application;
    application = (struct application){.form = NULL};
    return 0;
}

int application_get(struct db *db, const char *id, const char *owner, struct application *ret,
                    struct err *err)
{
    return get(db, "SELECT " COLUMNS " FROM application WHERE id = ? AND owner = ?",
               DB_WITH(DB_TEXT(id), DB_TEXT(owner)), ret, err);
}

int application_get_received(struct db *db, const char *municipality, const char *receipt,
                             struct application *ret, struct err *err)
{
    return get(db, "SELECT " COLUMNS " FROM application WHERE receipt = ? AND municipality = ?",
               DB_WITH(DB_TEXT(receipt), DB_TEXT(municipality)), ret, err);
}

static int put_row(const struct db_rows *rows, struct json *list, struct err *err)
{
    static const char *const names[] = {"id", "receipt", "psid", "name", "state", "name_en"};
    CLEANUP(json_freep) struct json *item = json_object_new();
    char client[32], client_name[256], client_name_en[256];
    struct preparer preparer = {client, client_name, client_name_en, 0};
    enum { NAMES = sizeof names / sizeof names[0] };
    struct application_proxy proxy;
    int64_t made_at, changed_at;

    for (int i = 0; i < NAMES; i++) {
        char text[PROCEDURE_ENGLISH_NAME_SIZE];

        TRY(db_text(rows, i, text, sizeof text, err));
        if (text[0] != '\0')
            TRY(json_put_text(item, names[i], text, err));
    }
    TRY(db_int(rows, NAMES, &made_at, err));
    TRY(db_int(rows, NAMES + 1, &changed_at, err));
    TRY(json_put_int(item, "made_at", made_at, err));
    TRY(json_put_int(item, "changed_at", changed_at, err));
    TRY(read_proxy(rows, NAMES + 2, &proxy, err));
    TRY(application_proxy_put(item, &proxy, err));
    TRY(db_text(rows, NAMES + 4, client, sizeof client, err));
    TRY(db_text(rows, NAMES + 5, client_name, sizeof client_name, err));
    TRY(db_text(rows, NAMES + 6, client_name_en, sizeof client_name_en, err));
    TRY(db_int(rows, NAMES + 7, &preparer.taken_back_at, err));
    TRY(application_preparer_put(item, &preparer, err));
    return json_add(list, json_steal(&item), err);
}

int application_list(struct db *db, const struct application_query *query, struct json **ret,
                     struct err *err)
{
    return db_list(
        db,
        "SELECT id, coalesce(receipt, ''), psid, name, state, " NAME_EN ", made_at, changed_at,"
        " coalesce(mandate, ''), coalesce(mandate_kind, ''), coalesce(p.client, ''),"
        " coalesce(p.client_name, ''), coalesce(p.client_name_en, ''),"
        " coalesce(p.taken_back_at, 0) FROM application"
        " LEFT JOIN application_prepared AS p ON p.application = id AND ?1 IS NOT NULL"
        " WHERE (owner = ?1 OR (?1 IS NULL AND municipality = ?2"
        " AND receipt IS NOT NULL)) AND (?3 IS NULL OR state = ?3)"
        " AND (?4 IS NULL OR (?1 IS NULL AND receipt > ?4) OR EXISTS (SELECT * FROM"
        " application AS last WHERE last.id = ?4 AND last.owner = ?1"
        " AND (application.made_at < last.made_at OR (application.made_at = last.made_at"
        " AND application.id > last.id))))"
        " ORDER BY CASE WHEN ?1 IS NULL THEN receipt END, made_at DESC, id LIMIT ?5",
        DB_WITH(DB_TEXT(query->owner), DB_TEXT(query->municipality), DB_TEXT(query->state),
                DB_TEXT(query->after), DB_INT(APPLICATION_PAGE_MAX)),
        put_row, ret, err);
}

/* A statement about one that its owner may change now. */
static int change(struct db *db, const char *sql, const struct db_value *values, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn, sql, values, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this application cannot be changed now");
    TRY(rc);
    return db_commit(&txn, err);
}

int application_answer(struct db *db, const char *id, const char *owner, const struct json *answers,
                       int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const char *text;

    TRY(json_write(answers, &written, err));
    TRY(buf_text(&written, &text, err));
    return change(db,
                  "UPDATE application SET answers = ?, changed_at = ?, revision = revision + 1"
                  " WHERE id = ? AND owner = ? AND state IN ('draft', 'returned')",
                  DB_WITH(DB_TEXT(text), DB_INT(at), DB_TEXT(id), DB_TEXT(owner)), err);
}

int application_prepare(struct db *db, const char *id, const char *owner, int64_t at,
                        struct err *err)
{
    return change(db,
                  "UPDATE application SET prepared_at = ?"
                  " WHERE id = ? AND owner = ? AND state IN ('draft', 'returned')",
                  DB_WITH(DB_INT(at), DB_TEXT(id), DB_TEXT(owner)), err);
}

/* The next number of a municipality's day: no two are the same, and none is left out. */
static int next_receipt(struct db_txn *txn, const char *municipality, int64_t at,
                        char ret[APPLICATION_RECEIPT_SIZE], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char day[CALTIME_TEXT_SIZE];
    int64_t count;

    caldate_format_basic(caltime_at(at, JST_OFFSET_SECONDS).date, day);
    TRY(db_query_one(txn,
                     "INSERT INTO application_count (municipality, day, count) VALUES (?, ?, 1)"
                     " ON CONFLICT (municipality, day) DO UPDATE SET count = count + 1"
                     " RETURNING count",
                     DB_WITH(DB_TEXT(municipality), DB_TEXT(day)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    if (snprintf(ret, APPLICATION_RECEIPT_SIZE, "%.5s-%.8s-%06lld", municipality, day,
                 (long long)count) >= APPLICATION_RECEIPT_SIZE)
        return FAIL(err, ERR_SYSTEM, "too many applications on one day");
    return 0;
}

/* What is there of one that may be submitted: its number so far, and whose it is. */
static int look(struct db_txn *txn, const struct submission *submission, struct application *ret,
                struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn,
                          "SELECT municipality, coalesce(receipt, ''), round FROM application"
                          " WHERE id = ? AND owner = ? AND revision = ? AND round = ?"
                          " AND state IN ('draft', 'returned')",
                          DB_WITH(DB_TEXT(submission->id), DB_TEXT(submission->owner),
                                  DB_INT(submission->revision), DB_INT(submission->round)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_CONFLICT, "this application was changed or submitted meanwhile");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->municipality, sizeof ret->municipality, err));
    TRY(db_text(&rows, 1, ret->receipt, sizeof ret->receipt, err));
    return db_int(&rows, 2, &ret->round, err);
}

static int keep(struct db_txn *txn, const struct submission *submission, int64_t round, int64_t at,
                struct err *err)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    static const uint8_t none[1] = {0};
    const struct bytes document = submission->document.len == 0 ? bytes_of(none, 0)
                                                                : submission->document;
    const char *applicant = "";

    if (submission->applicant != NULL) {
        TRY(json_write(submission->applicant, &written, err));
        TRY(buf_text(&written, &applicant, err));
    }
    return db_execute(txn,
                      "INSERT INTO application_submission"
                      " (application, round, at, document, applicant) VALUES (?, ?, ?, ?, ?)",
                      DB_WITH(DB_TEXT(submission->id), DB_INT(round), DB_INT(at), DB_BLOB(document),
                              DB_TEXT(applicant)),
                      err);
}

int application_submit(struct db *db, const struct submission *submission,
                       const struct audit_origin *by, char ret_receipt[APPLICATION_RECEIPT_SIZE],
                       struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct application application = {.form = NULL};

    TRY(db_begin(db, &txn, err));
    TRY(look(&txn, submission, &application, err));
    if (application_by_proxy(&submission->proxy))
        TRY(mandate_check(&txn, submission->proxy.mandate, by->at, err));
    if (application.receipt[0] == '\0')
        TRY(next_receipt(&txn, application.municipality, by->at, application.receipt, err));
    TRY(keep(&txn, submission, application.round + 1, by->at, err));
    TRY(db_execute_one(
        &txn,
        "UPDATE application SET state = 'submitted', receipt = ?,"
        " round = round + 1, changed_at = ?, mandate = ?, mandate_kind = ? WHERE id = ?",
        DB_WITH(DB_TEXT(application.receipt), DB_INT(by->at),
                DB_TEXT(application_proxy_mandate(&submission->proxy)),
                DB_TEXT(application_proxy_kind(&submission->proxy)), DB_TEXT(submission->id)),
        err));
    TRY(db_execute(&txn, "DELETE FROM application_signing WHERE application = ?",
                   DB_WITH(DB_TEXT(submission->id)), err));
    TRY(db_execute(&txn, "DELETE FROM application_reading WHERE application = ?",
                   DB_WITH(DB_TEXT(submission->id)), err));
    TRY(application_note_step(&txn, submission->id, APPLICATION_SUBMITTED, "", by->at, err));
    TRY(application_note_signer(&txn, submission, application.municipality, by, err));
    TRY(audit_append(&txn, by,
                     &(struct audit_event){&application_acts[APPLICATION_WAS_SUBMITTED],
                                           bytes_text(submission->id), NULL},
                     err));
    TRY(db_commit(&txn, err));
    memcpy(ret_receipt, application.receipt, APPLICATION_RECEIPT_SIZE);
    return 0;
}

int application_submitted(struct db *db, const char *id, struct buf *ret_document,
                          struct json **ret_applicant, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    rc = db_query_one(&txn,
                      "SELECT document, CAST(applicant AS BLOB) FROM application_submission"
                      " WHERE application = ? ORDER BY round DESC LIMIT 1",
                      DB_WITH(DB_TEXT(id)), &rows, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this application was not submitted");
    TRY(rc);
    TRY(db_blob(&rows, 0, ret_document, err));
    TRY(db_blob(&rows, 1, &text, err));
    return text.len == 0 ? 0 : json_parse(buf_bytes(&text), ret_applicant, err);
}
