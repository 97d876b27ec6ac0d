/* SPDX-License-Identifier: Apache-2.0 */
/* Residents and their individual numbers in SQLite. */
#include "register/store_sqlite.h"

#include "base/rand.h"
#include "register/acts.h"
#include "register/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int register_store_open(const char *path, struct register_store **ret, struct err *err)
{
    CLEANUP(register_store_closep) struct register_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    TRY(db_open(path, &register_schema, &store->db, err));
    *ret = store;
    store = NULL;
    return 0;
}

void register_store_close(struct register_store *store)
{
    if (store == NULL)
        return;
    db_close(store->db);
    free(store);
}

void register_store_closep(struct register_store **store)
{
    register_store_close(*store);
    *store = NULL;
}

int register_store_ping(struct register_store *store, struct err *err)
{
    return db_ping(store->db, err);
}

struct db *register_store_db(struct register_store *store)
{
    return store->db;
}

int id_new(char ret[RESIDENT_ID_LEN + 1], struct err *err)
{
    uint64_t random[2];

    TRY(rand_fill(random, sizeof random, err));
    (void)snprintf(ret, RESIDENT_ID_LEN + 1, "%016llx%016llx", (unsigned long long)random[0],
                   (unsigned long long)random[1]);
    return 0;
}

int id_new_at(int64_t at, char ret[RESIDENT_ID_LEN + 1], struct err *err)
{
    char digits[8 + 1];

    TRY(id_new(ret, err));
    (void)snprintf(digits, sizeof digits, "%08x", (uint32_t)at);
    memcpy(ret, digits, sizeof digits - 1);
    return 0;
}

int row_exists(struct db_txn *txn, const char *sql, const char *value, bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, sql, DB_WITH(DB_TEXT(value)), &rows, err);

    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    *ret = rc == 0;
    return 0;
}

int column_date(const struct db_rows *rows, int column, struct caldate *ret, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    *ret = (struct caldate){0, 0, 0};
    if (db_is_null(rows, column))
        return 0;
    TRY(db_text(rows, column, text, sizeof text, err));
    return caldate_parse_iso(text, ret, err);
}

int column_hash(const struct db_rows *rows, int column, uint8_t *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT;

    TRY(db_blob(rows, column, &hash, err));
    if (hash.len != CLERK_HASH_LEN)
        return FAIL(err, ERR_SYSTEM, "a stored hash has another length");
    memcpy(ret, hash.ptr, CLERK_HASH_LEN);
    return 0;
}

struct db_value date_value(struct caldate date, char text[CALTIME_TEXT_SIZE])
{
    if (date.year == 0)
        return DB_NULL;
    caldate_format_iso(date, text);
    return DB_TEXT(text);
}

/* What is in no certificate: four columns from a first one on. */
static int read_register_texts(const struct db_rows *rows, int first, struct resident *r,
                               struct err *err)
{
    TRY(db_text(rows, first, r->registered_name, sizeof r->registered_name, err));
    TRY(db_text(rows, first + 1, r->registered_address, sizeof r->registered_address, err));
    TRY(db_text(rows, first + 2, r->kana, sizeof r->kana, err));
    return db_text(rows, first + 3, r->former_name, sizeof r->former_name, err);
}

