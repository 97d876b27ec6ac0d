/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and their grams. */
#include "portal/procedure/store.h"

#include "db/list.h"
#include "portal/application/form.h"
#include "portal/procedure/fold.h"

#include <string.h>

const struct audit_act procedure_acts[] = {
    [PROCEDURE_MUNICIPALITY_ADDED] = {"municipality.added", "municipality"},
    [PROCEDURE_TEXT_PUT] = {"procedure.text_put", "procedure-text"},
    [PROCEDURE_OFFERED] = {"procedure.offered", "procedure"},
    [PROCEDURE_WITHDRAWN] = {"procedure.withdrawn", "procedure"},
};

/* A text as it is going to be kept. */
struct entry {
    const struct procedure_text *text;
    const char *category, *name, *alias, *summary, *json, *form;
    const char *name_en, *alias_en, *summary_en;
    struct procedure_folded folded;
    struct buf written, form_written;
};

static void entry_done(struct entry *entry)
{
    procedure_folded_done(&entry->folded);
    buf_done(&entry->written);
    buf_done(&entry->form_written);
}

static int check_code(const char *code, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const size_t len = strlen(code);

    if (len == 0 || len >= PROCEDURE_CODE_SIZE || strspn(code, letters) != len)
        return FAIL(err, ERR_INPUT, "the code of a text is 1 to %d small letters, digits, hyphens",
                    PROCEDURE_CODE_SIZE - 1);
    return 0;
}

static int write_form(const struct json *form, struct entry *entry, struct err *err)
{
    entry->form = "";
    if (form == NULL)
        return 0;
    TRY(err_prefix(err, form_check(form, err), "form"));
    TRY(json_write(form, &entry->form_written, err));
    return buf_text(&entry->form_written, &entry->form, err);
}

/* "" where the content has none. */
static int optional_text(const struct json *content, const char *member, const char **ret,
                         struct err *err)
{
    *ret = "";
    return json_has(content, member) ? json_get_text(content, member, ret, err) : 0;
}

static int make_entry(const struct procedure_text *text, struct entry *ret, struct err *err)
{
    const struct json *content = text->content;

    ret->text = text;
    TRY(check_code(text->code, err));
    TRY(procedure_content_check(content, err));
    TRY(procedure_content_fold(content, &ret->folded, err));
    TRY(json_get_text(content, "category", &ret->category, err));
    TRY(json_get_text(content, "name", &ret->name, err));
    TRY(json_get_text(content, "summary", &ret->summary, err));
    TRY(write_form(text->form, ret, err));
    TRY(optional_text(content, "alias", &ret->alias, err));
    TRY(optional_text(content, "name_en", &ret->name_en, err));
    TRY(optional_text(content, "alias_en", &ret->alias_en, err));
    TRY(optional_text(content, "summary_en", &ret->summary_en, err));
    TRY(json_write(content, &ret->written, err));
    return buf_text(&ret->written, &ret->json, err);
}

int procedure_check_text(const struct procedure_text *text, struct err *err)
{
    CLEANUP(entry_done) struct entry entry = {.text = text};

    return make_entry(text, &entry, err);
}

/* Its number and whether it says the same already; *ret stays for one that is new. */
static int find_text(struct db_txn *txn, const struct entry *entry, int64_t *ret, bool *ret_is_same,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t is_same;
    int rc = db_query_one(txn,
                          "SELECT id, content = ? AND form = ? AND place = ?"
                          " FROM procedure_text JOIN procedure_body ON text = id"
                          " WHERE owner = ? AND code = ?",
                          DB_WITH(DB_TEXT(entry->json), DB_TEXT(entry->form),
                                  DB_INT(entry->text->place), DB_TEXT(entry->text->owner),
                                  DB_TEXT(entry->text->code)),
                          &rows, err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    TRY(db_int(&rows, 1, &is_same, err));
    *ret_is_same = is_same != 0;
    return db_int(&rows, 0, ret, err);
}

static int insert_text(struct db_txn *txn, const struct entry *entry, int64_t at, int64_t *ret,
                       struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "INSERT INTO procedure_text (id, owner, code, place, category, name, alias,"
                     " summary, folded_name, folded_summary, version, updated_at)"
                     " SELECT 1 + coalesce(max(id), 0), ?, ?, 0, '', '', '', '', x'', x'', 0, ?"
                     " FROM procedure_text RETURNING id",
                     DB_WITH(DB_TEXT(entry->text->owner), DB_TEXT(entry->text->code), DB_INT(at)),
                     &rows, err));
    return db_int(&rows, 0, ret, err);
}

static int update_text(struct db_txn *txn, int64_t id, const struct entry *entry, int64_t at,
                       struct err *err)
{
    const struct buf *fields = entry->folded.fields;

    return db_execute_one(
        txn,
        "UPDATE procedure_text SET place = ?, category = ?, name = ?, alias = ?, summary = ?,"
        " name_en = ?, alias_en = ?, summary_en = ?, has_form = ?, folded_name = ?,"
        " folded_summary = ?, folded_body = ?, version = version + 1, updated_at = ? WHERE id = ?",
        DB_WITH(DB_INT(entry->text->place), DB_TEXT(entry->category), DB_TEXT(entry->name),
                DB_TEXT(entry->alias), DB_TEXT(entry->summary), DB_TEXT(entry->name_en),
                DB_TEXT(entry->alias_en), DB_TEXT(entry->summary_en),
                DB_INT(entry->form[0] != '\0'), DB_BLOB(buf_bytes(&fields[FIELD_NAME])),
                DB_BLOB(buf_bytes(&fields[FIELD_SUMMARY])), DB_BLOB(buf_bytes(&fields[FIELD_REST])),
                DB_INT(at), DB_INT(id)),
        err);
}

