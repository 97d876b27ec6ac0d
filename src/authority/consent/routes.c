/* SPDX-License-Identifier: Apache-2.0 */
/* Consents and the latest attributes on the interface for verifiers, in JSON and back. */
#include "authority/consent/consent.h"
#include "authority/consent/latest.h"
#include "authority/party/routes_asked.h"
#include "base/trace.h"

static int post_consent(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin",      "act",      "at",        "nonce",
                                          "request_id",  "document", "signature", "certificate",
                                          "received_at", NULL};
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    CLEANUP(buf_done) struct buf document = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf certificate = BUF_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct consent_order order = {.party = &asked.request.party, .by = &asked.by};
    struct consent consent;

    TRY(asked_read(call, "consent", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(json_get_base64(asked.request.json, "document", &document, err));
    TRY(json_get_base64(asked.request.json, "signature", &signature, err));
    if (json_has(asked.request.json, "certificate"))
        TRY(json_get_base64(asked.request.json, "certificate", &certificate, err));
    if (json_has(asked.request.json, "received_at"))
        TRY(json_get_int(asked.request.json, "received_at", &order.received_at, err));
    order.document = buf_bytes(&document);
    order.signature = buf_bytes(&signature);
    order.certificate = buf_bytes(&certificate);
    TRY(authority_take_consent(authority, &order, &consent, err));
    TRY(consent_put(body, &consent, err));
    return http_reply_json(&call->response, consent.is_new ? 201 : 200, json_steal(&body), err);
}

int consent_put(struct json *body, const struct consent *consent, struct err *err)
{
    TRY(json_put_text(body, "consent", consent->id, err));
    TRY(json_put_int(body, "valid_from", consent->term.from, err));
    TRY(json_put_int(body, "valid_until", consent->term.until, err));
    return consent->withdrawn_at == 0
               ? json_put_null(body, "withdrawn_at", err)
               : json_put_int(body, "withdrawn_at", consent->withdrawn_at, err);
}

static int post_poll(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin",     "act",        "at",    "nonce",
                                          "request_id", "polling_id", "since", NULL};
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    const char *polling_id;
    struct json *body;
    int64_t since;

    TRY(asked_read(call, "consent-changes", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(json_get_text(asked.request.json, "polling_id", &polling_id, err));
    TRY(json_get_int(asked.request.json, "since", &since, err));
    TRY(authority_poll_consents(authority->store, &asked.request.party, polling_id, since, &body,
                                err));
    return http_reply_json(&call->response, 200, body, err);
}

static int read_question(const struct authority *authority, const struct asked *asked,
                         struct latest_question *ret, struct err *err)
{
    static const char *const members[] = {"origin",      "act",      "at",      "nonce",
                                          "request_id",  "provider", "service", "attributes",
                                          "certificate", "issuer",   "serial",  NULL};
    const struct json *json = asked->request.json;
    int rc;

    TRY(json_only(json, members, err));
    TRY(json_get_text(json, "provider", &ret->provider, err));
    TRY(json_get_text(json, "service", &ret->service, err));
    if (json_has(json, "attributes"))
        TRY(attributes_read(json, &ret->attributes, err));
    rc = presented_read(authority, json, &ret->presented, err);
    ret->is_unknown = rc == -ERR_ABSENT;
    if (!ret->is_unknown)
        TRY(rc);
    ret->request_id = asked->request.request_id;
    ret->party = &asked->request.party;
    ret->by = &asked->by;
    return 0;
}

/* Which list a verifier that goes by lists has to look into from now on. */
static int put_point(const struct latest *latest, struct json *body, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct bytes point;

    TRY(x509_cert_parse(buf_bytes(&latest->cert), &cert, err));
    point = x509_cert_tbs(cert)->distribution_point;
    return point.len == 0 ? 0 : json_put_base64(body, "point", point, err);
}

static int put_given(const struct authority *authority, const struct latest *latest,
                     struct json *body, struct err *err)
{
    const struct presented newer = {CA_SIGN, latest->serial};
    CLEANUP(json_freep) struct json *attributes = json_object_new();

    TRY(asked_put_certificate(authority, &newer, body, err));
    TRY(put_point(latest, body, err));
    TRY(json_put_int(body, "charged_at", latest->charged_at, err));
    TRY(latest_put(latest, attributes, err));
    return json_put(body, "attributes", json_steal(&attributes), err);
}

static void note_steps(const struct http_call *call, enum latest_outcome outcome)
{
    trace_step("F5", "⑦", "the authority looked at the consent and the certificates",
               call->request.trace_id);
    if (outcome == LATEST_GIVEN)
        trace_step("F5", "⑧", "the authority gave the latest attributes", call->request.trace_id);
}

static int post_latest(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    CLEANUP(latest_done) struct latest latest = LATEST_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct latest_question question = {.attributes = 0};

    TRY(asked_read(call, "latest", &asked, err));
    TRY(read_question(authority, &asked, &question, err));
    TRY(authority_answer_latest(authority->store, &question, &latest, err));
    TRY(json_put_text(body, "outcome", latest_outcomes[latest.outcome], err));
    if (latest.outcome == LATEST_GIVEN)
        TRY(put_given(authority, &latest, body, err));
    note_steps(call, latest.outcome);
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"given", "withdrawn", NULL};
static const struct http_form id_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};

const struct http_member consent_members[] = {
    {"consent", HTTP_TEXT, HTTP_REQUIRED, "its id", .form = &id_form},
    {"valid_from", HTTP_INT, HTTP_REQUIRED, "the first second, 00:00:00 in Japan"},
    {"valid_until", HTTP_INT, HTTP_REQUIRED, "the last second, 23:59:59 in Japan"},
    {"withdrawn_at", HTTP_INT, HTTP_OR_NULL, "when it was withdrawn"},
    {NULL},
};
static const struct http_answer consent_answers[] = {
    {201, "the consent, as it is from now on", consent_members},
    {200, "as it was before", consent_members},
    {0}};
static const struct http_member change_members[] = {
    {"consent", HTTP_TEXT, HTTP_REQUIRED, "its id", .form = &id_form},
    {"service", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .form = &authority_request_id},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = states},
    {"at", HTTP_INT, HTTP_REQUIRED, "when"},
    {"number", HTTP_INT, HTTP_REQUIRED, "of the change, from 1, dense for a provider"},
    {NULL},
};
static const struct http_member poll_members[] = {
    {"changes", HTTP_ARRAY, HTTP_REQUIRED, "behind since, in order", change_members},
    {"last", HTTP_INT, HTTP_REQUIRED, "what to give as since next"},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there may be more now"},
    {NULL},
};
static const struct http_answer poll_answers[] = {{200, "a page of changes", poll_members}, {0}};
static const struct http_member attribute_members[] = {
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "as in the certificate"},
    {"name_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters that stand for others"},
    {"birth", HTTP_TEXT, HTTP_OPTIONAL, "a digit for the era, then YYYYMMDD"},
    {"sex", HTTP_TEXT, HTTP_OPTIONAL, "1 male, 2 female, 3 unknown"},
    {"address", HTTP_TEXT, HTTP_OPTIONAL, "as in the certificate"},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters that stand for others"},
    {NULL},
};
static const struct http_member latest_members[] = {
    {"outcome", HTTP_TEXT, HTTP_REQUIRED, "given, or why nothing is", .values = latest_outcomes},
    {"kind", HTTP_TEXT, HTTP_OPTIONAL, "of the newer certificate", .values = authority_kinds},
    {"issuer", HTTP_TEXT, HTTP_OPTIONAL, "key identifier of its CA", .form = &key_id_form},
    {"serial", HTTP_INT, HTTP_OPTIONAL, "its number"},
    {"point", HTTP_TEXT, HTTP_OPTIONAL, "its CRL distribution point (DER)",
     .form = &http_form_base64},
    {"charged_at", HTTP_INT, HTTP_OPTIONAL, "when this request_id was charged"},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL, "those that are consented to", attribute_members},
    {NULL},
};
static const struct http_answer latest_answers[] = {
    {200, "the latest attributes, charged once for a request_id, or why not", latest_members}, {0}};

const struct route authority_consent_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifier/consents",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_consent,
     .operation = "takeConsent",
     .summary = "Act consent: hand on a consent or its withdrawal (document, signature), as its "
                "holder signed it",
     .answers = consent_answers,
     .problems = consent_problems,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_ABSENT) |
              HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/verifier/consent-changes",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_poll,
     .operation = "pollConsents",
     .summary =
         "Act consent-changes: ask what became of consents to a provider (polling_id, since)",
     .answers = poll_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/verifier/latest",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_latest,
     .operation = "askLatest",
     .summary = "Act latest: ask for the latest attributes of the holder of a sign certificate "
                "(provider, service, attributes, and certificate or issuer and serial)",
     .answers = latest_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
