/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to members and sessions and back. Who may and whose session it is: member.c, access.c. */
#include "platform/routes.h"

#include "platform/member/access.h"
#include "platform/member/member.h"
#include "platform/tenant/access.h"

#include <stdio.h>
#include <string.h>

/* ---- a tenant's members ---- */

static int put_time(struct json *body, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? 0 : json_put_int(body, key, at, err);
}

static int put_member(struct json *body, const struct member *member, struct err *err)
{
    TRY(json_put_text(body, "id", member->id, err));
    TRY(json_put_text(body, "name", member->name, err));
    TRY(json_put_text(body, "role", member_role(member), err));
    TRY(json_put_int(body, "invited", member->invited_at, err));
    if (member->bound_at == 0)
        TRY(json_put_int(body, "expires", member->ends_at, err));
    TRY(put_time(body, "bound", member->bound_at, err));
    return put_time(body, "used", member->used_at, err);
}

static int list_members(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();
    struct member members[MEMBERS_MAX];
    struct tenant tenant;
    unsigned count;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_list_members(platform->store, tenant.client_id, members, &count, err));
    for (unsigned i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(put_member(item, &members[i], err));
        TRY(json_add(array, json_steal(&item), err));
    }
    TRY(json_put(body, "members", json_steal(&array), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_member(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct member_inputs inputs = {.client_id = NULL};
    char code[MEMBER_SECRET_SIZE];
    struct audit_origin by;
    struct tenant tenant;
    struct member made;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    inputs.client_id = tenant.client_id;
    TRY(json_get_text(call->request.json, "name", &inputs.name, err));
    TRY(json_get_text(call->request.json, "role", &inputs.role, err));
    TRY(member_invite(platform->store, &inputs, &by, code, &made, err));
    TRY(put_member(body, &made, err));
    TRY(json_put_text(body, "invitation", code, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int delete_member(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(platform_remove_member(platform->store, tenant.client_id, http_param(&call->request, "id"),
                               &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- logging in to the console ---- */

/* seconds 0: it is taken away. */
static int set_cookie(struct http_call *call, const char *name, const char *value, int64_t seconds,
                      struct err *err)
{
    const struct platform *platform = call->context;
    const struct http_cookie cookie = {.name = name,
                                       .value = value,
                                       .same_site = "Strict",
                                       .seconds = seconds,
                                       .is_secure = strncmp(platform->origin, "https:", 6) == 0};

    return http_cookie_set(&call->response, &cookie, err);
}

static int put_address(struct json *body, const struct platform *platform, const char *session,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    const char *text;

    TRY(buf_append_format(&address, err, "%s/v1/logins/%s", platform->origin, session));
    TRY(buf_text(&address, &text, err));
    return json_put_text(body, "address", text, err);
}

static int post_login(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const char *code = NULL;
    struct opened_login opened;

    if (json_has(call->request.json, "invitation"))
        TRY(json_get_text(call->request.json, "invitation", &code, err));
    TRY(console_open(platform, code, &opened, err));
    TRY(json_put_text(body, "session", opened.login.session, err));
    TRY(put_address(body, platform, opened.login.session, err));
    TRY(json_put_text(body, "code", opened.login.code, err));
    TRY(json_put_int(body, "expires_at", opened.login.expires_at, err));
    TRY(set_cookie(call, CONSOLE_LOGIN_COOKIE, opened.secret, LOGIN_SECONDS + LOGIN_REDEEM_SECONDS,
                   err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int get_login(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct console_asking asking = {.login = http_param(&call->request, "session"),
                                    .trace_id = call->request.trace_id};
    enum console_state state = CONSOLE_EXPIRED;
    char token[MEMBER_SECRET_SIZE] = "";

    TRY(http_cookie_get(call, CONSOLE_LOGIN_COOKIE, &asking.secret, err));
    TRY(http_cookie_get(call, CONSOLE_COOKIE, &asking.before, err));
    TRY(console_collect(call->context, &asking, &state, token, err));
    if (state == CONSOLE_DONE)
        TRY(set_cookie(call, CONSOLE_COOKIE, token, SESSION_SECONDS, err));
    if (state != CONSOLE_WAITING)
        TRY(set_cookie(call, CONSOLE_LOGIN_COOKIE, "", 0, err));
    TRY(json_put_text(body, "state", console_states[state], err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- a session ---- */

static int put_tenant(struct json *body, const struct platform *platform,
                      const struct member *member, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct tenant tenant;

    if (member->client_id[0] == '\0')
        return json_put_null(body, "tenant", err);
    TRY(platform_get_tenant(platform->store, member->client_id, &tenant, err));
    TRY(json_put_text(object, "client_id", tenant.client_id, err));
    TRY(json_put_text(object, "name", tenant.name, err));
    return json_put(body, "tenant", json_steal(&object), err);
}

static int get_me(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *member = json_object_new();
    struct console_session session;

    TRY(console_find(call, &session, err));
    TRY(json_put_text(member, "id", session.member.id, err));
    TRY(json_put_text(member, "name", session.member.name, err));
    TRY(json_put_text(member, "role", member_role(&session.member), err));
    TRY(json_put(body, "member", json_steal(&member), err));
    TRY(put_tenant(body, call->context, &session.member, err));
    TRY(json_put_bool(body, "operator", session.member.client_id[0] == '\0', err));
    TRY(json_put_text(body, "csrf", session.csrf, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_logout(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct console_session session;
    struct audit_origin by;

    TRY(console_find(call, &session, err));
    by = console_by(call, &session);
    TRY(platform_end_session(platform->store, &session, &by, err));
    TRY(set_cookie(call, CONSOLE_COOKIE, "", 0, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const char *const member_roles[] = {"owner",   "developer", "auditor",
                                           "billing", "operator",  NULL};
#define MEMBER_MEMBERS                                                                             \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the member's name here", .form = &platform_id_form},         \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "who it is"},                                           \
        {"role", HTTP_TEXT, HTTP_REQUIRED, "what he may do", .values = member_roles},              \
        {"invited", HTTP_INT, HTTP_REQUIRED, "when he was invited, UTC seconds"},                  \
        {"expires", HTTP_INT, HTTP_OPTIONAL,                                                       \
         "the last second of the invitation; missing: it was accepted"},                           \
        {"bound", HTTP_INT, HTTP_OPTIONAL, "when he came with a card; missing: not yet"},          \
    {                                                                                              \
        "used", HTTP_INT, HTTP_OPTIONAL, "when he logged in last; missing: never"                  \
    }
static const struct http_member listed_members[] = {MEMBER_MEMBERS, {NULL}};
static const struct http_member list_members_[] = {
    {"members", HTTP_ARRAY, HTTP_REQUIRED, "those that are not removed", listed_members}, {NULL}};
static const struct http_answer list_answers[] = {{200, "the tenant's members", list_members_},
                                                  {0}};
static const struct http_member invite_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "who it is"},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "what he may do", .values = tenant_roles},
    {NULL},
};
static const struct http_member invited_members[] = {
    MEMBER_MEMBERS,
    {"invitation", HTTP_TEXT, HTTP_REQUIRED,
     "the code to log in with for the first time, told once", .form = &platform_secret_form},
    {NULL},
};
static const struct http_answer invited_answers[] = {{201, "an invitation", invited_members}, {0}};
static const struct http_answer removed_answers[] = {
    {204, "he is nobody, and his sessions are over"}, {0}};

static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_member login_members[] = {
    {"invitation", HTTP_TEXT, HTTP_OPTIONAL, "the code of one, for the first time"}, {NULL}};
static const struct http_member opened_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the login's name", .form = &platform_id_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "what the program with the card is given"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to show beside it", .form = &code_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {NULL},
};
static const struct http_answer opened_answers[] = {
    {201, "a login, for the browser that gets the cookie " CONSOLE_LOGIN_COOKIE, opened_members},
    {0}};
static const struct http_member state_members[] = {
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = console_states}, {NULL}};
static const struct http_answer state_answers[] = {
    {200, "what became of it; if it is done, with the cookie " CONSOLE_COOKIE, state_members}, {0}};

static const struct http_member own_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the member's name here", .form = &platform_id_form},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "who it is"},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "what he may do", .values = member_roles},
    {NULL},
};
static const struct http_member own_tenant_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the tenant's"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as people read it"},
    {NULL},
};
static const struct http_member me_members[] = {
    {"member", HTTP_OBJECT, HTTP_REQUIRED, "who is logged in", own_members},
    {"tenant", HTTP_OBJECT, HTTP_OR_NULL, "for whom; null: for the operator", own_tenant_members},
    {"operator", HTTP_BOOL, HTTP_REQUIRED, "whether he is the operator's"},
    {"csrf", HTTP_TEXT, HTTP_REQUIRED, "for X-CSRF-Token", .form = &platform_secret_form},
    {NULL},
};
static const struct http_answer me_answers[] = {{200, "whose session this is", me_members}, {0}};
static const struct http_answer out_answers[] = {{204, "the session is over"}, {0}};

const struct route platform_member_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/tenant/members",
     .access = &platform_tenant_owner,
     .handle = list_members,
     .operation = "listTenantMembers",
     .summary = "List the people who may log in for the tenant",
     .answers = list_answers},
    {.method = HTTP_POST,
     .path = "/v1/tenant/members",
     .access = &platform_tenant_owner,
     .body = invite_members,
     .handle = post_member,
     .operation = "inviteTenantMember",
     .summary = "Invite somebody to log in for the tenant",
     .answers = invited_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/tenant/members/:id",
     .access = &platform_tenant_owner,
     .handle = delete_member,
     .operation = "removeTenantMember",
     .summary = "Have somebody be a member no more, and end his sessions",
     .answers = removed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/console/logins",
     .access = &http_anyone,
     .body = login_members,
     .handle = post_login,
     .operation = "openConsoleLogin",
     .summary = "Open a login to the console",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_GET,
     .path = "/v1/console/logins/:session",
     .access = &http_anyone,
     .handle = get_login,
     .operation = "getConsoleLogin",
     .summary = "Learn what became of the login that this browser has opened",
     .answers = state_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/console/me",
     .access = &platform_console,
     .handle = get_me,
     .operation = "getConsoleSession",
     .summary = "Read whose session this is",
     .answers = me_answers},
    {.method = HTTP_POST,
     .path = "/v1/console/logout",
     .access = &platform_console,
     .handle = post_logout,
     .operation = "endConsoleSession",
     .summary = "End the session",
     .answers = out_answers},
    {.path = NULL},
};
