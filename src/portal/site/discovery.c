/* SPDX-License-Identifier: Apache-2.0 */
/* What sites read about the portal as their provider (Discovery 1.0, 3), and its key. */
#include "portal/routes.h"

#include "portal/site/tokens.h"

static const struct {
    const char *member;
    const char *values[3]; /* ended by NULL */
} lists[] = {
    {"response_types_supported", {"code"}},
    {"response_modes_supported", {"query"}},
    {"grant_types_supported", {"authorization_code", "client_credentials"}},
    {"subject_types_supported", {"pairwise"}},
    {"id_token_signing_alg_values_supported", {"ES256", "RS256"}},
    {"scopes_supported", {"openid", "notices"}},
    {"token_endpoint_auth_methods_supported", {"private_key_jwt"}},
    {"token_endpoint_auth_signing_alg_values_supported", {"ES256", "RS256"}},
    {"acr_values_supported", {"aal3"}},
    {"code_challenge_methods_supported", {"S256"}},
    {"prompt_values_supported", {"none"}},
};
static const struct {
    const char *member;
    const char *path; /* behind the issuer */
} endpoints[] = {
    {"issuer", ""},
    {"authorization_endpoint", "/authorize"},
    {"token_endpoint", "/token"},
    {"userinfo_endpoint", "/userinfo"},
    {"jwks_uri", "/keys"},
};
static const struct {
    const char *member;
    bool value;
} flags[] = {
    {"request_parameter_supported", false},
    {"request_uri_parameter_supported", false},
    {"backchannel_logout_supported", true},
    {"backchannel_logout_session_supported", true},
    {"authorization_response_iss_parameter_supported", true},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int put_list(struct json *body, size_t i, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (const char *const *value = lists[i].values; *value != NULL; value++)
        TRY(json_add_text(list, *value, err));
    return json_put(body, lists[i].member, json_steal(&list), err);
}

static int check_there(const struct portal *portal, struct err *err)
{
    return portal->sites.list == NULL ? FAIL(err, ERR_ABSENT, "this portal has no sites") : 0;
}

static int get_configuration(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(check_there(portal, err));
    for (size_t i = 0; i < COUNT(endpoints); i++) {
        CLEANUP(buf_done) struct buf url = BUF_INIT;

        TRY(buf_append_format(&url, err, "%s" SITE_ISSUER "%s", portal->origin, endpoints[i].path));
        TRY(json_put_bytes(body, endpoints[i].member, buf_bytes(&url), err));
    }
    for (size_t i = 0; i < COUNT(lists); i++)
        TRY(put_list(body, i, err));
    for (size_t i = 0; i < COUNT(flags); i++)
        TRY(json_put_bool(body, flags[i].member, flags[i].value, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_keys(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    TRY(check_there(portal, err));
    return portal_reply_key(call, portal->token.public, err);
}

/* ---- words ---- */

#define TEXT_MEMBER(name_, meaning_)                                                               \
    {                                                                                              \
        (name_), HTTP_TEXT, HTTP_REQUIRED, (meaning_)                                              \
    }
#define LIST_MEMBER(name_, meaning_)                                                               \
    {                                                                                              \
        (name_), HTTP_ARRAY, HTTP_REQUIRED, (meaning_)                                             \
    }
#define FLAG_MEMBER(name_, meaning_)                                                               \
    {                                                                                              \
        (name_), HTTP_BOOL, HTTP_REQUIRED, (meaning_)                                              \
    }
static const struct http_member configuration_members[] = {
    TEXT_MEMBER("issuer", "who it is"),
    TEXT_MEMBER("authorization_endpoint", "where a browser is sent"),
    TEXT_MEMBER("token_endpoint", "where a code is redeemed"),
    TEXT_MEMBER("userinfo_endpoint", "who a token is of"),
    TEXT_MEMBER("jwks_uri", "the key of tokens"),
    LIST_MEMBER("response_types_supported", "what the first endpoint gives"),
    LIST_MEMBER("response_modes_supported", "how"),
    LIST_MEMBER("grant_types_supported", "what tokens are given for"),
    LIST_MEMBER("subject_types_supported", "how people are called: otherwise at each site"),
    LIST_MEMBER("id_token_signing_alg_values_supported", "how ID tokens are signed"),
    LIST_MEMBER("scopes_supported", "what can be asked for"),
    LIST_MEMBER("token_endpoint_auth_methods_supported", "how sites prove themselves"),
    LIST_MEMBER("token_endpoint_auth_signing_alg_values_supported", "how they sign"),
    LIST_MEMBER("acr_values_supported", "how sure the portal's login was"),
    LIST_MEMBER("code_challenge_methods_supported", "how codes are bound (RFC 7636)"),
    LIST_MEMBER("prompt_values_supported", "what prompt may say"),
    FLAG_MEMBER("request_parameter_supported", "no"),
    FLAG_MEMBER("request_uri_parameter_supported", "no"),
    FLAG_MEMBER("backchannel_logout_supported", "yes"),
    FLAG_MEMBER("backchannel_logout_session_supported", "yes: sid"),
    FLAG_MEMBER("authorization_response_iss_parameter_supported", "yes (RFC 9207)"),
    {NULL},
};
static const struct http_answer configuration_answers[] = {
    {200, "metadata of the provider", configuration_members}, {0}};

const struct route portal_sso_about_routes[] = {
    {.method = HTTP_GET,
     .path = SITE_ISSUER "/.well-known/openid-configuration",
     .access = &http_anyone,
     .handle = get_configuration,
     .operation = "getSsoConfiguration",
     .summary = "Read about the portal as a provider for its sites",
     .answers = configuration_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = SITE_ISSUER "/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listSsoKeys",
     .summary = "Read the key by which sites know what it says",
     .answers = portal_keys_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
