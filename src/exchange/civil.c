/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A household is a row with a row for each of its people. A code stands in one of a municipality's
 * households at most: who is filed in another has left the one before, which is forgotten whole.
 */
#include "exchange/civil.h"

#include "base/utf8.h"
#include "exchange/acts.h"
#include "exchange/tsv.h"

#include <stdio.h>
#include <string.h>

const char civil_schema_v1[] =
    "CREATE TABLE household ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " body TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " origin_body TEXT NOT NULL,"
    " family_since TEXT NOT NULL,"
    " former_address TEXT NOT NULL) STRICT;"

    "CREATE TABLE household_person ("
    " household INTEGER NOT NULL REFERENCES household (id) ON DELETE CASCADE,"
    " place INTEGER NOT NULL," /* 0: the head */
    " body TEXT NOT NULL,"     /* the household's */
    " code BLOB CHECK (code IS NULL OR length(code) = 16),"
    " relation TEXT NOT NULL,"
    " is_female INTEGER NOT NULL CHECK (is_female IN (0, 1)),"
    " is_protected INTEGER NOT NULL CHECK (is_protected IN (0, 1)),"
    " birth TEXT NOT NULL,"
    " since TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " father TEXT NOT NULL,"
    " mother TEXT NOT NULL,"
    " PRIMARY KEY (household, place),"
    " UNIQUE (body, code)) STRICT;"

    "CREATE TABLE seal ("
    " body TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " code BLOB NOT NULL CHECK (length(code) = 16),"
    " since TEXT NOT NULL,"
    " letters TEXT NOT NULL,"
    " is_ended INTEGER NOT NULL CHECK (is_ended IN (0, 1)),"
    " PRIMARY KEY (body, number)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX seal_person ON seal (body, code) WHERE is_ended = 0;";

const char *const civil_relations[] = {[CIVIL_HEAD] = "head",
                                       [CIVIL_SPOUSE] = "spouse",
                                       [CIVIL_CHILD] = "child",
                                       [CIVIL_PARENT] = "parent",
                                       NULL};

/* ---- what can be ---- */

static int check_text(const char *text, size_t most, const char *what, struct err *err)
{
    const size_t count = utf8_count(bytes_text(text));

    if (count == 0 || count > most || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s: 1 to %zu characters", what, most);
    return 0;
}

static int check_person(const struct civil_person *person, struct err *err)
{
    TRY(check_text(person->name, CIVIL_NAME_MAX, "name", err));
    TRY(check_text(person->father, CIVIL_NAME_MAX, "father", err));
    TRY(check_text(person->mother, CIVIL_NAME_MAX, "mother", err));
    if (!caldate_is_valid(person->birth) || !caldate_is_valid(person->since))
        return FAIL(err, ERR_INPUT, "a day of a household that there is not");
    if (caldate_compare(person->since, person->birth) < 0)
        return FAIL(err, ERR_INPUT, "nobody lives anywhere before being born");
    return 0;
}

/* Of a couple and its children. */
static int check_relations(const struct household *household, struct err *err)
{
    const struct civil_person *head = &household->people[0];
    size_t spouses = 0;

    for (size_t i = 0; i < household->count; i++) {
        const struct civil_person *person = &household->people[i];

        if ((i == 0) != (person->relation == CIVIL_HEAD))
            return FAIL(err, ERR_INPUT, "a household has one head, who comes first");
        spouses += person->relation == CIVIL_SPOUSE ? 1 : 0;
        if (person->relation == CIVIL_CHILD && caldate_compare(person->birth, head->birth) <= 0)
            return FAIL(err, ERR_INPUT, "a child is younger than the head of its household");
        if (person->relation == CIVIL_PARENT && caldate_compare(head->birth, person->birth) <= 0)
            return FAIL(err, ERR_INPUT, "a parent is older than the head of the household");
    }
    return spouses <= 1 ? 0 : FAIL(err, ERR_INPUT, "a household has one couple");
}

int household_check(const struct household *household, struct err *err)
{
    if (household->count == 0 || household->count > CIVIL_PEOPLE_MAX)
        return FAIL(err, ERR_INPUT, "a household has 1 to %d people", CIVIL_PEOPLE_MAX);
    for (size_t i = 0; i < household->count; i++)
        TRY(check_person(&household->people[i], err));
    TRY(check_relations(household, err));
    TRY(check_text(household->origin, CIVIL_PLACE_MAX, "origin", err));
    if (household->former_address[0] != '\0')
        TRY(check_text(household->former_address, CIVIL_PLACE_MAX, "former_address", err));
    if (!code_is_body(household->origin_body) || !caldate_is_valid(household->family_since))
        return FAIL(err, ERR_INPUT, "a family register is somewhere, since some day");
    return 0;
}

const struct civil_person *household_find(const struct household *household,
                                          const struct person_code *code)
{
    for (size_t i = 0; i < household->count; i++) {
        const struct civil_person *person = &household->people[i];

        if (person->has_code &&
            bytes_equal(person_code_bytes(&person->code), person_code_bytes(code)))
            return person;
    }
    return NULL;
}

bool civil_is_family(const struct civil_person *person)
{
    return person->relation != CIVIL_PARENT;
}

static int check_body(const struct holdings *holdings, const char *name, struct err *err)
{
    const struct body *body = tables_body(holdings_tables(holdings), name);

    return body != NULL && body->kind == BODY_MUNICIPALITY
               ? 0
               : FAIL(err, ERR_INPUT, "only municipalities have such registers");
}

static int note(struct db_txn *txn, enum exchange_act act, struct bytes subject,
                const char *outcome, const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&exchange_acts[act], subject, outcome};

    return audit_append(txn, by, &event, err);
}

