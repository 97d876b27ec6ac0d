/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to verifications and back. What holds is decided in verification.c. */
#include "platform/routes.h"
#include "platform/tenant/access.h"
#include "platform/verification/disclose.h"
#include "platform/verification/told.h"
#include "platform/verification/verification.h"

#include <string.h>

static int read_digest(const struct json *json, struct digest *ret, struct err *err)
{
    static const enum digest_alg taken[] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    CLEANUP(buf_done) struct buf value = BUF_INIT;
    const char *alg;

    TRY(json_get_text(json, "alg", &alg, err));
    TRY(json_get_base64(json, "value", &value, err));
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(alg, digest_name(taken[i])) != 0)
            continue;
        if (value.len != digest_size(taken[i]))
            return FAIL(err, ERR_INPUT, "value has %zu octets, which is no %s", value.len, alg);
        *ret = (struct digest){.alg = taken[i], .len = value.len};
        memcpy(ret->value, value.ptr, value.len);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "alg is SHA-256, SHA-384 or SHA-512");
}

static int finding_reply(struct http_call *call, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "id", finding->kept.id, err));
    TRY(json_put_text(body, "verdict", finding->kept.verdict, err));
    TRY(told_put_reasons(body, &finding->report, err));
    if (finding->holder[0] != '\0')
        TRY(json_put_text(body, "holder", finding->holder, err));
    if (finding->signer != NULL)
        TRY(told_put_attributes(body, &x509_cert_tbs(finding->signer)->holder, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_verification(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {.trace_id = call->request.trace_id};
    const struct json *digest;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    request.client_id = tenant.client_id;
    TRY(json_get_object(json, "digest", &digest, err));
    TRY(err_prefix(err, read_digest(digest, &request.digest, err), "digest"));
    TRY(json_get_base64(json, "signature", &signature, err));
    request.signature = buf_bytes(&signature);
    TRY(json_get_text(json, "certificate", &request.certificate, err));
    TRY(platform_signer(call, &signer, err));
    TRY(verification_make(call->context, signer, &request, &finding, err));
    return finding_reply(call, &finding, err);
}

static int show_verification(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct verification found;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_verification(platform->store, http_param(&call->request, "id"),
                                  tenant.client_id, &found, err));
    TRY(json_put_text(body, "id", found.id, err));
    TRY(json_put_text(body, "verdict", found.verdict, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const digests[] = {"SHA-256", "SHA-384", "SHA-512", NULL};
static const struct http_member digest_members[] = {
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "the algorithm", .values = digests},
    {"value", HTTP_TEXT, HTTP_REQUIRED, "the digest", .form = &http_form_base64},
    {NULL},
};
static const struct http_member verification_members[] = {
    {"digest", HTTP_OBJECT, HTTP_REQUIRED, "of what was signed", digest_members},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "the raw signature", .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "the signer's, encrypted to this platform",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_member finding_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the signature holds", .values = told_verdicts},
    {"reasons", HTTP_ARRAY, HTTP_REQUIRED, "why it is not valid; of a revocation no more than that",
     .values = disclosed_reasons},
    {"holder", HTTP_TEXT, HTTP_OPTIONAL,
     "the signer's pseudonym for this tenant, if it is valid and he can be recognised now",
     .form = &platform_secret_form},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL, "of the signer, once, and only if it is valid",
     told_attribute_members},
    {NULL},
};
static const struct http_answer finding_answers[] = {{201, "a verdict", finding_members}, {0}};
static const struct http_member kept_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the signature held", .values = told_verdicts},
    {NULL},
};
static const struct http_answer kept_answers[] = {
    {200, "the verdict, for the tenant who asked", kept_members}, {0}};

const struct route platform_verification_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifications",
     .access = &platform_tenant_access,
     .body = verification_members,
     .handle = post_verification,
     .operation = "verify",
     .summary = "Verify a document's signature",
     .answers = finding_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/verifications/:id",
     .access = &platform_tenant_access,
     .handle = show_verification,
     .operation = "getVerification",
     .summary = "Read a verdict again, without attributes",
     .answers = kept_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
