/* SPDX-License-Identifier: Apache-2.0 */
/* What sites read about the portal as their provider (Discovery 1.0, 3), and its key. */
#include "portal/routes.h"

#include "http/discovery.h"
#include "portal/account/login.h"
#include "portal/site/tokens.h"

static const char *const code[] = {"code", NULL};
static const char *const query[] = {"query", NULL};
static const char *const grants[] = {"authorization_code", "client_credentials", NULL};
static const char *const pairwise[] = {"pairwise", NULL};
static const char *const algs[] = {"ES256", "RS256", NULL};
static const char *const scopes[] = {"openid", "notices", NULL};
static const char *const assertion[] = {"private_key_jwt", NULL};
static const char *const acrs[] = {"aal3", NULL};
static const char *const s256[] = {"S256", NULL};
static const char *const prompts[] = {"none", NULL};

static const struct discovery_list lists[] = {
    {"response_types_supported", code},
    {"response_modes_supported", query},
    {"grant_types_supported", grants},
    {"subject_types_supported", pairwise},
    {"id_token_signing_alg_values_supported", algs},
    {"scopes_supported", scopes},
    {"token_endpoint_auth_methods_supported", assertion},
    {"token_endpoint_auth_signing_alg_values_supported", algs},
    {"acr_values_supported", acrs},
    {"code_challenge_methods_supported", s256},
    {"prompt_values_supported", prompts},
    {"ui_locales_supported", portal_locales},
    {NULL},
};
static const struct discovery_endpoint endpoints[] = {
    {"issuer", ""},
    {"authorization_endpoint", "/authorize"},
    {"token_endpoint", "/token"},
    {"userinfo_endpoint", "/userinfo"},
    {"jwks_uri", "/keys"},
    {NULL},
};
static const struct discovery_flag flags[] = {
    {"request_parameter_supported", false},
    {"request_uri_parameter_supported", false},
    {"backchannel_logout_supported", true},
    {"backchannel_logout_session_supported", true},
    {"authorization_response_iss_parameter_supported", true},
    {NULL},
};
static const struct discovery about = {endpoints, lists, flags};

static int check_there(const struct portal *portal, struct err *err)
{
    return portal->sites.list == NULL ? FAIL(err, ERR_ABSENT, "this portal has no sites") : 0;
}

static int get_configuration(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    const char *text;

    TRY(check_there(portal, err));
    TRY(buf_append_format(&issuer, err, "%s" SITE_ISSUER, portal->origin));
    TRY(buf_text(&issuer, &text, err));
    return discovery_reply(call, text, &about, err);
}

static int get_keys(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;

    TRY(check_there(portal, err));
    return portal_reply_key(call, portal->token.public, err);
}

/* ---- words ---- */

static const struct http_member configuration_members[] = {
    DISCOVERY_ENDPOINT("issuer", "who it is"),
    DISCOVERY_ENDPOINT("authorization_endpoint", "where a browser is sent"),
    DISCOVERY_ENDPOINT("token_endpoint", "where a code is redeemed"),
    DISCOVERY_ENDPOINT("userinfo_endpoint", "who a token is of"),
    DISCOVERY_ENDPOINT("jwks_uri", "the key of tokens"),
    DISCOVERY_LIST("response_types_supported", "what the first endpoint gives"),
    DISCOVERY_LIST("response_modes_supported", "how"),
    DISCOVERY_LIST("grant_types_supported", "what tokens are given for"),
    DISCOVERY_LIST("subject_types_supported", "how people are called: otherwise at each site"),
    DISCOVERY_LIST("id_token_signing_alg_values_supported", "how ID tokens are signed"),
    DISCOVERY_LIST("scopes_supported", "what can be asked for"),
    DISCOVERY_LIST("token_endpoint_auth_methods_supported", "how sites prove themselves"),
    DISCOVERY_LIST("token_endpoint_auth_signing_alg_values_supported", "how they sign"),
    DISCOVERY_LIST("acr_values_supported", "how sure the portal's login was"),
    DISCOVERY_LIST("code_challenge_methods_supported", "how codes are bound (RFC 7636)"),
    DISCOVERY_LIST("prompt_values_supported", "what prompt may say"),
    DISCOVERY_LIST("ui_locales_supported", "languages of the pages"),
    DISCOVERY_FLAG("request_parameter_supported", "no"),
    DISCOVERY_FLAG("request_uri_parameter_supported", "no"),
    DISCOVERY_FLAG("backchannel_logout_supported", "yes"),
    DISCOVERY_FLAG("backchannel_logout_session_supported", "yes: sid"),
    DISCOVERY_FLAG("authorization_response_iss_parameter_supported", "yes (RFC 9207)"),
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
