/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applications for their municipality: its system pulls them by their numbers and says how far it
 * is with each. What it is told is what was submitted to it, and nothing of drafts.
 */
#include "portal/routes.h"

#include "portal/application/shown.h"
#include "portal/application/states.h"
#include "portal/gateway/apis.h"
#include "portal/municipality/key.h"
#include "portal/outage/outage.h"

#include <string.h>

struct pulled {
    struct db *db;
    struct municipality_key key;
    struct application application;
};

static void pulled_done(struct pulled *pulled)
{
    application_done(&pulled->application);
}

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

/* Systems of municipalities are told of an outage; their people come by the portal's own pages. */
static int bearer(struct http_call *call, struct municipality_key *ret, struct err *err)
{
    const struct portal *portal = call->context;
    bool is_out = false;

    TRY(municipality_bearer(call, ret, err));
    if (http_header(&call->request, "Authorization") != NULL)
        TRY(outage_is_now(db_of(call), gateway_application_intake.name, clock_now(portal->clock),
                          &is_out, err));
    return is_out ? FAIL(err, ERR_REMOTE, "this interface is out of service: GET /v1/status") : 0;
}

static int find(struct http_call *call, struct pulled *ret, struct err *err)
{
    ret->db = db_of(call);
    TRY(bearer(call, &ret->key, err));
    return application_get_received(ret->db, ret->key.municipality,
                                    http_param(&call->request, "receipt"), &ret->application, err);
}

static int list(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    struct application_query query = {.state = http_query(&call->request, "state"),
                                      .after = http_query(&call->request, "after")};
    enum application_state state;
    struct json *found;

    TRY(bearer(call, &key, err));
    query.municipality = key.municipality;
    if (query.state != NULL)
        TRY(application_state_read(query.state, &state, err));
    TRY(application_list(db_of(call), &query, &found, err));
    TRY(json_put(body, "applications", found, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int show(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(pulled_done) struct pulled pulled = {.db = NULL};
    struct json *form;

    TRY(find(call, &pulled, err));
    TRY(application_put(body, pulled.db, &pulled.application, err));
    TRY(application_put_signer(body, pulled.db, &pulled.application, err));
    TRY(json_duplicate(pulled.application.form, &form, err));
    TRY(json_put(body, "form", form, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_document(struct http_call *call, struct err *err)
{
    CLEANUP(pulled_done) struct pulled pulled = {.db = NULL};

    TRY(find(call, &pulled, err));
    return application_reply_document(call, pulled.db, pulled.application.id, err);
}

static int get_file(struct http_call *call, struct err *err)
{
    CLEANUP(pulled_done) struct pulled pulled = {.db = NULL};

    TRY(find(call, &pulled, err));
    return application_reply_file(call, pulled.db, pulled.application.id,
                                  http_param(&call->request, "number"), err);
}

static int put_state(struct http_call *call, struct err *err)
{
    CLEANUP(pulled_done) struct pulled pulled = {.db = NULL};
    struct application_move move = {.note = ""};
    struct audit_origin by;
    const char *state;

    TRY(find(call, &pulled, err));
    by = municipality_by(call, &pulled.key);
    TRY(json_get_text(call->request.json, "state", &state, err));
    TRY(application_state_read(state, &move.to, err));
    if (json_has(call->request.json, "note"))
        TRY(json_get_text(call->request.json, "note", &move.note, err));
    move.id = pulled.application.id;
    move.municipality = pulled.key.municipality;
    TRY(application_move(pulled.db, &move, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form receipt_form = {"^[0-9]{5}-[0-9]{8}-[0-9]{6}$",
                                              "municipality, day and number"};
static const struct http_member list_query[] = {
    {"state", HTTP_TEXT, HTTP_OPTIONAL, "only those", .values = application_states},
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "only those with higher numbers than this one",
     .form = &receipt_form},
    {NULL},
};
static const struct http_member list_members[] = {{"applications", HTTP_ARRAY, HTTP_REQUIRED,
                                                   "by their numbers, 100 at most",
                                                   application_row_members},
                                                  {NULL}};
static const struct http_answer list_answers[] = {
    {200, "what was submitted to the municipality", list_members}, {0}};
static const struct http_member application_members[] = {
    APPLICATION_MEMBERS,
    {"applicant", HTTP_OBJECT, HTTP_OPTIONAL,
     "what the certificate says that signed it; missing: nobody signed, or a proxy did",
     applicant_members},
    {"signer", HTTP_OBJECT, HTTP_OPTIONAL,
     "the same of the proxy who signed it: nothing of the applicant", applicant_members},
    {"form", HTTP_OBJECT, HTTP_REQUIRED, "the form as it was when it was begun", form_members},
    {NULL},
};
static const struct http_answer application_answers[] = {
    {200, "the application", application_members}, {0}};
static const struct http_member state_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what it becomes", .values = application_states},
    {"note", HTTP_TEXT, HTTP_OPTIONAL, "for the applicant: what is to be corrected, or why"},
    {NULL},
};
static const struct http_answer state_answers[] = {{204, "it is so now"}, {0}};

#define ONE "/v1/municipality/applications/:receipt"

const struct route portal_clerk_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/municipality/applications",
     .access = &portal_clerk,
     .query = list_query,
     .handle = list,
     .operation = "listReceived",
     .summary = "List applications that were submitted to the municipality",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = ONE,
     .access = &portal_clerk,
     .handle = show,
     .operation = "getReceived",
     .summary = "Read an application by its number",
     .answers = application_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = ONE "/document",
     .access = &portal_clerk,
     .handle = get_document,
     .operation = "getReceivedDocument",
     .summary = "Read its signed document",
     .answers = application_document_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = ONE "/files/:number",
     .access = &portal_clerk,
     .handle = get_file,
     .operation = "getReceivedFile",
     .summary = "Read an attachment of it",
     .answers = application_file_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_PUT,
     .path = ONE "/state",
     .access = &portal_clerk,
     .body = state_members,
     .handle = put_state,
     .operation = "putState",
     .summary = "Say how far the municipality is with it",
     .answers = state_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
