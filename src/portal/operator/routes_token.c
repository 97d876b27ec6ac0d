/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token endpoint, at the path that is published (portal.md 2.3, IF001-03): tokens for the code
 * of a consent, and new ones in the place of a refresh token.
 */
#include "portal/operator/routes.h"

#include "portal/operator/auth.h"
#include "portal/operator/consent.h"

#include <string.h>

static const struct oauth_error bad_grant = {"invalid_grant",
                                             "this is unknown, over, used, or somebody else's"};

static int reply(struct http_call *call, const struct operator_tokens *tokens, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "access_token", tokens->access, err));
    TRY(json_put_text(body, "token_type", "Bearer", err));
    TRY(json_put_int(body, "expires_in", tokens->expires_in, err));
    TRY(json_put_text(body, "scope", tokens->consent.api, err));
    if (tokens->refresh[0] != '\0')
        TRY(json_put_text(body, "refresh_token", tokens->refresh, err));
    TRY(json_put_int(body, "consent_ends_at", tokens->consent.ends_at, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static struct oauth_error read_grant(const struct http_fields *fields,
                                     struct operator_spending *ret)
{
    const char *type = http_form_get(fields, "grant_type");

    if (type == NULL)
        return (struct oauth_error){"invalid_request", "grant_type is missing"};
    if (strcmp(type, "authorization_code") == 0) {
        ret->kind = OPERATOR_CODE;
        ret->text = http_form_get(fields, "code");
        ret->redirect_uri = http_form_get(fields, "redirect_uri");
        ret->verifier = http_form_get(fields, "code_verifier");
    } else if (strcmp(type, "refresh_token") == 0) {
        ret->kind = OPERATOR_REFRESH;
        ret->text = http_form_get(fields, "refresh_token");
    } else {
        return (struct oauth_error){"unsupported_grant_type",
                                    "grant_type is authorization_code or refresh_token"};
    }
    return ret->text == NULL ? (struct oauth_error){"invalid_request", "code or token is missing"}
                             : OAUTH_NO_ERROR;
}

static int give(struct http_call *call, const struct http_fields *fields,
                const struct operator_proof *proof, struct oauth_error *ret_error, struct err *err)
{
    const struct portal *portal = call->context;
    struct operator_spending spending = {.client = &proof->client};
    struct operator_tokens tokens;
    struct audit_origin by;
    int rc;

    *ret_error = read_grant(fields, &spending);
    if (ret_error->code != NULL)
        return 0;
    spending.certificate = proof->is_shown ? &proof->certificate : NULL;
    by = audit_by_role(clock_now(portal->clock), "operator", proof->client.id,
                       call->request.trace_id);
    rc = operator_token_spend(portal_store_db(portal->store), &spending, &by, &tokens, err);
    if (rc == -ERR_DENIED) {
        *ret_error = bad_grant;
        return 0;
    }
    TRY(rc);
    return reply(call, &tokens, err);
}

static int post_token(struct http_call *call, struct err *err)
{
    CLEANUP(operator_proof_done) struct operator_proof proof = {.is_shown = false};
    struct oauth_error error = {"invalid_request",
                                "the parameters cannot be read, or one is there twice"};
    struct http_fields fields = {NULL, 0};

    if (http_form_read(call, &fields, NULL) < 0)
        return oauth_refuse(call, &error, err);
    TRY(operator_authenticate(call, &fields, &proof, &error, err));
    if (error.code == NULL)
        TRY(give(call, &fields, &proof, &error, err));
    return error.code == NULL ? 0 : oauth_refuse(call, &error, err);
}

static const struct http_member token_members[] = {
    {"access_token", HTTP_TEXT, HTTP_REQUIRED,
     "for /request and /result, with the certificate that was shown here"},
    {"token_type", HTTP_TEXT, HTTP_REQUIRED, "Bearer"},
    {"expires_in", HTTP_INT, HTTP_REQUIRED, "seconds"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "the interface that it is for"},
    {"refresh_token", HTTP_TEXT, HTTP_OPTIONAL, "for new ones, once"},
    {"consent_ends_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds; our own member"},
    {NULL},
};
static const struct http_member token_form[] = {
    {"grant_type", HTTP_TEXT, HTTP_REQUIRED, "authorization_code or refresh_token"},
    {"client_id", HTTP_TEXT, HTTP_OPTIONAL, "the service; an assertion names it as well"},
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "of a consent, once"},
    {"redirect_uri", HTTP_TEXT, HTTP_OPTIONAL, "with a code: as in the request for it"},
    {"code_verifier", HTTP_TEXT, HTTP_OPTIONAL, "with a code: of its code_challenge (RFC 7636)"},
    {"refresh_token", HTTP_TEXT, HTTP_OPTIONAL, "in the place of a code"},
    {"client_assertion_type", HTTP_TEXT, HTTP_OPTIONAL, "with private_key_jwt (RFC 7523)"},
    {"client_assertion", HTTP_TEXT, HTTP_OPTIONAL, "with private_key_jwt: the JWT, once"},
    {NULL},
};
static const struct http_answer token_answers[] = {
    {200, "tokens", token_members},
    {400, "an error of OAuth 2.0", oauth_error_members},
    {401, "the service has not proven itself", oauth_error_members},
    {0}};

const struct route portal_token_routes[] = {
    {.method = HTTP_POST,
     .path = "/oauth/token",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .body = token_form,
     .handle = post_token,
     .operation = "getTokens",
     .summary = "Get tokens for a code or a refresh token (the published IF001-03)",
     .answers = token_answers,
     .is_foreign = true},
    {.path = NULL},
};
