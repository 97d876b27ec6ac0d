/* SPDX-License-Identifier: Apache-2.0 */
/* How a session begins, and how the provider of logins has it end. */
#include "portal/routes.h"

#include "http/form.h"
#include "portal/account/access.h"
#include "portal/account/login.h"
#include "portal/account/provider.h"

#include <string.h>

#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

static int set_cookie(struct http_call *call, const char *name, const char *value, int64_t seconds,
                      struct err *err)
{
    const struct portal *portal = call->context;
    const struct http_cookie cookie = {.name = citizen_cookie_name(portal, name),
                                       .value = value,
                                       .same_site = "Lax",
                                       .seconds = seconds,
                                       .is_secure = portal_is_public(portal)};

    return http_cookie_set(&call->response, &cookie, err);
}

static int get_login(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    struct http_fields fields = {NULL, 0};
    char cookie[LOGIN_COOKIE_SIZE];
    struct login_wish wish;

    TRY(http_form_read(call, &fields, err));
    wish = (struct login_wish){http_form_get(&fields, "page"),
                               http_form_get(&fields, "ui_locales")};
    if (wish.page == NULL)
        wish.page = "";
    TRY(login_begin(call->context, &wish, cookie, &address, err));
    TRY(set_cookie(call, PORTAL_LOGIN_COOKIE, cookie, PORTAL_LOGIN_SECONDS, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* Pages are behind '#': nothing of where somebody is goes over the wire. */
static int lead(struct http_call *call, const struct login_result *result, struct err *err)
{
    static const char office[] = "office/"; /* pages of municipalities, which are at /office */
    const size_t len = sizeof office - 1;
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    if (result->refusal != NULL)
        TRY(buf_append_format(&address, err, "/#/login/%s", result->refusal));
    else if (strncmp(result->page, office, len) == 0)
        TRY(buf_append_format(&address, err, "/office#/%s", result->page + len));
    else
        TRY(buf_append_format(&address, err, "/#/%s", result->page));
    return http_reply_redirect(&call->response, 303, &address, err);
}

static int get_callback(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct login_return back = {.user_agent = http_header(&call->request, "User-Agent"),
                                .trace_id = call->request.trace_id};
    struct http_fields fields = {NULL, 0};
    struct login_result result;
    struct signer *signer = NULL;

    if (http_form_read(call, &fields, NULL) == 0) {
        back.state = http_form_get(&fields, "state");
        back.issuer = http_form_get(&fields, "iss");
        back.code = http_form_get(&fields, "code");
        back.error = http_form_get(&fields, "error");
    }
    TRY(http_cookie_get(call, citizen_cookie_name(portal, PORTAL_LOGIN_COOKIE), &back.cookie, err));
    TRY(http_cookie_get(call, citizen_cookie_name(portal, PORTAL_COOKIE), &back.before, err));
    TRY(portal_signer(call, &signer, err));
    TRY(login_finish(portal, signer, &back, &result, err));
    if (result.refusal == NULL)
        TRY(set_cookie(call, PORTAL_COOKIE, result.cookie, PORTAL_SESSION_SECONDS, err));
    if (login_is_spent(&result))
        TRY(set_cookie(call, PORTAL_LOGIN_COOKIE, "", 0, err));
    return lead(call, &result, err);
}

/* By what the provider knows the portal; it is never asked while a worker of ours waits for it. */
static int get_keys(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    return portal_reply_key(call, portal->assertion.public, err);
}

/* ---- logouts that the provider tells of (Back-Channel Logout 1.0, 2.6) ---- */

static int check_event(const struct json *claims, struct err *err)
{
    const struct json *events = NULL;

    if (json_get_object(claims, "events", &events, NULL) < 0 || !json_has(events, LOGOUT_EVENT) ||
        json_has(claims, "nonce") || (!json_has(claims, "sid") && !json_has(claims, "sub")))
        return FAIL(err, ERR_UNTRUSTED, "this is no logout token");
    return 0;
}

static int end_sessions(struct http_call *call, const struct json *claims, struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = audit_by_role(clock_now(portal->clock), "client",
                                                 portal->app.client_id, call->request.trace_id);
    struct ending ending = {.why = "provider"};

    if (json_has(claims, "sid"))
        TRY(json_get_text(claims, "sid", &ending.sid, err));
    if (json_has(claims, "sub"))
        TRY(json_get_text(claims, "sub", &ending.sub, err));
    return portal_end_sessions(portal->store, &ending, &by, NULL, err);
}

static int refuse(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "error", "invalid_request", err));
    TRY(json_put_text(body, "error_description", "this is no logout token for this portal", err));
    return http_reply_json(&call->response, 400, json_steal(&body), err);
}

/* The same token once more ends nothing more. */
static int post_logout_token(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *claims = NULL;
    struct http_fields fields = {NULL, 0};
    const char *token = NULL;
    struct err why = {0};
    int rc;

    if (http_form_read(call, &fields, NULL) == 0)
        token = http_form_get(&fields, "logout_token");
    if (token == NULL)
        return refuse(call, err);
    rc = provider_check(portal, token, "logout+jwt", &claims, &why);
    if (rc == 0)
        rc = check_event(claims, &why);
    if (rc == 0)
        rc = end_sessions(call, claims, &why);
    if (rc == -ERR_UNTRUSTED || rc == -ERR_INPUT)
        return refuse(call, err);
    if (rc < 0)
        return err_copy(err, &why);
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const struct http_form page_form = {"^[a-z0-9/-]{0,64}$",
                                           "lower case letters, digits, hyphens and slashes"};
static const struct http_member login_query[] = {
    {"page", HTTP_TEXT, HTTP_OPTIONAL, "where to come back to", .form = &page_form},
    {"ui_locales", HTTP_TEXT, HTTP_OPTIONAL,
     "the language of the provider's pages: ja, en; others are passed over"},
    {NULL},
};
static const struct http_answer login_answers[] = {
    {303, "to the provider of logins, with the cookie " PORTAL_LOGIN_COOKIE}, {0}};
static const struct http_member callback_query[] = {
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "what the provider gave"},
    {"error", HTTP_TEXT, HTTP_OPTIONAL, "why it gave nothing"},
    {"state", HTTP_TEXT, HTTP_OPTIONAL, "that the browser set out from here"},
    {"iss", HTTP_TEXT, HTTP_OPTIONAL, "whose answer it is (RFC 9207)"},
    {NULL},
};
static const struct http_answer callback_answers[] = {
    {303, "to the page, with the cookie " PORTAL_COOKIE "; or to one that says why not"}, {0}};
static const struct http_member refused_members[] = {
    {"error", HTTP_TEXT, HTTP_REQUIRED, "a word of OAuth 2.0"},
    {"error_description", HTTP_TEXT, HTTP_REQUIRED, "a sentence for developers"},
    {NULL},
};
static const struct http_answer told_answers[] = {
    {204, "what it names is over"}, {400, "it is none", refused_members}, {0}};

static const struct http_member ended_form[] = {
    {"logout_token", HTTP_TEXT, HTTP_REQUIRED, "who says it, and of which login: a JWT"},
    {NULL},
};

const struct route portal_login_routes[] = {
    {.method = HTTP_GET,
     .path = "/login",
     .access = &http_anyone,
     .query = login_query,
     .handle = get_login,
     .operation = "logIn",
     .summary = "Send a browser to log in",
     .answers = login_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = PORTAL_CALLBACK,
     .access = &http_anyone,
     .query = callback_query,
     .handle = get_callback,
     .operation = "finishLogin",
     .summary = "Take a browser that comes back from there",
     .answers = callback_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = "/login/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listPortalKeys",
     .summary = "Read the key by which the provider of logins knows the portal",
     .answers = portal_keys_answers,
     .is_inline = true},
    {.method = HTTP_POST,
     .path = "/login/ended",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .body = ended_form,
     .handle = post_logout_token,
     .operation = "takeLogout",
     .summary = "Be told by the provider of logins that a login is over",
     .answers = told_answers,
     .is_foreign = true},
    {.path = NULL},
};
