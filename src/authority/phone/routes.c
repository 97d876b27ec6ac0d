/* SPDX-License-Identifier: Apache-2.0 */
/* What holders say about their phones, by the sign key of their card. */
#include "authority/routes.h"

#include "authority/phone/phone.h"
#include "base/hex.h"

/* The request's borrowed octets live here. */
struct octets {
    struct buf issuer, nonce, signature, csrs[CA_KINDS_];
};

static void octets_done(struct octets *octets)
{
    buf_done(&octets->issuer);
    buf_done(&octets->nonce);
    buf_done(&octets->signature);
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        buf_done(&octets->csrs[kind]);
}

static int read_request(const struct json *json, struct octets *octets, struct phone_request *ret,
                        struct err *err)
{
    const char *issuer;

    TRY(json_get_text(json, "origin", &ret->origin, err));
    TRY(json_get_text(json, "issuer", &issuer, err));
    TRY(err_prefix(err, hex_decode(issuer, &octets->issuer, err), "issuer"));
    TRY(json_get_int(json, "serial", &ret->serial, err));
    TRY(json_get_int(json, "at", &ret->at, err));
    TRY(json_get_base64(json, "nonce", &octets->nonce, err));
    TRY(json_get_base64(json, "signature", &octets->signature, err));
    ret->issuer = buf_bytes(&octets->issuer);
    ret->nonce = buf_bytes(&octets->nonce);
    ret->signature = buf_bytes(&octets->signature);
    return 0;
}

static int read_csrs(const struct json *json, struct octets *octets, struct phone_request *ret,
                     struct err *err)
{
    TRY(json_get_base64(json, "sign_request", &octets->csrs[CA_SIGN], err));
    TRY(json_get_base64(json, "auth_request", &octets->csrs[CA_AUTH], err));
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        ret->csrs[kind] = buf_bytes(&octets->csrs[kind]);
    return 0;
}

static struct audit_origin holder_of(const struct http_call *call)
{
    const struct authority *authority = call->context;

    return audit_by_role(clock_now(authority->clock), "", "holder", call->request.trace_id);
}

static const char *const member_names[CA_KINDS_][2] = {
    [CA_SIGN] = {"sign", "sign_ca"},
    [CA_AUTH] = {"auth", "auth_ca"},
};

static int reply(struct http_call *call, const struct phone_records *records, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();

    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        TRY(json_put_base64(body, member_names[kind][0], buf_bytes(&records->of[kind].certificate),
                            err));
        TRY(json_put_base64(
            body, member_names[kind][1],
            x509_cert_der(authority_ca(authority, (enum ca_kind)kind, records->of[kind].generation)
                              ->certificate),
            err));
    }
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_phone(struct http_call *call, struct err *err)
{
    const struct audit_origin by = holder_of(call);
    CLEANUP(octets_done) struct octets octets = {.issuer = BUF_INIT};
    CLEANUP(phone_records_done) struct phone_records records = PHONE_RECORDS_INIT;
    struct phone_request request = {.by = &by};
    struct signer *signer;

    TRY(read_request(call->request.json, &octets, &request, err));
    TRY(read_csrs(call->request.json, &octets, &request, err));
    TRY(authority_worker_signer(call, &signer, err));
    TRY(authority_enrol_phone(call->context, signer, &request, &records, err));
    return reply(call, &records, err);
}

static int post_suspension(struct http_call *call, struct err *err)
{
    const struct audit_origin by = holder_of(call);
    CLEANUP(octets_done) struct octets octets = {.issuer = BUF_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct phone_request request = {.by = &by};

    TRY(read_request(call->request.json, &octets, &request, err));
    TRY(authority_suspend_phone(call->context, &request, err));
    TRY(json_put_int(body, "at", by.at, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};

#define CARD_MEMBERS                                                                               \
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "where the client reached this service"},                 \
        {"issuer", HTTP_TEXT, HTTP_REQUIRED,                                                       \
         "key identifier of the CA of the card's sign certificate", .form = &key_id_form},         \
        {"serial", HTTP_INT, HTTP_REQUIRED, "number of that certificate"},                         \
        {"at", HTTP_INT, HTTP_REQUIRED, "when it was signed, at most 60 seconds from now"},        \
    {                                                                                              \
        "nonce", HTTP_TEXT, HTTP_REQUIRED, "32 random octets of the client",                       \
            .form = &http_form_base64                                                              \
    }

static const struct http_member phone_members[] = {
    CARD_MEMBERS,
    {"sign_request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10 for the phone's sign key",
     .form = &http_form_base64},
    {"auth_request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10 for its auth key",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED,
     "by the sign key of the card, RSASSA-PKCS1-v1_5 with SHA-256 over these fields, each behind "
     "its length in four octets: \"OpenJPKI phone v1\", origin, issuer (octets), serial (octets), "
     "SHA-256 of sign_request, SHA-256 of auth_request, at (decimal digits), SHA-256 of nonce",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member suspension_members[] = {
    CARD_MEMBERS,
    {"signature", HTTP_TEXT, HTTP_REQUIRED,
     "as for a phone, over \"OpenJPKI phone suspension v1\", origin, issuer, serial, at, SHA-256 "
     "of nonce",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member enrolled_members[] = {
    {"sign", HTTP_TEXT, HTTP_REQUIRED, "the sign certificate, DER", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_REQUIRED, "of its CA, DER", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_REQUIRED, "the auth certificate, DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_REQUIRED, "of its CA, DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer enrolled_answers[] = {
    {200, "the certificates; the same ones for the same request", enrolled_members}, {0}};
static const struct http_member suspended_members[] = {
    {"at", HTTP_INT, HTTP_REQUIRED, "since when the phone is on hold"},
    {NULL},
};
static const struct http_answer suspended_answers[] = {{200, "it is on hold", suspended_members},
                                                       {0}};

const struct route authority_phone_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/holder/phones",
     .access = &http_anyone,
     .body = phone_members,
     .handle = post_phone,
     .operation = "enrolPhone",
     .summary = "Have the keys of a phone certified; the phone before ends",
     .answers = enrolled_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/holder/phones/suspensions",
     .access = &http_anyone,
     .body = suspension_members,
     .handle = post_suspension,
     .operation = "suspendPhone",
     .summary = "Put the phone on hold that the card has enrolled",
     .answers = suspended_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
