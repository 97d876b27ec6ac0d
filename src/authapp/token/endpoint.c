/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint (RFC 6749, 4.1.3, 4.4.2 and 6; Core 1.0, 3.1.3 and 12). */
#include "authapp/routes.h"

#include "authapp/client/auth.h"
#include "authapp/scope.h"
#include "authapp/token/idtoken.h"
#include "base/random_text.h"
#include "crypto/client_proof.h"

#include <string.h>

/* A request of a client that has proven itself. */
struct exchange {
    struct http_call *call;
    const struct authapp *authapp;
    const struct client *client;
    const struct http_fields *fields;
    struct audit_origin by;
    struct oauth_error error; /* why not */
};

static const struct oauth_error bad_grant = {"invalid_grant",
                                             "this is unknown, over, used, or somebody else's"};

/* What the client gets. */
struct given {
    struct new_token access, refresh;
    bool has_refresh;
};

static void given_done(struct given *given)
{
    new_token_done(&given->access);
    new_token_done(&given->refresh);
}

static int make(const struct exchange *exchange, const struct grant *grant, unsigned scopes,
                const struct json *attributes, struct given *ret, struct err *err)
{
    int64_t now = clock_now(exchange->authapp->clock);
    int64_t access_ends = now + AUTHAPP_ACCESS_SECONDS;
    int64_t refresh_ends = now + AUTHAPP_REFRESH_SECONDS;

    if (access_ends > grant->expires_at)
        access_ends = grant->expires_at;
    if (refresh_ends > grant->expires_at)
        refresh_ends = grant->expires_at;
    ret->has_refresh = grant->sub[0] != '\0' && (exchange->client->grants & GRANT_REFRESH) != 0;
    TRY(token_make(TOKEN_ACCESS, scopes, access_ends, attributes, &ret->access, err));
    if (ret->has_refresh)
        TRY(token_make(TOKEN_REFRESH, grant->scopes, refresh_ends, attributes, &ret->refresh, err));
    return 0;
}

/* The answer; before anything is spent for it, because signerd may not be there. */
static int write_answer(const struct exchange *exchange, const struct given *given,
                        const struct id_token *about, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id_token = BUF_INIT;
    char scope[SCOPE_TEXT_SIZE];
    struct signer *signer;

    if (about != NULL) {
        TRY(authapp_signer(exchange->call, &signer, err));
        TRY(id_token_make(exchange->authapp, signer, about, &id_token, err));
        TRY(json_put_bytes(body, "id_token", buf_bytes(&id_token), err));
    }
    scope_text(given->access.row.scopes, scope);
    TRY(json_put_text(body, "access_token", given->access.text, err));
    TRY(json_put_text(body, "token_type", "Bearer", err));
    TRY(json_put_int(body, "expires_in",
                     given->access.row.expires_at - clock_now(exchange->authapp->clock), err));
    TRY(json_put_text(body, "scope", scope, err));
    if (given->has_refresh)
        TRY(json_put_text(body, "refresh_token", given->refresh.text, err));
    *ret = json_steal(&body);
    return 0;
}

static int reply(const struct exchange *exchange, struct json **answer, struct err *err)
{
    TRY(http_reply_json(&exchange->call->response, 200, json_steal(answer), err));
    return http_reply_field(&exchange->call->response, "Pragma", "no-cache", err);
}

/* The code or refresh token that is to be spent; an error if it does not count. */
static int find(struct exchange *exchange, enum token_kind kind, const char *text,
                const char *replayed, struct found_token *ret, struct err *err)
{
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = kind}};
    int rc = token_find(exchange->authapp, text, &found, err);

    exchange->error = bad_grant;
    if (rc == -ERR_ABSENT)
        return 0;
    TRY(rc);
    if (found.token.kind != kind || strcmp(found.grant.client_id, exchange->client->id) != 0)
        return 0;
    /* Somebody has it beside the client: nothing that came of it may count (RFC 9700, 4.14). */
    if (found.token.is_used)
        return authapp_end_grant(exchange->authapp->store, found.grant.id, replayed, &exchange->by,
                                 err);
    if (!token_counts(exchange->authapp, &found))
        return 0;
    exchange->error = OAUTH_NO_ERROR;
    *ret = found;
    found.token.attributes = (struct buf)BUF_INIT;
    return 0;
}

