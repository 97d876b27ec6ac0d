/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/holdings.h"

#include "audit/keeper.h"
#include "audit/tree.h"
#include "exchange/acts.h"
#include "exchange/civil.h"
#include "exchange/family.h"
#include "exchange/inquiry.h"
#include "exchange/limits.h"
#include "exchange/relocation.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILL_BATCH = 500, FORGET_BATCH = 100 };

static const char holdings_v1[] = "CREATE TABLE holding ("
                                  " body TEXT NOT NULL,"
                                  " code BLOB NOT NULL CHECK (length(code) = 16),"
                                  " info TEXT NOT NULL,"
                                  " answer BLOB NOT NULL,"
                                  " PRIMARY KEY (body, code, info)) STRICT, WITHOUT ROWID;"

                                  "CREATE TABLE conduct ("
                                  " body TEXT NOT NULL PRIMARY KEY,"
                                  " mode INTEGER NOT NULL,"
                                  " delay INTEGER NOT NULL) STRICT;"

                                  "CREATE TABLE asked (" /* from when on a delay counts */
                                  " question INTEGER NOT NULL PRIMARY KEY,"
                                  " at INTEGER NOT NULL) STRICT;";

/* What was asked first a while ago is forgotten (forget_asked). */
static const char holdings_v2[] = "CREATE INDEX asked_at ON asked (at);";

static const char *const migrations[] = {
    audit_schema_v1, audit_tree_schema_v1, audit_checkpoint_schema_v1, holdings_v1, civil_schema_v1,
    holdings_v2,     relocation_schema_v1, relocation_schema_v2,       NULL};
const struct db_schema holdings_schema = {"provider", migrations};

const char *const holding_modes[] = {"answers", "silent", "down", "full", NULL};

struct holdings {
    struct db *db;
    const struct tables *tables;
    const struct clock *clock;
};

int holdings_open(const char *path, const struct tables *tables, const struct clock *clock,
                  struct holdings **ret, struct err *err)
{
    CLEANUP(holdings_closep) struct holdings *h = calloc(1, sizeof *h);

    if (h == NULL)
        return FAIL_NOMEM(err);
    h->tables = tables;
    h->clock = clock;
    TRY(db_open(path, &holdings_schema, &h->db, err));
    *ret = h;
    h = NULL;
    return 0;
}

void holdings_close(struct holdings *h)
{
    if (h == NULL)
        return;
    db_close(h->db);
    free(h);
}

void holdings_closep(struct holdings **h)
{
    holdings_close(*h);
    *h = NULL;
}

struct db *holdings_db(struct holdings *h)
{
    return h->db;
}

const struct tables *holdings_tables(const struct holdings *h)
{
    return h->tables;
}

/* ---- what is held ---- */

static int check_holding(const struct holdings *h, const struct holding *holding, struct err *err)
{
    const struct body *body = tables_body(h->tables, holding->body);
    const struct info *info = tables_info(h->tables, holding->info);
    CLEANUP(json_freep) struct json *answer = NULL;

    if (body == NULL || info == NULL || body->kind != info->provider)
        return FAIL(err, ERR_INPUT, "this body holds nothing under this name");
    if (holding->answer.len == 0)
        return 0;
    return answer_parse(h->tables, holding->info, holding->answer, &answer, err);
}

static int put_holding(struct db_txn *txn, const struct holding *holding, struct err *err)
{
    const struct db_value who[] = {
        DB_TEXT(holding->body), DB_BLOB(person_code_bytes(&holding->code)), DB_TEXT(holding->info)};

    if (holding->answer.len == 0)
        return db_execute(txn, "DELETE FROM holding WHERE body = ? AND code = ? AND info = ?",
                          DB_WITH(who[0], who[1], who[2]), err);
    return db_execute(txn,
                      "INSERT INTO holding VALUES (?, ?, ?, ?)"
                      " ON CONFLICT (body, code, info) DO UPDATE SET answer = excluded.answer",
                      DB_WITH(who[0], who[1], who[2], DB_BLOB(holding->answer)), err);
}

int holdings_put(struct holdings *h, struct db_txn *txn, const struct holding *holding,
                 struct err *err)
{
    TRY(check_holding(h, holding, err));
    return put_holding(txn, holding, err);
}

