/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/application/cardsign.h"

#include "base/base64.h"
#include "fetch/fetch.h"
#include "portal/account/provider.h"
#include "portal/application/seal.h"

#include <string.h>

enum { TIMEOUT_MS = 10000, ANSWER_MAX = 64 * 1024 };

#define TRANSACTIONS "/api/sign-transactions"

const char *const cardsign_states[] = {"pending", "signed", "denied", "expired", NULL};

void cardsign_result_done(struct cardsign_result *result)
{
    buf_done(&result->certificate);
    buf_done(&result->signature);
}

/* ---- the authentication app ---- */

static int ask(const struct portal *portal, struct signer *signer, const char *path,
               const struct json *body, struct fetch_response *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    CLEANUP(buf_done) struct buf bearer = BUF_INIT;
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_field fields[] = {{"Authorization", NULL}, {NULL, NULL}};
    struct fetch_request request = {.socket = portal->app.socket,
                                    .body = body,
                                    .fields = fields,
                                    .timeout_ms = TIMEOUT_MS,
                                    .limit = ANSWER_MAX};
    struct err why = {0};

    if (portal->seal.key == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has nothing signed by cards");
    TRY(provider_token(portal, signer, &token, err));
    TRY(buf_append_text(&bearer, "Bearer ", err));
    TRY(buf_append(&bearer, buf_bytes(&token), err));
    TRY(buf_text(&bearer, &fields[0].value, err));
    TRY(provider_address(portal, path, &url, err));
    TRY(buf_text(&url, &request.url, err));
    if (fetch(&request, ret, &why) < 0 || ret->json == NULL)
        return FAIL(err, ERR_REMOTE, "the authentication app does not answer; try again later");
    return 0;
}

/* ---- opening ---- */

static int put_hash(struct json *body, struct bytes info, struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, info, &digest, err));
    TRY(digestinfo_build(&digest, &der, err));
    return json_put_base64(body, "hash", buf_bytes(&der), err);
}

/*
 * What is in the SignedInfo in the same letters, so that it can be compared by eye; and what the
 * municipality is called, whose code alone is in the document.
 */
static int put_words(struct json *body, struct db *db, const struct application *application,
                     struct bytes element, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct municipality place;
    struct digest digest;

    TRY(municipality_get(db, application->municipality, &place, err));
    TRY(digest_compute(DIGEST_SHA256, element, &digest, err));
    TRY(buf_append_format(&text, err, "提出先 %s%s（%s）\n申請 %s\n申請書のSHA-256 ",
                          place.prefecture, place.name, place.code, application->id));
    TRY(base64_append(&text, BASE64_PADDED, digest_bytes(&digest), err));
    return json_put_bytes(body, "text", buf_bytes(&text), err);
}

/* As much of the name as a title may have, whole characters. */
static int put_title(struct json *body, const char *name, struct err *err)
{
    enum { TITLE_MAX = 200 };
    size_t len = strlen(name);

    if (len > TITLE_MAX)
        len = TITLE_MAX;
    while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
        len--;
    return json_put_bytes(body, "title", bytes_of((const uint8_t *)name, len), err);
}

static int make_question(const struct portal *portal, const struct cardsign_order *order,
                         struct json *body, struct err *err)
{
    TRY(json_put_text(body, "client_id", portal->app.client_id, err));
    TRY(json_put_text(body, "platform", portal->origin, err));
    TRY(json_put_base64(body, "document", order->info, err));
    TRY(put_hash(body, order->info, err));
    TRY(put_title(body, order->application->name, err));
    return put_words(body, portal_store_db(portal->store), order->application, order->element, err);
}

static int read_opened(const struct json *json, struct cardsign *ret, struct err *err)
{
    TRY(json_copy_text(json, "sign_transaction_id", ret->id, sizeof ret->id, err));
    TRY(json_copy_text(json, "address", ret->address, sizeof ret->address, err));
    TRY(json_copy_text(json, "code", ret->code, sizeof ret->code, err));
    if (strspn(ret->id, "0123456789abcdef-") != strlen(ret->id))
        return FAIL(err, ERR_INPUT, "no id");
    return json_get_int(json, "expires_at", &ret->expires_at, err);
}

/* What ended before is not at the app any more. */
static int64_t kept_since(const struct portal *portal)
{
    return clock_now(portal->clock) - APPLICATION_SIGNING_KEPT;
}

/* What is signed is of the application as it was read; another request may have gone on with it. */
static int check_unchanged(struct db_txn *txn, const struct application *application,
                           struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc = db_query_one(
        txn,
        "SELECT id FROM application WHERE id = ? AND state = ? AND round = ? AND prepared_at = ?",
        DB_WITH(DB_TEXT(application->id), DB_TEXT(application_states[application->state]),
                DB_INT(application->round), DB_INT(application->prepared_at)),
        &rows, err);

    return rc == -ERR_ABSENT
               ? FAIL(err, ERR_CONFLICT, "this application was changed or submitted meanwhile")
               : rc;
}

/* The app has room for so many of this portal, and one person is not to take it from all. */
static int check_room(const struct portal *portal, struct db_txn *txn, const char *owner,
                      struct err *err)
{
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t opened;

