/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization endpoint, and the page that waits for the card. What is wrong with a request is
 * told to the relying party only once it is certain that it is told to it.
 */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "authapp/login/result.h"
#include "authapp/page/agent.h"
#include "authapp/page/html.h"
#include "authapp/page/qr.h"
#include "authapp/powers.h"
#include "authapp/scope.h"
#include "authapp/uri.h"
#include "base/file.h"
#include "base/i18n.h"
#include "http/syntax.h"

#include <stdio.h>
#include <string.h>

enum { COOKIE_NAME_SIZE = 64, COOKIE_SIZE = 224, WAIT_MS = 20000, BACK_SECONDS = 120 };

/* The prefix keeps other hosts of the domain from setting it, where there is TLS (RFC 6265bis). */
static void cookie_name(const struct authapp *authapp, const char *session,
                        char ret[COOKIE_NAME_SIZE])
{
    (void)snprintf(ret, COOKIE_NAME_SIZE, "%slogin-%s", authapp_is_public(authapp) ? "__Host-" : "",
                   session);
}

static int set_cookie(struct http_call *call, const char *session, const char *cookie,
                      struct err *err)
{
    const struct authapp *authapp = call->context;
    char name[COOKIE_NAME_SIZE];
    char field[COOKIE_SIZE];

    cookie_name(authapp, session, name);
    (void)snprintf(field, sizeof field, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", name,
                   cookie, BACK_SECONDS, authapp_is_public(authapp) ? "; Secure" : "");
    return http_reply_field(&call->response, "Set-Cookie", field, err);
}

/* The value of the login's cookie; NULL if the browser has none. */
static int get_cookie(const struct http_call *call, const char *session, const char **ret,
                      struct err *err)
{
    const char *at = http_header(&call->request, "Cookie");
    char name[COOKIE_NAME_SIZE];
    size_t len;

    cookie_name(call->context, session, name);
    len = strlen(name);
    *ret = NULL;
    while (at != NULL && *at != '\0') {
        at += strspn(at, " ;");
        if (strncmp(at, name, len) == 0 && at[len] == '=')
            return arena_text(call->request.arena,
                              bytes_of(at + len + 1, strcspn(at + len + 1, ";")), ret, err);
        at += strcspn(at, ";");
    }
    return 0;
}

/* ---- the authorization endpoint ---- */

static int refuse_page(struct http_call *call, const char *msgid, struct err *err)
{
    return html_message(call, 400, N_("This login cannot be opened"), msgid, err);
}

static int find_client(struct http_call *call, const struct http_fields *fields, struct client *ret,
                       struct err *err)
{
    const struct authapp *authapp = call->context;
    const char *id = oauth_get(fields, "client_id");

    if (id == NULL || strlen(id) > AUTHAPP_CLIENT_ID_MAX)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    return authapp_get_client(authapp->store, id, ret, err);
}

static int open_login(struct http_call *call, const struct client *client,
                      const struct auth_request *request, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    char session[AUTHAPP_ID_SIZE];
    char cookie[AUTHAPP_SECRET_SIZE];
    bool is_answered = false;

    TRY(oidc_login_open(authapp, client, request, session, cookie, err));
    if (authapp->powers != NULL)
        TRY(authapp->powers->answer_login(call, session, &is_answered, err));
    TRY(buf_append_format(&address, err, "%s/login/%s%s", authapp->issuer, session,
                          is_answered ? "?wait=1" : ""));
    TRY(http_reply_redirect(&call->response, 303, &address, err));
    return set_cookie(call, session, cookie, err);
}

