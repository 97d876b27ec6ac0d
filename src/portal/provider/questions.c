/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the operator of a test system: bodies ask each other about a fictional person, as they do in
 * their own work, so that there is something in the person's log; where a permission lets them,
 * something that the law hides.
 */
#include "portal/routes.h"

#include "base/random_text.h"
#include "exchange/exchange.h"
#include "portal/selfinfo/selfinfo.h"

#include <string.h>

enum { KEY_SIZE = 23 };

static int find_code(const struct json *codes, const char *body, struct person_code *ret,
                     struct err *err)
{
    for (size_t i = 0; i < json_count(codes); i++) {
        const char *known, *code;

        TRY(json_get_text(json_at(codes, i), "body", &known, err));
        TRY(json_get_text(json_at(codes, i), "code", &code, err));
        if (strcmp(known, body) == 0)
            return person_code_parse(code, ret, err);
    }
    return FAIL(err, ERR_INPUT, "codes has none of %s", body);
}

static int find_person(const struct exchange *x, const struct json *json, const char *provider,
                       const struct audit_origin *by, int64_t *ret, struct err *err)
{
    struct exchange_link link = {.body = provider};
    const struct json *codes;

    TRY(json_get_array(json, "codes", &codes, err));
    TRY(find_code(codes, "PORTAL", &link.portal, err));
    TRY(find_code(codes, provider, &link.code, err));
    return exchange_link(x, &link, by, ret, err);
}

static int read_question(const struct json *json, struct exchange_question *ret, struct err *err)
{
    TRY(json_get_text(json, "asker", &ret->asker, err));
    TRY(json_get_text(json, "provider", &ret->provider, err));
    TRY(json_get_text(json, "duty", &ret->duty, err));
    TRY(json_get_text(json, "procedure", &ret->procedure, err));
    TRY(json_get_text(json, "info", &ret->info, err));
    TRY(json_get_text(json, "department", &ret->department, err));
    return json_get_bool(json, "is_hidden", &ret->is_hidden, err);
}

static int post_question(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(portal->clock), call->request.peer.cred.uid, call->request.trace_id);
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct exchange_question question = {.user = "staff", .condition = INQUIRY_LATEST};
    struct exchange_standing standing;
    const struct exchange *x;
    char key[KEY_SIZE];

    TRY(selfinfo_exchange(portal, &x, err));
    TRY(read_question(call->request.json, &question, err));
    TRY(find_person(x, call->request.json, question.provider, &by, &question.person, err));
    TRY(random_text(key, sizeof key, err));
    question.key = key;
    TRY(exchange_ask(x, &question, &by, &standing, err));
    TRY(json_put_text(body, "state", exchange_states[standing.state], err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* ---- words ---- */

static const struct http_form body_form = {"^[A-Z][A-Z0-9]{0,15}$", "up to 16 of A-Z and 0-9"};
static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form word_form = {"^[A-Za-z0-9_.-]{1,20}$",
                                           "up to 20 letters, digits and \"-_.\""};

static const struct http_member code_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "a body of the exchange", .form = &body_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows the person by", .form = &code_form},
    {NULL},
};
static const struct http_member question_members[] = {
    {"codes", HTTP_ARRAY, HTTP_REQUIRED, "the person at PORTAL and at the provider", code_members},
    {"asker", HTTP_TEXT, HTTP_REQUIRED, "the body that asks", .form = &body_form},
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "the body that is asked", .form = &body_form},
    {"duty", HTTP_TEXT, HTTP_REQUIRED, "for which it asks", .form = &body_form},
    {"procedure", HTTP_TEXT, HTTP_REQUIRED, "in which it asks", .form = &body_form},
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name of what it asks for", .form = &body_form},
    {"department", HTTP_TEXT, HTTP_REQUIRED, "of the asker", .form = &word_form},
    {"is_hidden", HTTP_BOOL, HTTP_REQUIRED, "whether the law keeps it from the person"},
    {NULL},
};
static const struct http_member standing_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how it stands", .values = exchange_states}, {NULL}};
static const struct http_answer asked_answers[] = {{201, "it is asked", standing_members}, {0}};

const struct route portal_question_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/provider/questions",
     .access = &audit_operator,
     .body = question_members,
     .handle = post_question,
     .operation = "askProvider",
     .summary = "Have a body ask another about a fictional person",
     .answers = asked_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
