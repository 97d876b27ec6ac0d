/* SPDX-License-Identifier: Apache-2.0 */
/* Whole documents: JSON to document.h and back. */
#include "platform/routes.h"
#include "platform/tenant/access.h"
#include "platform/verification/document.h"
#include "platform/verification/read.h"
#include "platform/verification/told.h"

/* Base64 of the largest document, and what stands around it. */
enum { BODY_MAX = DOCUMENT_MAX / 3 * 4 + 4096 };
_Static_assert((int)BODY_MAX <= (int)HTTP_BODY_MAX, "the largest document can be sent");

static int put_signature(struct json *object, const struct document_finding *finding, size_t place,
                         struct err *err)
{
    const struct document_report *found = &finding->found.parts[place].found;

    TRY(told_put_part(object, &finding->parts[place], err));
    if (finding->is_replayed)
        return 0;
    if (found->has_signing_time)
        TRY(json_put_int(object, "claimed_time", found->signing_time, err));
    if (finding->holders[place][0] != '\0')
        TRY(json_put_text(object, "holder", finding->holders[place], err));
    return document_tells(finding, place)
               ? told_put_attributes(object, &x509_cert_tbs(found->signer)->holder, err)
               : 0;
}

static int reply(struct http_call *call, const struct document_finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *signatures = json_array_new();

    TRY(told_put_verification(body, &finding->kept, &finding->report, err));
    if (finding->is_replayed)
        TRY(json_put_bool(body, "replayed", true, err));
    for (size_t i = 0; i < finding->count; i++) {
        CLEANUP(json_freep) struct json *object = json_object_new();

        TRY(put_signature(object, finding, i, err));
        TRY(json_add(signatures, json_steal(&object), err));
    }
    TRY(json_put(body, "signatures", json_steal(&signatures), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int read_request(const struct json *json, struct buf *file, struct document_request *ret,
                        struct err *err)
{
    const struct json *digest;
    unsigned form = 0;

    TRY(verification_read_choice(json, "form", document_forms, &form, err));
    ret->form = (enum document_form)form;
    TRY(json_get_base64(json, "content", file, err));
    ret->file = buf_bytes(file);
    TRY(verification_read_wishes(json, &ret->asked, err));
    ret->is_beside = json_has(json, "digest");
    if (!ret->is_beside)
        return 0;
    if (ret->form != DOCUMENT_CMS)
        return FAIL(err, ERR_INPUT, "digest is for a CMS signature beside its document");
    TRY(json_get_object(json, "digest", &digest, err));
    return err_prefix(err, verification_read_digest(digest, &ret->asked.digest, err), "digest");
}

static int post_document(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(document_finding_done) struct document_finding finding = DOCUMENT_FINDING_INIT;
    struct document_request request = {.asked = {.trace_id = call->request.trace_id}};
    struct verification_once once;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    request.asked.client_id = tenant.client_id;
    TRY(verification_read_once(call, &once, &request.asked.once, err));
    TRY(read_request(call->request.json, &file, &request, err));
    TRY(platform_signer(call, &signer, err));
    TRY(document_make(call->context, signer, &request, &finding, err));
    return reply(call, &finding, err);
}

static const struct http_member document_members[] = {
    {"form", HTTP_TEXT, HTTP_REQUIRED, "a PDF, or a CMS structure with or beside its document",
     .values = document_forms},
    {"content", HTTP_TEXT, HTTP_REQUIRED,
     "the PDF or the CMS structure in DER, in BER only beside its document",
     .form = &http_form_base64},
    {"digest", HTTP_OBJECT, HTTP_OPTIONAL,
     "of the document beside a CMS structure, of any size, by the hash of its signers; missing: it "
     "is in the structure",
     verification_digest_members},
    {"purpose", HTTP_TEXT, HTTP_OPTIONAL,
     "signature, if it is missing; liveness: of one that was verified before, for the verdict of "
     "now",
     .values = verification_purposes},
    {"check", HTTP_TEXT, HTTP_OPTIONAL, "how revocation is to be looked up, if not as usual here",
     .values = asking_checks},
    {NULL},
};
static const struct http_member signature_members[] = {
    TOLD_PART_MEMBERS,
    {"claimed_time", HTTP_INT, HTTP_OPTIONAL,
     "when it was made, UTC seconds, as the signer says and nobody proves"},
    {"holder", HTTP_TEXT, HTTP_OPTIONAL,
     "the signer's pseudonym for this tenant, if the document is valid and he can be recognised "
     "now",
     .form = &platform_secret_form},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL,
     "of the signer, once, and only if the document as a whole is valid", told_attribute_members},
    {NULL},
};
static const struct http_member finding_members[] = {
    TOLD_VERIFICATION_MEMBERS,
    {"replayed", HTTP_BOOL, HTTP_OPTIONAL,
     "true: the answer to an earlier request with this Idempotency-Key, in which attributes were "
     "told if it is valid"},
    {"signatures", HTTP_ARRAY, HTTP_REQUIRED, "each on its own, in the order of the document",
     signature_members},
    {NULL},
};
static const struct http_answer finding_answers[] = {
    {201, "a verdict on the document as it is, the worst of its signatures'", finding_members},
    {0}};

const struct route platform_document_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/document-verifications",
     .access = &platform_tenant_access,
     .headers = verification_once_headers,
     .body = document_members,
     .body_max = BODY_MAX,
     .handle = post_document,
     .operation = "verifyDocument",
     .summary = "Verify a whole document, as a tenant that is a verifier itself",
     .answers = finding_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED),
     .problems = document_refusals},
    {.path = NULL},
};
