/* SPDX-License-Identifier: Apache-2.0 */
/* Who has logged in, as somebody who works for a municipality. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/municipality/staff.h"

static int reply(struct http_call *call, const char *account, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *list;

    TRY(municipality_staff_own(portal_store_db(portal->store), account, &list, err));
    TRY(json_put(body, "duties", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_duties(struct http_call *call, struct err *err)
{
    struct session session;

    TRY(citizen_find(call, &session, err));
    return reply(call, session.account.id, err);
}

static int post_duty(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct session session;
    struct audit_origin by;
    const char *invitation;

    TRY(citizen_find(call, &session, err));
    by = citizen_by(call, &session);
    TRY(json_get_text(call->request.json, "invitation", &invitation, err));
    TRY(municipality_join(portal_store_db(portal->store), invitation, session.account.id, &by,
                          err));
    return reply(call, session.account.id, err);
}

static const struct http_form invitation_form = {"^[A-Za-z0-9_-]{43}$",
                                                 "43 letters, digits, '-' and '_'"};
static const struct http_member join_members[] = {
    {"invitation", HTTP_TEXT, HTTP_REQUIRED, "as an operator printed it", .form = &invitation_form},
    {NULL},
};
static const struct http_member duty_members[] = {
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "its code"},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED, "where it is"},
    {"place", HTTP_TEXT, HTTP_REQUIRED, "what it is called"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "under which one was invited"},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "what one does for it", .values = municipality_roles},
    {NULL},
};
static const struct http_member duties_members[] = {
    {"duties", HTTP_ARRAY, HTTP_REQUIRED, "what one does for a municipality", duty_members},
    {NULL}};
static const struct http_answer duties_answers[] = {{200, "one's duties", duties_members}, {0}};

const struct route portal_staff_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/municipality/duties",
     .access = &portal_citizen,
     .handle = get_duties,
     .operation = "listDuties",
     .summary = "Read for which municipality one works",
     .answers = duties_answers},
    {.method = HTTP_POST,
     .path = "/v1/municipality/duties",
     .access = &portal_citizen,
     .body = join_members,
     .handle = post_duty,
     .operation = "takeDuty",
     .summary = "Take an invitation to work for a municipality",
     .answers = duties_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
