/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to identifications and back. What holds is decided in kyc.c. */
#include "platform/routes.h"

#include "audit/words.h"
#include "crypto/limits.h"
#include "platform/kyc/kyc.h"
#include "platform/operator/access.h"
#include "platform/tenant/access.h"
#include "platform/verification/document.h"
#include "platform/verification/read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Base64 of the largest document, and what stands around it. */
enum { BODY_MAX = DOCUMENT_MAX / 3 * 4 + 4096 + JWE_MAX };
_Static_assert((int)BODY_MAX <= (int)HTTP_BODY_MAX, "the largest document can be sent");

static int need_store(const struct platform *platform, struct err *err)
{
    return platform->kyc.store != NULL
               ? 0
               : FAIL(err, ERR_ABSENT, "this platform keeps no identifications");
}

static int put(struct json *object, const struct identification *found, struct err *err)
{
    char last[CALTIME_TEXT_SIZE];

    TRY(json_put_text(object, "id", found->id, err));
    TRY(json_put_text(object, "verification", found->verification, err));
    TRY(json_put_text(object, "law", found->law, err));
    TRY(json_put_text(object, "method", found->method, err));
    TRY(json_put_text(object, "letter", found->letter, err));
    TRY(json_put_int(object, "made_at", found->made_at, err));
    if (found->ended_on[0] == '\0')
        return 0;
    TRY(json_put_text(object, "ended_on", found->ended_on, err));
    caldate_format_iso(caltime_at(found->delete_at - 1, JST_OFFSET_SECONDS).date, last);
    return json_put_text(object, "kept_until", last, err);
}

static int reply(struct http_call *call, unsigned status, const struct identification *found,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put(body, found, err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
}

static const char *const forms[] = {"digestinfo", "hash", NULL};

/* A signature with its certificate, or a document that has both in it. */
static int read_proof(const struct json *json, struct buf *octets, struct kyc_wish *ret,
                      struct err *err)
{
    bool is_document = json_has(json, "content");

    if (is_document ? json_has(json, "signature") || json_has(json, "certificate")
                    : !json_has(json, "signature") || !json_has(json, "certificate"))
        return FAIL(err, ERR_INPUT, "send signature and certificate, or content");
    if (is_document) {
        TRY(json_get_base64(json, "content", octets, err));
        ret->document = buf_bytes(octets);
        return ret->document.len > 0 ? 0 : FAIL(err, ERR_INPUT, "content is empty");
    }
    TRY(json_get_text(json, "certificate", &ret->certificate, err));
    TRY(json_get_base64(json, "signature", octets, err));
    ret->signature = buf_bytes(octets);
    return 0;
}

static int read_wish(const struct json *json, struct buf *octets, struct kyc_wish *ret,
                     struct err *err)
{
    unsigned form = 0;

    TRY(json_get_text(json, "verification", &ret->verification, err));
    TRY(json_get_text(json, "law", &ret->law, err));
    TRY(json_get_text(json, "method", &ret->method, err));
    TRY(json_get_text(json, "letter", &ret->letter, err));
    TRY(read_proof(json, octets, ret, err));
    TRY(verification_read_choice(json, "form", forms, &form, err));
    ret->form = form == 0 ? FORM_DIGESTINFO : FORM_BARE_HASH;
    return 0;
}

static int post_identification(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    struct kyc_wish wish = {.client_id = NULL};
    struct identification made;
    struct audit_origin by;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    wish.client_id = tenant.client_id;
    wish.by = &by;
    TRY(read_wish(call->request.json, &octets, &wish, err));
    TRY(platform_signer(call, &signer, err));
    TRY(kyc_make(call->context, signer, &wish, &made, err));
    return reply(call, 201, &made, err);
}

static int get_identification(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct identification found;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(need_store(platform, err));
    TRY(kyc_forget(platform, err));
    TRY(kyc_get(platform->kyc.store, http_param(&call->request, "id"), tenant.client_id, &found,
                err));
    return reply(call, 200, &found, err);
}

static int read_after(const char *text, int64_t *ret, struct err *err)
{
    char *end;

    *ret = 0;
    if (text == NULL)
        return 0;
    *ret = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0'
               ? 0
               : FAIL(err, ERR_INPUT, "after is next of the page before");
}

static int put_page(const struct identification *found, size_t count, struct json *body,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *object = json_object_new();

        TRY(put(object, &found[i], err));
        TRY(json_add(array, json_steal(&object), err));
    }
    TRY(json_put(body, "identifications", json_steal(&array), err));
    return count == KYC_PAGE ? json_put_int(body, "next", found[count - 1].number, err) : 0;
}

