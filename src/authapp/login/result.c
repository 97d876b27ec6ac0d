/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/login/result.h"

#include "authapp/token/token.h"
#include "base/random_text.h"
#include "fetch/uri.h"

#include <stdio.h>
#include <string.h>

static int append_end(const struct authapp *authapp, const struct auth_request *request,
                      struct buf *address, struct err *err)
{
    TRY(uri_add_parameter(address, "state", request->state, err));
    return uri_add_parameter(address, "iss", authapp->issuer, err);
}

int result_error(const struct authapp *authapp, const struct auth_request *request,
                 const struct oauth_error *error, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_text(&address, request->redirect_uri, err));
    TRY(uri_add_parameter(&address, "error", error->code, err));
    TRY(uri_add_parameter(&address, "error_description", error->text, err));
    TRY(append_end(authapp, request, &address, err));
    buf_move(ret, &address);
    return 0;
}

/* What is granted to whom, but for who it is and since when. */
static int begin_grant(const struct authapp *authapp, const struct client *client,
                       const struct auth_request *request, struct grant *ret, struct err *err)
{
    *ret = (struct grant){.scopes = request->scopes,
                          .expires_at = clock_now(authapp->clock) + AUTHAPP_GRANT_SECONDS};
    TRY(random_text(ret->id, sizeof ret->id, err));
    memcpy(ret->sid, ret->id, sizeof ret->sid);
    memcpy(ret->client_id, client->id, sizeof ret->client_id);
    if (request->transaction != NULL)
        (void)snprintf(ret->signing, sizeof ret->signing, "%s", request->transaction);
    if (request->nonce != NULL)
        (void)snprintf(ret->nonce, sizeof ret->nonce, "%s", request->nonce);
    return 0;
}

static int make_code(const struct authapp *authapp, const struct auth_request *request,
                     const struct json *kept, struct new_token *ret, struct err *err)
{
    const struct json *attributes = NULL;
    CLEANUP(json_freep) struct json *reference = NULL;
    const char *text = NULL;

    if (kept != NULL && json_has(kept, "attributes"))
        TRY(json_get_object(kept, "attributes", &attributes, err));
    if (kept != NULL && json_has(kept, "person_reference")) {
        reference = json_object_new();
        TRY(json_get_text(kept, "person_reference", &text, err));
        TRY(json_put_text(reference, "person_reference", text, err));
        attributes = reference;
    }
    TRY(token_make(TOKEN_CODE, request->scopes, clock_now(authapp->clock) + AUTHAPP_CODE_SECONDS,
                   attributes, ret, err));
    (void)snprintf(ret->row.redirect_uri, sizeof ret->row.redirect_uri, "%s",
                   request->redirect_uri);
    if (request->challenge != NULL)
        (void)snprintf(ret->row.challenge, sizeof ret->row.challenge, "%s", request->challenge);
    return 0;
}

static int keep(const struct http_call *call, const struct grant_start *start, struct err *err)
{
    const struct authapp *authapp = call->context;
    const struct audit_origin by = audit_by_role(clock_now(authapp->clock), "client",
                                                 start->grant->client_id, call->request.trace_id);

    return authapp_make_grant(authapp->store, start, &by, err);
}

static int go_back(struct http_call *call, const struct auth_request *request, const char *code,
                   const char *sid, struct err *err)
{
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    TRY(buf_append_text(&address, request->redirect_uri, err));
    TRY(uri_add_parameter(&address, "code", code, err));
    TRY(uri_add_parameter(&address, "session_state", sid, err));
    TRY(append_end(call->context, request, &address, err));
    return http_reply_redirect(&call->response, 303, &address, err);
}

/* Who the platform says it is, in the words that this client knows him by. */
static int name_holder(const struct authapp *authapp, const struct found_login *found,
                       const struct json *kept, struct grant *grant, struct err *err)
{
    const char *holder = NULL;

    TRY(json_get_text(kept, "holder", &holder, err));
    TRY(subject_make(authapp, found->client.sector, holder, grant->sub, err));
    grant->auth_time = found->login.answered_at;
    if (found->request.subject != NULL && strcmp(found->request.subject, grant->sub) != 0)
        return FAIL(err, ERR_DENIED, "somebody else was meant to log in");
    return 0;
}

/* A session of this browser, begun by the card. */
static int begin_session(const struct http_call *call, const struct client *client,
                         struct grant *grant, struct browser_session *ret,
                         char ret_cookie[AUTHAPP_SECRET_SIZE], struct err *err)
{
    TRY(session_make(call, client, ret, ret_cookie, err));
    memcpy(grant->sid, ret->sid, sizeof grant->sid);
    memcpy(ret->sub, grant->sub, sizeof ret->sub);
    ret->auth_time = grant->auth_time;
    return 0;
}

int result_login(struct http_call *call, const struct found_login *found, struct err *err)
{
    const struct authapp *authapp = call->context;
    const bool begins = session_is_for(&found->client);
    CLEANUP(json_freep) struct json *kept = NULL;
    CLEANUP(new_token_done) struct new_token code = {.row = {.kind = TOKEN_CODE}};
    char cookie[AUTHAPP_SECRET_SIZE] = "";
    struct browser_session session;
    struct grant grant;
    const struct grant_start start = {&grant, &code.row, found->login.session,
                                      begins ? &session : NULL, NULL};

    TRY(oidc_login_holder(authapp, found, &kept, err));
    TRY(begin_grant(authapp, &found->client, &found->request, &grant, err));
    TRY(name_holder(authapp, found, kept, &grant, err));
    TRY(make_code(authapp, &found->request, kept, &code, err));
    if (begins)
        TRY(begin_session(call, &found->client, &grant, &session, cookie, err));
    TRY(keep(call, &start, err));
    TRY(go_back(call, &found->request, code.text, grant.sid, err));
    return begins ? session_tell(call, &found->client, cookie, err) : 0;
}

int result_session(struct http_call *call, const struct client *client,
                   const struct auth_request *request, const struct browser_session *session,
                   struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(new_token_done) struct new_token code = {.row = {.kind = TOKEN_CODE}};
    struct grant grant;
    const struct grant_start start = {&grant, &code.row, NULL, NULL, session};

    TRY(begin_grant(authapp, client, request, &grant, err));
    memcpy(grant.sid, session->sid, sizeof grant.sid);
    memcpy(grant.sub, session->sub, sizeof grant.sub);
    grant.auth_time = session->auth_time;
    TRY(make_code(authapp, request, NULL, &code, err));
    TRY(keep(call, &start, err));
    return go_back(call, request, code.text, grant.sid, err);
}