int resident_read(struct db_txn *txn, const char *id, struct resident *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct resident r = {0};
    char standing[16];
    int64_t sex;
    int rc = db_query_one(
        txn,
        "SELECT id, name, name_substitutes, address, address_substitutes, birth,"
        " sex, municipality, standing, stay_until, registered_name,"
        " registered_address, kana, former_name, subject FROM resident WHERE id = ?",
        DB_WITH(DB_TEXT(id)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such resident");
    TRY(rc);
    TRY(db_text(&rows, 0, r.id, sizeof r.id, err));
    TRY(db_text(&rows, 1, r.name, sizeof r.name, err));
    TRY(db_text(&rows, 2, r.name_substitutes, sizeof r.name_substitutes, err));
    TRY(db_text(&rows, 3, r.address, sizeof r.address, err));
    TRY(db_text(&rows, 4, r.address_substitutes, sizeof r.address_substitutes, err));
    TRY(column_date(&rows, 5, &r.birth, err));
    TRY(db_int(&rows, 6, &sex, err));
    TRY(db_text(&rows, 7, r.municipality, sizeof r.municipality, err));
    TRY(db_text(&rows, 8, standing, sizeof standing, err));
    TRY(standing_parse(standing, &r.standing, err));
    TRY(column_date(&rows, 9, &r.stay_until, err));
    TRY(read_register_texts(&rows, 10, &r, err));
    TRY(db_text(&rows, 14, r.subject, sizeof r.subject, err));
    r.sex = (enum sex)sex;
    *ret = r;
    return 0;
}

void resident_numbers_done(struct resident_numbers *numbers)
{
    mynumber_done(&numbers->number);
    resident_code_done(&numbers->code);
}

static int insert_numbers(struct db_txn *txn, const char *resident,
                          const struct resident_numbers *numbers, struct err *err)
{
    struct bytes code = secret_bytes(&numbers->code.digits);

    TRY(db_execute(txn, "INSERT INTO mynumber VALUES (?, ?)",
                   DB_WITH(DB_TEXT(resident), DB_BLOB(secret_bytes(&numbers->number.digits))),
                   err));
    return code.len == 0 ? 0
                         : db_execute(txn, "INSERT INTO resident_code VALUES (?, ?)",
                                      DB_WITH(DB_TEXT(resident), DB_BLOB(code)), err);
}

int resident_insert(struct db_txn *txn, const struct resident *r,
                    const struct resident_numbers *numbers, const struct audit_origin *by,
                    struct err *err)
{
    const struct audit_event event = {&register_acts[ACT_RESIDENT_REGISTERED], bytes_text(r->id),
                                      NULL};
    char birth[CALTIME_TEXT_SIZE];
    char stay[CALTIME_TEXT_SIZE];
    char subject[RESIDENT_ID_LEN + 1];

    TRY(id_new(subject, err));
    TRY(audit_append(txn, by, &event, err));
    TRY(db_execute(txn,
                   "INSERT INTO resident (id, name, name_substitutes, address,"
                   " address_substitutes, birth, sex, municipality, registered_at, stay_until,"
                   " registered_name, registered_address, kana, former_name, subject)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(r->id), DB_TEXT(r->name), DB_TEXT(r->name_substitutes),
                           DB_TEXT(r->address), DB_TEXT(r->address_substitutes),
                           date_value(r->birth, birth), DB_INT(r->sex), DB_TEXT(r->municipality),
                           DB_INT(by->at), date_value(r->stay_until, stay),
                           DB_TEXT(r->registered_name), DB_TEXT(r->registered_address),
                           DB_TEXT(r->kana), DB_TEXT(r->former_name), DB_TEXT(subject)),
                   err));
    return insert_numbers(txn, r->id, numbers, err);
}

/* The resident who has this number; ERR_ABSENT if nobody has. */
static int find_by_number(struct db_txn *txn, const struct mynumber *number, struct resident *ret,
                          struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    char id[RESIDENT_ID_LEN + 1];

    TRY(db_query_one(txn, "SELECT resident FROM mynumber WHERE digits = ?",
                     DB_WITH(DB_BLOB(secret_bytes(&number->digits))), &rows, err));
    TRY(db_text(&rows, 0, id, sizeof id, err));
    return resident_read(txn, id, ret, err);
}

/* Whether the resident is known by that code, or, if it is none, by none. */
static int has_code(struct db_txn *txn, const char *resident, const struct resident_code *code,
                    bool *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    struct bytes digits = secret_bytes(&code->digits);
    int64_t count;

    TRY(db_query_one(txn,
                     "SELECT count(*) = (length(?2) > 0) FROM resident_code"
                     " WHERE resident = ?1 AND (length(?2) = 0 OR digits = ?2)",
                     DB_WITH(DB_TEXT(resident), DB_BLOB(digits)), &rows, err));
    TRY(db_int(&rows, 0, &count, err));
    *ret = count == 1;
    return 0;
}

int resident_code_is_free(struct db_txn *txn, const struct resident_code *code, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT 1 FROM resident_code WHERE digits = ?",
                          DB_WITH(DB_BLOB(secret_bytes(&code->digits))), &rows, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    return FAIL(err, ERR_CONFLICT, "this resident code is another resident's");
}

/* Under the new id that the resident has, or that of one who is there and the same. */
static int add_resident(struct db_txn *txn, struct resident *resident,
                        const struct resident_numbers *numbers, const struct audit_origin *by,
                        bool *ret_is_new, struct err *err)
{
    struct resident known;
    bool is_same;
    int rc = find_by_number(txn, &numbers->number, &known, err);

    if (rc == 0) {
        TRY(has_code(txn, known.id, &numbers->code, &is_same, err));
        if (!is_same || !resident_is_same(resident, &known))
            return FAIL(err, ERR_CONFLICT, "this individual number is another resident's");
        memcpy(resident->id, known.id, sizeof resident->id);
        *ret_is_new = false;
        return 0;
    }
    if (rc != -ERR_ABSENT)
        return rc;
    TRY(resident_code_is_free(txn, &numbers->code, err));
    TRY(resident_insert(txn, resident, numbers, by, err));
    *ret_is_new = true;
    return 0;
}

int register_add_resident(struct register_store *store, struct resident *resident,
                          const struct resident_numbers *numbers, const struct audit_origin *by,
                          bool *ret_is_new, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct resident added = *resident;
    bool is_new = false;

    TRY(id_new(added.id, err));
    TRY(db_join(store->db, &txn, err));
    TRY(db_settle(&txn, add_resident(&txn, &added, numbers, by, &is_new, err), err));
    memcpy(resident->id, added.id, sizeof resident->id);
    *ret_is_new = is_new;
    return 0;
}

int register_get_resident(struct register_store *store, const char *id, struct resident *ret,
                          struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(store->db, &txn, err));
    return resident_read(&txn, id, ret, err);
}

