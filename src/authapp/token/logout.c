/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RP-initiated logout: what a login granted ends, the relying party is told behind the browser's
 * back (Back-Channel Logout 1.0), and the browser goes where that party is registered, or nowhere.
 */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "http/oauth.h"
#include "authapp/page/html.h"
#include "authapp/session/session.h"
#include "authapp/token/hint.h"
#include "authapp/token/idtoken.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "fetch/uri.h"

#include <string.h>

enum { NOTICE_MS = 5000 };

/* What a hint names: a client, and what was granted to it. */
struct logout {
    struct client client;
    struct grant grant;
    bool has_client, has_grant;
};

static void logout_done(struct logout *logout)
{
    client_done(&logout->client);
}

static int find_client(const struct authapp *authapp, const char *id, struct logout *ret,
                       struct err *err)
{
    int rc = authapp_get_client(authapp->store, id, &ret->client, err);

    ret->has_client = rc == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* What an ID token of ours names, however old; all else is no hint. */
static int read_hint(const struct authapp *authapp, const char *text, struct logout *ret,
                     struct err *err)
{
    struct hint hint;
    int rc;

    if (hint_read(authapp, text, &hint, NULL) < 0)
        return 0;
    TRY(find_client(authapp, hint.client_id, ret, err));
    rc = authapp_get_grant(authapp->store, hint.sid, &ret->grant, err);
    ret->has_grant = rc == 0 && strcmp(ret->grant.client_id, hint.client_id) == 0;
    return rc == -ERR_ABSENT ? 0 : rc;
}

/* The token in a form, as the specification has it. What the other side says changes nothing. */
static int notify(struct http_call *call, const struct logout *logout, const char *url,
                  struct err *err)
{
    const struct authapp *authapp = call->context;
    const struct id_token about = {&logout->client, &logout->grant, NULL, false, NULL};
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct fetch_content content = {HTTP_FORM_TYPE, {NULL, 0}};
    const struct fetch_request request = {.url = url,
                                          .content = &content,
                                          .timeout_ms = NOTICE_MS,
                                          .is_public = authapp_is_public(authapp)};
    struct signer *signer;

    TRY(authapp_signer(call, &signer, err));
    TRY(logout_token_make(authapp, signer, &about, &token, err));
    TRY(buf_append_text(&form, "logout_token=", err));
    TRY(buf_append(&form, buf_bytes(&token), err));
    content.data = buf_bytes(&form);
    (void)!fetch(&request, &response, NULL);
    return 0;
}

static int end(struct http_call *call, const struct logout *logout, struct err *err)
{
    const struct authapp *authapp = call->context;
    const struct audit_origin by = audit_by_role(clock_now(authapp->clock), "client",
                                                 logout->client.id, call->request.trace_id);
    const char *url = client_text(&logout->client, "backchannel_logout_uri");

    if (!logout->has_grant)
        return 0;
    TRY(authapp_end_session(authapp->store, logout->grant.sid, "logout", &by, err));
    return url == NULL || logout->grant.is_ended ? 0 : notify(call, logout, url, err);
}

static int go(struct http_call *call, const struct http_fields *fields, const char *uri,
              struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_text(&address, uri, err));
    TRY(uri_add_parameter(&address, "state", http_form_get(fields, "state"), err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

static int refuse(struct http_call *call, struct err *err)
{
    return html_message(call, 400, N_("You are not logged out"),
                        N_("The service sent a request that cannot be believed."), err);
}

static int log_out(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(logout_done) struct logout logout = {.has_client = false};
    struct http_fields fields = {NULL, 0};
    const char *hint;
    const char *id;
    const char *uri;

    if (http_form_read(call, &fields, NULL) < 0)
        return refuse(call, err);
    hint = http_form_get(&fields, "id_token_hint");
    id = http_form_get(&fields, "client_id");
    uri = http_form_get(&fields, "post_logout_redirect_uri");
    if (hint != NULL)
        TRY(read_hint(authapp, hint, &logout, err));
    else if (id != NULL)
        TRY(find_client(authapp, id, &logout, err));
    if ((hint != NULL && !logout.has_client) ||
        (id != NULL && logout.has_client && strcmp(id, logout.client.id) != 0))
        return refuse(call, err);
    if (uri != NULL &&
        (!logout.has_client || !client_has_uri(&logout.client, "post_logout_redirect_uris", uri)))
        return refuse(call, err);
    TRY(end(call, &logout, err));
    TRY(uri != NULL ? go(call, &fields, uri, err)
                    : html_message(call, 200, N_("You are logged out"),
                                   N_("You can close this page."), err));
    return logout.has_grant ? session_forget(call, &logout.client, err) : 0;
}

static const struct http_answer logout_answers[] = {
    {200, "a page: logged out", .type = PAGE_TYPE},
    {303, "to the address that is registered for that"},
    {400, "a page: not believed", .type = PAGE_TYPE},
    {0}};

static const struct http_member logout_query[] = {
    {"id_token_hint", HTTP_TEXT, HTTP_OPTIONAL, "an ID token of this provider; may be old"},
    {"client_id", HTTP_TEXT, HTTP_OPTIONAL, "of the relying party"},
    {"post_logout_redirect_uri", HTTP_TEXT, HTTP_OPTIONAL, "where to go; registered"},
    {"state", HTTP_TEXT, HTTP_OPTIONAL, "comes back"},
    {NULL},
};

const struct route authapp_logout_routes[] = {
    {.method = HTTP_GET,
     .path = AUTHAPP_OIDC "/logout",
     .access = &http_anyone,
     .query = logout_query,
     .handle = log_out,
     .operation = "logOut",
     .summary = "End what a login granted",
     .answers = logout_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_OIDC "/logout",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = log_out,
     .operation = "postLogOut",
     .summary = "The same by a form",
     .answers = logout_answers,
     .is_foreign = true},
    {.path = NULL},
};
