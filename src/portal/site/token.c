/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint, for sites, and what an access token is good for: who it is of. */
#include "portal/routes.h"

#include "base/random_text.h"
#include "crypto/client_proof.h"
#include "fetch/jwks.h"
#include "fetch/limits.h"
#include "http/oauth.h"
#include "portal/site/tokens.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_SIZE = 2 * FETCH_URI_MAX };

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static const struct oauth_error wrong_client = {
    "invalid_client", "this is no site of the portal, or not the way it proves itself"};
static const struct oauth_error bad_grant = {"invalid_grant",
                                             "this is unknown, over, used, or somebody else's"};

/* ---- which site asks (RFC 7523) ---- */

static int find_keys(const struct portal *portal, const struct site_row *site,
                     const struct jws *jws, struct json **ret, struct err *err)
{
    const struct jwks_place place = {.url = site->jwks_uri, .is_public = portal_is_public(portal)};

    if (site->jwks != NULL)
        return json_duplicate(site->jwks, ret, err);
    return jwks_cache_get(portal->kept->jwks, &place, jws->kid, clock_now(portal->clock), ret, err);
}

/* For the issuer, or the endpoint (RFC 7523, 3). */
static struct oauth_error check_claims(const struct portal *portal, const struct json *claims,
                                       int64_t *ret_ends)
{
    static const struct oauth_error faults[] = {
        [ASSERTION_LATE] = {"invalid_client",
                            "the assertion is late, or good for more than 10 minutes"},
        [ASSERTION_EARLY] = {"invalid_client", "the assertion is from the future"},
        [ASSERTION_FOREIGN] = {"invalid_client", "the assertion is for somebody else"},
        [ASSERTION_NAMELESS] = {"invalid_client", "the assertion has no jti"}};
    char issuer[ADDRESS_SIZE], endpoint[ADDRESS_SIZE];
    const char *const audiences[] = {issuer, endpoint, NULL};

    (void)snprintf(issuer, sizeof issuer, "%s" SITE_ISSUER, portal->origin);
    (void)snprintf(endpoint, sizeof endpoint, "%s" SITE_ISSUER "/token", portal->origin);
    return faults[assertion_judge(claims, audiences, clock_now(portal->clock), ret_ends)];
}

static int prove(const struct portal *portal, const struct jws *jws, const struct site_row *site,
                 int64_t ends, struct err *err)
{
    CLEANUP(json_freep) struct json *keys = NULL;
    const char *jti = NULL;
    struct digest hash;

    TRY(find_keys(portal, site, jws, &keys, err));
    TRY(jws_verify_set(jws, keys, err));
    TRY(json_get_text(jws->claims, "jti", &jti, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(jti), &hash, err));
    return site_assertion_use(portal->store, site->id, &hash, ends, clock_now(portal->clock), err);
}

static int find_client(struct http_call *call, const struct http_fields *fields,
                       const struct site_row **ret, struct oauth_error *ret_error, struct err *err)
{
    const struct portal *portal = call->context;
    const char *type = http_form_get(fields, "client_assertion_type");
    const char *text = http_form_get(fields, "client_assertion");
    const char *id = http_form_get(fields, "client_id");
    CLEANUP(jws_done) struct jws jws = JWS_INIT;
    const char *name;
    int64_t ends = 0;
    int rc;

    *ret_error = wrong_client;
    if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0 || text == NULL ||
        jws_parse(bytes_text(text), &jws, NULL) < 0)
        return 0;
    name = assertion_client(jws.claims);
    *ret = name == NULL ? NULL : sites_find(portal->sites.list, name);
    if (*ret == NULL || (id != NULL && strcmp(id, name) != 0))
        return 0;
    *ret_error = check_claims(portal, jws.claims, &ends);
    if (ret_error->code != NULL)
        return 0;
    rc = prove(portal, &jws, *ret, ends, err);
    if (rc == -ERR_UNTRUSTED || rc == -ERR_INPUT || rc == -ERR_CONFLICT) {
        *ret_error = (struct oauth_error){
            "invalid_client", "the assertion is not signed by this site, or was used before"};
        return 0;
    }
    return rc;
}

/* ---- codes ---- */

/* A request of a site that has proven itself. */
struct redemption {
    struct http_call *call;
    const struct portal *portal;
    const struct http_fields *fields;
    const struct site_row *site;
    struct audit_origin by;
    struct oauth_error error; /* why not */
};