static int note(struct db_txn *txn, enum exchange_act act, struct bytes subject,
                const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&exchange_acts[act], subject, outcome};

    return audit_append(txn, by, &event, err);
}

int holdings_file(struct holdings *h, const struct holding *holding, const struct audit_origin *by,
                  struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(check_holding(h, holding, err));
    TRY(db_begin(h->db, &txn, err));
    TRY(put_holding(&txn, holding, err));
    TRY(note(&txn, ACT_RECORDS_FILED, person_code_bytes(&holding->code), holding->body, by, err));
    return db_commit(&txn, err);
}

static int make_one(const struct holdings *h, struct db_txn *txn, const struct making *making,
                    const struct holding *whose, const struct making_person *person,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct holding holding = *whose;
    int rc = making_answer(making, person, whose->info, &answer, err);

    if (rc == 0)
        rc = json_write(answer, &text, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    holding.answer = buf_bytes(&text);
    TRY(check_holding(h, &holding, err));
    return put_holding(txn, &holding, err);
}

/* Whom the person lives with, and the seal: what the exchange never asks for. */
static int make_civil(struct db_txn *txn, const struct holding *whose,
                      const struct making_person *person, struct err *err)
{
    const struct family_wish wish = {person, whose->body, &whose->code};
    struct household household;
    struct seal seal;
    int rc;

    TRY(family_make(&wish, &household, err));
    TRY(household_check(&household, err));
    TRY(civil_put(txn, whose->body, &household, err));
    rc = family_make_seal(person, &seal, err);
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return civil_put_seal(txn, whose->body, &whose->code, &seal, err);
}

/* All that bodies of its kind hold of one person. */
static int make_all(const struct holdings *h, struct db_txn *txn, const struct making *making,
                    const struct holding *whose, const struct making_person *person,
                    struct err *err)
{
    const struct body *body = tables_body(h->tables, whose->body);
    struct holding one = *whose;

    if (body == NULL)
        return FAIL(err, ERR_INPUT, "the exchange knows no such body");
    for (size_t i = 0; i < h->tables->info_count; i++) {
        one.info = h->tables->infos[i].code;
        if (h->tables->infos[i].provider == body->kind)
            TRY(make_one(h, txn, making, &one, person, err));
    }
    return person->name != NULL && body->kind == BODY_MUNICIPALITY
               ? make_civil(txn, whose, person, err)
               : 0;
}

/* Fewer than FILL_BATCH: that was the last of them. */
static int fill_batch(struct holdings *h, const struct holdings_crowd *crowd,
                      const struct audit_origin *by, int64_t *ret_count, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct holding whose = {.body = crowd->body};
    struct making_person person;
    char outcome[sizeof "9223372036854775807"];
    int64_t count = 0;
    int rc = 0;

    TRY(db_begin(h->db, &txn, err));
    while (count < FILL_BATCH &&
           (rc = crowd->next(crowd->context, &whose.code, &person, err)) == 0) {
        TRY(make_all(h, &txn, crowd->making, &whose, &person, err));
        count++;
    }
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (count > 0) {
        (void)snprintf(outcome, sizeof outcome, "%lld", (long long)count);
        TRY(note(&txn, ACT_REGISTERS_FILLED, bytes_text(crowd->body), outcome, by, err));
    }
    TRY(db_commit(&txn, err));
    *ret_count = count;
    return 0;
}

int holdings_fill(struct holdings *h, const struct holdings_crowd *crowd,
                  const struct audit_origin *by, int64_t *ret_count, struct err *err)
{
    int64_t count = FILL_BATCH;

    *ret_count = 0;
    if (tables_body(h->tables, crowd->body) == NULL)
        return FAIL(err, ERR_INPUT, "the exchange knows no such body");
    while (count == FILL_BATCH) {
        TRY(fill_batch(h, crowd, by, &count, err));
        *ret_count += count;
    }
    return 0;
}

int holdings_make(struct holdings *h, const struct making *making, const struct holding *whose,
                  const struct making_person *person, const struct audit_origin *by,
                  struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(h->db, &txn, err));
    TRY(make_all(h, &txn, making, whose, person, err));
    TRY(note(&txn, ACT_RECORDS_FILED, person_code_bytes(&whose->code), whose->body, by, err));
    return db_commit(&txn, err);
}

