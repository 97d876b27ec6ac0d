/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/relocation.h"

#include "exchange/acts.h"
#include "exchange/tsv.h"

#include <stdio.h>
#include <string.h>

#define HOUSEHOLD_INFO "TM00000000000001"

const char relocation_schema_v1[] =
    "CREATE TABLE relocation ("
    " place INTEGER NOT NULL PRIMARY KEY CHECK (place = 1)," /* one row */
    " number INTEGER NOT NULL) STRICT;";

/* Who leaves, and since when it is done: until somebody arrives. */
const char relocation_schema_v2[] =
    "CREATE TABLE departure ("
    " body TEXT NOT NULL,"
    " code BLOB NOT NULL CHECK (length(code) = 16),"
    " kind TEXT NOT NULL,"
    " day TEXT NOT NULL,"
    " is_done INTEGER NOT NULL CHECK (is_done IN (0, 1)),"
    " PRIMARY KEY (body, code)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX departure_due ON departure (day) WHERE is_done = 0;";

const char *const relocation_kinds[] = {[RELOCATION_HERE] = "here",
                                        [RELOCATION_LEAVING] = "leaving",
                                        [RELOCATION_ABROAD] = "abroad",
                                        [RELOCATION_DEAD] = "dead",
                                        NULL};

/* ---- how far ---- */

static int read_last(struct db_txn *txn, int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT coalesce(max(number), 0) FROM relocation", DB_NOTHING, &rows,
                     err));
    return db_int(&rows, 0, ret, err);
}

int relocation_last(struct holdings *holdings, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(holdings_db(holdings), &txn, err));
    return read_last(&txn, ret, err);
}

static int write_last(struct db_txn *txn, int64_t number, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO relocation VALUES (1, ?) ON CONFLICT (place)"
                      " DO UPDATE SET number = excluded.number",
                      DB_WITH(DB_INT(number)), err);
}

/* ---- what is answered about a household ---- */

struct told {
    const char *code, *content;
};

static const char *relation_word(const struct civil_person *person)
{
    static const char *const words[CIVIL_RELATIONS_][2] = {[CIVIL_HEAD] = {"世帯主", "世帯主"},
                                                           [CIVIL_SPOUSE] = {"夫", "妻"},
                                                           [CIVIL_CHILD] = {"子", "子"},
                                                           [CIVIL_PARENT] = {"父", "母"}};

    return words[person->relation][person->is_female ? 1 : 0];
}

