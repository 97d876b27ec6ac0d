/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to verifications and back. What holds is decided in verification.c. */
#include "platform/routes.h"
#include "platform/tenant/access.h"
#include "platform/verification/disclose.h"
#include "platform/verification/read.h"
#include "platform/verification/told.h"

static int finding_reply(struct http_call *call, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(told_put_verification(body, &finding->kept, &finding->report, err));
    if (finding->is_replayed)
        TRY(json_put_bool(body, "replayed", true, err));
    if (finding->holder[0] != '\0')
        TRY(json_put_text(body, "holder", finding->holder, err));
    if (finding->reference.len > 0)
        TRY(json_put_bytes(body, "person_reference", buf_bytes(&finding->reference), err));
    if (finding->signer != NULL)
        TRY(told_put_attributes(body, &x509_cert_tbs(finding->signer)->holder, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static const char *const forms[] = {"digestinfo", "hash", NULL};

static int read_request(const struct json *json, struct buf *signature,
                        struct verification_request *ret, struct err *err)
{
    unsigned form = 0;
    const struct json *digest;

    TRY(json_get_object(json, "digest", &digest, err));
    TRY(err_prefix(err, verification_read_digest(digest, &ret->digest, err), "digest"));
    TRY(json_get_base64(json, "signature", signature, err));
    ret->signature = buf_bytes(signature);
    TRY(json_get_text(json, "certificate", &ret->certificate, err));
    TRY(verification_read_choice(json, "form", forms, &form, err));
    ret->form = form == 0 ? FORM_DIGESTINFO : FORM_BARE_HASH;
    if (json_has(json, "person_reference"))
        TRY(json_get_bool(json, "person_reference", &ret->wants_reference, err));
    return verification_read_wishes(json, ret, err);
}

static int post_verification(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(finding_done) struct finding finding = FINDING_INIT;
    struct verification_request request = {.trace_id = call->request.trace_id};
    struct verification_once once;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    request.client_id = tenant.client_id;
    TRY(verification_read_once(call, &once, &request.once, err));
    TRY(read_request(call->request.json, &signature, &request, err));
    TRY(platform_signer(call, &signer, err));
    TRY(verification_make(call->context, signer, &request, &finding, err));
    return finding_reply(call, &finding, err);
}

static int put_parts(const struct platform *platform, const struct verification *found,
                     struct json *body, struct err *err)
{
    struct verification_part parts[VERIFICATION_PARTS_MAX];
    size_t count;

    TRY(platform_list_parts(platform->store, found->id, parts, &count, err));
    return count == 0 ? 0 : told_put_parts(body, parts, count, err);
}

static int show_verification(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct verification found;
    struct report report;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_verification(platform->store, http_param(&call->request, "id"),
                                  tenant.client_id, &found, err));
    report = verification_report(&found);
    TRY(told_put_verification(body, &found, &report, err));
    TRY(put_parts(platform, &found, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_verification(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(platform_delete_verification(platform->store, http_param(&call->request, "id"),
                                     tenant.client_id, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_member verification_members[] = {
    {"digest", HTTP_OBJECT, HTTP_REQUIRED, "of what was signed", verification_digest_members},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "the raw signature", .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "the signer's, encrypted to this platform",
     .form = &http_form_jwe},
    {"purpose", HTTP_TEXT, HTTP_OPTIONAL,
     "signature, if it is missing; liveness: of one that was verified before, for the verdict of "
     "now",
     .values = verification_purposes},
    {"form", HTTP_TEXT, HTTP_OPTIONAL,
     "what was signed: digestinfo, if it is missing; hash: the digest alone, without DigestInfo",
     .values = forms},
    {"check", HTTP_TEXT, HTTP_OPTIONAL, "how revocation is to be looked up, if not as usual here",
     .values = asking_checks},
    {"person_reference", HTTP_BOOL, HTTP_OPTIONAL,
     "true: say for the register whose certificate it is, if it is valid"},
    {NULL},
};
static const struct http_member finding_members[] = {
    TOLD_VERIFICATION_MEMBERS,
    {"replayed", HTTP_BOOL, HTTP_OPTIONAL,
     "true: the answer to an earlier request with this Idempotency-Key, in which attributes were "
     "told if it is valid"},
    {"holder", HTTP_TEXT, HTTP_OPTIONAL,
     "the signer's pseudonym for this tenant, if it is valid and he can be recognised now",
     .form = &platform_secret_form},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL,
     "of the signer, once, and only if it is valid and for a signature", told_attribute_members},
    {"person_reference", HTTP_TEXT, HTTP_OPTIONAL,
     "if it was wanted, beside attributes: for the register, which alone can read it",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_answer finding_answers[] = {{201, "a verdict", finding_members}, {0}};
static const struct http_member kept_members[] = {
    TOLD_VERIFICATION_MEMBERS,
    {"signatures", HTTP_ARRAY, HTTP_OPTIONAL, "of a document: each on its own", told_part_members},
    {NULL},
};
static const struct http_answer kept_answers[] = {
    {200, "the verdict, for the tenant who asked", kept_members}, {0}};
static const struct http_answer deleted_answers[] = {{204, "it is forgotten"}, {0}};

const struct route platform_verification_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifications",
     .access = &platform_tenant_access,
     .headers = verification_once_headers,
     .body = verification_members,
     .handle = post_verification,
     .operation = "verify",
     .summary = "Verify a document's signature",
     .answers = finding_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/verifications/:id",
     .access = &platform_tenant_reader,
     .handle = show_verification,
     .operation = "getVerification",
     .summary = "Read a verdict again, without attributes",
     .answers = kept_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_DELETE,
     .path = "/v1/verifications/:id",
     .access = &platform_tenant_access,
     .handle = delete_verification,
     .operation = "deleteVerification",
     .summary = "Have a verdict forgotten; that it was given stays in the audit log",
     .answers = deleted_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
