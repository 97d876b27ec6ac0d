/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form that is filled from a card (docs/card-protocol.md): its page opens a reading and waits,
 * the holder's program answers at the address.
 */
#include "portal/routes.h"

#include "crypto/jwe.h"
#include "portal/application/applying.h"
#include "portal/application/cardread.h"
#include "portal/eligibility/judge.h"

#include <stdio.h>
#include <string.h>

static int64_t now_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return clock_now(portal->clock);
}

/* ---- the page's side ---- */

/* What the card says is the applicant's if the card is his, and a proxy has his own. */
static int check_may_read(const struct portal *portal, const struct applying *asked,
                          struct err *err)
{
    unsigned wants;

    if (portal->issuers.count == 0)
        return FAIL(err, ERR_ABSENT, "this portal lists no cards that it reads");
    TRY(applying_check_open(asked, err));
    if (application_by_proxy(&asked->applicant.proxy))
        return FAIL(err, ERR_INPUT, "a proxy's card says nothing of the applicant");
    TRY(cardread_wants(asked->application.form, &wants, err));
    return wants != 0 ? 0 : FAIL(err, ERR_INPUT, "nothing that is asked here is on a card");
}

/* The key as it will be handed on: nothing else that may be in what the page sent. */
static int write_key(const struct json *given, struct buf *ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;

    TRY(jwk_check_public(given, err));
    TRY(jwk_parse(given, JWK_ENCRYPTION, &key, err));
    TRY(jwk_write(key, JWK_ENCRYPTION, &jwk, err));
    return json_write(jwk, ret, err);
}

