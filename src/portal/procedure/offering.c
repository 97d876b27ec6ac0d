/* SPDX-License-Identifier: Apache-2.0 */
/* Municipalities, and what each of them offers. */
#include "portal/procedure/store.h"

#include "base/caltime.h"
#include "base/utf8.h"
#include "db/list.h"
#include "fetch/mailbox.h"
#include "portal/procedure/content.h"

#include <stdio.h>
#include <string.h>

static const int64_t forever = INT64_MAX;

static bool are_digits(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, "0123456789") == count;
}

bool municipality_code_is_valid(const char *code)
{
    unsigned sum = 0;

    if (are_digits(code, 5))
        return true;
    if (!are_digits(code, 6))
        return false;
    for (unsigned i = 0; i < 5; i++)
        sum += (6 - i) * (unsigned)(code[i] - '0');
    return (11 - sum % 11) % 10 == (unsigned)(code[5] - '0');
}

static int check_length(const char *name, const char *what, int max, struct err *err)
{
    const size_t count = utf8_count(bytes_text(name));

    if (utf8_is_blank(bytes_text(name)) || count > (size_t)max || !utf8_is_shown(bytes_text(name)))
        return FAIL(err, ERR_INPUT, "%s has 1 to %d characters that can be seen", what, max);
    return 0;
}

static int check_name(const char *name, const char *what, struct err *err)
{
    return check_length(name, what, PROCEDURE_NAME_MAX, err);
}

static int count_rows(struct db_txn *txn, const char *sql, const struct db_value *values,
                      int64_t *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, sql, values, &rows, err));
    return db_int(&rows, 0, ret, err);
}

int municipality_add_in(struct db_txn *txn, const struct municipality *municipality, int64_t at,
                        struct err *err)
{
    int64_t count;
    int rc;

    if (!are_digits(municipality->code, 5))
        return FAIL(err, ERR_INPUT, "the code of a municipality is five digits");
    TRY(check_name(municipality->prefecture, "a prefecture", err));
    TRY(check_name(municipality->name, "a municipality's name", err));
    TRY(count_rows(txn, "SELECT count(*) FROM municipality", DB_NOTHING, &count, err));
    if (count >= PROCEDURE_MUNICIPALITIES_MAX)
        return FAIL(err, ERR_CONFLICT, "there are %d municipalities already",
                    PROCEDURE_MUNICIPALITIES_MAX);
    rc = db_execute(txn, "INSERT INTO municipality VALUES (?, ?, ?, ?)",
                    DB_WITH(DB_TEXT(municipality->code), DB_TEXT(municipality->prefecture),
                            DB_TEXT(municipality->name), DB_INT(at)),
                    err);
    return rc == -ERR_CONFLICT ? FAIL(err, ERR_CONFLICT, "this municipality is there already") : rc;
}

int municipality_add(struct db *db, const struct municipality *municipality,
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&procedure_acts[PROCEDURE_MUNICIPALITY_ADDED],
                                      bytes_text(municipality->code), NULL};

    TRY(db_begin(db, &txn, err));
    TRY(municipality_add_in(&txn, municipality, by->at, err));
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

static int read_municipality(struct db_txn *txn, const char *code, struct municipality *ret,
                             struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT code, prefecture, name FROM municipality WHERE code = ?",
                          DB_WITH(DB_TEXT(code)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such municipality here");
    TRY(rc);
    TRY(db_text(&rows, 0, ret->code, sizeof ret->code, err));
    TRY(db_text(&rows, 1, ret->prefecture, sizeof ret->prefecture, err));
    return db_text(&rows, 2, ret->name, sizeof ret->name, err);
}

int municipality_get(struct db *db, const char *code, struct municipality *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(db, &txn, err));
    return read_municipality(&txn, code, ret, err);
}

static int put_municipality(const struct db_rows *rows, struct json *list, struct err *err)
{
    static const char *const names[] = {"code", "prefecture", "name"};
    CLEANUP(json_freep) struct json *item = json_object_new();

    for (int i = 0; i < 3; i++) {
        char text[PROCEDURE_NAME_SIZE];

        TRY(db_text(rows, i, text, sizeof text, err));
        TRY(json_put_text(item, names[i], text, err));
    }
    return json_add(list, json_steal(&item), err);
}

int municipality_list(struct db *db, struct json **ret, struct err *err)
{
    return db_list(db, "SELECT code, prefecture, name FROM municipality ORDER BY code", DB_NOTHING,
                   put_municipality, ret, err);
}

