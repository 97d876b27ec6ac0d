/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody's sessions, for himself. How one begins: login/routes.c. */
#include "portal/routes.h"

#include "fetch/uri.h"
#include "portal/account/access.h"
#include "portal/account/provider.h"

#include <string.h>

static int put_session(struct json *body, const struct session *session, struct err *err)
{
    TRY(json_put_text(body, "id", session->id, err));
    TRY(json_put_text(body, "browser", session->browser, err));
    TRY(json_put_int(body, "made_at", session->made_at, err));
    TRY(json_put_int(body, "used_at", session->used_at, err));
    return json_put_int(body, "ends_at", session->made_at + PORTAL_SESSION_SECONDS, err);
}

static int put_me(struct json *body, const struct session *session, struct err *err)
{
    CLEANUP(json_freep) struct json *of_session = json_object_new();

    TRY(json_put_text(body, "account", session->account.id, err));
    TRY(json_put_int(body, "since", session->account.made_at, err));
    TRY(put_session(of_session, session, err));
    TRY(json_put(body, "session", json_steal(&of_session), err));
    TRY(json_put_int(body, "idle_seconds", PORTAL_SESSION_IDLE, err));
    return json_put_text(body, "csrf", session->csrf, err);
}

static int get_me(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct session session;

    TRY(citizen_find(call, &session, err));
    TRY(put_me(body, &session, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/*
 * The same for a page that does not know whether anybody is in. That nobody is, is no failure: a
 * browser would show one to whoever looks for what is wrong.
 */
static int get_session(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *me = json_object_new();
    struct session session;
    const int rc = citizen_find(call, &session, err);

    if (rc == -ERR_DENIED) {
        TRY(json_put_null(body, "me", err));
        return http_reply_json(&call->response, 200, json_steal(&body), err);
    }
    TRY(rc);
    TRY(portal_use_session(portal->store, &session, clock_now(portal->clock), err));
    TRY(put_me(me, &session, err));
    TRY(json_put(body, "me", json_steal(&me), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int list_sessions(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct session all[PORTAL_SESSIONS_MAX];
    struct session own;
    unsigned count;

    TRY(citizen_find(call, &own, err));
    TRY(portal_list_sessions(portal->store, own.account.id, clock_now(portal->clock), all, &count,
                             err));
    for (unsigned i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(put_session(item, &all[i], err));
        TRY(json_put_bool(item, "current", strcmp(all[i].id, own.id) == 0, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    TRY(json_put(body, "sessions", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int forget_cookie(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    const struct http_cookie cookie = {.name = citizen_cookie_name(portal, PORTAL_COOKIE),
                                       .value = "",
                                       .same_site = "Lax",
                                       .is_secure = portal_is_public(portal)};

    return http_cookie_set(&call->response, &cookie, err);
}

static int delete_session(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct session own;
    struct ending ending;
    struct audit_origin by;
    unsigned count;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    ending = (struct ending){
        .account = own.account.id, .session = http_param(&call->request, "id"), .why = "elsewhere"};
    TRY(portal_end_sessions(portal->store, &ending, &by, &count, err));
    if (count == 0)
        return FAIL(err, ERR_ABSENT, "there is no such session");
    if (strcmp(ending.session, own.id) == 0)
        TRY(forget_cookie(call, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* Where the browser has the login end as well (RP-Initiated Logout 1.0, 2). */
static int put_address(struct json *body, const struct portal *portal, struct buf *hint,
                       struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    CLEANUP(buf_done) struct buf back = BUF_INIT;
    struct provider provider;
    const char *text;

    /* Whoever wants to be out is out here, whether the provider is there or not. */
    if (provider_get(portal, &provider, NULL) < 0)
        return json_put_null(body, "address", err);
    TRY(buf_append_text(&address, provider.logout, err));
    TRY(buf_text(hint, &text, err));
    TRY(uri_add_parameter(&address, "id_token_hint", text, err));
    TRY(uri_add_parameter(&address, "client_id", portal->app.client_id, err));
    TRY(buf_append_format(&back, err, "%s/", portal->origin));
    TRY(buf_text(&back, &text, err));
    TRY(uri_add_parameter(&address, "post_logout_redirect_uri", text, err));
    TRY(buf_text(&address, &text, err));
    return json_put_text(body, "address", text, err);
}

/* The provider is asked by ourselves for the others, until it does not answer. */
static unsigned end_elsewhere(const struct portal *portal, struct id_tokens *tokens)
{
    unsigned ended = 0;
    const char *text;

    while (ended < tokens->count && buf_text(&tokens->texts[ended], &text, NULL) == 0 &&
           provider_end(portal, text, NULL) == 0)
        ended++;
    return ended;
}

static int delete_sessions(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(id_tokens_done) struct id_tokens others = {.count = 0};
    CLEANUP(buf_done) struct buf hint = BUF_INIT;
    struct session own;
    struct ending ending;
    struct audit_origin by;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    ending = (struct ending){.account = own.account.id, .why = "everywhere"};
    TRY(portal_get_id_token(portal->store, &own, &hint, err));
    TRY(portal_list_id_tokens(portal->store, &own, &others, err));
    TRY(put_address(body, portal, &hint, err));
    /* Out here first: whatever the provider does, nobody goes on with any of them. */
    TRY(portal_end_sessions(portal->store, &ending, &by, NULL, err));
    TRY(json_put_int(body, "others", others.count, err));
    TRY(json_put_int(body, "others_asked", end_elsewhere(portal, &others), err));
    TRY(forget_cookie(call, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_logout(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf hint = BUF_INIT;
    struct session own;
    struct ending ending;
    struct audit_origin by;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    ending = (struct ending){.account = own.account.id, .session = own.id, .why = "logout"};
    TRY(portal_get_id_token(portal->store, &own, &hint, err));
    TRY(put_address(body, portal, &hint, err));
    TRY(portal_end_sessions(portal->store, &ending, &by, NULL, err));
    TRY(forget_cookie(call, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- words ---- */

const struct http_form portal_id_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
const struct http_form portal_secret_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};

#define SESSION_MEMBERS                                                                            \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the session's name", .form = &portal_id_form},               \
        {"browser", HTTP_TEXT, HTTP_REQUIRED, "what it was opened with, in a word or two"},        \
        {"made_at", HTTP_INT, HTTP_REQUIRED, "when its owner logged in, UTC seconds"},             \
        {"used_at", HTTP_INT, HTTP_REQUIRED, "when it was used last, to the minute"},              \
    {                                                                                              \
        "ends_at", HTTP_INT, HTTP_REQUIRED, "when it ends, however much it is used"                \
    }
static const struct http_member session_members[] = {SESSION_MEMBERS, {NULL}};
static const struct http_member listed_members[] = {
    SESSION_MEMBERS,
    {"current", HTTP_BOOL, HTTP_REQUIRED, "whether it is the one that asks"},
    {NULL},
};
static const struct http_member me_members[] = {
    {"account", HTTP_TEXT, HTTP_REQUIRED, "the account's name, here alone",
     .form = &portal_id_form},
    {"since", HTTP_INT, HTTP_REQUIRED, "when its owner came for the first time, UTC seconds"},
    {"session", HTTP_OBJECT, HTTP_REQUIRED, "the session", session_members},
    {"idle_seconds", HTTP_INT, HTTP_REQUIRED, "after which a session without requests is over"},
    {"csrf", HTTP_TEXT, HTTP_REQUIRED, "for X-CSRF-Token", .form = &portal_secret_form},
    {NULL},
};
static const struct http_answer me_answers[] = {{200, "whose session this is", me_members}, {0}};
static const struct http_member session_answer_members[] = {
    {"me", HTTP_OBJECT, HTTP_OR_NULL, "whose session it is; null: nobody is logged in here",
     me_members},
    {NULL},
};
static const struct http_answer session_answers[] = {
    {200, "whether there is a session", session_answer_members}, {0}};
static const struct http_member list_members[] = {
    {"sessions", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", listed_members}, {NULL}};
static const struct http_answer list_answers[] = {{200, "sessions that are not over", list_members},
                                                  {0}};
static const struct http_member out_members[] = {
    {"address", HTTP_TEXT, HTTP_OR_NULL,
     "where the browser goes, to have the login end at the provider; null: that is not there"},
    {NULL},
};
static const struct http_answer out_answers[] = {{200, "the session is over", out_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "it is over"}, {0}};
static const struct http_member everywhere_members[] = {
    {"address", HTTP_TEXT, HTTP_OR_NULL,
     "where the browser goes, to have its own login end at the provider; null: that is not there"},
    {"others", HTTP_INT, HTTP_REQUIRED, "sessions of other browsers that are over here"},
    {"others_asked", HTTP_INT, HTTP_REQUIRED,
     "for how many of them the provider took it that the login is to end; it says no more"},
    {NULL},
};
static const struct http_answer all_ended_answers[] = {
    {200, "all of them are over here", everywhere_members}, {0}};

const struct route portal_session_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/me",
     .access = &portal_citizen,
     .handle = get_me,
     .operation = "getMe",
     .summary = "Read whose session this is",
     .answers = me_answers},
    {.method = HTTP_GET,
     .path = "/v1/session",
     .access = &http_anyone,
     .handle = get_session,
     .operation = "getSession",
     .summary = "Read whether anybody is logged in with this browser, and who",
     .answers = session_answers},
    {.method = HTTP_GET,
     .path = "/v1/sessions",
     .access = &portal_citizen,
     .handle = list_sessions,
     .operation = "listSessions",
     .summary = "List where the account's owner is logged in",
     .answers = list_answers},
    {.method = HTTP_POST,
     .path = "/v1/logout",
     .access = &portal_citizen,
     .handle = post_logout,
     .operation = "logOutHere",
     .summary = "End this session",
     .answers = out_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions/:id",
     .access = &portal_citizen,
     .handle = delete_session,
     .operation = "endSession",
     .summary = "End one of them",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions",
     .access = &portal_citizen,
     .handle = delete_sessions,
     .operation = "endSessions",
     .summary = "End all of them, this one as well, and the logins at the provider",
     .answers = all_ended_answers},
    {.path = NULL},
};