/* ---- households ---- */

static int put_person(struct db_txn *txn, const char *body, const struct household *household,
                      size_t place, struct err *err)
{
    const struct civil_person *person = &household->people[place];
    char birth[CALTIME_TEXT_SIZE], since[CALTIME_TEXT_SIZE];

    caldate_format_iso(person->birth, birth);
    caldate_format_iso(person->since, since);
    return db_execute(
        txn,
        "INSERT INTO household_person SELECT max(id), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        " FROM household",
        DB_WITH(DB_INT((int64_t)place), DB_TEXT(body),
                person->has_code ? DB_BLOB(person_code_bytes(&person->code)) : DB_NULL,
                DB_TEXT(civil_relations[person->relation]), DB_INT(person->is_female),
                DB_INT(person->is_protected), DB_TEXT(birth), DB_TEXT(since), DB_TEXT(person->name),
                DB_TEXT(person->father), DB_TEXT(person->mother)),
        err);
}

int civil_remove(struct db_txn *txn, const char *body, const struct person_code *code,
                 struct err *err)
{
    return db_execute(txn,
                      "DELETE FROM household WHERE id IN (SELECT household FROM household_person"
                      " WHERE body = ? AND code = ?)",
                      DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code))), err);
}

int civil_put(struct db_txn *txn, const char *body, const struct household *household,
              struct err *err)
{
    char since[CALTIME_TEXT_SIZE];

    for (size_t i = 0; i < household->count; i++)
        if (household->people[i].has_code)
            TRY(civil_remove(txn, body, &household->people[i].code, err));
    caldate_format_iso(household->family_since, since);
    TRY(db_execute(txn,
                   "INSERT INTO household (body, origin, origin_body, family_since,"
                   " former_address) VALUES (?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(body), DB_TEXT(household->origin),
                           DB_TEXT(household->origin_body), DB_TEXT(since),
                           DB_TEXT(household->former_address)),
                   err));
    for (size_t i = 0; i < household->count; i++)
        TRY(put_person(txn, body, household, i, err));
    return 0;
}

