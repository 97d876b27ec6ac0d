/* SPDX-License-Identifier: Apache-2.0 */
/* Consents as they are told: to the person who gave them, and to the verifier that polls. */
#include "authority/consent/store.h"
#include "authority/store_sqlite.h"

#include "authority/acts.h"

static int put_texts(struct json *object, const struct db_rows *rows, const char *const *keys,
                     struct err *err)
{
    for (int i = 0; keys[i] != NULL; i++) {
        char text[PARTY_TITLE_MAX + 1];

        TRY(db_text(rows, i, text, sizeof text, err));
        TRY(json_put_text(object, keys[i], text, err));
    }
    return 0;
}

static int put_number(struct json *object, const char *key, const struct db_rows *rows, int column,
                      struct err *err)
{
    int64_t number;

    if (db_is_null(rows, column))
        return json_put_null(object, key, err);
    TRY(db_int(rows, column, &number, err));
    return json_put_int(object, key, number, err);
}

static int put_attributes(struct json *object, const struct db_rows *rows, int column,
                          struct err *err)
{
    int64_t attributes;

    TRY(db_int(rows, column, &attributes, err));
    return attributes_put(object, (unsigned)attributes, err);
}

static int put_consent(struct json *object, const struct db_rows *rows, struct err *err)
{
    static const char *const keys[] = {"id",      "verifier",       "verifier_title", "provider",
                                       "service", "provider_title", "service_title",  NULL};

    TRY(put_texts(object, rows, keys, err));
    TRY(put_attributes(object, rows, 7, err));
    TRY(put_number(object, "registered_at", rows, 8, err));
    TRY(put_number(object, "valid_from", rows, 9, err));
    TRY(put_number(object, "valid_until", rows, 10, err));
    return put_number(object, "withdrawn_at", rows, 11, err);
}

static int put_disclosure(struct json *object, const struct db_rows *rows, struct err *err)
{
    static const char *const keys[] = {"consent", NULL};

    TRY(put_texts(object, rows, keys, err));
    TRY(put_attributes(object, rows, 1, err));
    return put_number(object, "at", rows, 2, err);
}

static int put_change(struct json *object, const struct db_rows *rows, struct err *err)
{
    static const char *const keys[] = {"consent", "service", "state", NULL};

    TRY(put_texts(object, rows, keys, err));
    TRY(put_number(object, "at", rows, 3, err));
    return put_number(object, "number", rows, 4, err);
}

static int put_rows(struct db_txn *txn, const char *sql, const struct db_value *values,
                    int (*put)(struct json *object, const struct db_rows *rows, struct err *err),
                    struct json *list, struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query(txn, sql, values, &rows, err));
    for (;;) {
        CLEANUP(json_freep) struct json *object = NULL;
        int rc = db_next(&rows, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        object = json_object_new();
        TRY(put(object, &rows, err));
        TRY(json_add(list, json_steal(&object), err));
    }
}

static int list(struct db_txn *txn, const char *subject, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *consents = json_array_new();
    CLEANUP(json_freep) struct json *disclosures = json_array_new();

    TRY(put_rows(txn,
                 "SELECT consent.id, consent.party, party.title, consent.provider,"
                 " consent.service, provider.title, service.title, attributes, registered_at,"
                 " valid_from, valid_until, withdrawn_at FROM consent"
                 " JOIN party ON party.name = consent.party"
                 " JOIN provider ON provider.party = consent.party"
                 " AND provider.name = consent.provider"
                 " JOIN service ON service.party = consent.party"
                 " AND service.provider = consent.provider AND service.name = consent.service"
                 " WHERE subject = ? ORDER BY registered_at, consent.id",
                 DB_WITH(DB_TEXT(subject)), put_consent, consents, err));
    TRY(put_rows(txn,
                 "SELECT consent, disclosure.attributes, at FROM disclosure"
                 " JOIN consent ON consent.id = disclosure.consent WHERE subject = ?"
                 " ORDER BY number DESC LIMIT ?",
                 DB_WITH(DB_TEXT(subject), DB_INT(DISCLOSURES_MAX)), put_disclosure, disclosures,
                 err));
    TRY(json_put(body, "consents", json_steal(&consents), err));
    return json_put(body, "disclosures", json_steal(&disclosures), err);
}

int authority_list_consents(struct authority_store *store, const struct holder_certificate *holder,
                            const struct audit_origin *by, struct json **ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct certificate_id id = certificate_id(holder->kind, holder->serial);
    const struct audit_event event = {&authority_acts[ACT_CONSENTS_LISTED], bytes_text(id.text),
                                      NULL};
    char subject[SUBJECT_LEN + 1];

    TRY(db_begin(store->db, &txn, err));
    TRY(consent_holder(&txn, holder, by->at, subject, err));
    TRY(list(&txn, subject, body, err));
    TRY(audit_append(&txn, by, &event, err));
    TRY(db_commit(&txn, err));
    *ret = json_steal(&body);
    return 0;
}

/* The provider of a party whose polling id this is. */
static int find_provider(struct db_txn *txn, const char *party, const char *polling_id,
                         char ret[VERIFIER_NAME_MAX + 1], struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(txn, "SELECT name FROM provider WHERE party = ? AND polling_id = ?",
                          DB_WITH(DB_TEXT(party), DB_TEXT(polling_id)), &rows, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "this is the polling id of no provider of this verifier");
    TRY(rc);
    return db_text(&rows, 0, ret, VERIFIER_NAME_MAX + 1, err);
}

int authority_poll_consents(struct authority_store *store, const struct party *party,
                            const char *polling_id, int64_t since, struct json **ret,
                            struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *changes = json_array_new();
    char provider[VERIFIER_NAME_MAX + 1];
    int64_t last = since;
    size_t count;

    TRY(db_begin_read(store->db, &txn, err));
    TRY(find_provider(&txn, party->name, polling_id, provider, err));
    TRY(put_rows(
        &txn,
        "SELECT consent, service, state, at, number FROM consent_event AS e"
        " JOIN consent AS c ON c.id = e.consent WHERE e.party = ? AND e.provider = ?"
        " AND number > ? ORDER BY number LIMIT ?",
        DB_WITH(DB_TEXT(party->name), DB_TEXT(provider), DB_INT(since), DB_INT(CONSENT_PAGE_MAX)),
        put_change, changes, err));
    count = json_count(changes);
    if (count > 0)
        TRY(json_get_int(json_at(changes, count - 1), "number", &last, err));
    TRY(json_put(body, "changes", json_steal(&changes), err));
    TRY(json_put_int(body, "last", last, err));
    TRY(json_put_bool(body, "more", count == CONSENT_PAGE_MAX, err));
    *ret = json_steal(&body);
    return 0;
}
