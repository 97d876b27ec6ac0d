/* SPDX-License-Identifier: Apache-2.0 */
/* JSON between relying parties and signings (pki.md 7.1). */
#include "authapp/routes.h"

#include "authapp/scope.h"
#include "authapp/signing/signing.h"
#include "authapp/token/access.h"
#include "base/file.h"
#include "http/problem.h"

#include <string.h>

/* A token for signing; an answer is there if there is none, with its error. */
static int find_token(struct http_call *call, struct access *ret, bool *ret_found, struct err *err)
{
    const struct http_fields none = {NULL, 0};
    struct oauth_error error = OAUTH_NO_ERROR;

    TRY(access_find(call, &none, SCOPE_SIGN, ret, &error, err));
    *ret_found = error.code == NULL;
    return error.code == NULL ? 0 : access_refuse(call, &error, err);
}

static int refuse(struct http_call *call, const char *text, struct err *err)
{
    const struct oauth_error error = {"insufficient_scope", text};

    return access_refuse(call, &error, err);
}

/* A member that may be missing. */
static int optional_text(const struct json *json, const char *key, const char **ret,
                         struct err *err)
{
    return json_has(json, key) ? json_get_text(json, key, ret, err) : 0;
}

static int read_request(const struct json *json, struct signing_request *ret, struct err *err)
{
    const char *client_id = NULL;

    TRY(json_get_text(json, "client_id", &client_id, err));
    if (strcmp(client_id, ret->client_id) != 0)
        return FAIL(err, ERR_DENIED, "the access token is another client's");
    TRY(json_get_text(json, "hash", &ret->hash, err));
    TRY(json_get_text(json, "title", &ret->title, err));
    TRY(optional_text(json, "text", &ret->text, err));
    TRY(optional_text(json, "document", &ret->document, err));
    return optional_text(json, "platform", &ret->platform, err);
}

static int post_transaction(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(access_done) struct access access = {.text = NULL};
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *address = NULL;
    struct signing_request request = {.trace_id = call->request.trace_id};
    bool is_found;

    TRY(find_token(call, &access, &is_found, err));
    if (!is_found)
        return 0;
    /* By the client's own credentials (RFC 6749, 4.4). */
    if (access.found.grant.sub[0] != '\0')
        return refuse(call, "the access token is a person's", err);
    request.client_id = access.found.grant.client_id;
    TRY(read_request(call->request.json, &request, err));
    TRY(signing_open(authapp, &request, &signing, err));
    TRY(path_format(&address, err, "%s/v1/signings/%s", authapp->origin, signing.session));
    TRY(json_put_text(body, "sign_transaction_id", signing.id, err));
    TRY(json_put_text(body, "address", address, err));
    TRY(json_put_text(body, "code", signing.code, err));
    TRY(json_put_int(body, "expires_at", signing.expires_at, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static const char *const states[] = {"pending", "signed", "denied", "expired", NULL};

static const char *state_of(const struct authapp *authapp, const struct signing *signing)
{
    return signing_is_late(authapp, signing) ? states[3] : states[signing->outcome];
}

static int get_result(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(access_done) struct access access = {.text = NULL};
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();
    const char *id = http_param(&call->request, "id");
    bool is_found;

    TRY(find_token(call, &access, &is_found, err));
    if (!is_found)
        return 0;
    /* A person's token is for what that person was sent to sign. */
    if (access.found.grant.sub[0] != '\0' && strcmp(access.found.grant.signing, id) != 0)
        return refuse(call, "the access token is not of this signing", err);
    TRY(authapp_signing_of_client(authapp->store, access.found.grant.client_id, id, &signing, err));
    TRY(json_put_text(body, "sign_transaction_id", signing.id, err));
    TRY(json_put_text(body, "status", state_of(authapp, &signing), err));
    if (signing.outcome == SIGNING_SIGNED) {
        TRY(json_put_text(body, "platform", signing.platform, err));
        TRY(json_put_bytes(body, "certificate", buf_bytes(&signing.certificate), err));
        TRY(json_put_base64(body, "signature", buf_bytes(&signing.signature), err));
    }
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form uuid_form = {
    "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", "a UUID"};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};

static const struct http_member transaction_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of whoever asks"},
    {"hash", HTTP_TEXT, HTTP_REQUIRED,
     "32 octets of a SHA-256, to be signed as they are, or the DER of a DigestInfo",
     .form = &http_form_base64},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "what the document is called"},
    {"text", HTTP_TEXT, HTTP_OPTIONAL, "what the holder is told of it"},
    {"document", HTTP_TEXT, HTTP_OPTIONAL, "the document, for the holder to see",
     .form = &http_form_base64},
    {"platform", HTTP_TEXT, HTTP_OPTIONAL, "origin of the platform that verifies; else ours"},
    {NULL},
};
static const struct http_member opened_members[] = {
    {"sign_transaction_id", HTTP_TEXT, HTTP_REQUIRED, "to ask for the result", .form = &uuid_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "to show the holder, or his phone as a QR code"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to show beside it", .form = &code_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to sign in"},
    {NULL},
};
static const struct http_member result_members[] = {
    {"sign_transaction_id", HTTP_TEXT, HTTP_REQUIRED, "as it was asked", .form = &uuid_form},
    {"status", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = states},
    {"platform", HTTP_TEXT, HTTP_OPTIONAL, "if it is signed: who can verify it"},
    {"certificate", HTTP_TEXT, HTTP_OPTIONAL, "the sign certificate, encrypted to that platform",
     .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_OPTIONAL, "of the sign key", .form = &http_form_base64},
    {NULL},
};
#define REFUSALS                                                                                   \
    {401, "no access token that counts", oauth_error_members},                                     \
    {                                                                                              \
        403, "an access token for something else", oauth_error_members                             \
    }
static const struct http_answer opened_answers[] = {
    {201, "the holder can be shown the address", opened_members}, REFUSALS, {0}};
static const struct http_answer result_answers[] = {
    {200, "what became of it", result_members}, REFUSALS, {0}};

/* A document in base64, and the other members at their longest. */
enum { BODY_MAX = AUTHAPP_SIGNING_DOCUMENT_MAX / 3 * 4 + 64 * 1024 };

const struct route authapp_signing_routes[] = {
    {.method = HTTP_POST,
     .path = "/api/sign-transactions",
     .access = &http_anyone,
     .body = transaction_members,
     .body_max = BODY_MAX,
     .handle = post_transaction,
     .operation = "openSigning",
     .summary = "Have a holder sign something",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED),
     .is_foreign = true},
    {.method = HTTP_GET,
     .path = "/api/sign-transactions/:id/result",
     .access = &http_anyone,
     .handle = get_result,
     .operation = "getSigningResult",
     .summary = "What became of it",
     .answers = result_answers,
     .fails = HTTP_FAIL(ERR_ABSENT),
     .is_foreign = true},
    {.path = NULL},
};
