/* SPDX-License-Identifier: Apache-2.0 */
/* What an application says, and what it has to. */
#include "portal/operator/client.h"

#include "base/utf8.h"
#include "crypto/jws.h"
#include "fetch/uri.h"
#include "portal/gateway/api.h"
#include "portal/notice/topics.h"

#include <string.h>

const char *const operator_environments[] = {"test", "production", NULL};
const char *const operator_methods[] = {[OPERATOR_BY_CERTIFICATE] = "self_signed_tls_client_auth",
                                        [OPERATOR_BY_KEY] = "private_key_jwt",
                                        NULL};
const char *const operator_viewpoints[] = {"body", "purpose", "law", "value", "support", NULL};
/* S321 and S322: who may be at the gateway, and in which field. */
static const char *const actors[] = {"national", "municipality", "citizens", "private", NULL};
static const char *const sectors[] = {"finance", "telecom", "health", "npo",
                                      "public",  "other",   NULL};

/* A text; "" if it is not there. */
static const char *text_of(const struct json *metadata, const char *member)
{
    const char *text = "";

    if (json_has(metadata, member) && json_get_text(metadata, member, &text, NULL) < 0)
        return "";
    return text;
}

static bool is_production(const struct json *metadata)
{
    return strcmp(text_of(metadata, "environment"), "production") == 0;
}

static enum operator_method method_of(const struct json *metadata)
{
    const char *method = text_of(metadata, "token_endpoint_auth_method");

    return strcmp(method, operator_methods[OPERATOR_BY_KEY]) == 0 ? OPERATOR_BY_KEY
                                                                  : OPERATOR_BY_CERTIFICATE;
}

bool operator_is_production(const struct operator_client *client)
{
    return is_production(client->metadata);
}