static int reply_opened(struct http_call *call, const struct cardread *reading, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_format(&address, err, "%s/v1/readings/%s", portal->origin, reading->session));
    TRY(json_put_bytes(body, "address", buf_bytes(&address), err));
    TRY(json_put_text(body, "code", reading->code, err));
    TRY(json_put_int(body, "expires_at", reading->expires_at, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_reading(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    struct cardread reading;
    const struct json *given;
    const char *text;

    TRY(applying_find(call, &asked, err));
    TRY(check_may_read(call->context, &asked, err));
    TRY(json_get_object(call->request.json, "key", &given, err));
    TRY(err_prefix(err, write_key(given, &key, err), "key"));
    TRY(buf_text(&key, &text, err));
    TRY(cardread_open(asked.db, asked.application.id, text, now_of(call), &reading, err));
    return reply_opened(call, &reading, err);
}

static int get_reading(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(applying_done) struct applying asked = {.db = NULL};
    CLEANUP(cardread_done) struct cardread reading = {.state = CARDREAD_EXPIRED};

    TRY(applying_find(call, &asked, err));
    TRY(cardread_find(asked.db, asked.application.id, now_of(call), &reading, err));
    TRY(json_put_text(body, "state", cardread_states[reading.state], err));
    TRY(json_put_int(body, "expires_at", reading.expires_at, err));
    if (reading.answer.len > 0)
        TRY(json_put_bytes(body, "attributes", buf_bytes(&reading.answer), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_reading(struct http_call *call, struct err *err)
{
    CLEANUP(applying_done) struct applying asked = {.db = NULL};

    TRY(applying_find(call, &asked, err));
    TRY(cardread_end(asked.db, asked.application.id, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- the card's side ---- */

/* As logins call them (docs/card-protocol.md), in the order of form_prefills. */
static const char *const wants[] = {"name", "address", "birthdate", "gender", NULL};

static int put_wants(struct json *body, const struct json *form, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    unsigned wanted;

    TRY(cardread_wants(form, &wanted, err));
    for (size_t i = 0; wants[i] != NULL; i++)
        if ((wanted & 1U << i) != 0)
            TRY(json_add_text(list, wants[i], err));
    return json_put(body, "wants", json_steal(&list), err);
}

static int show_reading(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(application_done) struct application application = {.form = NULL};
    CLEANUP(cardread_done) struct cardread reading = {.state = CARDREAD_EXPIRED};
    struct json *key;

    TRY(cardread_join(portal_store_db(portal->store), http_param(&call->request, "session"),
                      now_of(call), &reading, &application, err));
    TRY(json_parse(bytes_text(reading.key), &key, err));
    TRY(json_put(body, "key", key, err));
    TRY(json_put_text(body, "session", reading.session, err));
    TRY(json_put_text(body, "title", application.name, err));
    TRY(put_wants(body, application.form, err));
    TRY(eligibility_put_issuers(portal, body, err));
    TRY(json_put_int(body, "expires_at", reading.expires_at, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* A JWE as the page can read it; what is in it is between the card's program and the page. */
static int check_sealed(const char *compact, struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;

    if (strlen(compact) > APPLICATION_READING_MAX)
        return FAIL(err, ERR_INPUT, "more than %d characters", APPLICATION_READING_MAX);
    return jwe_parse(bytes_text(compact), &jwe, err);
}

/* Either what the card says, or that it is not to say it. */
static int read_reply(const struct json *json, struct cardread_reply *ret, struct err *err)
{
    bool is_denied = false;

    TRY(json_get_text(json, "code", &ret->code, err));
    if (json_has(json, "denied"))
        TRY(json_get_bool(json, "denied", &is_denied, err));
    if (is_denied == json_has(json, "attributes"))
        return FAIL(err, ERR_INPUT, "either attributes or a refusal");
    if (is_denied)
        return 0;
    TRY(json_get_text(json, "attributes", &ret->answer, err));
    return err_prefix(err, check_sealed(ret->answer, err), "attributes");
}

static int post_answer(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct cardread_reply reply = {.session = http_param(&call->request, "session")};

    TRY(read_reply(call->request.json, &reply, err));
    TRY(cardread_answer(portal_store_db(portal->store), &reply, now_of(call), err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- tables ---- */

static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form coordinate_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "40 hexadecimal digits"};
static const char *const key_types[] = {"EC", NULL};
static const char *const key_curves[] = {"P-256", NULL};

static const struct http_member given_key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = key_types},
    {"crv", HTTP_TEXT, HTTP_REQUIRED, "curve", .values = key_curves},
    {"x", HTTP_TEXT, HTTP_REQUIRED, "coordinate", .form = &coordinate_form},
    {"y", HTTP_TEXT, HTTP_REQUIRED, "coordinate", .form = &coordinate_form},
    {NULL},
};
static const struct http_member open_members[] = {
    {"key", HTTP_OBJECT, HTTP_REQUIRED, "of the page, which alone has the private half",
     given_key_members},
    {NULL},
};
static const struct http_member opened_members[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "for jpki agent or jpki read attrs"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to show beside it", .form = &code_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {NULL},
};
static const struct http_answer opened_answers[] = {{201, "the form waits", opened_members}, {0}};
static const struct http_member state_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = cardread_states},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {"attributes", HTTP_TEXT, HTTP_OPTIONAL, "if it is answered: JWE to the page's key",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_answer state_answers[] = {{200, "how far it is", state_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "the form does not wait"}, {0}};
static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = key_types},
    {"crv", HTTP_TEXT, HTTP_REQUIRED, "curve", .values = key_curves},
    {"x", HTTP_TEXT, HTTP_REQUIRED, "coordinate", .form = &coordinate_form},
    {"y", HTTP_TEXT, HTTP_REQUIRED, "coordinate", .form = &coordinate_form},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for"},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it"},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)"},
    {NULL},
};
static const struct http_member shown_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the reading's name"},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "what the form is for"},
    {"wants", HTTP_ARRAY, HTTP_REQUIRED, "what it asks for", .values = wants},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards are read",
     .form = &key_id_form},
    {"key", HTTP_OBJECT, HTTP_REQUIRED, "of the page that shows the form", key_members},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {NULL},
};
static const struct http_answer shown_answers[] = {{200, "what is to be read", shown_members}, {0}};
static const struct http_member answer_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as shown beside the address", .form = &code_form},
    {"attributes", HTTP_TEXT, HTTP_OPTIONAL, "JWE to the page's key", .form = &http_form_jwe},
    {"denied", HTTP_BOOL, HTTP_OPTIONAL, "the holder does not want to; beside code alone"},
    {NULL},
};
static const struct http_answer answer_answers[] = {{204, "the page has it"}, {0}};

#define ONE  "/v1/applications/:id/reading"
#define CARD "/v1/readings/:session"
enum { CARD_FAILS = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) };

const struct route portal_reading_routes[] = {
    {.method = HTTP_POST,
     .path = ONE,
     .access = &portal_applicant,
     .body = open_members,
     .handle = post_reading,
     .operation = "openCardReading",
     .summary = "Wait for what the applicant's card says, to fill the form",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = ONE,
     .access = &portal_applicant,
     .handle = get_reading,
     .operation = "seeCardReading",
     .summary = "See whether a card was read",
     .answers = state_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_DELETE,
     .path = ONE,
     .access = &portal_applicant,
     .handle = delete_reading,
     .operation = "endCardReading",
     .summary = "Wait no longer, and let the portal forget what came",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = CARD,
     .access = &http_anyone,
     .handle = show_reading,
     .operation = "getCardReading",
     .summary = "Read what a form asks a card for",
     .answers = shown_answers,
     .fails = CARD_FAILS},
    {.method = HTTP_POST,
     .path = CARD "/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = post_answer,
     .operation = "answerCardReading",
     .summary = "Answer with what the card says, or refuse to",
     .answers = answer_answers,
     .fails = CARD_FAILS | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
