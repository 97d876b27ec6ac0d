/* SPDX-License-Identifier: Apache-2.0 */
/* What relying parties read about the provider before anything else (Discovery 1.0, 3). */
#include "authapp/routes.h"

#include "authapp/client/client.h"
#include "authapp/page/locale.h"
#include "authapp/scope.h"
#include "http/discovery.h"

static const char *const algs[] = {"ES256", "RS256", NULL};
static const char *const assertion_algs[] = {"RS256", "PS256", "ES256", NULL};
static const char *const code[] = {"code", NULL};
static const char *const query[] = {"query", NULL};
static const char *const grants[] = {"authorization_code", "refresh_token", "client_credentials",
                                     NULL};
static const char *const pairwise[] = {"pairwise", NULL};
static const char *const acrs[] = {"aal3", NULL};
static const char *const normal[] = {"normal", NULL};
static const char *const claims[] = {
    "sub", "iss",  "aud",     "exp",       "iat",    "auth_time",        "nonce", "acr", "amr",
    "sid", "name", "address", "birthdate", "gender", "person_reference", NULL};
static const char *const s256[] = {"S256", NULL};
static const char *const prompts[] = {"none", "login", "consent", "select_account", NULL};

static const struct discovery_list lists[] = {
    {"response_types_supported", code},
    {"response_modes_supported", query},
    {"grant_types_supported", grants},
    {"subject_types_supported", pairwise},
    {"id_token_signing_alg_values_supported", algs},
    {"scopes_supported", scope_names},
    {"token_endpoint_auth_methods_supported", client_auth_names},
    {"token_endpoint_auth_signing_alg_values_supported", assertion_algs},
    {"revocation_endpoint_auth_methods_supported", client_auth_names},
    {"revocation_endpoint_auth_signing_alg_values_supported", assertion_algs},
    {"acr_values_supported", acrs},
    {"claim_types_supported", normal},
    {"claims_supported", claims},
    {"code_challenge_methods_supported", s256},
    {"ui_locales_supported", locales},
    {"prompt_values_supported", prompts},
    {NULL},
};

static const struct discovery_endpoint endpoints[] = {
    {"issuer", ""},
    {"authorization_endpoint", "/protocol/openid-connect/auth"},
    {"token_endpoint", "/protocol/openid-connect/token"},
    {"userinfo_endpoint", "/protocol/openid-connect/userinfo"},
    {"jwks_uri", "/protocol/openid-connect/certs"},
    {"revocation_endpoint", "/protocol/openid-connect/revoke"},
    {"end_session_endpoint", "/protocol/openid-connect/logout"},
    {NULL},
};

static const struct discovery_flag flags[] = {
    {"claims_parameter_supported", false},
    {"request_parameter_supported", false},
    {"request_uri_parameter_supported", false},
    {"require_request_uri_registration", false},
    {"backchannel_logout_supported", true},
    {"backchannel_logout_session_supported", true},
    {"authorization_response_iss_parameter_supported", true},
    {NULL},
};

static const struct discovery about = {endpoints, lists, flags};

static int get_configuration(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;

    return discovery_reply(call, authapp->issuer, &about, err);
}

static int get_certs(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    struct json *body = NULL;

    TRY(token_keys_json(&authapp->keys, clock_now(authapp->clock), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_member configuration_members[] = {
    DISCOVERY_ENDPOINT("issuer", "who it is"),
    DISCOVERY_ENDPOINT("authorization_endpoint", "where a browser is sent"),
    DISCOVERY_ENDPOINT("token_endpoint", "where tokens are given"),
    DISCOVERY_ENDPOINT("userinfo_endpoint", "where claims are given"),
    DISCOVERY_ENDPOINT("jwks_uri", "keys of tokens"),
    DISCOVERY_ENDPOINT("revocation_endpoint", "where tokens are ended"),
    DISCOVERY_ENDPOINT("end_session_endpoint", "where a browser is sent to log out"),
    DISCOVERY_LIST("response_types_supported", "what the first endpoint gives"),
    DISCOVERY_LIST("response_modes_supported", "how"),
    DISCOVERY_LIST("grant_types_supported", "what tokens are given for"),
    DISCOVERY_LIST("subject_types_supported", "how people are called"),
    DISCOVERY_LIST("id_token_signing_alg_values_supported", "how ID tokens are signed"),
    DISCOVERY_LIST("scopes_supported", "what can be asked for"),
    DISCOVERY_LIST("token_endpoint_auth_methods_supported", "how clients prove themselves"),
    DISCOVERY_LIST("token_endpoint_auth_signing_alg_values_supported", "how they sign"),
    DISCOVERY_LIST("revocation_endpoint_auth_methods_supported", "the same there"),
    DISCOVERY_LIST("revocation_endpoint_auth_signing_alg_values_supported", "the same there"),
    DISCOVERY_LIST("acr_values_supported", "how sure a login is"),
    DISCOVERY_LIST("claim_types_supported", "kinds of claims"),
    DISCOVERY_LIST("claims_supported", "claims that there are"),
    DISCOVERY_LIST("code_challenge_methods_supported", "how codes are bound (RFC 7636)"),
    DISCOVERY_LIST("ui_locales_supported", "languages of the pages"),
    DISCOVERY_LIST("prompt_values_supported", "what prompt may say"),
    DISCOVERY_FLAG("claims_parameter_supported", "no"),
    DISCOVERY_FLAG("request_parameter_supported", "no"),
    DISCOVERY_FLAG("request_uri_parameter_supported", "no"),
    DISCOVERY_FLAG("require_request_uri_registration", "no"),
    DISCOVERY_FLAG("backchannel_logout_supported", "yes"),
    DISCOVERY_FLAG("backchannel_logout_session_supported", "yes: sid"),
    DISCOVERY_FLAG("authorization_response_iss_parameter_supported", "yes (RFC 9207)"),
    {NULL},
};
static const struct http_answer configuration_answers[] = {
    {200, "metadata of the provider", configuration_members}, {0}};

static const char *const key_types[] = {"EC", "RSA", NULL};
static const char *const signature[] = {"sig", NULL};
static const char *const curves[] = {"P-256", NULL};
static const struct http_member jwk_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = key_types},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "curve", .values = curves},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "modulus"},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "exponent"},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .values = signature},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how it signs", .values = algs},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)"},
    {NULL},
};
static const struct http_member certs_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys", jwk_members}, {NULL}};
static const struct http_answer certs_answers[] = {{200, "a JWK set", certs_members}, {0}};

const struct route authapp_discovery_routes[] = {
    {.method = HTTP_GET,
     .path = AUTHAPP_REALM "/.well-known/openid-configuration",
     .access = &http_anyone,
     .handle = get_configuration,
     .operation = "getConfiguration",
     .summary = "Read about the provider",
     .answers = configuration_answers},
    {.method = HTTP_GET,
     .path = AUTHAPP_OIDC "/certs",
     .access = &http_anyone,
     .handle = get_certs,
     .operation = "listCerts",
     .summary = "Read the keys of tokens",
     .answers = certs_answers},
    {.path = NULL},
};