static int put_body(struct db_txn *txn, int64_t id, const struct entry *entry, struct err *err)
{
    return db_execute(txn,
                      "INSERT INTO procedure_body VALUES (?, ?, ?) ON CONFLICT (text) DO UPDATE"
                      " SET content = excluded.content, form = excluded.form",
                      DB_WITH(DB_INT(id), DB_TEXT(entry->json), DB_TEXT(entry->form)), err);
}

static int put_events(struct db_txn *txn, int64_t id, const struct entry *entry, struct err *err)
{
    const struct json *events;

    TRY(db_execute(txn, "DELETE FROM procedure_event WHERE text = ?", DB_WITH(DB_INT(id)), err));
    TRY(json_get_array(entry->text->content, "events", &events, err));
    for (size_t i = 0; i < json_count(events); i++)
        TRY(db_execute(txn, "INSERT INTO procedure_event VALUES (?, ?) ON CONFLICT DO NOTHING",
                       DB_WITH(DB_INT(id), DB_TEXT(json_text(json_at(events, i)))), err));
    return 0;
}

static int put_grams(struct db_txn *txn, int64_t id, const struct entry *entry, struct err *err)
{
    TRY(db_execute(txn, "DELETE FROM procedure_gram WHERE text = ?", DB_WITH(DB_INT(id)), err));
    for (size_t field = 0; field < FIELDS_; field++) {
        CLEANUP(grams_done) struct grams grams = {NULL, 0};

        TRY(grams_of(buf_bytes(&entry->folded.fields[field]), &grams, err));
        for (size_t i = 0; i < grams.count; i++)
            TRY(db_execute(txn, "INSERT INTO procedure_gram VALUES (?, ?) ON CONFLICT DO NOTHING",
                           DB_WITH(DB_INT(grams.at[i]), DB_INT(id)), err));
    }
    return 0;
}

static int put_text(struct db_txn *txn, const struct procedure_text *text, int64_t at, int64_t *ret,
                    bool *ret_is_same, struct err *err)
{
    CLEANUP(entry_done) struct entry entry = {.text = text};
    int64_t id = 0;

    TRY(make_entry(text, &entry, err));
    TRY(find_text(txn, &entry, &id, ret_is_same, err));
    if (!*ret_is_same) {
        if (id == 0)
            TRY(insert_text(txn, &entry, at, &id, err));
        TRY(update_text(txn, id, &entry, at, err));
        TRY(put_body(txn, id, &entry, err));
        TRY(put_events(txn, id, &entry, err));
        TRY(put_grams(txn, id, &entry, err));
    }
    *ret = id;
    return 0;
}

int procedure_put_text_in(struct db_txn *txn, const struct procedure_text *text, int64_t at,
                          int64_t *ret, struct err *err)
{
    bool is_same = false;

    return put_text(txn, text, at, ret, &is_same, err);
}

int procedure_put_text(struct db *db, const struct procedure_text *text,
                       const struct audit_origin *by, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    const struct audit_event event = {&procedure_acts[PROCEDURE_TEXT_PUT], bytes_text(text->code),
                                      NULL};
    bool is_same = false;
    int64_t id;

    TRY(db_begin(db, &txn, err));
    TRY(put_text(&txn, text, by->at, &id, &is_same, err));
    if (!is_same)
        TRY(audit_append(&txn, by, &event, err));
    TRY(db_commit(&txn, err));
    *ret = id;
    return 0;
}

static int put_row(const struct db_rows *rows, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    char code[PROCEDURE_CODE_SIZE], name[PROCEDURE_NAME_SIZE], psid[PSID_SIZE];
    char name_en[PROCEDURE_ENGLISH_NAME_SIZE];
    int64_t id, is_own, has_form;

    TRY(db_int(rows, 0, &id, err));
    TRY(db_text(rows, 1, code, sizeof code, err));
    TRY(db_text(rows, 2, name, sizeof name, err));
    TRY(db_int(rows, 3, &is_own, err));
    TRY(db_int(rows, 4, &has_form, err));
    TRY(db_text(rows, 5, psid, sizeof psid, err));
    TRY(db_text(rows, 6, name_en, sizeof name_en, err));
    TRY(json_put_int(item, "text", id, err));
    TRY(json_put_text(item, "code", code, err));
    TRY(json_put_text(item, "name", name, err));
    if (name_en[0] != '\0')
        TRY(json_put_text(item, "name_en", name_en, err));
    TRY(json_put_bool(item, "is_own", is_own != 0, err));
    TRY(json_put_bool(item, "has_form", has_form != 0, err));
    if (psid[0] != '\0')
        TRY(json_put_text(item, "psid", psid, err));
    return json_add(list, json_steal(&item), err);
}

int procedure_list_texts(struct db *db, const char *municipality, struct json **ret,
                         struct err *err)
{
    return db_list(db,
                   "SELECT t.id, t.code, t.name, t.owner <> '', t.has_form, coalesce(o.psid, ''),"
                   " t.name_en FROM procedure_text AS t LEFT JOIN procedure_offering AS o"
                   " ON o.text = t.id AND o.municipality = ?1"
                   " WHERE t.owner = '' OR t.owner = ?1 ORDER BY t.place, t.id",
                   DB_WITH(DB_TEXT(municipality)), put_row, ret, err);
}