int civil_file(struct holdings *holdings, const char *body, const struct household *household,
               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char count[sizeof "9223372036854775807"];

    TRY(check_body(holdings, body, err));
    TRY(household_check(household, err));
    (void)snprintf(count, sizeof count, "%zu", household->count);
    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(civil_put(&txn, body, household, err));
    TRY(note(&txn, ACT_HOUSEHOLD_FILED, bytes_text(body), count, by, err));
    return db_commit(&txn, err);
}

static int read_day(const struct db_rows *rows, int column, struct caldate *ret, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    TRY(db_text(rows, column, text, sizeof text, err));
    return caldate_parse_iso(text, ret, err);
}

static int read_code(const struct db_rows *rows, struct civil_person *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf code = BUF_INIT;

    ret->has_code = !db_is_null(rows, 0);
    if (!ret->has_code)
        return 0;
    TRY(db_blob(rows, 0, &code, err));
    if (code.len != sizeof ret->code.value)
        return FAIL(err, ERR_SYSTEM, "a code of another length");
    memcpy(ret->code.value, code.ptr, code.len);
    return 0;
}

static int read_person(const struct db_rows *rows, struct civil_person *ret, struct err *err)
{
    int64_t is_female, is_protected;
    char relation[16];
    unsigned place;

    TRY(read_code(rows, ret, err));
    TRY(db_text(rows, 1, relation, sizeof relation, err));
    TRY(tsv_word(relation, civil_relations, "a relation", &place, err));
    ret->relation = (enum civil_relation)place;
    TRY(db_int(rows, 2, &is_female, err));
    TRY(db_int(rows, 3, &is_protected, err));
    ret->is_female = is_female != 0;
    ret->is_protected = is_protected != 0;
    TRY(read_day(rows, 4, &ret->birth, err));
    TRY(read_day(rows, 5, &ret->since, err));
    TRY(db_text(rows, 6, ret->name, sizeof ret->name, err));
    TRY(db_text(rows, 7, ret->father, sizeof ret->father, err));
    return db_text(rows, 8, ret->mother, sizeof ret->mother, err);
}

static int read_people(struct db_txn *txn, int64_t id, struct household *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = 0;

    TRY(db_query(txn,
                 "SELECT code, relation, is_female, is_protected, birth, since, name, father,"
                 " mother FROM household_person WHERE household = ? ORDER BY place",
                 DB_WITH(DB_INT(id)), &rows, err));
    while (ret->count < CIVIL_PEOPLE_MAX && (rc = db_next(&rows, err)) == 0)
        TRY(read_person(&rows, &ret->people[ret->count++], err));
    return rc == -ERR_ABSENT ? 0 : rc;
}

static int read_household(const struct db_rows *rows, struct household *ret, struct err *err)
{
    TRY(db_text(rows, 1, ret->origin, sizeof ret->origin, err));
    TRY(db_text(rows, 2, ret->origin_body, sizeof ret->origin_body, err));
    TRY(read_day(rows, 3, &ret->family_since, err));
    return db_text(rows, 4, ret->former_address, sizeof ret->former_address, err);
}

int civil_get_in(struct db_txn *txn, const char *body, const struct person_code *code,
                 struct household *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t id;

    *ret = (struct household){.count = 0};
    TRY(db_query_one(txn,
                     "SELECT id, origin, origin_body, family_since, former_address FROM household"
                     " WHERE id = (SELECT household FROM household_person WHERE body = ? AND"
                     " code = ?)",
                     DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code))), &rows, err));
    TRY(db_int(&rows, 0, &id, err));
    TRY(read_household(&rows, ret, err));
    return read_people(txn, id, ret, err);
}

int civil_get(struct holdings *holdings, const char *body, const struct person_code *code,
              struct household *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(holdings_db(holdings), &txn, err));
    return civil_get_in(&txn, body, code, ret, err);
}

/* Names are written with a blank of either width, or without. */
#define UNSPACED(text) "replace(replace(" text ", ' ', ''), '\u3000', '')"

