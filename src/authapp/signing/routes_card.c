/* SPDX-License-Identifier: Apache-2.0 */
/* JSON between cards and signings (docs/card-protocol.md). */
#include "authapp/routes.h"

#include "authapp/client/store.h"
#include "authapp/signing/signing.h"

#define OCTETS_TYPE "application/octet-stream"

static int put_provider(struct json *body, const struct authapp *authapp, const char *client_id,
                        struct err *err)
{
    CLEANUP(json_freep) struct json *provider = json_object_new();
    CLEANUP(client_done) struct client client = {.metadata = NULL};

    TRY(authapp_get_client(authapp->store, client_id, &client, err));
    TRY(json_put_text(provider, "name", client.name, err));
    TRY(json_put_text(provider, "origin", client.origin, err));
    TRY(json_put_text(provider, "client_id", client.id, err));
    return json_put(body, "provider", json_steal(&provider), err);
}

static int show_signing(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(signing_find(authapp, http_param(&call->request, "session"), &signing, err));
    TRY(json_put_text(body, "session", signing.session, err));
    TRY(put_provider(body, authapp, signing.client_id, err));
    TRY(json_put_text(body, "platform", signing.platform, err));
    TRY(json_put_text(body, "title", signing.title, err));
    if (signing.text.len > 0)
        TRY(json_put_bytes(body, "text", buf_bytes(&signing.text), err));
    TRY(json_put_base64(body, "digest", digest_bytes(&signing.digest), err));
    TRY(json_put_text(body, "form", signing.is_bare ? "hash" : "digestinfo", err));
    TRY(json_put_bool(body, "document", signing.has_document, err));
    TRY(json_put_int(body, "expires_at", signing.expires_at, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int show_document(struct http_call *call, struct err *err)
{
    const struct authapp *authapp = call->context;
    CLEANUP(signing_done) struct signing signing = {.text = BUF_INIT};
    CLEANUP(buf_done) struct buf document = BUF_INIT;

    TRY(signing_find(authapp, http_param(&call->request, "session"), &signing, err));
    TRY(authapp_signing_document(authapp->store, signing.session, &document, err));
    http_reply_buf(&call->response, 200, OCTETS_TYPE, &document);
    /* It is a stranger's: a browser keeps it, and never takes it for a page of ours. */
    TRY(http_reply_field(&call->response, "X-Content-Type-Options", "nosniff", err));
    return http_reply_field(&call->response, "Content-Disposition", "attachment", err);
}

static int post_answer(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct signing_answer answer = {.session = http_param(&call->request, "session"),
                                    .trace_id = call->request.trace_id};

    TRY(json_get_text(json, "code", &answer.code, err));
    if (json_has(json, "certificate"))
        TRY(json_get_text(json, "certificate", &answer.certificate, err));
    if (json_has(json, "signature"))
        TRY(json_get_text(json, "signature", &answer.signature, err));
    if (json_has(json, "denied"))
        TRY(json_get_bool(json, "denied", &answer.is_denied, err));
    TRY(signing_answer(call->context, &answer, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form id_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form digest_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const char *const forms[] = {"hash", "digestinfo", NULL};

static const struct http_member provider_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "to show before the password is asked for"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "to show before the password is asked for"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "its name here"},
    {NULL},
};
static const struct http_member signing_members[] = {
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the signing's name", .form = &id_form},
    {"provider", HTTP_OBJECT, HTTP_REQUIRED, "who asks", provider_members},
    {"platform", HTTP_TEXT, HTTP_REQUIRED, "whose key the certificate is encrypted to"},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "what the document is called"},
    {"text", HTTP_TEXT, HTTP_OPTIONAL, "what is said of it"},
    {"digest", HTTP_TEXT, HTTP_REQUIRED, "SHA-256 of the document", .form = &digest_form},
    {"form", HTTP_TEXT, HTTP_REQUIRED, "how it is signed", .values = forms},
    {"document", HTTP_BOOL, HTTP_REQUIRED, "whether it can be read here"},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {NULL},
};
static const struct http_answer signing_answers[] = {{200, "what is to be signed", signing_members},
                                                     {0}};
static const struct http_answer document_answers[] = {{200, "the document", .type = OCTETS_TYPE},
                                                      {0}};
static const struct http_member answer_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as shown beside the address", .form = &code_form},
    {"certificate", HTTP_TEXT, HTTP_OPTIONAL, "the sign certificate, encrypted to the platform",
     .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_OPTIONAL, "of the card's sign key", .form = &http_form_base64},
    {"denied", HTTP_BOOL, HTTP_OPTIONAL, "the holder does not want to; beside code alone"},
    {NULL},
};
static const struct http_answer answer_answers[] = {{204, "the signing is answered"}, {0}};

const struct route authapp_signing_card_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/signings/:session",
     .access = &http_anyone,
     .handle = show_signing,
     .operation = "getSigning",
     .summary = "Read what is to be signed",
     .answers = signing_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/signings/:session/document",
     .access = &http_anyone,
     .handle = show_document,
     .operation = "getSigningDocument",
     .summary = "Read the document itself",
     .answers = document_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/signings/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = post_answer,
     .operation = "answerSigning",
     .summary = "Answer with the card's signature, or refuse to",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
