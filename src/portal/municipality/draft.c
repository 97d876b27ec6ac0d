/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/municipality/draft.h"

#include "portal/municipality/key.h"

static struct procedure_text text_of(const char *municipality, const char *code,
                                     const struct json *content, const struct json *form)
{
    return (struct procedure_text){.owner = municipality,
                                   .code = code,
                                   .place = PROCEDURE_OWN_PLACE,
                                   .content = content,
                                   .form = form};
}

static int note(struct db_txn *txn, enum municipality_act act, const char *code,
                const struct audit_origin *by, struct err *err)
{
    const struct audit_event event = {&municipality_acts[act], bytes_text(code), NULL};

    return audit_append(txn, by, &event, err);
}

/* ---- saving ---- */

static int append_json(struct buf *ret, const char *before, const struct json *value,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(value, &text, err));
    TRY(buf_append_text(ret, before, err));
    return buf_append(ret, buf_bytes(&text), err);
}

static int write_body(const struct text_draft *draft, struct buf *ret, struct err *err)
{
    TRY(append_json(ret, "{\"content\":", draft->content, err));
    if (draft->form != NULL)
        TRY(append_json(ret, ",\"form\":", draft->form, err));
    return buf_append_text(ret, "}", err);
}

/* Two editors who began from the same version: the second one is told. */
static int check_base(struct db_txn *txn, const struct text_draft *draft, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t newest, texts;

    TRY(db_query_one(txn,
                     "SELECT coalesce(max(version) FILTER (WHERE code = ?2), 0),"
                     " count(DISTINCT code) FROM procedure_draft WHERE municipality = ?1",
                     DB_WITH(DB_TEXT(draft->municipality), DB_TEXT(draft->code)), &rows, err));
    TRY(db_int(&rows, 0, &newest, err));
    TRY(db_int(&rows, 1, &texts, err));
    if (newest != draft->based_on)
        return FAIL(err, ERR_CONFLICT, "somebody saved another version meanwhile; read it first");
    if (newest == 0 && texts >= MUNICIPALITY_DRAFTS_MAX)
        return FAIL(err, ERR_CONFLICT, "a municipality has drafts of %d texts at most",
                    MUNICIPALITY_DRAFTS_MAX);
    return 0;
}

static int insert(struct db_txn *txn, const struct text_draft *draft, int64_t version,
                  struct bytes body, int64_t at, struct err *err)
{
    const char *name;

    TRY(json_get_text(draft->content, "name", &name, err));
    TRY(db_execute(txn, "INSERT INTO procedure_draft VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                   DB_WITH(DB_TEXT(draft->municipality), DB_TEXT(draft->code), DB_INT(version),
                           DB_TEXT(name), DB_BLOB(body), DB_INT(at), DB_TEXT(draft->by_whom)),
                   err));
    return db_execute(txn,
                      "DELETE FROM procedure_draft WHERE municipality = ? AND code = ?"
                      " AND version <= ?",
                      DB_WITH(DB_TEXT(draft->municipality), DB_TEXT(draft->code),
                              DB_INT(version - MUNICIPALITY_VERSIONS_MAX)),
                      err);
}

int text_draft_save(struct db *db, const struct text_draft *draft, const struct audit_origin *by,
                    int64_t *ret_version, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    const struct procedure_text text = text_of(draft->municipality, draft->code, draft->content,
                                               draft->form);

    TRY(procedure_check_text(&text, err));
    TRY(write_body(draft, &body, err));
    TRY(db_begin(db, &txn, err));
    TRY(check_base(&txn, draft, err));
    TRY(insert(&txn, draft, draft->based_on + 1, buf_bytes(&body), by->at, err));
    TRY(note(&txn, MUNICIPALITY_DRAFT_SAVED, draft->code, by, err));
    TRY(db_commit(&txn, err));
    *ret_version = draft->based_on + 1;
    return 0;
}

/* ---- reading ---- */

/* Texts in the first columns, then integers. */
static int put_row(const struct db_rows *rows, const char *const *texts, const char *const *numbers,
                   struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    int column = 0;

    for (; *texts != NULL; texts++, column++) {
        char text[PROCEDURE_NAME_SIZE];

        TRY(db_text(rows, column, text, sizeof text, err));
        TRY(json_put_text(item, *texts, text, err));
    }
    for (; *numbers != NULL; numbers++, column++) {
        int64_t number;

        TRY(db_int(rows, column, &number, err));
        TRY(json_put_int(item, *numbers, number, err));
    }
    return json_add(list, json_steal(&item), err);
}

