/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for certificates in JSON, and the certificates back. */
#include "register/routes.h"

#include <stdio.h>

/* {"sign": base64, "auth": base64}; buffers[kind] keeps what requests[kind] points to. */
static int read_requests(const struct json *json, struct buf buffers[CERT_KINDS_],
                         struct bytes requests[CERT_KINDS_], struct err *err)
{
    const struct json *object;

    TRY(json_get_object(json, "requests", &object, err));
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        const char *key = cert_kind_name((enum cert_kind)kind);

        if (!json_has(object, key))
            continue;
        TRY(json_get_base64(object, key, &buffers[kind], err));
        if (buffers[kind].len == 0)
            return FAIL(err, ERR_INPUT, "%s is empty", key);
        requests[kind] = buf_bytes(&buffers[kind]);
    }
    return 0;
}

static int certificates_reply(struct http_call *call, const struct issuing *issuing,
                              struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *certificates = json_object_new();

    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        const struct issue *issue = &issuing->issues[kind];
        const char *name = cert_kind_name((enum cert_kind)kind);
        char ca_name[16];

        if (issue->certificate.len == 0)
            continue;
        (void)snprintf(ca_name, sizeof ca_name, "%s_ca", name);
        TRY(json_put_base64(certificates, name, buf_bytes(&issue->certificate), err));
        TRY(json_put_base64(certificates, ca_name, buf_bytes(&issue->ca_certificate), err));
    }
    TRY(json_put(body, "certificates", json_steal(&certificates), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static void requests_done(struct buf (*buffers)[CERT_KINDS_])
{
    for (int kind = 0; kind < CERT_KINDS_; kind++)
        buf_done(&(*buffers)[kind]);
}

static int post_certificates(struct http_call *call, struct err *err)
{
    CLEANUP(requests_done) struct buf buffers[CERT_KINDS_] = {BUF_INIT, BUF_INIT};
    const struct audit_origin by = register_caller(call);
    CLEANUP(issuing_done) struct issuing issuing = {.by = &by};

    TRY(read_requests(call->request.json, buffers, issuing.requests, err));
    TRY(counter_issue(call->context, http_param(&call->request, "id"), call->request.traceparent,
                      &issuing, err));
    return certificates_reply(call, &issuing, err);
}

static const struct http_member csr_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "of the sign key, PKCS#10", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "of the auth key, PKCS#10", .form = &http_form_base64},
    {NULL},
};
static const struct http_member request_members[] = {
    {"requests", HTTP_OBJECT, HTTP_REQUIRED, "what the card signed", csr_members},
    {NULL},
};
static const struct http_member der_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_OPTIONAL, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_member certificate_members[] = {
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "for the requests, with those of their CAs",
     der_members},
    {NULL},
};
static const struct http_answer certificate_answers[] = {
    {200, "the certificates; the same ones for the same requests", certificate_members}, {0}};

const struct route register_certificate_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/certificates",
     .access = &register_signed,
     .body = request_members,
     .handle = post_certificates,
     .operation = "issue",
     .summary = "Have certificates for the card's keys issued",
     .answers = certificate_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