int holdings_tune(struct holdings *h, const char *body, enum holding_mode mode, int64_t delay,
                  const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    if (tables_body(h->tables, body) == NULL)
        return FAIL(err, ERR_INPUT, "the exchange knows no such body");
    if ((unsigned)mode >= HOLDING_MODES_ || delay < 0 || delay > HOLDING_DELAY_MAX)
        return FAIL(err, ERR_INPUT, "a delay is 0 to %d seconds", HOLDING_DELAY_MAX);
    TRY(db_begin(h->db, &txn, err));
    TRY(db_execute(&txn,
                   "INSERT INTO conduct VALUES (?, ?, ?) ON CONFLICT (body)"
                   " DO UPDATE SET mode = excluded.mode, delay = excluded.delay",
                   DB_WITH(DB_TEXT(body), DB_INT(mode), DB_INT(delay)), err));
    TRY(note(&txn, ACT_PROVIDER_TUNED, bytes_text(body), holding_modes[mode], by, err));
    return db_commit(&txn, err);
}

/* ---- being asked ---- */

struct conduct {
    enum holding_mode mode;
    int64_t answers_at; /* this question */
};

static int read_conduct(struct db_txn *txn, const char *body, enum holding_mode *ret_mode,
                        int64_t *ret_delay, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t mode;
    int rc = db_query_one(txn, "SELECT mode, delay FROM conduct WHERE body = ?",
                          DB_WITH(DB_TEXT(body)), &rows, err);

    *ret_mode = HOLDING_ANSWERS;
    *ret_delay = 0;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_int(&rows, 0, &mode, err));
    TRY(db_int(&rows, 1, ret_delay, err));
    *ret_mode = mode >= 0 && mode < HOLDING_MODES_ ? (enum holding_mode)mode : HOLDING_DOWN;
    return 0;
}

int holdings_check_up(struct holdings *h, const char *body, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    enum holding_mode mode;
    int64_t delay;

    TRY(db_begin_read(h->db, &txn, err));
    TRY(read_conduct(&txn, body, &mode, &delay, err));
    return mode == HOLDING_DOWN ? FAIL(err, ERR_REMOTE, "the body cannot be reached") : 0;
}

/*
 * Of a question that is asked no more nothing is kept. One that is asked again after all would wait
 * for its delay once more.
 */
static int forget_asked(struct db_txn *txn, int64_t now, struct err *err)
{
    return db_execute(txn,
                      "DELETE FROM asked WHERE question IN"
                      " (SELECT question FROM asked WHERE at < ? ORDER BY at LIMIT ?)",
                      DB_WITH(DB_INT(now - HOLDING_ASKED_KEPT), DB_INT(FORGET_BATCH)), err);
}