int civil_find(struct holdings *holdings, const struct civil_search *search,
               struct person_code *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct civil_person person;
    char birth[CALTIME_TEXT_SIZE];
    int rc;

    TRY(check_text(search->name, CIVIL_NAME_MAX, "name", err));
    caldate_format_iso(search->birth, birth);
    TRY(db_begin_read(holdings_db(holdings), &txn, err));
    TRY(db_query(&txn,
                 "SELECT code FROM household_person WHERE body = ? AND birth = ?"
                 " AND code IS NOT NULL AND " UNSPACED("name") " = " UNSPACED("?") " LIMIT 2",
                 DB_WITH(DB_TEXT(search->body), DB_TEXT(birth), DB_TEXT(search->name)), &rows,
                 err));
    TRY(db_next(&rows, err));
    TRY(read_code(&rows, &person, err));
    rc = db_next(&rows, err);
    if (rc == 0)
        return FAIL(err, ERR_CONFLICT, "more than one person has this name and birthday");
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = person.code;
    return 0;
}

/* ---- seals ---- */

int civil_put_seal(struct db_txn *txn, const char *body, const struct person_code *code,
                   const struct seal *seal, struct err *err)
{
    char since[CALTIME_TEXT_SIZE];

    caldate_format_iso(seal->since, since);
    return db_execute(txn,
                      "INSERT INTO seal SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, 0"
                      " FROM seal WHERE body = ?1 HAVING NOT EXISTS (SELECT * FROM seal"
                      " WHERE body = ?1 AND code = ?2 AND is_ended = 0)",
                      DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code)), DB_TEXT(since),
                              DB_TEXT(seal->letters)),
                      err);
}

int civil_end_seal(struct db_txn *txn, const char *body, const struct person_code *code,
                   const struct audit_origin *by, struct err *err)
{
    TRY(db_execute_one(txn,
                       "UPDATE seal SET is_ended = 1 WHERE body = ? AND code = ? AND is_ended = 0",
                       DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code))), err));
    return note(txn, ACT_SEAL_FILED, person_code_bytes(code), "ended", by, err);
}

int civil_file_seal(struct holdings *holdings, const struct sealed *sealed,
                    const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct bytes code = person_code_bytes(sealed->code);

    TRY(check_body(holdings, sealed->body, err));
    if (sealed->seal != NULL)
        TRY(check_text(sealed->seal->letters, CIVIL_SEAL_MAX, "letters", err));
    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(db_execute(&txn, "UPDATE seal SET is_ended = 1 WHERE body = ? AND code = ?",
                   DB_WITH(DB_TEXT(sealed->body), DB_BLOB(code)), err));
    if (sealed->seal != NULL)
        TRY(civil_put_seal(&txn, sealed->body, sealed->code, sealed->seal, err));
    TRY(note(&txn, ACT_SEAL_FILED, code, sealed->seal == NULL ? "ended" : "registered", by, err));
    return db_commit(&txn, err);
}

int civil_get_seal(struct holdings *holdings, const char *body, const struct person_code *code,
                   struct seal *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(holdings_db(holdings), &txn, err));
    TRY(db_query_one(&txn,
                     "SELECT number, since, letters FROM seal"
                     " WHERE body = ? AND code = ? AND is_ended = 0",
                     DB_WITH(DB_TEXT(body), DB_BLOB(person_code_bytes(code))), &rows, err));
    TRY(db_int(&rows, 0, &ret->number, err));
    TRY(read_day(&rows, 1, &ret->since, err));
    return db_text(&rows, 2, ret->letters, sizeof ret->letters, err);
}

/* ---- what was told ---- */

int civil_note(struct holdings *holdings, const struct person_code *code, const char *certificate,
               const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(holdings_db(holdings), &txn, err));
    TRY(note(&txn, ACT_REGISTERS_READ, person_code_bytes(code), certificate, by, err));
    return db_commit(&txn, err);
}