/* Tokens in the place of what is spent. */
static int spend(struct exchange *exchange, const struct found_token *found, const char *text,
                 unsigned scopes, const char *replayed, struct err *err)
{
    CLEANUP(json_freep) struct json *attributes = NULL;
    CLEANUP(given_done) struct given given = {.has_refresh = false};
    struct id_token about = {exchange->client, &found->grant, given.access.text,
                             found->token.kind == TOKEN_CODE, NULL};
    CLEANUP(json_freep) struct json *answer = NULL;
    struct token fresh[2];
    int rc;

    TRY(token_attributes(found, text, &attributes, err));
    /* A reference is told once, and by no token after that. */
    if (attributes != NULL && json_has(attributes, "person_reference"))
        TRY(json_get_text(attributes, "person_reference", &about.reference, err));
    TRY(make(exchange, &found->grant, scopes, about.reference == NULL ? attributes : NULL, &given,
             err));
    TRY(write_answer(exchange, &given, &about, &answer, err));
    fresh[0] = given.access.row;
    fresh[1] = given.refresh.row;
    rc = authapp_spend_token(exchange->authapp->store, found, fresh, given.has_refresh ? 2 : 1,
                             err);
    if (rc == -ERR_CONFLICT) {
        exchange->error = bad_grant;
        return authapp_end_grant(exchange->authapp->store, found->grant.id, replayed, &exchange->by,
                                 err);
    }
    TRY(rc);
    return reply(exchange, &answer, err);
}

/* ---- authorization codes ---- */

/* A verifier without a challenge is somebody else's code put in its place. */
static bool fits(const char *verifier, const char *challenge)
{
    if (challenge[0] == '\0' || verifier == NULL)
        return challenge[0] == '\0' && verifier == NULL;
    return pkce_fits(verifier, challenge);
}

static int by_code(struct exchange *exchange, struct err *err)
{
    static const char replayed[] = "code-replayed";
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = TOKEN_CODE}};
    const char *code = http_form_get(exchange->fields, "code");
    const char *uri = http_form_get(exchange->fields, "redirect_uri");

    if (code == NULL || uri == NULL) {
        exchange->error = (struct oauth_error){"invalid_request",
                                               "code and redirect_uri are needed"};
        return 0;
    }
    TRY(find(exchange, TOKEN_CODE, code, replayed, &found, err));
    if (exchange->error.code != NULL)
        return 0;
    if (strcmp(uri, found.token.redirect_uri) != 0)
        exchange->error = (struct oauth_error){"invalid_grant",
                                               "redirect_uri is not that of the request"};
    else if (!fits(http_form_get(exchange->fields, "code_verifier"), found.token.challenge))
        exchange->error = (struct oauth_error){"invalid_grant",
                                               "code_verifier is not that of the challenge"};
    if (exchange->error.code != NULL)
        return 0;
    return spend(exchange, &found, code, found.token.scopes, replayed, err);
}

/* ---- refresh tokens ---- */

static int by_refresh(struct exchange *exchange, struct err *err)
{
    static const char replayed[] = "refresh-replayed";
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = TOKEN_REFRESH}};
    const char *text = http_form_get(exchange->fields, "refresh_token");
    const char *scope = http_form_get(exchange->fields, "scope");
    unsigned scopes;

    if (text == NULL) {
        exchange->error = (struct oauth_error){"invalid_request", "refresh_token is needed"};
        return 0;
    }
    TRY(find(exchange, TOKEN_REFRESH, text, replayed, &found, err));
    if (exchange->error.code != NULL)
        return 0;
    scopes = scope == NULL ? found.grant.scopes : scope_of(scope);
    if (scopes == 0 || (scopes & ~found.grant.scopes) != 0) {
        exchange->error = (struct oauth_error){"invalid_scope", "scope is more than was granted"};
        return 0;
    }
    return spend(exchange, &found, text, scopes, replayed, err);
}

/* ---- a client's own ---- */

static int by_credentials(struct exchange *exchange, struct err *err)
{
    CLEANUP(given_done) struct given given = {.has_refresh = false};
    CLEANUP(json_freep) struct json *answer = NULL;
    const char *scope = http_form_get(exchange->fields, "scope");
    unsigned scopes = scope == NULL ? 0 : scope_of(scope);
    int64_t now = clock_now(exchange->authapp->clock);
    struct grant grant = {
        .scopes = scopes, .auth_time = now, .expires_at = now + AUTHAPP_ACCESS_SECONDS};
    const struct grant_start start = {&grant, &given.access.row, NULL, NULL, NULL};

    if (scopes != SCOPE_SIGN || (exchange->client->scopes & SCOPE_SIGN) == 0) {
        exchange->error = (struct oauth_error){"invalid_scope",
                                               "a client's own credentials are for sign alone"};
        return 0;
    }
    memcpy(grant.client_id, exchange->client->id, sizeof grant.client_id);
    TRY(random_text(grant.id, sizeof grant.id, err));
    memcpy(grant.sid, grant.id, sizeof grant.sid);
    TRY(make(exchange, &grant, scopes, NULL, &given, err));
    TRY(write_answer(exchange, &given, NULL, &answer, err));
    TRY(authapp_make_grant(exchange->authapp->store, &start, &exchange->by, err));
    return reply(exchange, &answer, err);
}