static int read_digits(struct db_txn *txn, const char *resident, struct mynumber *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf digits = BUF_INIT; /* wiped when released */

    TRY(db_query_one(txn, "SELECT digits FROM mynumber WHERE resident = ?",
                     DB_WITH(DB_TEXT(resident)), &rows, err));
    TRY(db_blob(&rows, 0, &digits, err));
    return secret_copy(buf_bytes(&digits), &ret->digits, err);
}

int mynumber_record_use(struct db_txn *txn, const char *resident, const struct mynumber_use *use,
                        struct err *err)
{
    const struct audit_origin by = audit_by_role(use->at, "", use->actor, use->trace_id);
    const char *purpose = mynumber_purpose_name(use->purpose);
    const struct audit_event event = {&register_acts[ACT_MYNUMBER_READ], bytes_text(resident),
                                      purpose};

    TRY(db_execute(txn,
                   "INSERT INTO mynumber_use (resident, purpose, body, actor, used_at)"
                   " VALUES (?, ?, ?, ?, ?)",
                   DB_WITH(DB_TEXT(resident), DB_TEXT(purpose),
                           DB_TEXT(mynumber_body_name(use->body)), DB_TEXT(use->actor),
                           DB_INT(use->at)),
                   err));
    return audit_append(txn, &by, &event, err);
}

/* Who is refused leaves a record, too; somebody who is not named as nobody. */
static int record_refusal(struct register_store *store, const char *resident,
                          const struct mynumber_use *use, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    bool is_named = use->actor != NULL && use->actor[0] != '\0' && strlen(use->actor) <= ACTOR_MAX;
    const struct audit_origin by = audit_by_role(use->at, "", is_named ? use->actor : "nobody",
                                                 use->trace_id);
    const struct audit_event event = {&register_acts[ACT_MYNUMBER_REFUSED], bytes_text(resident),
                                      mynumber_purpose_name(use->purpose)};

    TRY(db_begin(store->db, &txn, err));
    TRY(audit_append(&txn, &by, &event, err));
    return db_commit(&txn, err);
}

int mynumber_guard(struct register_store *store, const char *resident,
                   const struct mynumber_use *use, struct err *err)
{
    struct err refusal = {0};
    int rc = mynumber_use_check(use, &refusal);

    if (rc == 0)
        return 0;
    TRY(record_refusal(store, resident, use, err));
    return FAIL_WITH(err, refusal.kind, refusal.detail, "%s", refusal.text);
}

int register_read_mynumber(struct register_store *store, const char *resident,
                           const struct mynumber_use *use, struct mynumber *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;

    TRY(mynumber_guard(store, resident, use, err));
    TRY(db_begin(store->db, &txn, err));
    TRY(read_digits(&txn, resident, &number, err));
    TRY(mynumber_record_use(&txn, resident, use, err));
    TRY(db_commit(&txn, err));
    *ret = number;
    number = (struct mynumber)MYNUMBER_INIT;
    return 0;
}
