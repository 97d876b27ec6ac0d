/* SPDX-License-Identifier: Apache-2.0 */
/* A municipality asks other bodies about who applied (inquiries.h). */
#include "portal/routes.h"

#include "portal/application/inquiries.h"
#include "portal/municipality/key.h"

static int find(struct http_call *call, struct application *ret, struct municipality_key *ret_key,
                struct err *err)
{
    const struct portal *portal = call->context;

    TRY(municipality_bearer(call, ret_key, err));
    return application_get_received(portal_store_db(portal->store), ret_key->municipality,
                                    http_param(&call->request, "receipt"), ret, err);
}

static int list(struct http_call *call, struct err *err)
{
    CLEANUP(application_done) struct application application = {.form = NULL};
    struct municipality_key key;
    struct json *body;

    TRY(find(call, &application, &key, err));
    TRY(inquiries_tell(call->context, &application, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int ask(struct http_call *call, struct err *err)
{
    CLEANUP(application_done) struct application application = {.form = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();
    enum exchange_state state;
    struct municipality_key key;
    struct audit_origin by;
    const char *info;

    TRY(find(call, &application, &key, err));
    by = municipality_by(call, &key);
    TRY(json_get_text(call->request.json, "info", &info, err));
    TRY(inquiries_ask(call->context, &application, info, &by, &state, err));
    TRY(json_put_text(body, "state", exchange_states[state], err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
static const struct http_form body_form = {"^[A-Z][A-Z0-9]{0,15}$", "up to 16 of A-Z and 0-9"};

static const struct http_member ask_members[] = {
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name of what is asked for", .form = &info_form},
    {NULL}};
static const struct http_member asked_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how it stands", .values = exchange_states}, {NULL}};
static const struct http_answer asked_answers[] = {{201, "it is asked", asked_members}, {0}};
static const struct http_member procedure_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the exchange"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what is done, in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"duty", HTTP_TEXT, HTTP_REQUIRED, "for which it is done, in Japanese"},
    {"duty_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {NULL},
};
static const struct http_member may_members[] = {
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name's code", .form = &info_form},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "the body that holds it", .form = &body_form},
    {"provider_name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"provider_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"is_known", HTTP_BOOL, HTTP_REQUIRED, "whether bodies can be asked about who applied"},
    {"procedure", HTTP_OBJECT, HTTP_OR_NULL, "in which it is examined", procedure_members},
    {"may_ask", HTTP_ARRAY, HTTP_REQUIRED, "what is permitted in it", may_members},
    {"inquiries", HTTP_ARRAY, HTTP_REQUIRED, "what was asked for it, the first first",
     selfinfo_standing_members},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "what may be asked and was", list_members},
                                                  {0}};

#define INQUIRIES "/v1/municipality/applications/:receipt/inquiries"

const struct route portal_inquiry_routes[] = {
    {.method = HTTP_GET,
     .path = INQUIRIES,
     .access = &portal_clerk,
     .handle = list,
     .operation = "listInquiries",
     .summary = "See what other bodies may be asked for an application, and what they answered",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = INQUIRIES,
     .access = &portal_clerk,
     .body = ask_members,
     .handle = ask,
     .operation = "askBody",
     .summary = "Ask another body about who applied",
     .answers = asked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED) |
              HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