/* When it was asked first: a delay counts from there, however often it is asked. */
static int read_first(struct db_txn *txn, int64_t question, int64_t now, int64_t *ret,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_execute(txn, "INSERT INTO asked VALUES (?, ?) ON CONFLICT (question) DO NOTHING",
                   DB_WITH(DB_INT(question), DB_INT(now)), err));
    TRY(db_query_one(txn, "SELECT at FROM asked WHERE question = ?", DB_WITH(DB_INT(question)),
                     &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int find_conduct(struct db_txn *txn, const char *body, int64_t question, int64_t now,
                        struct conduct *ret, struct err *err)
{
    int64_t delay;
    int64_t first;

    TRY(read_conduct(txn, body, &ret->mode, &delay, err));
    if (ret->mode == HOLDING_DOWN)
        return FAIL(err, ERR_REMOTE, "the body cannot be reached");
    TRY(forget_asked(txn, now, err));
    TRY(read_first(txn, question, now, &first, err));
    ret->answers_at = ret->mode == HOLDING_SILENT ? INT64_MAX : first + delay;
    return 0;
}

/* The records of the days that were asked for; ret stays empty if there are none. */
static int select_records(const struct inquiry *inquiry, const struct json *answer, struct buf *ret,
                          struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    const struct json *records;

    TRY(json_get_array(answer, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++) {
        const struct json *record = json_at(records, i);
        struct json *copy;
        struct caldate day;
        const char *text;

        TRY(json_get_text(record, "day", &text, err));
        TRY(caldate_parse_iso(text, &day, err));
        if (inquiry->condition != INQUIRY_LATEST &&
            (caldate_compare(day, inquiry->first) < 0 || caldate_compare(inquiry->last, day) < 0))
            continue;
        TRY(json_duplicate(record, &copy, err));
        TRY(json_add(list, copy, err));
    }
    if (json_count(list) == 0)
        return 0;
    TRY(json_put(told, "records", json_steal(&list), err));
    return json_write(told, ret, err);
}

/* ERR_ABSENT: nothing is held. */
static int read_held(const struct holdings *h, struct db_txn *txn, const struct holding *which,
                     struct json **ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf held = BUF_INIT;

    TRY(db_query_one(txn, "SELECT answer FROM holding WHERE body = ? AND code = ? AND info = ?",
                     DB_WITH(DB_TEXT(which->body), DB_BLOB(person_code_bytes(&which->code)),
                             DB_TEXT(which->info)),
                     &rows, err));
    TRY(db_blob(&rows, 0, &held, err));
    return answer_parse(h->tables, which->info, buf_bytes(&held), ret, err);
}

int holdings_read(struct holdings *h, const struct holding *which, struct json **ret,
                  struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(h->db, &txn, err));
    return read_held(h, &txn, which, ret, err);
}

static int find_answer(const struct holdings *h, struct db_txn *txn, const struct inquiry *inquiry,
                       const struct person_code *person, struct buf *ret, struct err *err)
{
    const struct holding which = {
        .body = inquiry->provider, .code = *person, .info = inquiry->info};
    CLEANUP(json_freep) struct json *answer = NULL;
    const int rc = read_held(h, txn, &which, &answer, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return select_records(inquiry, answer, ret, err);
}

static int check_asker(const struct holdings *h, const struct inquiry *inquiry, struct err *err)
{
    const struct asking asking = {
        inquiry->asker,    inquiry->provider,
        inquiry->duty,     inquiry->procedure,
        inquiry->info,     caltime_at(clock_now(h->clock), JST_OFFSET_SECONDS).date,
        inquiry->is_hidden};

    /* No row of the tables lets a body ask or answer for another, or number people for all. */
    if (inquiry->delegating_asker[0] != '\0' || inquiry->delegating_provider[0] != '\0' ||
        inquiry->unified[0] != '\0')
        return FAIL(err, ERR_DENIED, "nothing permits delegation or a number for all bodies");
    return tables_permit(h->tables, &asking, err);
}

static int answer_question(const struct holdings *h, struct db_txn *txn,
                           const struct provider_question *question, const struct inquiry *inquiry,
                           struct provider_answer *ret, struct err *err)
{
    static const char *const outcomes[] = {"gives", "nothing", "later", "full"};
    int64_t now = clock_now(h->clock);
    const struct audit_origin by = audit_by_role(now, "body", inquiry->asker, NULL);
    struct conduct conduct;
    char id[24];

    TRY(find_conduct(txn, inquiry->provider, question->id, now, &conduct, err));
    ret->outcome = conduct.mode == HOLDING_FULL ? PROVIDER_FULL : PROVIDER_LATER;
    ret->again_at = conduct.answers_at == INT64_MAX ? now + 60 : conduct.answers_at;
    if (conduct.mode == HOLDING_ANSWERS && conduct.answers_at <= now) {
        TRY(find_answer(h, txn, inquiry, &question->person, &ret->answer, err));
        ret->outcome = ret->answer.len == 0 ? PROVIDER_NOTHING : PROVIDER_GIVES;
    }
    (void)snprintf(id, sizeof id, "%lld", (long long)question->id);
    return note(txn, ACT_PROVIDER_ASKED, bytes_text(id), outcomes[ret->outcome], &by, err);
}

static int on_question(void *context, const struct provider_question *question,
                       struct provider_answer *ret, struct err *err)
{
    struct holdings *h = context;
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct inquiry inquiry;

    TRY(inquiry_decode(question->record, &inquiry, err));
    TRY(check_asker(h, &inquiry, err));
    TRY(db_begin(h->db, &txn, err));
    TRY(answer_question(h, &txn, question, &inquiry, ret, err));
    return db_commit(&txn, err);
}

struct provider holdings_provider(struct holdings *h)
{
    return (struct provider){on_question, h};
}