static const struct {
    const char *name;
    enum client_grant grant;
    int (*give)(struct exchange *exchange, struct err *err);
} grants[] = {
    {"authorization_code", GRANT_CODE, by_code},
    {"refresh_token", GRANT_REFRESH, by_refresh},
    {"client_credentials", GRANT_CREDENTIALS, by_credentials},
};

static int give(struct exchange *exchange, struct err *err)
{
    const char *type = http_form_get(exchange->fields, "grant_type");

    for (size_t i = 0; type != NULL && i < sizeof grants / sizeof grants[0]; i++) {
        if (strcmp(grants[i].name, type) != 0)
            continue;
        if ((exchange->client->grants & (unsigned)grants[i].grant) != 0)
            return grants[i].give(exchange, err);
        exchange->error = (struct oauth_error){"unauthorized_client",
                                               "this client is not registered for that"};
        return 0;
    }
    exchange->error = type == NULL
                          ? (struct oauth_error){"invalid_request", "grant_type is missing"}
                          : (struct oauth_error){"unsupported_grant_type",
                                                 "there is no such grant"};
    return 0;
}

static int post_token(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    struct http_fields fields = {NULL, 0};
    struct exchange exchange = {
        .call = call, .authapp = authapp, .client = &client, .fields = &fields};

    if (http_form_read(call, &fields, NULL) < 0)
        return oauth_refuse(call,
                            &(struct oauth_error){"invalid_request",
                                                  "the parameters cannot be read, or one is twice"},
                            err);
    TRY(client_authenticate(call, &fields, &client, &exchange.error, err));
    if (exchange.error.code == NULL) {
        exchange.by = audit_by_role(clock_now(authapp->clock), "client", client.id,
                                    call->request.trace_id);
        TRY(give(&exchange, err));
    }
    return exchange.error.code == NULL ? 0 : oauth_refuse(call, &exchange.error, err);
}

/* RFC 7009. What the client may not have is not there for it. */
static int post_revoke(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(client_done) struct client client = {.metadata = NULL};
    CLEANUP(found_token_done) struct found_token found = {.token = {.kind = TOKEN_CODE}};
    struct oauth_error error = {"invalid_request", "token is needed"};
    struct http_fields fields = {NULL, 0};
    struct audit_origin by;
    const char *text;
    int rc;

    if (http_form_read(call, &fields, NULL) < 0)
        return oauth_refuse(call, &error, err);
    text = http_form_get(&fields, "token");
    if (text == NULL)
        return oauth_refuse(call, &error, err);
    TRY(client_authenticate(call, &fields, &client, &error, err));
    if (error.code != NULL)
        return oauth_refuse(call, &error, err);
    by = audit_by_role(clock_now(authapp->clock), "client", client.id, call->request.trace_id);
    rc = token_find(authapp, text, &found, err);
    if (rc == 0 && strcmp(found.grant.client_id, client.id) == 0)
        TRY(found.token.kind == TOKEN_ACCESS
                ? authapp_drop_token(authapp->store, &found.token.hash, err)
                : authapp_end_grant(authapp->store, found.grant.id, "revoked", &by, err));
    else if (rc != -ERR_ABSENT)
        TRY(rc);
    http_reply_empty(&call->response, 200);
    return 0;
}

static const struct http_member token_members[] = {
    {"access_token", HTTP_TEXT, HTTP_REQUIRED, "for userinfo, or for signing"},
    {"token_type", HTTP_TEXT, HTTP_REQUIRED, "Bearer"},
    {"expires_in", HTTP_INT, HTTP_REQUIRED, "seconds"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "what it is for"},
    {"refresh_token", HTTP_TEXT, HTTP_OPTIONAL, "for new ones, once"},
    {"id_token", HTTP_TEXT, HTTP_OPTIONAL, "who logged in: a JWS"},
    {NULL},
};
static const struct http_answer token_answers[] = {
    {200, "tokens", token_members},
    {400, "an error of OAuth 2.0", oauth_error_members},
    {401, "the client has not proven itself", oauth_error_members},
    {0}};
static const struct http_answer revoke_answers[] = {
    {200, "the token counts no longer"},
    {400, "an error of OAuth 2.0", oauth_error_members},
    {401, "the client has not proven itself", oauth_error_members},
    {0}};

const struct route authapp_token_routes[] = {
    {.method = HTTP_POST,
     .path = AUTHAPP_OIDC "/token",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = post_token,
     .operation = "getTokens",
     .summary = "Get tokens for a code, a refresh token or a client's credentials",
     .answers = token_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = AUTHAPP_OIDC "/revoke",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .handle = post_revoke,
     .operation = "revokeToken",
     .summary = "End a token",
     .answers = revoke_answers,
     .is_foreign = true},
    {.path = NULL},
};
