/* SPDX-License-Identifier: Apache-2.0 */
/* For people: which services and sites may send them notices, and switching one off. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/notice/senders.h"

static int list_senders(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *list = NULL;
    struct session own;

    TRY(citizen_find(call, &own, err));
    TRY(notice_senders(call->context, own.account.id, &list, err));
    TRY(json_put(body, "senders", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_state(struct http_call *call, struct err *err)
{
    struct audit_origin by;
    struct session own;
    bool is_off;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_bool(call->request.json, "is_off", &is_off, err));
    TRY(notice_sender_switch(call->context, own.account.id, http_param(&call->request, "id"),
                             is_off, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const char *const kinds[] = {"service", "site", NULL};
static const struct http_member sender_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "as sender_id of a notice"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "service: by a consent; site: because it is linked",
     .values = kinds},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"is_off", HTTP_BOOL, HTTP_REQUIRED, "whether its notices are not wanted"},
    {NULL},
};
static const struct http_member senders_members[] = {
    {"senders", HTTP_ARRAY, HTTP_REQUIRED, "all of them", sender_members}, {NULL}};
static const struct http_answer senders_answers[] = {
    {200, "services and sites that may send notices", senders_members}, {0}};
static const struct http_member state_members[] = {
    {"is_off", HTTP_BOOL, HTTP_REQUIRED, "true: it sends nothing more"}, {NULL}};
static const struct http_answer done_answers[] = {{204, "it is so now"}, {0}};

const struct route portal_sender_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/notice-senders",
     .access = &portal_citizen,
     .handle = list_senders,
     .operation = "listSenders",
     .summary = "List the services and sites that may send one notices",
     .answers = senders_answers},
    {.method = HTTP_PUT,
     .path = "/v1/notice-senders/:id/state",
     .access = &portal_citizen,
     .body = state_members,
     .handle = put_state,
     .operation = "switchSender",
     .summary = "Have a service or site send nothing more, or again",
     .answers = done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
