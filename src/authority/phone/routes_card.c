/* SPDX-License-Identifier: Apache-2.0 */
/* What the register asks about a phone: by which card of its own it was enrolled. */
#include "authority/party/routes_asked.h"

#include "authority/phone/phone.h"

static int post_trace(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct phone_question question = {.by = &by};
    struct presented card;
    int rc = presented_read(authority, call->request.json, &question.phone, err);

    question.is_unknown = rc == -ERR_ABSENT;
    if (!question.is_unknown)
        TRY(rc);
    TRY(authority_trace_phone(authority->store, &question, &card, err));
    TRY(asked_put_certificate(authority, &card, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};
static const struct http_member question_members[] = {
    {"issuer", HTTP_TEXT, HTTP_REQUIRED, "key identifier of the CA of the phone's certificate",
     .form = &key_id_form},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of that certificate"},
    {NULL},
};
static const struct http_member card_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of the card's certificate: that of the phone's",
     .values = authority_kinds},
    {"issuer", HTTP_TEXT, HTTP_REQUIRED, "key identifier of its CA", .form = &key_id_form},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {NULL},
};
static const struct http_answer card_answers[] = {
    {200, "the certificate of the same kind on the card that the phone's ends with", card_members},
    {0}};

const struct route authority_phone_card_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/phones/card",
     .access = &http_listed_peer,
     .body = question_members,
     .handle = post_trace,
     .operation = "tracePhone",
     .summary = "Ask which card a phone's certificate goes with",
     .answers = card_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
