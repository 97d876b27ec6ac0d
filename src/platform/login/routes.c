/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to logins and back. What a login means is decided in login.c. */
#include "platform/routes.h"
#include "base/hex.h"
#include "platform/login/login.h"

/* The key identifiers of the CAs whose cards can log in, so that a client can refuse before it
 * asks for a PIN. */
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

static int put_provider(struct json *body, const struct tenant *tenant, struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();

    TRY(json_put_text(provider, "name", tenant->name, err));
    TRY(json_put_text(provider, "origin", tenant->origin, err));
    TRY(json_put_text(provider, "client_id", tenant->client_id, err));
    return json_put(body, "provider", json_steal(&provider), err);
}

static int put_challenge(struct json *body, const struct platform *platform,
                         const struct opened_login *opened, struct err *err)
{
    TRY(json_put_text(body, "session", opened->login.session, err));
    TRY(json_put_base64(body, "nonce", BYTES_ARRAY(opened->login.nonce), err));
    TRY(json_put_int(body, "expires_at", opened->login.expires_at, err));
    TRY(put_provider(body, &opened->tenant, err));
    return put_issuers(body, platform->auth_cas, err);
}

static int post_login(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct opened_login opened;
    const char *client_id;

    TRY(json_get_text(call->request.json, "client_id", &client_id, err));
    TRY(login_open(platform, client_id, &opened, err));
    TRY(put_challenge(body, platform, &opened, err));
    TRY(json_put_text(body, "secret", opened.secret, err));
    TRY(json_put_text(body, "code", opened.login.code, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int show_login(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct opened_login opened;

    TRY(login_get(platform, http_param(&call->request, "session"), &opened, err));
    TRY(put_challenge(body, platform, &opened, err));
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
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct login_answer answer = {.session = http_param(&call->request, "session"),
                                  .trace_id = call->request.trace_id};
    struct signer *signer;

    TRY(json_get_text(json, "certificate", &answer.certificate, err));
    TRY(json_get_base64(json, "signature", &signature, err));
    TRY(optional_text(json, "secret", &answer.secret, err));
    TRY(optional_text(json, "code", &answer.code, err));
    answer.signature = buf_bytes(&signature);
    TRY(platform_signer(call, &signer, err));
    TRY(login_answer(call->context, signer, &answer, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_redeem(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    char subject[LOGIN_SUBJECT_SIZE];
    const char *secret;

    TRY(json_get_text(call->request.json, "secret", &secret, err));
    TRY(login_redeem(call->context, http_param(&call->request, "session"), secret,
                     call->request.trace_id, subject, err));
    TRY(json_put_text(body, "sub", subject, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form nonce_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};

static const struct http_member login_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the provider to log in at"},
    {NULL},
};
static const struct http_member provider_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs"},
    {NULL},
};
#define CHALLENGE_MEMBERS                                                                          \
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the login's name", .form = &platform_id_form},          \
        {"nonce", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs",                      \
         .form = &nonce_form},                                                                     \
        {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},                   \
        {"provider", HTTP_OBJECT, HTTP_REQUIRED, "who asks", provider_members},                    \
    {                                                                                              \
        "issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards can answer", \
            .form = &key_id_form                                                                   \
    }
static const struct http_member opened_members[] = {
    CHALLENGE_MEMBERS,
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "what the opener alone knows",
     .form = &platform_secret_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to show where the login was opened", .form = &code_form},
    {NULL},
};
static const struct http_member challenge_members[] = {CHALLENGE_MEMBERS, {NULL}};
static const struct http_answer opened_answers[] = {
    {201, "the challenge, and what its opener needs", opened_members}, {0}};
static const struct http_answer challenge_answers[] = {
    {200, "the challenge, for somebody who was given its address", challenge_members}, {0}};

static const struct http_member answer_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's auth certificate, encrypted to this platform", .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the card's auth key", .form = &http_form_base64},
    {"secret", HTTP_TEXT, HTTP_OPTIONAL, "of the opener; or else code"},
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "as shown to the opener; or else secret"},
    {NULL},
};
static const struct http_answer answer_answers[] = {{204, "the login is answered"}, {0}};

static const struct http_member redeem_members[] = {
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "of the opener"},
    {NULL},
};
static const struct http_member subject_members[] = {
    {"sub", HTTP_TEXT, HTTP_REQUIRED, "the person's pseudonym for this provider",
     .form = &platform_secret_form},
    {NULL},
};
static const struct http_answer subject_answers[] = {
    {200, "who logged in, told once", subject_members}, {0}};

const struct route platform_login_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/logins",
     .access = &http_anyone,
     .body = login_members,
     .handle = post_login,
     .operation = "openLogin",
     .summary = "Open a login at a provider",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/logins/:session",
     .access = &http_anyone,
     .handle = show_login,
     .operation = "getLogin",
     .summary = "Read a challenge again, without secret and code",
     .answers = challenge_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = post_answer,
     .operation = "answerLogin",
     .summary = "Answer a challenge with the card",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/redeem",
     .access = &http_anyone,
     .body = redeem_members,
     .handle = post_redeem,
     .operation = "redeemLogin",
     .summary = "Learn who logged in",
     .answers = subject_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