static int answer_error(struct http_call *call, const struct auth_request *request,
                        const struct oauth_error *error, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(result_error(call->context, request, error, &address, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* Whether a sandbox registers the address now, for the client. */
static bool is_let_in(const struct authapp *authapp, const struct http_fields *fields,
                      struct client *client, struct auth_request *request)
{
    return authapp->powers != NULL &&
           authapp->powers->register_uri(authapp, client, oauth_get(fields, "redirect_uri"),
                                         NULL) == 0 &&
           auth_request_target(fields, client, request, NULL) == 0;
}

static int authorize(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct auth_request request = {.scopes = 0};
    struct http_fields fields = {NULL, 0};
    struct oauth_error error;
    int rc;

    if (oauth_parameters(call, &fields, NULL) < 0)
        return refuse_page(call, N_("The service sent a request that cannot be read."), err);
    rc = find_client(call, &fields, &client, err);
    if (rc == -ERR_ABSENT)
        return refuse_page(call, N_("The service is not registered here."), err);
    TRY(rc);
    if (auth_request_target(&fields, &client, &request, NULL) < 0 &&
        !is_let_in(authapp, &fields, &client, &request))
        return refuse_page(call,
                           N_("The service wants to be answered at an address that is not "
                              "registered as its own."),
                           err);
    error = auth_request_read(&fields, &client, &request);
    if (error.code == NULL && request.transaction != NULL)
        error = (struct oauth_error){"invalid_request", "there is no such signing"};
    if (error.code != NULL)
        return answer_error(call, &request, &error, err);
    return open_login(call, &client, &request, err);
}

/* ---- the page ---- */

static int put_wants(struct page *page, unsigned scopes, struct err *err)
{
    static const struct {
        enum scope scope;
        const char *msgid;
    } rows[] = {{SCOPE_NAME, N_("name")},
                {SCOPE_ADDRESS, N_("address")},
                {SCOPE_BIRTHDATE, N_("date of birth")},
                {SCOPE_GENDER, N_("sex")}};

    if ((scopes & SCOPE_ATTRIBUTES) == 0)
        return html_say(page, N_("The service learns a pseudonym of yours, and no attribute."),
                        err);
    TRY(html_say(page, N_("With your card's answer the service learns of you:"), err));
    TRY(html_put(page, "<ul>", err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((scopes & (unsigned)rows[i].scope) == 0)
            continue;
        TRY(html_put(page, "<li>", err));
        TRY(html_put_words(page, rows[i].msgid, err));
        TRY(html_put(page, "</li>", err));
    }
    return html_put(page, "</ul>\n", err);
}

static int put_provider(struct page *page, const struct found_login *found, struct err *err)
{
    CLEANUP(buf_done) struct buf origin = BUF_INIT;
    const char *text;
    struct uri uri;

    TRY(uri_parse(found->request.redirect_uri, &uri, err));
    TRY(uri_origin(&uri, &origin, err));
    TRY(buf_text(&origin, &text, err));
    TRY(html_row(page, N_("Service"), found->client.name, err));
    return html_row(page, N_("Its address"), text, err);
}

static int put_way(struct page *page, const struct authapp *authapp,
                   const struct found_login *found, struct err *err)
{
    CLEANUP(free_text) char *address = NULL;
    CLEANUP(buf_done) struct buf svg = BUF_INIT;
    const char *text;

    TRY(path_format(&address, err, "%s/v1/logins/%s", authapp->origin, found->login.session));
    TRY(qr_svg(address, &svg, err));
    TRY(buf_text(&svg, &text, err));
    TRY(html_say(page, N_("Read this code with your phone, or give the address to jpki login."),
                 err));
    TRY(html_put(page, text, err));
    TRY(html_row(page, N_("Address of this login"), address, err));
    TRY(html_put(page, "<dl><dt>", err));
    TRY(html_put_words(page, N_("Code; give it only to the device that holds your card"), err));
    TRY(html_put(page, "</dt><dd class=\"code\">", err));
    TRY(html_put_text(page, found->login.code, err));
    TRY(html_put(page, "</dd></dl>\n", err));
    return html_put_agent(page, address, found->login.code, err);
}

static int put_cancel(struct page *page, const struct found_login *found, struct err *err)
{
    TRY(html_put(page, "<form method=\"post\" action=\"" AUTHAPP_REALM "/login/", err));
    TRY(html_put_text(page, found->login.session, err));
    TRY(html_put(page, "/cancel\"><button type=\"submit\">", err));
    TRY(html_put_words(page, N_("Cancel"), err));
    return html_put(page, "</button></form>\n", err);
}

static int show_page(struct http_call *call, const struct found_login *found, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *again = NULL;

    TRY(path_format(&again, err, AUTHAPP_REALM "/login/%s?wait=1", found->login.session));
    TRY(html_begin(call, N_("Log in with your card"), again, &page, err));
    TRY(put_provider(&page, found, err));
    TRY(put_wants(&page, found->request.scopes, err));
    TRY(put_way(&page, authapp, found, err));
    if (authapp->powers != NULL)
        TRY(authapp->powers->offer_people(call, found, &page, err));
    TRY(html_link(&page, again, N_("Go on, if this page does not do so by itself"), err));
    TRY(put_cancel(&page, found, err));
    return html_reply(call, 200, &page, err);
}

/* What became of it, to the relying party. Why a card does not count is not its business. */
static int go_back(struct http_call *call, const struct found_login *found, struct err *err)
{
    static const struct oauth_error denied = {"access_denied", "nobody has logged in"};
    static const struct oauth_error lost = {"temporarily_unavailable", "begin again"};
    const struct authapp *authapp = call->context;
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    int rc = -ERR_DENIED;

    if (found->login.outcome == LOGIN_ANSWERED)
        rc = result_code(authapp, found, call->request.trace_id, &address, err);
    if (rc == -ERR_ABSENT)
        return answer_error(call, &found->request, &lost, err);
    if (found->login.outcome != LOGIN_ANSWERED) {
        rc = authapp_take_login(authapp->store, found->login.session, err);
        if (rc == -ERR_ABSENT)
            return answer_error(call, &found->request, &lost, err);
        TRY(rc);
        return answer_error(call, &found->request, &denied, err);
    }
    TRY(rc);
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* The login, for the browser that opened it; an answer is there if it is not. */
int login_find_own(struct http_call *call, struct found_login *ret, bool *ret_is_own,
                   struct err *err)
{
    const char *session = http_param(&call->request, "session");
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    const char *cookie;
    int rc = oidc_login_find(call->context, session, &found, err);

    *ret_is_own = false;
    if (rc == -ERR_ABSENT)
        return html_message(call, 404, N_("This login is over"),
                            N_("Go back to the service and begin again."), err);
    TRY(rc);
    TRY(get_cookie(call, found.login.session, &cookie, err));
    rc = oidc_login_check_browser(&found, cookie, err);
    if (rc == -ERR_DENIED)
        return html_message(call, 403, N_("This login belongs to another browser"),
                            N_("Go back to the service and begin again."), err);
    TRY(rc);
    *ret_is_own = true;
    *ret = found;
    found = (struct found_login){.json = NULL};
    return 0;
}

static bool wants_to_wait(const struct http_call *call)
{
    struct http_fields fields = {NULL, 0};

    return oauth_parameters(call, &fields, NULL) == 0 && oauth_get(&fields, "wait") != NULL;
}

static int64_t wait_ms(const struct authapp *authapp, const struct found_login *found)
{
    int64_t left = (found->login.expires_at + 1 - clock_now(authapp->clock)) * 1000;

    return left < WAIT_MS ? left : WAIT_MS;
}

static int get_login(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    uint64_t rings = http_bell_rings(authapp->bell);
    bool is_own;

    TRY(login_find_own(call, &found, &is_own, err));
    if (!is_own)
        return 0;
    if (found.login.outcome != LOGIN_OPEN || oidc_login_is_late(authapp, &found))
        return go_back(call, &found, err);
    if (wants_to_wait(call) && http_wait(call, rings, wait_ms(authapp, &found)))
        return 0;
    return show_page(call, &found, err);
}

/* The page itself goes back, so that no form leads to another site (form-action). */
static int post_cancel(struct http_call *call, struct err *err)
{
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *back = NULL;
    bool is_own;
    int rc;

    TRY(login_find_own(call, &found, &is_own, err));
    if (!is_own)
        return 0;
    rc = oidc_login_cancel(call->context, &found, call->request.trace_id, err);
    if (rc != -ERR_CONFLICT && rc != -ERR_ABSENT)
        TRY(rc);
    TRY(path_format(&back, err, AUTHAPP_REALM "/login/%s", found.login.session));
    TRY(html_begin(call, N_("You have cancelled"), back, &page, err));
    TRY(html_link(&page, back, N_("Back to the service"), err));
    return html_reply(call, 200, &page, err);
}

static const struct http_answer auth_answers[] = {
    {303, "to the page that waits, or back with an error"},
    {400, "a page: nobody to answer to", .type = PAGE_TYPE},
    {0}};
static const struct http_answer login_answers[] = {
    {200, "the page that waits", .type = PAGE_TYPE},
    {303, "back to the relying party with a code or an error"},
    {403, "a page: another browser's", .type = PAGE_TYPE},
    {404, "a page: over", .type = PAGE_TYPE},
    {0}};

static const struct http_member auth_query[] = {
    {"response_type", HTTP_TEXT, HTTP_REQUIRED, "code"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the relying party"},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "where to go back to; registered"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "openid and more"},
    {"state", HTTP_TEXT, HTTP_OPTIONAL, "comes back; required by profile authapp"},
    {"nonce", HTTP_TEXT, HTTP_OPTIONAL, "into the ID token; required by profile authapp"},
    {"code_challenge", HTTP_TEXT, HTTP_OPTIONAL, "RFC 7636; required by profile authapp"},
    {"code_challenge_method", HTTP_TEXT, HTTP_OPTIONAL, "S256"},
    {"acr_values", HTTP_TEXT, HTTP_OPTIONAL, "aal3 crl, aal3 ocsp"},
    {"prompt", HTTP_TEXT, HTTP_OPTIONAL, "none is login_required"},
    {"sign_transaction_id", HTTP_TEXT, HTTP_OPTIONAL, "a signing: UUID"},
    {NULL},
};

const struct route authapp_browser_routes[] = {
    {.method = HTTP_GET,
     .path = AUTHAPP_OIDC "/auth",
     .access = &http_anyone,
     .query = auth_query,
     .handle = authorize,
     .operation = "authorize",
     .summary = "Open a login",
     .answers = auth_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_OIDC "/auth",
     .access = &http_anyone,
     .body_type = OAUTH_FORM_TYPE,
     .handle = authorize,
     .operation = "postAuthorize",
     .summary = "The same by a form",
     .answers = auth_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = AUTHAPP_REALM "/login/:session",
     .access = &http_anyone,
     .handle = get_login,
     .operation = "showLogin",
     .summary = "Wait for the card, and go back",
     .answers = login_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_REALM "/login/:session/cancel",
     .access = &http_anyone,
     .body_type = OAUTH_FORM_TYPE,
     .handle = post_cancel,
     .operation = "cancelLogin",
     .summary = "Do not wait any longer",
     .answers = login_answers,
     .is_foreign = true},
    {.path = NULL},
};
