/* SPDX-License-Identifier: Apache-2.0 */
/* Consents that a proxy gave end with the mandate by which he did. */
#include "portal/operator/consent.h"

#include "portal/history/history.h"
#include "portal/operator/pull.h"

#include <stdio.h>
#include <string.h>

/* One that is about to end, and whose it is. */
struct lost_consent {
    char id[PORTAL_ID_SIZE], client[OPERATOR_ID_SIZE], account[PORTAL_ID_SIZE], api[32];
};

/* One that is not over; ERR_ABSENT if there is none. */
static int find_next(struct db_txn *txn, const char *mandate, int64_t now, struct lost_consent *ret,
                     struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_query_one(txn,
                     "SELECT id, client, account, api FROM operator_consent WHERE mandate = ?"
                     " AND ended_at IS NULL AND ends_at > ? ORDER BY made_at, id LIMIT 1",
                     DB_WITH(DB_TEXT(mandate), DB_INT(now)), &rows, err));
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(&rows, 1, ret->client, sizeof ret->client, err));
    TRY(db_text(&rows, 2, ret->account, sizeof ret->account, err));
    return db_text(&rows, 3, ret->api, sizeof ret->api, err);
}

static int tell(struct db_txn *txn, const struct lost_consent *consent,
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(operator_client_done) struct operator_client client = {.metadata = NULL};
    const struct gateway_api *api = gateway_api_find(consent->api);
    struct operator_words words;
    struct note note = {.what = LOG_CONSENT_ENDED,
                        .channel = NOTE_PORTAL,
                        .receiver = consent->client,
                        .why = {"代理の終了", "The mandate is over"},
                        .items = {consent->api, consent->api}};

    TRY(operator_get_in(txn, consent->client, &client, err));
    operator_words_of(&client, &words);
    note.receiver_name = (struct names){words.name, words.name_en};
    if (api != NULL)
        note.items = (struct names){api->names.ja, api->names.en};
    return history_note(txn, consent->account, &note, by, err);
}

int operator_consent_end_with(struct db_txn *txn, const char *mandate,
                              const struct audit_origin *by, struct err *err)
{
    struct lost_consent consent;
    int rc;

    while ((rc = find_next(txn, mandate, by->at, &consent, err)) == 0) {
        TRY(db_execute_one(txn, "UPDATE operator_consent SET ended_at = ? WHERE id = ?",
                           DB_WITH(DB_INT(by->at), DB_TEXT(consent.id)), err));
        TRY(operator_note(txn, OPERATOR_ACT_WITHDRAWN, consent.id, "mandate-ended", by, err));
        TRY(tell(txn, &consent, by, err));
    }
    return rc == -ERR_ABSENT ? 0 : rc;
}
