/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/pull.h"

#include "portal/history/history.h"
#include "portal/notice/notice.h"
#include "portal/outage/outage.h"

#include <string.h>

int operator_pull_consent(const struct http_call *call, const char *api,
                          struct operator_consent *ret, struct err *err)
{
    const struct portal *portal = call->context;
    struct operator_access access;
    bool is_out;

    TRY(operator_bearer(call, api, &access, err));
    TRY(outage_is_now(portal_store_db(portal->store), access.consent.api, clock_now(portal->clock),
                      &is_out, err));
    if (is_out)
        return operator_fail(OPERATOR_MAINTENANCE, err);
    *ret = access.consent;
    return 0;
}

struct audit_origin operator_pull_by(const struct http_call *call,
                                     const struct operator_consent *consent)
{
    const struct portal *portal = call->context;

    return audit_by_role(clock_now(portal->clock), "operator", consent->client,
                         call->request.trace_id);
}

void operator_cut(const char *text, char ret[NOTE_WORDS_MAX + 1])
{
    size_t len = strlen(text);

    if (len > NOTE_WORDS_MAX) {
        len = NOTE_WORDS_MAX;
        while (len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80)
            len--;
    }
    for (size_t i = 0; i < len; i++)
        ret[i] = text[i] == '|' ? '/' : text[i];
    ret[len] = '\0';
}

void operator_words_of(const struct operator_client *client, struct operator_words *ret)
{
    operator_cut(operator_text(client, "client_name"), ret->name);
    operator_cut(operator_text(client, "client_name_en"), ret->name_en);
    operator_cut(operator_text(client, "purpose"), ret->purpose);
    operator_cut(operator_text(client, "purpose_en"), ret->purpose_en);
}

static int note_handed(struct db_txn *txn, const struct operator_pull *pull,
                       const struct operator_words *words, const struct audit_origin *by,
                       struct err *err)
{
    for (size_t i = 0; i < pull->count; i++) {
        const struct note note = {.what = LOG_PULLED,
                                  .channel = NOTE_API,
                                  .receiver = pull->consent->client,
                                  .receiver_name = {words->name, words->name_en},
                                  .giver = pull->handed[i].giver,
                                  .why = {words->purpose, words->purpose_en},
                                  .info = pull->handed[i].info,
                                  .items = pull->handed[i].items};

        TRY(history_note(txn, pull->consent->account, &note, by, err));
    }
    return 0;
}

/* It may have been withdrawn since the request was let in. */
int operator_pull_check(struct db_txn *txn, const struct operator_consent *consent, int64_t now,
                        struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    const int rc = db_query_one(txn,
                                "SELECT 1 FROM operator_consent WHERE id = ?"
                                " AND ended_at IS NULL AND ends_at > ?",
                                DB_WITH(DB_TEXT(consent->id), DB_INT(now)), &rows, err);

    return rc == -ERR_ABSENT ? operator_fail(OPERATOR_CONSENT_OVER, err) : rc;
}

static int tell_use(struct db_txn *txn, const struct operator_consent *consent, const char *service,
                    int64_t now, struct err *err)
{
    CLEANUP(json_freep) struct json *parameters = json_object_new();
    const struct notice_draft draft = {.account = consent->account,
                                       .topic = "consent.used",
                                       .parameters = parameters,
                                       .link = "consents",
                                       .at = now};

    TRY(json_put_text(parameters, "service", service, err));
    return notice_send(txn, &draft, err);
}

/* The first time, whose consent it is is told that it is used. */
static int note_use(struct db_txn *txn, const struct operator_consent *consent, const char *service,
                    int64_t now, struct err *err)
{
    struct err why = {0};
    int rc = db_execute_one(
        txn, "UPDATE operator_consent SET used_at = ? WHERE id = ? AND used_at IS NULL",
        DB_WITH(DB_INT(now), DB_TEXT(consent->id)), err);

    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    rc = tell_use(txn, consent, service, now, &why);
    if (rc == -ERR_INPUT) /* a name of before that no notice repeats, as it has an address in it */
        return tell_use(txn, consent, consent->client, now, err);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int operator_pull_note(const struct portal *portal, const struct operator_pull *pull,
                       const struct audit_origin *by, struct err *err)
{
    struct db *db = portal_store_db(portal->store);
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    struct operator_words words;

    TRY(operator_get(db, pull->consent->client, &client, err));
    operator_words_of(&client, &words);
    TRY(db_begin(db, &txn, err));
    TRY(operator_pull_check(&txn, pull->consent, by->at, err));
    TRY(note_handed(&txn, pull, &words, by, err));
    TRY(note_use(&txn, pull->consent, operator_text(&client, "client_name"), by->at, err));
    TRY(operator_note(&txn, pull->act, pull->subject, client.id, by, err));
    return db_commit(&txn, err);
}