/* The login of a code that counts for this site; an error if it does not. */
static int find_login(struct redemption *asked, struct site_login *ret, struct err *err)
{
    const char *code = http_form_get(asked->fields, "code");
    const char *uri = http_form_get(asked->fields, "redirect_uri");
    const char *verifier = http_form_get(asked->fields, "code_verifier");
    struct digest hash;
    int rc;

    asked->error = bad_grant;
    if (code == NULL || uri == NULL || verifier == NULL)
        return 0;
    TRY(digest_compute(DIGEST_SHA256, bytes_text(code), &hash, err));
    rc = site_login_find(asked->portal->store, &hash, ret, err);
    if (rc == -ERR_ABSENT || (rc == 0 && strcmp(ret->site, asked->site->id) != 0))
        return 0;
    TRY(rc);
    /* Somebody has it beside the site (RFC 9700, 4.14). */
    if (ret->used_at != 0)
        return site_login_end(asked->portal->store, ret, &asked->by, err);
    if (asked->by.at < ret->made_at + SITE_CODE_SECONDS &&
        strcmp(uri, asked->site->redirect_uri) == 0 && pkce_fits(verifier, ret->challenge))
        asked->error = OAUTH_NO_ERROR;
    return 0;
}

static int write_tokens(const struct redemption *asked, const struct site_login *login,
                        const char *access, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf id_token = BUF_INIT;

    TRY(site_id_token(asked->portal, login, access, &id_token, err));
    TRY(json_put_bytes(body, "id_token", buf_bytes(&id_token), err));
    TRY(json_put_text(body, "access_token", access, err));
    TRY(json_put_text(body, "token_type", "Bearer", err));
    TRY(json_put_int(body, "expires_in", SITE_TOKEN_SECONDS, err));
    TRY(json_put_text(body, "scope", "openid", err));
    *ret = json_steal(&body);
    return 0;
}

/* What is answered is made before the code is spent for it: signerd may not be there. */
static int redeem(struct redemption *asked, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    char access[PORTAL_SECRET_SIZE];
    struct site_login login;
    struct digest hash;
    int rc;

    TRY(find_login(asked, &login, err));
    if (asked->error.code != NULL)
        return 0;
    TRY(random_text(access, sizeof access, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(access), &hash, err));
    TRY(write_tokens(asked, &login, access, &body, err));
    rc = site_login_use(asked->portal->store, &login, asked->site, &hash, &asked->by, err);
    if (rc == -ERR_CONFLICT) {
        asked->error = bad_grant;
        return 0;
    }
    TRY(rc);
    return http_reply_json(&asked->call->response, 200, json_steal(&body), err);
}

/* ---- for the site itself (RFC 6749, 4.4) ---- */

static struct oauth_error check_own(const struct redemption *asked)
{
    const char *scope = http_form_get(asked->fields, "scope");

    if (!asked->site->sends_notices)
        return (struct oauth_error){"unauthorized_client", "this site sends no notices"};
    if (scope == NULL || strcmp(scope, "notices") != 0)
        return (struct oauth_error){"invalid_scope", "scope is notices"};
    return OAUTH_NO_ERROR;
}

static int give_own(struct redemption *asked, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char access[PORTAL_SECRET_SIZE];
    struct digest hash;

    asked->error = check_own(asked);
    if (asked->error.code != NULL)
        return 0;
    TRY(random_text(access, sizeof access, err));
    TRY(digest_compute(DIGEST_SHA256, bytes_text(access), &hash, err));
    TRY(site_token_add(asked->portal->store, &hash, asked->site->id,
                       clock_now(asked->portal->clock), err));
    TRY(json_put_text(body, "access_token", access, err));
    TRY(json_put_text(body, "token_type", "Bearer", err));
    TRY(json_put_int(body, "expires_in", SITE_TOKEN_SECONDS, err));
    TRY(json_put_text(body, "scope", "notices", err));
    return http_reply_json(&asked->call->response, 200, json_steal(&body), err);
}

static int give(struct redemption *asked, struct err *err)
{
    const char *type = http_form_get(asked->fields, "grant_type");

    TRY(find_client(asked->call, asked->fields, &asked->site, &asked->error, err));
    if (asked->error.code != NULL)
        return 0;
    if (type != NULL && strcmp(type, "client_credentials") == 0)
        return give_own(asked, err);
    if (type == NULL || strcmp(type, "authorization_code") != 0) {
        asked->error = (struct oauth_error){
            "unsupported_grant_type", "grant_type is authorization_code or client_credentials"};
        return 0;
    }
    asked->by = audit_by_role(clock_now(asked->portal->clock), "site", asked->site->id,
                              asked->call->request.trace_id);
    return redeem(asked, err);
}

static int post_token(struct http_call *call, struct err *err)
{
    struct http_fields fields = {NULL, 0};
    struct redemption asked = {
        .call = call,
        .portal = call->context,
        .fields = &fields,
        .error = {"invalid_request", "the parameters cannot be read, or one is twice"}};

    if (http_form_read(call, &fields, NULL) == 0)
        TRY(give(&asked, err));
    return asked.error.code == NULL ? 0 : oauth_refuse(call, &asked.error, err);
}

