/* SPDX-License-Identifier: Apache-2.0 */
/* JSON between cards and logins: the protocol of platform/login/routes.c. */
#include "authapp/routes.h"

#include "authapp/login/login.h"
#include "authapp/login/platform.h"
#include "authapp/scope.h"
#include "base/hex.h"
#include "fetch/uri.h"

static int get_keys(struct http_call *call, struct err *err)
{
    struct json *body = NULL;

    TRY(platform_keys(call->context, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

/* The key identifiers of the CAs whose cards can log in, so that a client can refuse before it asks
 * for a PIN. */
static int put_issuers(struct json *body, const struct anchors *cas, struct err *err)
{
    CLEANUP(json_freep) struct json *issuers = json_array_new();

    for (size_t i = 0; i < anchors_count(cas); i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        const char *hex;

        TRY(hex_append(&text, x509_cert_tbs(anchors_at(cas, i))->subject_key_id, err));
        TRY(buf_text(&text, &hex, err));
        TRY(json_add_text(issuers, hex, err));
    }
    return json_put(body, "issuers", json_steal(&issuers), err);
}

/* Where the browser goes next is the origin that is shown. */
static int put_provider(struct json *body, const struct found_login *found, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();
    CLEANUP(buf_done) struct buf origin = BUF_INIT;
    const char *text;
    struct uri uri;

    TRY(uri_parse(found->request.redirect_uri, &uri, err));
    TRY(uri_origin(&uri, &origin, err));
    TRY(buf_text(&origin, &text, err));
    TRY(json_put_text(provider, "name", found->client.name, err));
    TRY(json_put_text(provider, "origin", text, err));
    TRY(json_put_text(provider, "client_id", found->client.id, err));
    TRY(json_put(body, "provider", json_steal(&provider), err));
    return json_put_text(body, "redirect_uri", found->request.redirect_uri, err);
}

static int put_wants(struct json *body, unsigned scopes, struct err *err)
{
    CLEANUP(json_freep) struct json *wants = json_array_new();

    for (unsigned i = 0; i < SCOPES; i++)
        if ((scopes & SCOPE_ATTRIBUTES & 1U << i) != 0)
            TRY(json_add_text(wants, scope_names[i], err));
    TRY(json_put_bool(body, "attributes", (scopes & SCOPE_ATTRIBUTES) != 0, err));
    return json_put(body, "wants", json_steal(&wants), err);
}

static int show_login(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(found_login_done) struct found_login found = {.json = NULL};
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(oidc_login_find(authapp, http_param(&call->request, "session"), &found, err));
    if (found.login.outcome != LOGIN_OPEN)
        return FAIL(err, ERR_CONFLICT, "this login was answered already");
    if (oidc_login_is_late(authapp, &found))
        return FAIL(err, ERR_ABSENT, "the %d seconds of this login are over; begin again",
                    AUTHAPP_LOGIN_SECONDS);
    TRY(json_put_text(body, "session", found.login.session, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(found.login.nonce), err));
    TRY(json_put_int(body, "expires_at", found.login.expires_at, err));
    TRY(put_provider(body, &found, err));
    TRY(put_wants(body, found.request.scopes, err));
    TRY(put_issuers(body, authapp->auth_cas, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* A member that may be missing. */
static int optional_text(const struct json *json, const char *key, const char **ret,
                         struct err *err)
{
    return json_has(json, key) ? json_get_text(json, key, ret, err) : 0;
}

static int post_answer(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct login_answer answer = {.session = http_param(&call->request, "session"),
                                  .trace_id = call->request.trace_id};

    TRY(optional_text(json, "code", &answer.code, err));
    TRY(optional_text(json, "certificate", &answer.certificate, err));
    TRY(optional_text(json, "signature", &answer.signature, err));
    if (json_has(json, "denied"))
        TRY(json_get_bool(json, "denied", &answer.is_denied, err));
    if (json_has(json, "sign"))
        TRY(json_get_object(json, "sign", &answer.sign, err));
    TRY(oidc_login_answer(call->context, &answer, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form id_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form nonce_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};
static const char *const attribute_words[] = {"name", "address", "birthdate", "gender", NULL};

static const struct http_member jwk_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key"},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the modulus"},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the exponent"},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the curve"},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "of EC: a coordinate"},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the other one"},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for"},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it"},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)"},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys of the platform", jwk_members}, {NULL}};
static const struct http_answer keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

static const struct http_member provider_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs"},
    {NULL},
};
static const struct http_member challenge_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the login's name", .form = &id_form},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs", .form = &nonce_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {"provider", HTTP_OBJECT, HTTP_REQUIRED, "who asks", provider_members},
    {"redirect_uri", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs"},
    {"attributes", HTTP_BOOL, HTTP_REQUIRED, "whether the sign key is to answer, too"},
    {"wants", HTTP_ARRAY, HTTP_REQUIRED, "what the provider will learn of the holder",
     .values = attribute_words},
    {"issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards can answer",
     .form = &key_id_form},
    {NULL},
};
static const struct http_answer challenge_answers[] = {{200, "the challenge", challenge_members},
                                                       {0}};

static const struct http_member sign_members[] = {
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the card's sign key over the same message",
     .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "its certificate, encrypted to the platform",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_member answer_members[] = {
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "as shown in the browser; without it nothing is taken",
     .form = &code_form},
    {"certificate", HTTP_TEXT, HTTP_OPTIONAL,
     "the card's auth certificate, encrypted to the platform", .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_OPTIONAL, "of the card's auth key", .form = &http_form_base64},
    {"sign", HTTP_OBJECT, HTTP_OPTIONAL, "where the challenge says attributes", sign_members},
    {"denied", HTTP_BOOL, HTTP_OPTIONAL, "the holder does not want to; beside code alone"},
    {NULL},
};
static const struct http_answer answer_answers[] = {{204, "the login is answered"}, {0}};

const struct route authapp_card_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listKeys",
     .summary = "What certificates are encrypted to",
     .answers = keys_answers},
    {.method = HTTP_GET,
     .path = "/v1/logins/:session",
     .access = &http_anyone,
     .handle = show_login,
     .operation = "getLogin",
     .summary = "Read a challenge",
     .answers = challenge_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = post_answer,
     .operation = "answerLogin",
     .summary = "Answer a challenge with the card, or refuse to",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
