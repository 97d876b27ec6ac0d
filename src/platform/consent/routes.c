/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to consents and back. What is taken is decided in consent.c and by the authority. */
#include "platform/routes.h"
#include "docsign/attributes.h"
#include "platform/consent/consent.h"
#include "platform/tenant/access.h"

#include <string.h>

static const char *state_of(const struct kept_consent *consent, int64_t now)
{
    if (consent->withdrawn_at != 0)
        return "withdrawn";
    if (now > consent->valid_until)
        return "expired";
    return now < consent->valid_from ? "given" : "in-force";
}

static int put_consent(struct json *body, const struct kept_consent *consent, int64_t now,
                       struct err *err)
{
    TRY(json_put_text(body, "consent", consent->id, err));
    TRY(json_put_text(body, "holder", consent->holder, err));
    TRY(json_put_text(body, "service", consent->service, err));
    TRY(attributes_put(body, consent->attributes, err));
    TRY(json_put_text(body, "state", state_of(consent, now), err));
    TRY(json_put_int(body, "valid_from", consent->valid_from, err));
    return json_put_int(body, "valid_until", consent->valid_until, err);
}

static int reply(struct http_call *call, unsigned status, const struct kept_consent *consent,
                 struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(put_consent(body, consent, clock_now(platform->clock), err));
    return http_reply_json(&call->response, status, json_steal(&body), err);
}

/* A consent or a withdrawal, as the row says; the answer tells of the consent. */
static int take(struct http_call *call, bool is_withdrawal, struct err *err)
{
    const struct json *json = call->request.json;
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct consent_request request = {.is_withdrawal = is_withdrawal,
                                      .trace_id = call->request.trace_id};
    struct kept_consent consent;
    struct signer *signer;
    struct tenant tenant;
    bool is_new;

    TRY(tenant_bearer(call, &tenant, err));
    request.client_id = tenant.client_id;
    TRY(json_get_base64(json, "document", &document, err));
    TRY(json_get_base64(json, "signature", &signature, err));
    TRY(json_get_text(json, "certificate", &request.certificate, err));
    request.document = buf_bytes(&document);
    request.signature = buf_bytes(&signature);
    TRY(platform_signer(call, &signer, err));
    TRY(consent_hand_on(call->context, signer, &request, &consent, &is_new, err));
    return reply(call, is_new ? 201 : 200, &consent, err);
}

static int post_consent(struct http_call *call, struct err *err)
{
    return take(call, false, err);
}

static int post_withdrawal(struct http_call *call, struct err *err)
{
    return take(call, true, err);
}

static int show_consent(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct kept_consent consent;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_consent(platform->store, tenant.client_id, http_param(&call->request, "id"),
                             &consent, err));
    return reply(call, 200, &consent, err);
}

struct listing {
    struct json *list;
    int64_t now;
    char last[CONSENT_ID_SIZE];
};

static int add_consent(void *context, const struct kept_consent *consent, struct err *err)
{
    struct listing *listing = context;
    CLEANUP(json_freep) struct json *object = json_object_new();

    memcpy(listing->last, consent->id, sizeof listing->last);
    TRY(put_consent(object, consent, listing->now, err));
    return json_add(listing->list, json_steal(&object), err);
}

static int list_consents(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const char *cursor = http_query(&call->request, "cursor");
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct listing listing = {.list = list, .now = clock_now(platform->clock)};
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_each_consent(platform->store, tenant.client_id, cursor == NULL ? "" : cursor,
                              add_consent, &listing, err));
    TRY(json_count(list) < CONSENTS_PAGE_MAX ? json_put_null(body, "next", err)
                                             : json_put_text(body, "next", listing.last, err));
    TRY(json_put(body, "consents", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"given", "in-force", "expired", "withdrawn", NULL};
static const struct http_form id_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form service_form = {"^[A-Za-z0-9.-]{1,64}$",
                                              "1 to 64 letters, digits, hyphens, dots"};

static const struct http_member document_members[] = {
    {"document", HTTP_TEXT, HTTP_REQUIRED, "what the holder signed, XML",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the sign key over its DigestInfo",
     .form = &http_form_base64},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "the sign certificate, encrypted to this platform",
     .form = &http_form_jwe},
    {NULL},
};
static const struct http_member consent_members[] = {
    {"consent", HTTP_TEXT, HTTP_REQUIRED, "its id", .form = &id_form},
    {"holder", HTTP_TEXT, HTTP_REQUIRED, "whose, by his pseudonym", .form = &platform_secret_form},
    {"service", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .form = &service_form},
    {"attributes", HTTP_ARRAY, HTTP_REQUIRED, "what it allows; of a withdrawal none",
     .values = attribute_names},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "given: it counts from the next day", .values = states},
    {"valid_from", HTTP_INT, HTTP_REQUIRED, "the first second, 00:00:00 in Japan"},
    {"valid_until", HTTP_INT, HTTP_REQUIRED, "the last second, 23:59:59 in Japan"},
    {NULL},
};
static const struct http_answer taken_answers[] = {
    {201, "the consent as it is now", consent_members},
    {200, "it was there", consent_members},
    {0}};
static const struct http_answer shown_answers[] = {{200, "the consent", consent_members}, {0}};
static const struct http_member list_query[] = {
    {"cursor", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &id_form},
    {NULL},
};
static const struct http_member list_members[] = {
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "a page of them", consent_members},
    {"next", HTTP_TEXT, HTTP_OR_NULL, "the next page's cursor", .form = &id_form},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "this tenant's consents", list_members},
                                                  {0}};

#define TAKING_FAILS                                                                               \
    HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |                      \
        HTTP_FAIL(ERR_UNTRUSTED)

const struct route platform_consent_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/consents",
     .access = &platform_tenant_access,
     .body = document_members,
     .handle = post_consent,
     .operation = "giveConsent",
     .summary = "Hand on a holder's consent to the latest attributes",
     .answers = taken_answers,
     .problems = consent_refusals,
     .fails = TAKING_FAILS},
    {.method = HTTP_POST,
     .path = "/v1/consent-withdrawals",
     .access = &platform_tenant_access,
     .body = document_members,
     .handle = post_withdrawal,
     .operation = "withdrawConsent",
     .summary = "Hand on the end of a consent, as its holder signed it",
     .answers = taken_answers,
     .problems = consent_refusals,
     .fails = TAKING_FAILS},
    {.method = HTTP_GET,
     .path = "/v1/consents",
     .access = &platform_tenant_access,
     .query = list_query,
     .handle = list_consents,
     .operation = "listConsents",
     .summary = "List consents and where they stand",
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = "/v1/consents/:id",
     .access = &platform_tenant_access,
     .handle = show_consent,
     .operation = "getConsent",
     .summary = "Read where a consent stands",
     .answers = shown_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
