/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization endpoint. What is wrong with a request is told to the relying party only once
 * it is certain that it is told to it.
 */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "authapp/login/result.h"
#include "authapp/page/cookie.h"
#include "authapp/page/html.h"
#include "authapp/page/locale.h"
#include "authapp/powers.h"
#include "authapp/signing/signing.h"
#include "authapp/token/hint.h"
#include "base/i18n.h"

#include <string.h>

enum { BACK_SECONDS = 120 };

static int refuse_page(struct http_call *call, const char *msgid, struct err *err)
{
    return html_message(call, 400, N_("This login cannot be opened"), msgid, err);
}

static int find_client(struct http_call *call, const struct http_fields *fields, struct client *ret,
                       struct err *err)
{
    const struct authapp *authapp = call->context;
    const char *id = http_form_get(fields, "client_id");

    if (id == NULL || strlen(id) > AUTHAPP_CLIENT_ID_MAX)
        return FAIL(err, ERR_ABSENT, "there is no such client here");
    return authapp_get_client(authapp->store, id, ret, err);
}

static int open_login(struct http_call *call, const struct client *client,
                      const struct auth_request *request, struct err *err)
{
    const struct authapp *authapp = call->context;
    const int seconds = BACK_SECONDS + (request->transaction == NULL ? 0 : AUTHAPP_SIGNING_SECONDS);
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    char session[AUTHAPP_ID_SIZE];
    char cookie[AUTHAPP_SECRET_SIZE];
    char name[COOKIE_NAME_SIZE];
    bool is_answered = false;

    TRY(oidc_login_open(authapp, client, request, session, cookie, err));
    if (authapp->powers != NULL)
        TRY(authapp->powers->answer_login(call, session, &is_answered, err));
    TRY(buf_append_format(&address, err, "%s/login/%s%s", authapp->issuer, session,
                          is_answered ? "?wait=1" : ""));
    TRY(http_reply_redirect(&call->response, 303, &address, err));
    cookie_name(call, "login", session, name);
    TRY(cookie_set(call, name, cookie, seconds, err));
    return locale_keep(call, session, request->locale, seconds, err);
}

static int answer_error(struct http_call *call, const struct auth_request *request,
                        const struct oauth_error *error, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(result_error(call->context, request, error, &address, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* Who is meant; an error if that cannot be believed, because whoever came would be somebody else.
 */
static struct oauth_error read_hint(const struct authapp *authapp, const struct http_fields *fields,
                                    const struct client *client, struct hint *ret)
{
    const char *text = http_form_get(fields, "id_token_hint");

    ret->sub[0] = '\0';
    if (text == NULL)
        return OAUTH_NO_ERROR;
    if (hint_read(authapp, text, ret, NULL) < 0 || strcmp(ret->client_id, client->id) != 0)
        return (struct oauth_error){"login_required",
                                    "id_token_hint is no ID token that this client was given"};
    return OAUTH_NO_ERROR;
}

/* What is to be signed waits for somebody, of this client. */
static int check_signing(const struct authapp *authapp, const struct client *client,
                         const struct auth_request *request, struct oauth_error *ret,
                         struct err *err)
{
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    int rc;

    if (request->transaction == NULL)
        return 0;
    rc = authapp_signing_of_client(authapp->store, client->id, request->transaction, &signing, err);
    if (rc == -ERR_ABSENT ||
        (rc == 0 && (signing.outcome != SIGNING_OPEN || signing_is_late(authapp, &signing) ||
                     signing.login[0] != '\0'))) {
        *ret = (struct oauth_error){"invalid_request", "there is no such signing"};
        return 0;
    }
    return rc;
}

/* By the session that the browser has, if it will do, else by the card. */
static int log_in(struct http_call *call, const struct client *client,
                  const struct auth_request *request, struct err *err)
{
    static const struct oauth_error required = {"login_required", "a card has to be shown"};
    const struct authapp *authapp = call->context;
    struct browser_session session;
    bool has_session = false;
    int rc;

    if (request->max_age >= 0)
        TRY(session_find(call, client, &session, &has_session, err));
    if (has_session && clock_now(authapp->clock) - session.auth_time < request->max_age &&
        (request->subject == NULL || strcmp(request->subject, session.sub) == 0)) {
        rc = result_session(call, client, request, &session, err);
        if (rc != -ERR_ABSENT) /* it ended just now */
            return rc;
    }
    return request->is_silent ? answer_error(call, request, &required, err)
                              : open_login(call, client, request, err);
}

/* The request is certain to be answered where it may be. */
static int take_request(struct http_call *call, const struct http_fields *fields,
                        const struct client *client, struct auth_request *request, struct err *err)
{
    struct oauth_error error = auth_request_read(fields, client, request);
    struct hint hint;

    if (error.code == NULL)
        TRY(check_signing(call->context, client, request, &error, err));
    if (error.code == NULL)
        error = read_hint(call->context, fields, client, &hint);
    if (error.code != NULL)
        return answer_error(call, request, &error, err);
    request->subject = hint.sub[0] == '\0' ? NULL : hint.sub;
    return log_in(call, client, request, err);
}

/* Whether a sandbox registers the address now, for the client. */
static bool is_let_in(const struct authapp *authapp, const struct http_fields *fields,
                      struct client *client, struct auth_request *request)
{
    return authapp->powers != NULL &&
           authapp->powers->register_uri(authapp, client, http_form_get(fields, "redirect_uri"),
                                         NULL) == 0 &&
           auth_request_target(fields, client, request, NULL) == 0;
}

static int authorize(struct http_call *call, struct err *err)
{
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct auth_request request = {.max_age = -1};
    struct http_fields fields = {NULL, 0};
    int rc;

    if (http_form_read(call, &fields, NULL) < 0)
        return refuse_page(call, N_("The service sent a request that cannot be read."), err);
    rc = find_client(call, &fields, &client, err);
    if (rc == -ERR_ABSENT)
        return refuse_page(call, N_("The service is not registered here."), err);
    TRY(rc);
    if (auth_request_target(&fields, &client, &request, NULL) < 0 &&
        !is_let_in(call->context, &fields, &client, &request))
        return refuse_page(call,
                           N_("The service wants to be answered at an address that is not "
                              "registered as its own."),
                           err);
    return take_request(call, &fields, &client, &request, err);
}

static const struct http_answer auth_answers[] = {
    {303, "to the page that waits, or back with a code or an error"},
    {400, "a page: nobody to answer to", .type = PAGE_TYPE},
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
    {"prompt", HTTP_TEXT, HTTP_OPTIONAL, "none shows no page; login shows one in any case"},
    {"ui_locales", HTTP_TEXT, HTTP_OPTIONAL,
     "the languages of the pages, the best first: ja, en; others are passed over"},
    {"max_age", HTTP_TEXT, HTTP_OPTIONAL, "how many seconds ago the card may have been shown"},
    {"id_token_hint", HTTP_TEXT, HTTP_OPTIONAL, "who is meant: an ID token of before"},
    {"sign_transaction_id", HTTP_TEXT, HTTP_OPTIONAL, "a signing: UUID"},
    {NULL},
};

const struct route authapp_auth_routes[] = {
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
     .body_type = HTTP_FORM_TYPE,
     .handle = authorize,
     .operation = "postAuthorize",
     .summary = "The same by a form",
     .answers = auth_answers,
     .is_foreign = true},
    {.path = NULL},
};