const struct http_member procedure_contact_members[] = {
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "the office"},
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"phone", HTTP_TEXT, HTTP_OPTIONAL, "its telephone number"},
    {"email", HTTP_TEXT, HTTP_OPTIONAL, "its address for mail"},
    {"form_url", HTTP_TEXT, HTTP_OPTIONAL, "where questions are taken"},
    {"address", HTTP_TEXT, HTTP_OPTIONAL, "where it is"},
    {"address_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {"notes", HTTP_TEXT, HTTP_OPTIONAL, "hours and the like"},
    {"notes_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},
    {NULL},
};

/* Services that ask make links of them. */
static int check_addresses(const struct json *contact, struct err *err)
{
    const char *text;
    struct mailbox mailbox;

    if (json_has(contact, "form_url")) {
        TRY(json_get_text(contact, "form_url", &text, err));
        TRY(err_prefix(err, procedure_check_url(text, err), "form_url"));
    }
    if (!json_has(contact, "email"))
        return 0;
    TRY(json_get_text(contact, "email", &text, err));
    return err_prefix(err, mailbox_parse(bytes_text(text), &mailbox, err), "email");
}

static bool is_english(const char *member)
{
    const size_t len = strlen(member);

    return len > 3 && strcmp(member + len - 3, "_en") == 0;
}

/* Nothing is there in English that is not there in Japanese. */
static int check_english(const struct json *contact, const char *member, struct err *err)
{
    char japanese[32];

    (void)snprintf(japanese, sizeof japanese, "%.*s", (int)(strlen(member) - strlen("_en")),
                   member);
    return json_has(contact, japanese)
               ? 0
               : FAIL(err, ERR_INPUT, "%s: it is not there in Japanese", member);
}

static int check_contact(const struct json *contact, struct err *err)
{
    TRY(http_members_check(contact, procedure_contact_members, err));
    for (const struct http_member *m = procedure_contact_members; m->name != NULL; m++) {
        const char *text;

        if (!json_has(contact, m->name))
            continue;
        TRY(json_get_text(contact, m->name, &text, err));
        TRY(check_length(text, m->name,
                         is_english(m->name) ? PROCEDURE_ENGLISH_NAME_MAX : PROCEDURE_NAME_MAX,
                         err));
        if (is_english(m->name))
            TRY(check_english(contact, m->name, err));
    }
    return check_addresses(contact, err);
}

static int check_day(const char *day, struct err *err)
{
    struct caldate date;

    return day[0] == '\0' ? 0 : caldate_parse_iso(day, &date, err);
}

static int check_offering(const struct procedure_offering *offering, struct err *err)
{
    TRY(err_prefix(err, check_day(offering->from, err), "from"));
    TRY(err_prefix(err, check_day(offering->until, err), "until"));
    if (offering->until[0] != '\0' && strcmp(offering->from, offering->until) > 0)
        return FAIL(err, ERR_INPUT, "the period ends before it begins");
    if (offering->open_from < 0 || offering->open_until < 0 ||
        (offering->open_until != 0 && offering->open_until < offering->open_from))
        return FAIL(err, ERR_INPUT, "it is shown until before it is shown from");
    TRY(check_name(offering->department, "a department", err));
    if (offering->department_en != NULL)
        TRY(check_length(offering->department_en, "a department in English",
                         PROCEDURE_ENGLISH_NAME_MAX, err));
    return check_contact(offering->contact, err);
}

/* Texts of others are as good as none. */
static int check_text_of(struct db_txn *txn, const struct procedure_offering *offering,
                         struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t has_form;
    int rc = db_query_one(txn,
                          "SELECT has_form FROM procedure_text"
                          " WHERE id = ? AND (owner = '' OR owner = ?)",
                          DB_WITH(DB_INT(offering->text), DB_TEXT(offering->municipality)), &rows,
                          err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such text");
    TRY(rc);
    TRY(db_int(&rows, 0, &has_form, err));
    if (offering->is_online && has_form == 0)
        return FAIL(err, ERR_INPUT, "without a form nobody can apply for it here");
    return 0;
}

static int check_room(struct db_txn *txn, const char *municipality, const char *psid,
                      struct err *err)
{
    int64_t count;

    TRY(count_rows(txn,
                   "SELECT count(*) FROM procedure_offering WHERE municipality = ? AND psid <> ?",
                   DB_WITH(DB_TEXT(municipality), DB_TEXT(psid)), &count, err));
    if (count >= PROCEDURE_OFFERINGS_MAX)
        return FAIL(err, ERR_CONFLICT, "a municipality offers at most %d procedures",
                    PROCEDURE_OFFERINGS_MAX);
    return 0;
}

static int write_offering(struct db_txn *txn, const struct procedure_offering *offering,
                          const char *psid, int64_t at, struct err *err)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const int64_t open_until = offering->open_until == 0 ? forever : offering->open_until;
    const char *contact;

    TRY(json_write(offering->contact, &written, err));
    TRY(buf_text(&written, &contact, err));
    return db_execute(
        txn,
        "INSERT INTO procedure_offering (psid, municipality, text, is_online,"
        " period_from, period_until, open_from, open_until, department,"
        " department_en, contact, version, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
        " ON CONFLICT (psid) DO UPDATE SET is_online = excluded.is_online,"
        " period_from = excluded.period_from, period_until = excluded.period_until,"
        " open_from = excluded.open_from, open_until = excluded.open_until,"
        " department = excluded.department, department_en = excluded.department_en,"
        " contact = excluded.contact,"
        " version = procedure_offering.version + 1, updated_at = excluded.updated_at",
        DB_WITH(DB_TEXT(psid), DB_TEXT(offering->municipality), DB_INT(offering->text),
                DB_INT(offering->is_online), DB_TEXT(offering->from), DB_TEXT(offering->until),
                DB_INT(offering->open_from), DB_INT(open_until), DB_TEXT(offering->department),
                DB_TEXT(offering->department_en == NULL ? "" : offering->department_en),
                DB_TEXT(contact), DB_INT(at)),
        err);
}

int procedure_offer_in(struct db_txn *txn, const struct procedure_offering *offering, int64_t at,
                       char ret_psid[PSID_SIZE], struct err *err)
{
    struct municipality municipality;
    char psid[32];

    TRY(check_offering(offering, err));
    TRY(read_municipality(txn, offering->municipality, &municipality, err));
    TRY(check_text_of(txn, offering, err));
    (void)snprintf(psid, sizeof psid, "%s%07lld", municipality.code, (long long)offering->text);
    TRY(check_room(txn, municipality.code, psid, err));
    TRY(write_offering(txn, offering, psid, at, err));
    memcpy(ret_psid, psid, PSID_SIZE);
    return 0;
}

int procedure_offer(struct db *db, const struct procedure_offering *offering,
                    const struct audit_origin *by, char ret_psid[PSID_SIZE], struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    char psid[PSID_SIZE];

    TRY(db_begin(db, &txn, err));
    TRY(procedure_offer_in(&txn, offering, by->at, psid, err));
    TRY(audit_append(
        &txn, by, &(struct audit_event){&procedure_acts[PROCEDURE_OFFERED], bytes_text(psid), NULL},
        err));
    TRY(db_commit(&txn, err));
    memcpy(ret_psid, psid, PSID_SIZE);
    return 0;
}

/* Texts of all that a municipality does not offer, as an array of {text, is_online}. */
static int list_missing(struct db *db, const char *municipality, struct json *list, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT id, has_form FROM procedure_text AS t WHERE owner = '' AND NOT EXISTS"
                 " (SELECT 1 FROM procedure_offering WHERE municipality = ? AND text = t.id)"
                 " ORDER BY place, id",
                 DB_WITH(DB_TEXT(municipality)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(json_freep) struct json *item = json_object_new();
        int64_t text, has_form;

        TRY(db_int(&rows, 0, &text, err));
        TRY(db_int(&rows, 1, &has_form, err));
        TRY(json_put_int(item, "text", text, err));
        TRY(json_put_bool(item, "is_online", has_form != 0, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}

int procedure_offer_standard(struct db *db, const char *municipality,
                             const char *const department[2], const struct audit_origin *by,
                             int64_t *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *missing = json_array_new();
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_offering offering = {.municipality = municipality,
                                          .from = "",
                                          .until = "",
                                          .department = department[0],
                                          .department_en = department[1],
                                          .contact = contact};
    char psid[PSID_SIZE];

    if (missing == NULL || contact == NULL)
        return FAIL_NOMEM(err);
    TRY(list_missing(db, municipality, missing, err));
    for (size_t i = 0; i < json_count(missing); i++) {
        TRY(json_get_int(json_at(missing, i), "text", &offering.text, err));
        TRY(json_get_bool(json_at(missing, i), "is_online", &offering.is_online, err));
        TRY(procedure_offer(db, &offering, by, psid, err));
    }
    *ret = (int64_t)json_count(missing);
    return 0;
}

int procedure_withdraw(struct db *db, const char *municipality, const char *psid,
                       const struct audit_origin *by, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&procedure_acts[PROCEDURE_WITHDRAWN], bytes_text(psid), NULL};
    int rc;

    TRY(db_begin(db, &txn, err));
    rc = db_execute_one(&txn, "DELETE FROM procedure_offering WHERE psid = ? AND municipality = ?",
                        DB_WITH(DB_TEXT(psid), DB_TEXT(municipality)), err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this municipality has no such procedure");
    TRY(rc);
    TRY(audit_append(&txn, by, &event, err));
    return db_commit(&txn, err);
}

static int read_offer(const struct db_rows *rows, struct procedure_item *ret, struct err *err)
{
    int64_t is_online;

    TRY(db_text(rows, 0, ret->psid, sizeof ret->psid, err));
    TRY(db_text(rows, 1, ret->municipality, sizeof ret->municipality, err));
    TRY(db_int(rows, 2, &is_online, err));
    TRY(db_text(rows, 3, ret->from, sizeof ret->from, err));
    TRY(db_text(rows, 4, ret->until, sizeof ret->until, err));
    TRY(db_int(rows, 5, &ret->open_from, err));
    TRY(db_int(rows, 6, &ret->open_until, err));
    TRY(db_text(rows, 7, ret->department, sizeof ret->department, err));
    ret->is_online = is_online != 0;
    if (ret->open_until == forever)
        ret->open_until = 0;
    return 0;
}

static int read_item(const struct db_rows *rows, struct procedure_item *ret, struct err *err)
{
    TRY(read_offer(rows, ret, err));
    TRY(db_text(rows, 8, ret->category, sizeof ret->category, err));
    TRY(db_text(rows, 9, ret->name, sizeof ret->name, err));
    TRY(db_text(rows, 10, ret->alias, sizeof ret->alias, err));
    TRY(db_text(rows, 11, ret->summary, sizeof ret->summary, err));
    TRY(db_int(rows, 12, &ret->version, err));
    TRY(db_int(rows, 13, &ret->updated_at, err));
    TRY(db_text(rows, 14, ret->name_en, sizeof ret->name_en, err));
    TRY(db_text(rows, 15, ret->alias_en, sizeof ret->alias_en, err));
    TRY(db_text(rows, 16, ret->summary_en, sizeof ret->summary_en, err));
    return db_text(rows, 17, ret->department_en, sizeof ret->department_en, err);
}

#define ITEM_COLUMNS                                                                               \
    "psid, municipality, is_online, period_from, period_until, open_from, open_until, department," \
    " category, name, alias, summary, procedure_text.version + o.version - 1,"                     \
    " CASE WHEN procedure_text.updated_at > o.updated_at"                                          \
    " THEN procedure_text.updated_at ELSE o.updated_at END,"                                       \
    " name_en, alias_en, summary_en, department_en"
#define ITEM_TABLES                                                                                \
    " FROM procedure_offering AS o JOIN procedure_text ON procedure_text.id = o.text"

int procedure_read_item(struct db_txn *txn, const char *psid, struct procedure_item *ret,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn, "SELECT " ITEM_COLUMNS ITEM_TABLES " WHERE psid = ?",
                     DB_WITH(DB_TEXT(psid)), &rows, err));
    return read_item(&rows, ret, err);
}

void procedure_detail_done(struct procedure_detail *detail)
{
    json_freep(&detail->content);
    json_freep(&detail->contact);
    json_freep(&detail->form);
}

static int read_json(const struct db_rows *rows, int column, struct json **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(db_blob(rows, column, &text, err));
    if (text.len == 0)
        return 0;
    return json_parse(buf_bytes(&text), ret, err);
}

static int read_detail(struct db_txn *txn, const char *psid, int64_t now,
                       struct procedure_detail *ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT " ITEM_COLUMNS
        ", CAST(content AS BLOB), CAST(contact AS BLOB), CAST(form AS BLOB)" ITEM_TABLES
        " JOIN procedure_body ON procedure_body.text = procedure_text.id WHERE psid = ? AND "
        "open_from <= ?2 AND open_until >= ?2",
        DB_WITH(DB_TEXT(psid), DB_INT(now)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such procedure");
    TRY(rc);
    TRY(read_item(&rows, &ret->item, err));
    TRY(read_json(&rows, 18, &ret->content, err));
    TRY(read_json(&rows, 19, &ret->contact, err));
    return read_json(&rows, 20, &ret->form, err);
}

int procedure_get(struct db *db, const char *psid, int64_t now, struct procedure_detail *ret,
                  struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};

    TRY(db_begin_read(db, &txn, err));
    TRY(read_detail(&txn, psid, now, &detail, err));
    TRY(read_municipality(&txn, detail.item.municipality, &detail.municipality, err));
    *ret = detail;
    detail = (struct procedure_detail){.content = NULL};
    return 0;
}
