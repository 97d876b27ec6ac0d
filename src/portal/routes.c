/* SPDX-License-Identifier: Apache-2.0 */
/* What all rows need, and those that belong to no subject of their own. */
#include "portal/routes.h"

#include "http/metrics.h"
#include "portal/operator/routes.h"
#include "portal/outage/routes.h"
#include "rpc/signer_worker.h"

int portal_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct portal *portal = call->context;

    return signer_worker_get(call->worker, portal->signer, ret, err);
}

int portal_reply_key(struct http_call *call, const struct pubkey *public, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    struct json *key = NULL;

    TRY(jwk_write(public, JWK_SIGNATURE, &key, err));
    TRY(json_add(keys, key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const key_types[] = {"EC", "RSA", NULL};
static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = key_types},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "curve"},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "coordinate"},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "modulus"},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "exponent"},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for"},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how it signs"},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)"},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys", key_members}, {NULL}};
const struct http_answer portal_keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

int portal_ready(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(portal_store_ping(portal->store, err));
    TRY(portal_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

const struct http_about portal_about = {
    "portal", "OpenJPKI portal",
    "A portal for citizens, who log in with a card at an authentication app, and an interface for "
    "services that they let ask. Unofficial, for tests. Times are UTC seconds."};

static const struct route service_routes[] = {
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &audit_operator,
     .handle = metrics_reply,
     .operation = "getMetrics",
     .summary = "Read what was counted",
     .answers = metrics_answers},
    {.path = NULL},
};

const struct route *const portal_routes[] = {portal_login_routes,
                                             portal_session_routes,
                                             portal_selfinfo_routes,
                                             portal_history_routes,
                                             portal_provider_routes,
                                             portal_question_routes,
                                             portal_civil_routes,
                                             portal_parent_routes,
                                             portal_page_routes,
                                             portal_procedure_routes,
                                             portal_published_routes,
                                             portal_editor_routes,
                                             portal_application_routes,
                                             portal_clerk_routes,
                                             portal_inquiry_routes,
                                             portal_notice_routes,
                                             portal_order_routes,
                                             portal_sender_routes,
                                             portal_mail_routes,
                                             portal_mandate_routes,
                                             portal_legal_routes,
                                             portal_resident_routes,
                                             portal_operator_review_routes,
                                             portal_consent_routes,
                                             portal_given_consent_routes,
                                             portal_submission_routes,
                                             portal_reading_routes,
                                             portal_eligibility_routes,
                                             portal_lookup_routes,
                                             portal_draft_routes,
                                             portal_staff_routes,
                                             portal_receipt_routes,
                                             portal_site_routes,
                                             portal_sso_routes,
                                             portal_sso_token_routes,
                                             portal_site_notice_routes,
                                             portal_sso_about_routes,
                                             portal_kiosk_routes,
                                             portal_issued_routes,
                                             portal_outage_routes,
                                             audit_desk_routes,
                                             service_routes,
                                             NULL};