static bool list_has(const struct json *metadata, const char *member, const char *text)
{
    const struct json *list = NULL;

    if (!json_has(metadata, member) || json_get_array(metadata, member, &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        if (strcmp(json_text(json_at(list, i)), text) == 0)
            return true;
    }
    return false;
}

bool operator_may_use(const struct operator_client *client, const char *api)
{
    return list_has(client->metadata, "apis", api);
}

bool operator_has_redirect(const struct operator_client *client, const char *uri)
{
    const struct json *list;

    if (json_get_array(client->metadata, "redirect_uris", &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        if (uri_matches(json_text(json_at(list, i)), uri))
            return true;
    }
    return false;
}

const char *operator_text(const struct operator_client *client, const char *member)
{
    return text_of(client->metadata, member);
}

enum operator_method operator_method(const struct operator_client *client)
{
    return method_of(client->metadata);
}

/* ---- checks ---- */

static int check_text(const struct json *object, const char *member, size_t max, struct err *err)
{
    const char *text;
    size_t count;

    TRY(json_get_text(object, member, &text, err));
    count = utf8_count(bytes_text(text));
    if (utf8_is_blank(bytes_text(text)) || count > max || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s: 1 to %zu characters in one line", member, max);
    return 0;
}

/* People are told of it in notices as well. */
static int check_name(const struct json *metadata, const char *member, struct err *err)
{
    const char *name;

    TRY(check_text(metadata, member, OPERATOR_NAME_MAX, err));
    TRY(json_get_text(metadata, member, &name, err));
    return notice_is_name(name) ? 0 : FAIL(err, ERR_INPUT, "%s: no address of a page", member);
}

static int check_texts(const struct json *metadata, struct err *err)
{
    const struct json *review;

    TRY(check_name(metadata, "client_name", err));
    TRY(check_name(metadata, "client_name_en", err));
    TRY(check_text(metadata, "purpose", OPERATOR_TEXT_MAX, err));
    TRY(check_text(metadata, "purpose_en", OPERATOR_TEXT_MAX, err));
    TRY(json_get_object(metadata, "review", &review, err));
    for (size_t i = 0; operator_viewpoints[i] != NULL; i++)
        TRY(err_prefix(err, check_text(review, operator_viewpoints[i], OPERATOR_TEXT_MAX, err),
                       "review"));
    return 0;
}

/* In production only what others can reach; in tests this computer as well. */
static int check_uri(const char *member, const char *text, bool is_public, struct err *err)
{
    struct uri uri;

    TRY(err_prefix(err, uri_parse(text, &uri, err), "%s", member));
    if (is_public && (!uri.is_https || uri.is_loopback))
        return FAIL(err, ERR_INPUT, "%s: https, and not on this computer, in production", member);
    return 0;
}

/* A list of 1 to max different texts. */
static int get_list(const struct json *metadata, const char *member, size_t max,
                    const struct json **ret, struct err *err)
{
    TRY(json_get_array(metadata, member, ret, err));
    if (json_count(*ret) == 0 || json_count(*ret) > max)
        return FAIL(err, ERR_INPUT, "%s: 1 to %zu", member, max);
    for (size_t i = 0; i < json_count(*ret); i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(json_text(json_at(*ret, i)), json_text(json_at(*ret, k))) == 0)
                return FAIL(err, ERR_INPUT, "%s: one is there twice", member);
        }
    }
    return 0;
}

static int check_uris(const struct json *metadata, bool is_public, struct err *err)
{
    const struct json *list;
    const char *callback;

    TRY(get_list(metadata, "redirect_uris", OPERATOR_URIS_MAX, &list, err));
    for (size_t i = 0; i < json_count(list); i++)
        TRY(check_uri("redirect_uris", json_text(json_at(list, i)), is_public, err));
    if (!json_has(metadata, "callback_uri"))
        return 0;
    TRY(json_get_text(metadata, "callback_uri", &callback, err));
    return check_uri("callback_uri", callback, is_public, err);
}

static int check_scope(const struct json *metadata, struct err *err)
{
    const struct json *apis, *infos;

    TRY(get_list(metadata, "apis", GATEWAY_APIS_MAX, &apis, err));
    for (size_t i = 0; i < json_count(apis); i++) {
        const struct gateway_api *api = gateway_api_find(json_text(json_at(apis, i)));

        if (api == NULL || !api->is_by_consent)
            return FAIL(err, ERR_INPUT, "apis: there is none of that name to apply for");
    }
    return json_has(metadata, "infos")
               ? get_list(metadata, "infos", OPERATOR_INFOS_MAX, &infos, err)
               : 0;
}

static bool is_key(const struct json *jwk)
{
    for (unsigned alg = 0; alg < JWS_ALGS_; alg++) {
        CLEANUP(pubkey_freep) struct pubkey *key = NULL;

        if (jws_key_parse(jwk, (enum jws_alg)alg, &key, NULL) == 0)
            return true;
    }
    return false;
}

static int check_keys(const struct json *metadata, struct err *err)
{
    const struct json *set, *keys;

    if (!json_has(metadata, "jwks"))
        return FAIL(err, ERR_INPUT, "jwks: whoever proves himself by private_key_jwt has keys");
    TRY(json_get_object(metadata, "jwks", &set, err));
    TRY(json_get_array(set, "keys", &keys, err));
    if (json_count(keys) == 0 || json_count(keys) > OPERATOR_KEYS_MAX)
        return FAIL(err, ERR_INPUT, "jwks: 1 to %d keys", OPERATOR_KEYS_MAX);
    for (size_t i = 0; i < json_count(keys); i++) {
        if (!is_key(json_at(keys, i)))
            return FAIL(err, ERR_INPUT, "jwks: a public RSA or P-256 key that signs");
    }
    return 0;
}

int operator_check(const struct json *metadata, const struct digest *certificate, struct err *err)
{
    const enum operator_method method = method_of(metadata);

    TRY(check_texts(metadata, err));
    TRY(check_uris(metadata, is_production(metadata), err));
    TRY(check_scope(metadata, err));
    if (method == OPERATOR_BY_KEY)
        TRY(check_keys(metadata, err));
    else if (json_has(metadata, "jwks"))
        return FAIL(err, ERR_INPUT, "jwks: whoever proves himself by a certificate has none");
    if (certificate == NULL && (is_production(metadata) || method == OPERATOR_BY_CERTIFICATE))
        return FAIL(err, ERR_INPUT, "apply with the certificate that the service will show");
    if (is_production(metadata) != json_has(metadata, "test_client"))
        return FAIL(err, ERR_INPUT,
                    "test_client: in production, and there alone, a service has one");
    return 0;
}

/* ---- words ---- */

const struct http_form operator_id_form = {"^SP[0-9]{8}_(TS|PR)[0-9]{4}$",
                                           "SP, eight digits, _, TS or PR, four digits"};
static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};