    TRY(db_query_one(txn,
                     "SELECT coalesce(sum(opened), 0) FROM application AS a"
                     " JOIN application_signing AS s ON s.application = a.id"
                     " WHERE a.owner = ? AND s.expires_at > ?",
                     DB_WITH(DB_TEXT(owner), DB_INT(kept_since(portal))), &rows, err));
    TRY(db_int(&rows, 0, &opened, err));
    return opened < APPLICATION_SIGNINGS_MAX
               ? 0
               : FAIL(err, ERR_CONFLICT,
                      "you had %d applications signed, or began to; try again in an hour",
                      APPLICATION_SIGNINGS_MAX);
}

/* Nothing is asked of the app in vain. */
static int look_ahead(const struct portal *portal, const char *owner, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin_read(portal_store_db(portal->store), &txn, err));
    return check_room(portal, &txn, owner, err);
}

/* Much may have happened while the app was asked. */
static int keep(const struct portal *portal, const struct application *application,
                const struct cardsign *signing, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(portal_store_db(portal->store), &txn, err));
    TRY(check_unchanged(&txn, application, err));
    TRY(check_room(portal, &txn, application->owner, err));
    TRY(db_execute(&txn,
                   "INSERT INTO application_signing (application, id, address, code, expires_at,"
                   " opened) VALUES (?1, ?2, ?3, ?4, ?5, 1)"
                   " ON CONFLICT (application) DO UPDATE SET id = excluded.id,"
                   " address = excluded.address, code = excluded.code,"
                   " expires_at = excluded.expires_at,"
                   " opened = 1 + CASE WHEN expires_at > ?6 THEN opened ELSE 0 END",
                   DB_WITH(DB_TEXT(application->id), DB_TEXT(signing->id),
                           DB_TEXT(signing->address), DB_TEXT(signing->code),
                           DB_INT(signing->expires_at), DB_INT(kept_since(portal))),
                   err));
    return db_commit(&txn, err);
}

int cardsign_open(const struct portal *portal, struct signer *signer,
                  const struct cardsign_order *order, struct cardsign *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct cardsign signing;

    TRY(look_ahead(portal, order->application->owner, err));
    TRY(make_question(portal, order, body, err));
    TRY(ask(portal, signer, TRANSACTIONS, body, &response, err));
    if (read_opened(response.json, &signing, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authentication app does not say where to sign");
    TRY(keep(portal, order->application, &signing, err));
    *ret = signing;
    return 0;
}

int cardsign_find(const struct portal *portal, const struct application *application,
                  struct cardsign *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int rc;

    TRY(db_begin_read(portal_store_db(portal->store), &txn, err));
    rc = db_query_one(&txn,
                      "SELECT id, address, code, expires_at FROM application_signing"
                      " WHERE application = ?",
                      DB_WITH(DB_TEXT(application->id)), &rows, err);
    if (rc == -ERR_ABSENT) {
        TRY(check_unchanged(&txn, application, err)); /* it goes with a submission */
        return FAIL(err, ERR_ABSENT, "nothing of this application is to be signed now");
    }
    TRY(rc);
    TRY(db_text(&rows, 0, ret->id, sizeof ret->id, err));
    TRY(db_text(&rows, 1, ret->address, sizeof ret->address, err));
    TRY(db_text(&rows, 2, ret->code, sizeof ret->code, err));
    return db_int(&rows, 3, &ret->expires_at, err);
}

/* ---- the result ---- */

static int read_state(const struct json *json, struct cardsign_result *ret)
{
    const char *state = NULL;

    if (json_get_text(json, "status", &state, NULL) < 0)
        return -ERR_INPUT;
    for (size_t i = 0; cardsign_states[i] != NULL; i++)
        if (strcmp(cardsign_states[i], state) == 0)
            ret->state = cardsign_states[i];
    return ret->state == NULL ? -ERR_INPUT : 0;
}

static int read_signed(const struct portal *portal, const struct json *json,
                       struct cardsign_result *ret, struct err *err)
{
    const char *compact;

    TRY(json_get_base64(json, "signature", &ret->signature, err));
    TRY(json_get_text(json, "certificate", &compact, err));
    return portal_seal_open(portal, compact, &ret->certificate, err);
}

int cardsign_ask(const struct portal *portal, struct signer *signer, const struct cardsign *signing,
                 struct cardsign_result *ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(cardsign_result_done) struct cardsign_result result = {.state = NULL};
    CLEANUP(buf_done) struct buf path = BUF_INIT;
    const char *text;

    TRY(buf_append_format(&path, err, TRANSACTIONS "/%s/result", signing->id));
    TRY(buf_text(&path, &text, err));
    TRY(ask(portal, signer, text, NULL, &response, err));
    if (read_state(response.json, &result) < 0)
        return FAIL(err, ERR_REMOTE, "the authentication app does not say how far it is");
    if (strcmp(result.state, "signed") == 0)
        TRY(read_signed(portal, response.json, &result, err));
    *ret = result;
    result = (struct cardsign_result){.state = NULL};
    return 0;
}
