/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/eligibility/history.h"

#include "portal/eligibility/lookup.h"

#include <stdio.h>

/* What the number in a column stands for. */
struct meaning {
    int column;
    const char *key;
    const char *const *words;
    int count;
};

static int put_word(const struct db_rows *rows, const struct meaning *meaning, struct json *object,
                    struct err *err)
{
    int64_t number;

    TRY(db_int(rows, meaning->column, &number, err));
    if (number < 0 || number >= meaning->count)
        return FAIL(err, ERR_SYSTEM, "%s is none of its words", meaning->key);
    return json_put_text(object, meaning->key, meaning->words[number], err);
}

static int put_numbers(const struct db_rows *rows, int first, const char *const *keys,
                       struct json *object, struct err *err)
{
    for (int i = 0; keys[i] != NULL; i++) {
        int64_t number;

        TRY(db_int(rows, first + i, &number, err));
        TRY(json_put_int(object, keys[i], number, err));
    }
    return 0;
}

static int put_texts(const struct db_rows *rows, int first, const char *const *keys,
                     struct json *object, struct err *err)
{
    for (int i = 0; keys[i] != NULL; i++) {
        char text[CLINIC_NAME_SIZE];

        TRY(db_text(rows, first + i, text, sizeof text, err));
        TRY(json_put_text(object, keys[i], text, err));
    }
    return 0;
}

static int put_consents(struct db_txn *txn, int64_t lookup, struct json *object, struct err *err)
{
    static const char *const texts[] = {"id", NULL};
    static const char *const numbers[] = {"given_at", "expires_at", "withdrawn_at", "readings",
                                          NULL};
    static const struct meaning kind = {5, "kind", consent_kinds, CONSENT_KINDS_};
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *list = json_array_new();
    int rc;

    TRY(db_query(txn,
                 "SELECT id, given_at, expires_at, withdrawn_at,"
                 " (SELECT count(*) FROM eligibility_reading WHERE consent = c.id), kind"
                 " FROM eligibility_consent c WHERE lookup = ? ORDER BY kind",
                 DB_WITH(DB_INT(lookup)), &rows, err));
    while ((rc = db_next(&rows, err)) == 0) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(put_texts(&rows, 0, texts, item, err));
        TRY(put_numbers(&rows, 1, numbers, item, err));
        TRY(put_word(&rows, &kind, item, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return rc == -ERR_ABSENT ? json_put(object, "consents", json_steal(&list), err) : rc;
}

static int put_lookup(struct db_txn *txn, const struct db_rows *rows, struct json *list,
                      struct err *err)
{
    static const char *const texts[] = {"clinic", "clinic_name", "clinic_name_en", "operator",
                                        NULL};
    static const char *const numbers[] = {"checked_at", NULL};
    static const struct meaning method = {6, "method", lookup_methods, LOOKUP_METHODS_};
    CLEANUP(json_freep) struct json *item = json_object_new();
    int64_t number;

    TRY(db_int(rows, 0, &number, err));
    TRY(put_texts(rows, 1, texts, item, err));
    TRY(put_numbers(rows, 5, numbers, item, err));
    TRY(put_word(rows, &method, item, err));
    TRY(put_consents(txn, number, item, err));
    return json_add(list, json_steal(&item), err);
}

int eligibility_history(struct db *db, int64_t person, int64_t before, struct json **ret,
                        struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    int64_t number = 0;
    int rc;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query(
        &txn,
        "SELECT number, l.clinic, c.name, c.name_en, coalesce(k.name, ''), checked_at, method"
        " FROM eligibility_lookup l JOIN clinic c ON c.id = l.clinic"
        " LEFT JOIN clinic_key k ON k.id = l.operator"
        " WHERE person = ? AND number < ? ORDER BY number DESC LIMIT ?",
        DB_WITH(DB_INT(person), DB_INT(before == 0 ? INT64_MAX : before),
                DB_INT(ELIGIBILITY_PAGE + 1)),
        &rows, err));
    while ((rc = db_next(&rows, err)) == 0 && json_count(list) < ELIGIBILITY_PAGE) {
        TRY(db_int(&rows, 0, &number, err));
        TRY(put_lookup(&txn, &rows, list, err));
    }
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (rc == 0)
        TRY(json_put_int(body, "next", number, err));
    TRY(json_put(body, "lookups", json_steal(&list), err));
    *ret = json_steal(&body);
    return 0;
}
