/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to authentications and back. What holds is decided in authentication.c. */
#include "platform/routes.h"

#include "platform/authentication/authentication.h"
#include "platform/authentication/presentation.h"
#include "platform/tenant/access.h"
#include "platform/verification/disclose.h"
#include "platform/verification/told.h"

/* The octets that a request's texts stand for. */
struct octets {
    struct buf nonce, auth, sign;
};

static void octets_done(struct octets *octets)
{
    buf_done(&octets->nonce);
    buf_done(&octets->auth);
    buf_done(&octets->sign);
}

static int read_message(const struct json *json, struct buf *nonce, struct bound *ret,
                        struct err *err)
{
    TRY(json_get_text(json, "origin", &ret->origin, err));
    TRY(json_get_text(json, "client_id", &ret->client_id, err));
    if (json_has(json, "redirect_uri"))
        TRY(json_get_text(json, "redirect_uri", &ret->redirect_uri, err));
    TRY(json_get_text(json, "session", &ret->session, err));
    TRY(json_get_base64(json, "nonce", nonce, err));
    ret->nonce = buf_bytes(nonce);
    return json_get_int(json, "expires_at", &ret->expires_at, err);
}

static int read_answer(const struct json *json, struct buf *signature,
                       struct authentication_answer *ret, struct err *err)
{
    TRY(json_get_base64(json, "signature", signature, err));
    ret->signature = buf_bytes(signature);
    return json_get_text(json, "certificate", &ret->certificate, err);
}

static int read_request(const struct json *json, struct octets *octets,
                        struct authentication_request *ret, struct err *err)
{
    const struct json *message;
    const struct json *sign;

    TRY(json_get_object(json, "message", &message, err));
    TRY(err_prefix(err, read_message(message, &octets->nonce, &ret->message, err), "message"));
    TRY(read_answer(json, &octets->auth, &ret->auth, err));
    if (json_has(json, "person_reference"))
        TRY(json_get_bool(json, "person_reference", &ret->wants_reference, err));
    if (!json_has(json, "sign"))
        return 0;
    TRY(json_get_object(json, "sign", &sign, err));
    return err_prefix(err, read_answer(sign, &octets->sign, &ret->sign, err), "sign");
}

static int reply(struct http_call *call, const struct authentication *made, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "id", made->id, err));
    TRY(json_put_text(body, "verdict", verdict_name(made->report.verdict), err));
    TRY(told_put_reasons(body, &made->report, err));
    if (made->holder[0] != '\0')
        TRY(json_put_text(body, "holder", made->holder, err));
    if (made->signer != NULL)
        TRY(told_put_attributes(body, &x509_cert_tbs(made->signer)->holder, err));
    if (made->reference.len > 0)
        TRY(json_put_bytes(body, "person_reference", buf_bytes(&made->reference), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_authentication(struct http_call *call, struct err *err)
{
    CLEANUP(octets_done) struct octets octets = {.nonce = BUF_INIT};
    CLEANUP(authentication_done) struct authentication made = AUTHENTICATION_INIT;
    struct authentication_request request = {.trace_id = call->request.trace_id};
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    request.tenant = &tenant;
    TRY(read_request(call->request.json, &octets, &request, err));
    TRY(platform_signer(call, &signer, err));
    TRY(authentication_make(call->context, signer, &request, &made, err));
    return reply(call, &made, err);
}

static int reply_presentation(struct http_call *call, const struct presentation *made,
                              struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "id", made->id, err));
    TRY(json_put_text(body, "verdict", verdict_name(made->report.verdict), err));
    TRY(told_put_reasons(body, &made->report, err));
    if (made->reference.len > 0)
        TRY(json_put_bytes(body, "person_reference", buf_bytes(&made->reference), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_presentation(struct http_call *call, struct err *err)
{
    CLEANUP(presentation_done) struct presentation made = PRESENTATION_INIT;
    struct presentation_request request = {.trace_id = call->request.trace_id};
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    request.tenant = &tenant;
    TRY(json_get_text(call->request.json, "certificate", &request.certificate, err));
    TRY(platform_signer(call, &signer, err));
    TRY(presentation_make(call->context, signer, &request, &made, err));
    return reply_presentation(call, &made, err);
}

static const struct http_form nonce_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};

static const struct http_member message_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "the tenant's, as the client reached it"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the provider that is logged in at"},
    {"redirect_uri", HTTP_TEXT, HTTP_OPTIONAL, "where the browser goes next"},
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the tenant's name for the login"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "the tenant's, for this login", .form = &nonce_form},
    {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},
    {NULL},
};
static const struct http_member sign_members[] = {
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the card's sign key over the same message",
     .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's sign certificate, encrypted to this platform", .form = &http_form_jwe},
    {NULL},
};
static const struct http_member authentication_members[] = {
    {"message", HTTP_OBJECT, HTTP_REQUIRED, "what the card signed, in its parts", message_members},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the card's auth key", .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's auth certificate, encrypted to this platform", .form = &http_form_jwe},
    {"sign", HTTP_OBJECT, HTTP_OPTIONAL, "of a holder who also tells the four attributes",
     sign_members},
    {"person_reference", HTTP_BOOL, HTTP_OPTIONAL,
     "whether to tell, for the register alone, whose card it was; for tenants that are marked"},
    {NULL},
};
static const struct http_member found_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the answer holds", .values = told_verdicts},
    {"reasons", HTTP_ARRAY, HTTP_REQUIRED, "why it is not valid; of a revocation no more than that",
     .values = disclosed_reasons},
    {"holder", HTTP_TEXT, HTTP_OPTIONAL, "the person's pseudonym for this tenant, if it is valid",
     .form = &platform_secret_form},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL, "of the holder, once, if sign was there and valid",
     told_attribute_members},
    {"person_reference", HTTP_TEXT, HTTP_OPTIONAL,
     "if it was wanted and is valid: encrypted to the register, for nobody else to read",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_answer found_answers[] = {{201, "a verdict", found_members}, {0}};
static const struct http_member presentation_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's auth certificate, encrypted to this platform", .form = &http_form_jwe},
    {NULL},
};
static const struct http_member presented_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the certificate counts; not whose hand it is in",
     .values = told_verdicts},
    {"reasons", HTTP_ARRAY, HTTP_REQUIRED, "why it is not valid; of a revocation no more than that",
     .values = disclosed_reasons},
    {"person_reference", HTTP_TEXT, HTTP_OPTIONAL,
     "if it is valid: encrypted to the register, for nobody else to read", .form = &http_form_jwe},
    {NULL},
};
static const struct http_answer presented_answers[] = {{201, "a verdict", presented_members}, {0}};

const struct route platform_authentication_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/authentications",
     .access = &platform_tenant_access,
     .body = authentication_members,
     .handle = post_authentication,
     .operation = "authenticate",
     .summary = "Judge the answer to a login that the tenant itself has opened",
     .answers = found_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/presentations",
     .access = &platform_tenant_access,
     .body = presentation_members,
     .handle = post_presentation,
     .operation = "presentCard",
     .summary =
         "Judge the certificate of a card that has signed nothing, for tenants that are marked",
     .answers = presented_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
