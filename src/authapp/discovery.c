/* SPDX-License-Identifier: Apache-2.0 */
/* What relying parties read about the provider before anything else (Discovery 1.0, 3). */
#include "authapp/routes.h"

#include "authapp/client/client.h"
#include "authapp/scope.h"
#include "base/file.h"

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
static const char *const locales[] = {"ja", "en", NULL};
static const char *const prompts[] = {"none", "login", "consent", "select_account", NULL};

static const struct {
    const char *member;
    const char *const *values;
} lists[] = {
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
};

static const struct {
    const char *member;
    const char *path; /* below the issuer */
} endpoints[] = {
    {"issuer", ""},
    {"authorization_endpoint", "/protocol/openid-connect/auth"},
    {"token_endpoint", "/protocol/openid-connect/token"},
    {"userinfo_endpoint", "/protocol/openid-connect/userinfo"},
    {"jwks_uri", "/protocol/openid-connect/certs"},
    {"revocation_endpoint", "/protocol/openid-connect/revoke"},
    {"end_session_endpoint", "/protocol/openid-connect/logout"},
};

static const struct {
    const char *member;
    bool value;
} flags[] = {
    {"claims_parameter_supported", false},
    {"request_parameter_supported", false},
    {"request_uri_parameter_supported", false},
    {"require_request_uri_registration", false},
    {"backchannel_logout_supported", true},
    {"backchannel_logout_session_supported", true},
    {"authorization_response_iss_parameter_supported", true},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int put_list(struct json *body, const char *member, const char *const *values,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (; *values != NULL; values++)
        TRY(json_add_text(list, *values, err));
    return json_put(body, member, json_steal(&list), err);
}

static int get_configuration(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();

    for (size_t i = 0; i < COUNT(endpoints); i++) {
        CLEANUP(free_text) char *url = NULL;

        TRY(path_format(&url, err, "%s%s", authapp->issuer, endpoints[i].path));
        TRY(json_put_text(body, endpoints[i].member, url, err));
    }
    for (size_t i = 0; i < COUNT(lists); i++)
        TRY(put_list(body, lists[i].member, lists[i].values, err));
    for (size_t i = 0; i < COUNT(flags); i++)
        TRY(json_put_bool(body, flags[i].member, flags[i].value, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_certs(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    struct json *body = NULL;

    TRY(token_keys_json(&authapp->keys, clock_now(authapp->clock), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

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
    TEXT_MEMBER("token_endpoint", "where tokens are given"),
    TEXT_MEMBER("userinfo_endpoint", "where claims are given"),
    TEXT_MEMBER("jwks_uri", "keys of tokens"),
    TEXT_MEMBER("revocation_endpoint", "where tokens are ended"),
    TEXT_MEMBER("end_session_endpoint", "where a browser is sent to log out"),
    LIST_MEMBER("response_types_supported", "what the first endpoint gives"),
    LIST_MEMBER("response_modes_supported", "how"),
    LIST_MEMBER("grant_types_supported", "what tokens are given for"),
    LIST_MEMBER("subject_types_supported", "how people are called"),
    LIST_MEMBER("id_token_signing_alg_values_supported", "how ID tokens are signed"),
    LIST_MEMBER("scopes_supported", "what can be asked for"),
    LIST_MEMBER("token_endpoint_auth_methods_supported", "how clients prove themselves"),
    LIST_MEMBER("token_endpoint_auth_signing_alg_values_supported", "how they sign"),
    LIST_MEMBER("revocation_endpoint_auth_methods_supported", "the same there"),
    LIST_MEMBER("revocation_endpoint_auth_signing_alg_values_supported", "the same there"),
    LIST_MEMBER("acr_values_supported", "how sure a login is"),
    LIST_MEMBER("claim_types_supported", "kinds of claims"),
    LIST_MEMBER("claims_supported", "claims that there are"),
    LIST_MEMBER("code_challenge_methods_supported", "how codes are bound (RFC 7636)"),
    LIST_MEMBER("ui_locales_supported", "languages of the pages"),
    LIST_MEMBER("prompt_values_supported", "what prompt may say"),
    FLAG_MEMBER("claims_parameter_supported", "no"),
    FLAG_MEMBER("request_parameter_supported", "no"),
    FLAG_MEMBER("request_uri_parameter_supported", "no"),
    FLAG_MEMBER("require_request_uri_registration", "no"),
    FLAG_MEMBER("backchannel_logout_supported", "yes"),
    FLAG_MEMBER("backchannel_logout_session_supported", "yes: sid"),
    FLAG_MEMBER("authorization_response_iss_parameter_supported", "yes (RFC 9207)"),
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
