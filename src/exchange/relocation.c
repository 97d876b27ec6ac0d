/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/relocation.h"

#include "exchange/acts.h"

#include <stdio.h>
#include <string.h>

#define HOUSEHOLD_INFO "TM00000000000001"

const char relocation_schema_v1[] =
    "CREATE TABLE relocation ("
    " place INTEGER NOT NULL PRIMARY KEY CHECK (place = 1)," /* one row */
    " number INTEGER NOT NULL) STRICT;";

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

static const char *relation_word(const struct civil_person *person)
{
    static const char *const words[CIVIL_RELATIONS_][2] = {[CIVIL_HEAD] = {"世帯主", "世帯主"},
                                                           [CIVIL_SPOUSE] = {"夫", "妻"},
                                                           [CIVIL_CHILD] = {"子", "子"},
                                                           [CIVIL_PARENT] = {"父", "母"}};

    return words[person->relation][person->is_female ? 1 : 0];
}

/* In the order of the items of that name (data/exchange/items.tsv). */
static int put_items(const struct household *household, const struct civil_person *person,
                     struct json *list, struct err *err)
{
    char since[CALTIME_TEXT_SIZE], people[24];
    const struct {
        const char *code, *content;
    } items[] = {{"0000100010", household->count == 1 ? "単身世帯" : "一般世帯"},
                 {"0000100020", relation_word(person)},
                 {"0000100030", people},
                 {"0000100040", person->relation == CIVIL_HEAD ? "1" : "0"},
                 {"0000100050", since}};

    (void)snprintf(people, sizeof people, "%zu", household->count);
    caldate_format_iso(person->since, since);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(json_put_text(item, "code", items[i].code, err));
        TRY(json_put_text(item, "content", items[i].content, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return 0;
}

static int write_answer(const struct household *household, const struct civil_person *person,
                        struct caldate day, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *answer = json_object_new();
    CLEANUP(json_freep) struct json *records = json_array_new();
    CLEANUP(json_freep) struct json *record = json_object_new();
    CLEANUP(json_freep) struct json *items = json_array_new();
    char text[CALTIME_TEXT_SIZE];

    caldate_format_iso(day, text);
    TRY(put_items(household, person, items, err));
    TRY(json_put_text(record, "day", text, err));
    TRY(json_put(record, "items", json_steal(&items), err));
    TRY(json_add(records, json_steal(&record), err));
    TRY(json_put(answer, "records", json_steal(&records), err));
    return json_write(answer, ret, err);
}

/* ---- the move ---- */

struct moving {
    struct holdings *holdings;
    struct db_txn *txn;
    const struct relocation *relocation;
};

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

/* Whoever leaves a municipality: of its own registers, and of what it answers about the household.
 */
static int leave(const struct moving *m, const struct audit_origin *by, struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    const struct holding nothing = {
        .body = from->body, .code = from->code, .info = HOUSEHOLD_INFO, .answer = {NULL, 0}};
    int rc;

    if (strcmp(from->body, m->relocation->to.body) == 0)
        return 0;
    TRY(holdings_put(m->holdings, m->txn, &nothing, err));
    rc = civil_end_seal(m->txn, from->body, &from->code, by, err);
    return rc == -ERR_ABSENT ? 0 : rc;
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

    if (!is_municipality(m, r->to.body))
        return 0;
    going->people[self].code = r->to.code;
    memcpy(going->former_address, r->former_address, sizeof going->former_address);
    for (size_t i = 0; strcmp(r->from.body, r->to.body) != 0 && i < going->count; i++) {
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
static int part(const struct moving *m, const struct household *old, size_t self, struct err *err)
{
    struct household going = *old;
    struct household staying = *old;

    going.people[0] = old->people[self];
    going.people[0].relation = CIVIL_HEAD;
    going.count = 1;
    memmove(&staying.people[self], &staying.people[self + 1],
            (old->count - self - 1) * sizeof staying.people[0]);
    staying.count--;
    TRY(stay(m, &staying, self != 0, err));
    return arrive(m, &going, 0, err);
}

static int move(const struct moving *m, struct household *old, const struct audit_origin *by,
                struct err *err)
{
    const struct relocation_side *from = &m->relocation->from;
    const struct audit_event event = {&exchange_acts[ACT_PERSON_RELOCATED],
                                      person_code_bytes(&from->code), m->relocation->to.body};
    size_t self = 0, coded = 0;

    for (size_t i = 0; i < old->count; i++)
        coded += old->people[i].has_code ? 1 : 0;
    while (&old->people[self] != household_find(old, &from->code))
        self++;
    TRY(civil_remove(m->txn, from->body, &from->code, err));
    TRY(leave(m, by, err));
    TRY(coded > 1 ? part(m, old, self, err) : arrive(m, old, self, err));
    return audit_append(m->txn, by, &event, err);
}

int relocation_follow(struct holdings *holdings, const struct relocation *relocation,
                      const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct moving m = {holdings, &txn, relocation};
    struct household old;
    int64_t last;
    int rc;

    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(read_last(&txn, &last, err));
    if (relocation->number <= last)
        return 0;
    rc = civil_get_in(&txn, relocation->from.body, &relocation->from.code, &old, err);
    if (rc == 0)
        TRY(move(&m, &old, by, err));
    else if (rc != -ERR_ABSENT)
        return rc;
    TRY(write_last(&txn, relocation->number, err));
    return db_commit(&txn, err);
}