#define VIEWPOINT(name, meaning)                                                                   \
    {                                                                                              \
        name, HTTP_TEXT, HTTP_REQUIRED, meaning                                                    \
    }
static const struct http_member review_members[] = {
    VIEWPOINT("body", "why this body is fit for it"),
    VIEWPOINT("purpose", "why the purpose is"),
    VIEWPOINT("law", "which laws are observed, and how"),
    VIEWPOINT("value", "what is better with it for people"),
    VIEWPOINT("support", "what people are told, and whom they ask"),
    {NULL},
};
static const char *const verdicts[] = {"met", "unmet", NULL};

#define VERDICT(name, meaning)                                                                     \
    {                                                                                              \
        name, HTTP_TEXT, HTTP_REQUIRED, meaning, .values = verdicts                                \
    }
const struct http_member operator_verdict_members[] = {
    VERDICT("body", "whether this body is fit for it"),
    VERDICT("purpose", "whether the purpose is"),
    VERDICT("law", "whether the laws are observed"),
    VERDICT("value", "whether it is better for people and needs these interfaces"),
    VERDICT("support", "whether there are texts enough, and somebody to ask"),
    {NULL},
};
static const struct http_member jwk_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "RSA or EC"},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "P-256"},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "of EC"},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "of EC"},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "of RSA"},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "of RSA"},
    {"kid", HTTP_TEXT, HTTP_OPTIONAL, "its name"},
    {"use", HTTP_TEXT, HTTP_OPTIONAL, "sig"},
    {"alg", HTTP_TEXT, HTTP_OPTIONAL, "RS256, PS256 or ES256"},
    {NULL},
};
static const struct http_member jwks_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "its public keys", jwk_members}, {NULL}};

const struct http_member operator_metadata_members[] = {
    {"client_name", HTTP_TEXT, HTTP_REQUIRED, "the service, as people read it, in Japanese"},
    {"client_name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what it is for, as people read it, in Japanese"},
    {"purpose_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"actor", HTTP_TEXT, HTTP_REQUIRED, "who it is (S321)", .values = actors},
    {"sector", HTTP_TEXT, HTTP_REQUIRED, "in which field (S322)", .values = sectors},
    {"environment", HTTP_TEXT, HTTP_REQUIRED, "where", .values = operator_environments},
    {"test_client", HTTP_TEXT, HTTP_OPTIONAL,
     "in production: the service in test that it was tested as, whose token comes as Bearer",
     .form = &operator_id_form},
    {"apis", HTTP_ARRAY, HTTP_REQUIRED, "the interfaces that it needs"},
    {"infos", HTTP_ARRAY, HTTP_OPTIONAL, "what it may ask people for", .form = &info_form},
    {"redirect_uris", HTTP_ARRAY, HTTP_REQUIRED, "where people are led back to"},
    {"callback_uri", HTTP_TEXT, HTTP_OPTIONAL, "where it is told that something is ready"},
    {"token_endpoint_auth_method", HTTP_TEXT, HTTP_REQUIRED, "how it proves itself",
     .values = operator_methods},
    {"jwks", HTTP_OBJECT, HTTP_OPTIONAL, "with private_key_jwt", jwks_members},
    {"review", HTTP_OBJECT, HTTP_REQUIRED, "for the review: its five viewpoints", review_members},
    {NULL},
};