/* One record with these items, in the order of that name (data/exchange/items.tsv). */
static int write_record(struct caldate day, const struct told *items, size_t count, struct buf *ret,
                        struct err *err)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(json_freep) struct json *records = json_array_new();
    CLEANUP(json_freep) struct json *record = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    char text[CALTIME_TEXT_SIZE];

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(json_put_text(item, "code", items[i].code, err));
        TRY(json_put_text(item, "content", items[i].content, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    caldate_format_iso(day, text);
    TRY(json_put_text(record, "day", text, err));
    TRY(json_put(record, "items", json_steal(&list), err));
    TRY(json_add(records, json_steal(&record), err));
    TRY(json_put(answer, "records", json_steal(&records), err));
    return json_write(answer, ret, err);
}

static int write_answer(const struct household *household, const struct civil_person *person,
                        struct caldate day, struct buf *ret, struct err *err)
{
    char since[CALTIME_TEXT_SIZE], people[24];
    const struct told items[] = {{"0000100010", household->count == 1 ? "単身世帯" : "一般世帯"},
                                 {"0000100020", relation_word(person)},
                                 {"0000100030", people},
                                 {"0000100040", person->relation == CIVIL_HEAD ? "1" : "0"},
                                 {"0000100050", since}};

    (void)snprintf(people, sizeof people, "%zu", household->count);
    caldate_format_iso(person->since, since);
    return write_record(day, items, sizeof items / sizeof items[0], ret, err);
}

/* Of somebody who lives there no more. */
static int write_end(const struct relocation *relocation, struct buf *ret, struct err *err)
{
    static const char *const words[RELOCATION_KINDS_] = {[RELOCATION_LEAVING] = "転出",
                                                         [RELOCATION_ABROAD] = "国外への転出",
                                                         [RELOCATION_DEAD] = "死亡"};
    char since[CALTIME_TEXT_SIZE];
    const struct told items[] = {{"0000100060", since}, {"0000100070", words[relocation->kind]}};

    caldate_format_iso(relocation->since, since);
    return write_record(relocation->since, items, sizeof items / sizeof items[0], ret, err);
}

/* ---- the move ---- */

enum { APART_SIZE = CODE_SIZE + sizeof " left" };

struct moving {
    struct holdings *holdings;
    struct db_txn *txn;
    const struct relocation *relocation;
    char apart[APART_SIZE]; /* what the household of who has left is kept under: no body's name */
    bool has_left;
};

static struct moving moving_of(struct holdings *holdings, struct db_txn *txn,
                               const struct relocation *relocation)
{
    struct moving m = {.holdings = holdings, .txn = txn, .relocation = relocation};

    (void)snprintf(m.apart, sizeof m.apart, "%s left", relocation->from.body);
    return m;
}

/* A household as it is from now on, and what the exchange is told of those of it who have a code.
 */
static int file(const struct moving *m, const char *body, const struct household *household,
                struct err *err)
{
    TRY(household_check(household, err));
    TRY(civil_put(m->txn, body, household, err));
    for (size_t i = 0; i < household->count; i++) {
        const struct civil_person *person = &household->people[i];
        struct holding holding = {.body = body, .code = person->code, .info = HOUSEHOLD_INFO};
        CLEANUP(buf_done) struct buf answer = BUF_INIT;

        if (!person->has_code)
            continue;
        TRY(write_answer(household, person, m->relocation->since, &answer, err));
        holding.answer = buf_bytes(&answer);
        TRY(holdings_put(m->holdings, m->txn, &holding, err));
    }
    return 0;
}

static int end_seal(const struct moving *m, const struct audit_origin *by, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    const int rc = civil_end_seal(m->txn, from->body, &from->code, by, err);

    return rc == -ERR_ABSENT ? 0 : rc;
}

/* Whoever leaves a municipality: of its own registers, and of what it answers about the household.
 */
static int leave(const struct moving *m, const struct audit_origin *by, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    const struct holding nothing = {
        .body = from->body, .code = from->code, .info = HOUSEHOLD_INFO, .answer = {NULL, 0}};

    if (strcmp(from->body, m->relocation->to.body) == 0)
        return 0;
    TRY(holdings_put(m->holdings, m->txn, &nothing, err));
    return end_seal(m, by, err);
}

static bool is_municipality(const struct moving *m, const char *code)
{
    const struct body *body = tables_body(holdings_tables(m->holdings), code);

    return body != NULL && body->kind == BODY_MUNICIPALITY;
}

/* Where nobody keeps such registers there is nothing to write them into. */
static int arrive(const struct moving *m, struct household *going, size_t self, struct err *err)
{
    const struct relocation *r = m->relocation;
    const bool comes = m->has_left || strcmp(r->from.body, r->to.body) != 0;

    if (!is_municipality(m, r->to.body))
        return 0;
    going->people[self].code = r->to.code;
    memcpy(going->former_address, r->former_address, sizeof going->former_address);
    for (size_t i = 0; comes && i < going->count; i++) {
        struct civil_person *person = &going->people[i];

        person->since = caldate_compare(r->since, person->birth) < 0 ? person->birth : r->since;
    }
    return file(m, r->to.body, going, err);
}

/* One by one: of whom nobody says how they are related to each other. */
static int stay_apart(const struct moving *m, const struct household *staying, struct err *err)
{
    for (size_t i = 0; i < staying->count; i++) {
        struct household alone = *staying;

        alone.people[0] = staying->people[i];
        alone.people[0].relation = CIVIL_HEAD;
        alone.count = 1;
        TRY(file(m, m->relocation->from.body, &alone, err));
    }
    return 0;
}

static size_t spouse_of(const struct household *household)
{
    size_t i = 0;

    while (i < household->count && household->people[i].relation != CIVIL_SPOUSE)
        i++;
    return i;
}

/* Where the head went, the spouse is the head of those who stay, if they can be a household. */
static int stay(const struct moving *m, struct household *staying, bool has_head, struct err *err)
{
    const size_t spouse = spouse_of(staying);
    struct civil_person head;

    if (!has_head && spouse < staying->count) {
        head = staying->people[spouse];
        head.relation = CIVIL_HEAD;
        memmove(&staying->people[1], &staying->people[0], spouse * sizeof head);
        staying->people[0] = head;
    } else if (!has_head) {
        return stay_apart(m, staying, err);
    }
    return household_check(staying, NULL) == 0 ? file(m, m->relocation->from.body, staying, err)
                                               : stay_apart(m, staying, err);
}

/* He goes alone, and is a household of his own. */
static int part(const struct moving *m, const struct household *old, size_t self,
                struct household *ret, struct err *err)
{
    struct household staying = *old;

    *ret = *old;
    ret->people[0] = old->people[self];
    ret->people[0].relation = CIVIL_HEAD;
    ret->count = 1;
    memmove(&staying.people[self], &staying.people[self + 1],
            (old->count - self - 1) * sizeof staying.people[0]);
    staying.count--;
    return stay(m, &staying, self != 0, err);
}

/* The household that goes, which is in no register of the municipality any more. */
static int take_out(const struct moving *m, const struct household *old, struct household *ret,
                    size_t *ret_self, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    size_t self = 0, coded = 0;

    for (size_t i = 0; i < old->count; i++)
        coded += old->people[i].has_code ? 1 : 0;
    while (&old->people[self] != household_find(old, &from->code))
        self++;
    TRY(civil_remove(m->txn, m->has_left ? m->apart : from->body, &from->code, err));
    *ret_self = coded > 1 ? 0 : self;
    if (coded > 1)
        return part(m, old, self, ret, err);
    *ret = *old;
    return 0;
}

static int move(const struct moving *m, const struct household *old, const struct audit_origin *by,
                struct err *err)
{
    const struct audit_event event = {&exchange_acts[ACT_PERSON_RELOCATED],
                                      person_code_bytes(&m->relocation->from.code),
                                      m->relocation->to.body};
    struct household going;
    size_t self;

    TRY(take_out(m, old, &going, &self, err));
    TRY(leave(m, by, err));
    TRY(arrive(m, &going, self, err));
    return audit_append(m->txn, by, &event, err);
}

/* From where he lives, or from where he is kept since he left. */
static int follow_arrival(struct moving *m, const struct audit_origin *by, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    struct household old;
    int rc = civil_get_in(m->txn, from->body, &from->code, &old, err);

    if (rc == -ERR_ABSENT) {
        rc = civil_get_in(m->txn, m->apart, &from->code, &old, err);
        m->has_left = rc == 0;
    }
    TRY(db_execute(m->txn, "DELETE FROM departure WHERE body = ? AND code = ?",
                   DB_WITH(DB_TEXT(from->body), DB_BLOB(person_code_bytes(&from->code))), err));
    return rc == 0 ? move(m, &old, by, err) : rc == -ERR_ABSENT ? 0 : rc;
}

/* ---- leaving without arriving ---- */

/* What happens to who has left already changes nothing there, but the dead arrive nowhere. */
static int note_departure(const struct moving *m, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    char day[CALTIME_TEXT_SIZE];

    caldate_format_iso(m->relocation->since, day);
    TRY(db_execute(m->txn,
                   "INSERT INTO departure VALUES (?, ?, ?, ?, 0) ON CONFLICT (body, code) DO UPDATE"
                   " SET kind = excluded.kind, day = excluded.day WHERE is_done = 0",
                   DB_WITH(DB_TEXT(from->body), DB_BLOB(person_code_bytes(&from->code)),
                           DB_TEXT(relocation_kinds[m->relocation->kind]), DB_TEXT(day)),
                   err));
    return m->relocation->kind == RELOCATION_DEAD ? civil_remove(m->txn, m->apart, &from->code, err)
                                                  : 0;
}

static int depart(const struct moving *m, const struct household *old,
                  const struct audit_origin *by, struct err *err)
{
    const struct relocation *r = m->relocation;
    const struct audit_event event = {&exchange_acts[ACT_PERSON_RELOCATED],
                                      person_code_bytes(&r->from.code), relocation_kinds[r->kind]};
    struct holding holding = {.body = r->from.body, .code = r->from.code, .info = HOUSEHOLD_INFO};
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct household going;
    size_t self;

    TRY(take_out(m, old, &going, &self, err));
    if (r->kind != RELOCATION_DEAD)
        TRY(civil_put(m->txn, m->apart, &going, err));
    TRY(end_seal(m, by, err));
    TRY(write_end(r, &answer, err));
    holding.answer = buf_bytes(&answer);
    TRY(holdings_put(m->holdings, m->txn, &holding, err));
    return audit_append(m->txn, by, &event, err);
}

static int read_code(const struct db_rows *rows, int column, struct person_code *ret,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf code = BUF_INIT;

    TRY(db_blob(rows, column, &code, err));
    if (code.len != sizeof ret->value)
        return FAIL(err, ERR_SYSTEM, "a code of another length");
    memcpy(ret->value, code.ptr, code.len);
    return 0;
}

/* The first whose day has come; ERR_ABSENT. */
static int read_due(struct db_txn *txn, struct caldate today, struct relocation *ret,
                    struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char day[CALTIME_TEXT_SIZE], kind[sizeof "leaving"];
    unsigned place;

    caldate_format_iso(today, day);
    TRY(db_query_one(txn,
                     "SELECT body, code, kind, day FROM departure WHERE is_done = 0 AND day <= ?"
                     " ORDER BY day LIMIT 1",
                     DB_WITH(DB_TEXT(day)), &rows, err));
    *ret = (struct relocation){.number = 0};
    TRY(db_text(&rows, 0, ret->from.body, sizeof ret->from.body, err));
    TRY(read_code(&rows, 1, &ret->from.code, err));
    TRY(db_text(&rows, 2, kind, sizeof kind, err));
    TRY(tsv_word(kind, relocation_kinds, "where somebody is", &place, err));
    ret->kind = (enum relocation_kind)place;
    TRY(db_text(&rows, 3, day, sizeof day, err));
    return caldate_parse_iso(day, &ret->since, err);
}

static int is_anybody_due(struct holdings *holdings, struct caldate today, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct relocation relocation;

    TRY(db_begin_read(holdings_db(holdings), &txn, err));
    return read_due(&txn, today, &relocation, err);
}

int relocation_leave(struct holdings *holdings, struct caldate today, const struct audit_origin *by,
                     struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct relocation relocation;
    struct household old;
    struct moving m;
    int rc;

    TRY(is_anybody_due(holdings, today, err)); /* that nobody is costs no lock */
    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(read_due(&txn, today, &relocation, err));
    m = moving_of(holdings, &txn, &relocation);
    rc = civil_get_in(&txn, relocation.from.body, &relocation.from.code, &old, err);
    if (rc == 0)
        TRY(depart(&m, &old, by, err));
    else if (rc != -ERR_ABSENT)
        return rc;
    TRY(db_execute_one(
        &txn, "UPDATE departure SET is_done = 1 WHERE body = ? AND code = ?",
        DB_WITH(DB_TEXT(relocation.from.body), DB_BLOB(person_code_bytes(&relocation.from.code))),
        err));
    return db_commit(&txn, err);
}

/* ---- following ---- */

int relocation_follow(struct holdings *holdings, const struct relocation *relocation,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct moving m = moving_of(holdings, &txn, relocation);
    int64_t last;

    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(read_last(&txn, &last, err));
    if (relocation->number <= last)
        return 0;
    TRY(relocation->kind == RELOCATION_HERE ? follow_arrival(&m, by, err)
                                            : note_departure(&m, err));
    TRY(write_last(&txn, relocation->number, err));
    return db_commit(&txn, err);
}