static int put_all(struct db_rows *rows, const char *const *texts, const char *const *numbers,
                   struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    while ((rc = db_next(rows, err)) == 0)
        TRY(put_row(rows, texts, numbers, list, err));
    if (rc != -ERR_ABSENT)
        return rc;
    *ret = json_steal(&list);
    return 0;
}

int text_draft_list(struct db *db, const char *municipality, struct json **ret, struct err *err)
{
    static const char *const texts[] = {"code", "name", NULL};
    static const char *const numbers[] = {"version", "saved_at", "published", NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(&txn,
                 "SELECT d.code, d.name, d.version, d.saved_at, coalesce((SELECT p.version"
                 " FROM procedure_draft AS p WHERE p.municipality = d.municipality"
                 " AND p.code = d.code AND p.published_at > 0"
                 " ORDER BY p.published_at DESC, p.version DESC LIMIT 1), 0)"
                 " FROM procedure_draft AS d WHERE d.municipality = ?1 AND d.version ="
                 " (SELECT max(version) FROM procedure_draft WHERE municipality = ?1"
                 " AND code = d.code) ORDER BY d.code",
                 DB_WITH(DB_TEXT(municipality)), &rows, err));
    return put_all(&rows, texts, numbers, ret, err);
}

static int read_body(struct db_txn *txn, const char *municipality, const char *code,
                     int64_t *version, struct json **ret, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc = db_query_one(txn,
                          "SELECT version, body FROM procedure_draft"
                          " WHERE municipality = ?1 AND code = ?2 AND (version = ?3 OR ?3 = 0)"
                          " ORDER BY version DESC LIMIT 1",
                          DB_WITH(DB_TEXT(municipality), DB_TEXT(code), DB_INT(*version)), &rows,
                          err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "there is no such draft");
    TRY(rc);
    TRY(db_int(&rows, 0, version, err));
    TRY(db_blob(&rows, 1, &text, err));
    return json_parse(buf_bytes(&text), ret, err);
}

int text_draft_get(struct db *db, const char *municipality, const char *code, int64_t version,
                   struct json **ret, struct err *err)
{
    static const char *const texts[] = {"name", "saved_by", NULL};
    static const char *const numbers[] = {"version", "saved_at", "published_at", NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = NULL;
    struct json *versions;

    TRY(db_begin_read(db, &txn, err));
    TRY(read_body(&txn, municipality, code, &version, &body, err));
    TRY(db_query(&txn,
                 "SELECT name, saved_by, version, saved_at, published_at FROM procedure_draft"
                 " WHERE municipality = ? AND code = ? ORDER BY version DESC",
                 DB_WITH(DB_TEXT(municipality), DB_TEXT(code)), &rows, err));
    TRY(put_all(&rows, texts, numbers, &versions, err));
    TRY(json_put(body, "versions", versions, err));
    TRY(json_put_int(body, "version", version, err));
    *ret = json_steal(&body);
    return 0;
}

/* ---- publishing ---- */

int text_draft_publish(struct db *db, const struct text_name *name, const struct audit_origin *by,
                       int64_t *ret_text, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = NULL;
    struct procedure_text text = text_of(name->municipality, name->code, NULL, NULL);
    int64_t version = name->version;
    int64_t id;

    TRY(db_begin(db, &txn, err));
    TRY(read_body(&txn, name->municipality, name->code, &version, &body, err));
    TRY(json_get_object(body, "content", &text.content, err));
    if (json_has(body, "form"))
        TRY(json_get_object(body, "form", &text.form, err));
    TRY(procedure_put_text_in(&txn, &text, by->at, &id, err));
    TRY(db_execute_one(
        &txn,
        "UPDATE procedure_draft SET published_at = ? WHERE municipality = ?"
        " AND code = ? AND version = ?",
        DB_WITH(DB_INT(by->at), DB_TEXT(name->municipality), DB_TEXT(name->code), DB_INT(version)),
        err));
    TRY(note(&txn, MUNICIPALITY_DRAFT_PUBLISHED, name->code, by, err));
    TRY(db_commit(&txn, err));
    *ret_text = id;
    return 0;
}