static int list_identifications(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct identification found[KYC_PAGE];
    struct tenant tenant;
    int64_t after;
    size_t count;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(need_store(platform, err));
    TRY(read_after(http_query(&call->request, "after"), &after, err));
    TRY(kyc_forget(platform, err));
    TRY(kyc_list(platform->kyc.store, tenant.client_id, after, found, &count, err));
    TRY(put_page(found, count, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_end(struct http_call *call, struct err *err)
{
    struct kyc_ending ending = {.id = http_param(&call->request, "id")};
    struct identification ended;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    ending.client_id = tenant.client_id;
    ending.by = &by;
    TRY(json_get_text(call->request.json, "ended_on", &ending.day, err));
    TRY(kyc_note_end(call->context, &ending, &ended, err));
    return reply(call, 200, &ended, err);
}

static int post_evidence(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    CLEANUP(buf_done) struct buf evidence = BUF_INIT;
    struct kyc_reading reading = {.id = http_param(&call->request, "id")};
    const struct json *jwk;
    struct audit_origin by;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(json_get_object(call->request.json, "key", &jwk, err));
    TRY(err_prefix(err, jwk_parse(jwk, JWK_ENCRYPTION, &key, err), "key"));
    reading.client_id = tenant.client_id;
    reading.key = key;
    reading.by = &by;
    TRY(platform_signer(call, &signer, err));
    TRY(kyc_read(call->context, signer, &reading, &evidence, err));
    TRY(json_put_bytes(body, "evidence", buf_bytes(&evidence), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_day(struct json *object, const char *key, struct caldate day, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    if (day.year == 0)
        return 0;
    caldate_format_iso(day, text);
    return json_put_text(object, key, text, err);
}

static int put_method(struct json *array, const struct kyc_method *row, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "law", row->law, err));
    TRY(json_put_text(object, "method", row->method, err));
    TRY(json_put_text(object, "letter", row->letter, err));
    TRY(put_day(object, "from", row->from, err));
    TRY(put_day(object, "until", row->until, err));
    TRY(json_put_bool(object, "needs_verifier", row->needs_verifier, err));
    TRY(json_put_bool(object, "kept_here", strcmp(row->evidence, "signature") == 0, err));
    return json_add(array, json_steal(&object), err);
}

static int get_methods(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();
    const char *text = http_query(&call->request, "day");
    struct caldate day = caltime_at(clock_now(platform->clock), JST_OFFSET_SECONDS).date;

    TRY(need_store(platform, err));
    if (text != NULL)
        TRY(err_prefix(err, caldate_parse_iso(text, &day, err), "day"));
    for (size_t i = 0; i < platform->kyc.methods->count; i++)
        if (kyc_method_is_of(&platform->kyc.methods->rows[i], day))
            TRY(put_method(array, &platform->kyc.methods->rows[i], err));
    TRY(json_put(body, "methods", json_steal(&array), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_audit(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    TRY(need_store(platform, err));
    return audit_answer_list(call, kyc_store_db(platform->kyc.store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    TRY(need_store(platform, err));
    return audit_answer_tree(call, kyc_store_db(platform->kyc.store), err);
}

static const struct http_form word_form = {"^[a-z-]{1,31}$", "lower-case letters and hyphens"};
static const struct http_form letter_form = {"^[ア-ン]$", "one letter of katakana"};
static const struct http_form modulus_form = {"^[A-Za-z0-9_-]{342,683}$",
                                              "256 to 512 octets in base64url"};
static const struct http_form exponent_form = {"^[A-Za-z0-9_-]{2,6}$",
                                               "1 to 4 octets in base64url"};

#define METHOD_MEMBERS                                                                             \
    {"law", HTTP_TEXT, HTTP_REQUIRED, "which law: aml, mobile", .form = &word_form},               \
        {"method", HTTP_TEXT, HTTP_REQUIRED, "how: jpki, and others that are kept elsewhere",      \
         .form = &word_form},                                                                      \
    {                                                                                              \
        "letter", HTTP_TEXT, HTTP_REQUIRED, "what the law calls it on that day",                   \
            .form = &letter_form                                                                   \
    }
static const struct http_member wish_members[] = {
    {"verification", HTTP_TEXT, HTTP_REQUIRED, "that found the signature valid",
     .form = &platform_id_form},
    METHOD_MEMBERS,
    {"signature", HTTP_TEXT, HTTP_OPTIONAL, "that was verified, not of a document",
     .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_OPTIONAL,
     "the signer's, encrypted to this platform; with signature", .form = &http_form_jwe},
    {"content", HTTP_TEXT, HTTP_OPTIONAL,
     "instead of both: the PDF or the CMS structure that was verified, by one signer",
     .form = &http_form_base64},
    {"form", HTTP_TEXT, HTTP_OPTIONAL, "what was signed, as it was when it was verified",
     .values = forms},
    {NULL},
};
#define IDENTIFICATION_MEMBERS                                                                     \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},                  \
        {"verification", HTTP_TEXT, HTTP_REQUIRED, "that it is by", .form = &platform_id_form},    \
        METHOD_MEMBERS, {"made_at", HTTP_INT, HTTP_REQUIRED, "when it was put here, UTC seconds"}, \
        {"ended_on", HTTP_TEXT, HTTP_OPTIONAL, "when the contract ended, in Japan",                \
         .form = &http_form_date},                                                                 \
    {                                                                                              \
        "kept_until", HTTP_TEXT, HTTP_OPTIONAL, "the last day it is kept, in Japan",               \
            .form = &http_form_date                                                                \
    }
static const struct http_member identification_members[] = {IDENTIFICATION_MEMBERS, {NULL}};
static const struct http_member list_query[] = {
    {"after", HTTP_INT, HTTP_OPTIONAL, "next of the page before"}, {NULL}};
static const struct http_member list_members[] = {
    {"identifications", HTTP_ARRAY, HTTP_REQUIRED, "in the order they were made",
     identification_members},
    {"next", HTTP_INT, HTTP_OPTIONAL, "for the next page; missing: there is none"},
    {NULL},
};
static const struct http_member end_members[] = {
    {"ended_on", HTTP_TEXT, HTTP_REQUIRED, "the day, in Japan; not in the future",
     .form = &http_form_date},
    {NULL},
};
static const char *const rsa[] = {"RSA", NULL};
static const char *const encryption[] = {"enc", NULL};
static const char *const oaep[] = {"RSA-OAEP-256", NULL};
static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = rsa},
    {"n", HTTP_TEXT, HTTP_REQUIRED, "modulus", .form = &modulus_form},
    {"e", HTTP_TEXT, HTTP_REQUIRED, "exponent", .form = &exponent_form},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .values = encryption},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it", .values = oaep},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)",
     .form = &platform_secret_form},
    {NULL},
};
static const struct http_member reading_members[] = {
    {"key", HTTP_OBJECT, HTTP_REQUIRED, "the tenant's own, a public JWK", key_members}, {NULL}};
static const struct http_member evidence_members[] = {
    {"evidence", HTTP_TEXT, HTTP_REQUIRED, "encrypted to that key", .form = &http_form_jwe},
    {NULL},
};
static const struct http_member methods_query[] = {
    {"day", HTTP_TEXT, HTTP_OPTIONAL, "in Japan; today, if it is missing", .form = &http_form_date},
    {NULL},
};
static const struct http_member method_members[] = {
    METHOD_MEMBERS,
    {"from", HTTP_TEXT, HTTP_OPTIONAL, "the first day", .form = &http_form_date},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "the last day", .form = &http_form_date},
    {"needs_verifier", HTTP_BOOL, HTTP_REQUIRED, "only a signature verifier may identify so"},
    {"kept_here", HTTP_BOOL, HTTP_REQUIRED, "whether this platform keeps what proves it"},
    {NULL},
};
static const struct http_member methods_members[] = {
    {"methods", HTTP_ARRAY, HTTP_REQUIRED, "in force on that day", method_members}, {NULL}};
static const struct http_answer made_answers[] = {{201, "it is kept", identification_members}, {0}};
static const struct http_answer found_answers[] = {{200, "it", identification_members}, {0}};
static const struct http_answer list_answers[] = {{200, "a page", list_members}, {0}};
static const struct http_answer evidence_answers[] = {
    {200, "what proves it, for nobody but the tenant", evidence_members}, {0}};
static const struct http_answer methods_answers[] = {{200, "a table", methods_members}, {0}};

const struct route platform_kyc_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/identifications",
     .access = &platform_tenant_access,
     .body = wish_members,
     .body_max = BODY_MAX,
     .handle = post_identification,
     .operation = "identify",
     .summary = "Keep what proves that a customer was identified, as a verifier",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED),
     .problems = kyc_refusals},
    {.method = HTTP_GET,
     .path = "/v1/identifications",
     .access = &platform_tenant_reader,
     .query = list_query,
     .handle = list_identifications,
     .operation = "listIdentifications",
     .summary = "List who was identified when and how",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/identifications/:id",
     .access = &platform_tenant_reader,
     .handle = get_identification,
     .operation = "getIdentification",
     .summary = "Read when and how it was done",
     .answers = found_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/identifications/:id/end",
     .access = &platform_tenant_access,
     .body = end_members,
     .handle = post_end,
     .operation = "endIdentification",
     .summary = "Note the end of the contract, from which it is kept seven years",
     .answers = found_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT),
     .problems = document_refusals},
    {.method = HTTP_POST,
     .path = "/v1/identifications/:id/evidence",
     .access = &platform_tenant_owner,
     .body = reading_members,
     .handle = post_evidence,
     .operation = "readEvidence",
     .summary = "Have the evidence encrypted to a key of the tenant's own",
     .answers = evidence_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT),
     .problems = document_refusals},
    {.method = HTTP_GET,
     .path = "/v1/identification-methods",
     .access = &platform_tenant_reader,
     .query = methods_query,
     .handle = get_methods,
     .operation = "listMethods",
     .summary = "Read which methods there are on a day, and their letters",
     .answers = methods_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/evidence/audit",
     .access = &platform_operator,
     .query = audit_query,
     .handle = get_audit,
     .operation = "listEvidenceAudit",
     .summary = "Read the audit log of identifications behind a number",
     .answers = audit_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | AUDIT_FAILS},
    {.method = HTTP_GET,
     .path = "/v1/evidence/audit/tree",
     .access = &platform_operator,
     .query = audit_tree_query,
     .handle = get_audit_tree,
     .operation = "getEvidenceAuditTree",
     .summary = "Have records of the audit log of identifications proven",
     .answers = audit_tree_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | AUDIT_FAILS},
    {.path = NULL},
};
