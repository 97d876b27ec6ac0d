/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP responders that want their certificates to be followed by others. */
#include "authority/routes.h"

static int post_renewal(struct http_call *call, struct err *err)
{
    const struct audit_origin by = authority_caller(call);
    struct renewal_request renewal = {.by = &by};
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct signer *signer;
    const char *kind;
    int64_t serial;

    TRY(json_get_text(call->request.json, "kind", &kind, err));
    TRY(ca_kind_from_name(kind, &renewal.kind, err));
    TRY(json_get_int(call->request.json, "serial", &serial, err));
    if (serial < 1 || serial > UINT32_MAX)
        return FAIL(err, ERR_INPUT, "serial is not the number of a certificate");
    renewal.serial = (uint32_t)serial;
    TRY(authority_worker_signer(call, &signer, err));
    TRY(authority_renew_responder(call->context, signer, &renewal, &record, err));
    TRY(json_put_int(body, "serial", record.serial, err));
    TRY(json_put_base64(body, "certificate", buf_bytes(&record.certificate), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_member asked_renewal_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "of the certificate that the responder has"},
    {NULL},
};
static const struct http_member renewed_members[] = {
    {"serial", HTTP_INT, HTTP_REQUIRED, "of the last certificate of its key"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "that, DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer renewed_answers[] = {
    {200, "the last certificate of the responder's key, made now if it was time", renewed_members},
    {0}};

const struct route authority_responder_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/responders/renewals",
     .access = &authority_ocspd_peer,
     .body = asked_renewal_members,
     .handle = post_renewal,
     .operation = "renewResponder",
     .summary = "Have an OCSP responder's certificate followed by another for the same key",
     .answers = renewed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