/* ---- userinfo (Core 1.0, 5.3) ---- */

/* Who sent no token is told no error (RFC 6750, 3.1). */
static int refuse_bearer(struct http_call *call, bool was_sent, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "error", was_sent ? "invalid_token" : "invalid_request", err));
    TRY(json_put_text(body, "error_description",
                      was_sent ? "this token does not count" : "there is no access token", err));
    TRY(http_reply_json(&call->response, 401, json_steal(&body), err));
    return http_reply_field(&call->response, "WWW-Authenticate",
                            was_sent ? "Bearer realm=\"OpenJPKI\", error=\"invalid_token\""
                                     : "Bearer realm=\"OpenJPKI\"",
                            err);
}

/* By GET or by POST, the token in the header or in a form (RFC 6750, 2). */
static int get_userinfo(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct http_fields fields = {NULL, 0};
    const char *bearer;
    char sub[PORTAL_ID_SIZE] = "";
    struct digest hash;
    int rc = -ERR_ABSENT;

    if (call->request.method == HTTP_POST && http_form_read(call, &fields, NULL) < 0)
        fields = (struct http_fields){NULL, 0};
    bearer = oauth_bearer(call, &fields);
    if (bearer != NULL) {
        TRY(digest_compute(DIGEST_SHA256, bytes_text(bearer), &hash, err));
        rc = site_access_find(portal->store, &hash, clock_now(portal->clock), sub, err);
    }
    if (rc == -ERR_ABSENT)
        return refuse_bearer(call, bearer != NULL, err);
    TRY(rc);
    TRY(json_put_text(body, "sub", sub, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- words ---- */

static const struct http_member token_members[] = {
    {"id_token", HTTP_TEXT, HTTP_OPTIONAL, "for a code: who it is, for this site alone: a JWS"},
    {"access_token", HTTP_TEXT, HTTP_REQUIRED, "for userinfo, or for notices of the site"},
    {"token_type", HTTP_TEXT, HTTP_REQUIRED, "Bearer"},
    {"expires_in", HTTP_INT, HTTP_REQUIRED, "seconds"},
    {"scope", HTTP_TEXT, HTTP_REQUIRED, "openid or notices"},
    {NULL},
};
static const struct http_answer token_answers[] = {
    {200, "tokens", token_members},
    {400, "an error of OAuth 2.0", oauth_error_members},
    {401, "the site has not proven itself", oauth_error_members},
    {0}};
static const struct http_member userinfo_members[] = {
    {"sub", HTTP_TEXT, HTTP_REQUIRED, "what this site alone calls the person"}, {NULL}};
static const struct http_answer userinfo_answers[] = {
    {200, "who it is", userinfo_members},
    {401, "the token does not count", oauth_error_members},
    {0}};

static const struct http_member token_form[] = {
    {"grant_type", HTTP_TEXT, HTTP_REQUIRED, "authorization_code or client_credentials"},
    {"client_assertion_type", HTTP_TEXT, HTTP_REQUIRED, "private_key_jwt (RFC 7523)"},
    {"client_assertion", HTTP_TEXT, HTTP_REQUIRED, "the JWT, once"},
    {"client_id", HTTP_TEXT, HTTP_OPTIONAL, "the site, as the JWT says it"},
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "of who has come, once"},
    {"redirect_uri", HTTP_TEXT, HTTP_OPTIONAL, "with a code: as in the request for it"},
    {"code_verifier", HTTP_TEXT, HTTP_OPTIONAL, "with a code: of its code_challenge (RFC 7636)"},
    {"scope", HTTP_TEXT, HTTP_OPTIONAL, "notices, for a token of the site's own"},
    {NULL},
};
static const struct http_member userinfo_form[] = {
    {"access_token", HTTP_TEXT, HTTP_OPTIONAL, "the token, unless it is in the header"}, {NULL}};

const struct route portal_sso_token_routes[] = {
    {.method = HTTP_POST,
     .path = SITE_ISSUER "/token",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .body = token_form,
     .handle = post_token,
     .operation = "redeemSsoCode",
     .summary = "Learn, as a site, who has come, or have a token for its notices",
     .answers = token_answers,
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = SITE_ISSUER "/userinfo",
     .access = &http_anyone,
     .handle = get_userinfo,
     .operation = "getSsoUserinfo",
     .summary = "Read who an access token is of",
     .answers = userinfo_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = SITE_ISSUER "/userinfo",
     .access = &http_anyone,
     .body_type = HTTP_FORM_TYPE,
     .body = userinfo_form,
     .handle = get_userinfo,
     .operation = "postSsoUserinfo",
     .summary = "The same by a form",
     .answers = userinfo_answers,
     .is_foreign = true},
    {.path = NULL},
};
