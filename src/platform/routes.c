/* SPDX-License-Identifier: Apache-2.0 */
/* What all rows need, and those that belong to no subject of their own. */
#include "platform/routes.h"

#include "audit/words.h"
#include "http/metrics.h"
#include "platform/member/access.h"
#include "platform/operator/access.h"
#include "platform/watch.h"

int platform_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct platform *platform = call->context;

    return signer_worker_get(call->worker, platform->signer, ret, err);
}

int platform_ready(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(platform_store_ping(platform->store, err));
    TRY(platform_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

int platform_warn(struct http_call *call, struct json *words, struct err *err)
{
    const struct platform *platform = call->context;

    for (unsigned i = 0; platform->watch != NULL && i < WARNINGS_; i++) {
        if (watch_warns(platform->watch, (enum warning)i))
            TRY(json_add_text(words, warning_words[i], err));
    }
    return 0;
}

static int add_key(struct json *keys, const struct pubkey *key, struct err *err)
{
    struct json *jwk;

    if (key == NULL)
        return 0;
    TRY(jwk_write(key, JWK_ENCRYPTION, &jwk, err));
    return json_add(keys, jwk, err);
}

/* Whoever knows no more than one takes the first: that everybody knows. */
static int get_keys(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();

    TRY(add_key(keys, platform->exchange_key, err));
    TRY(add_key(keys, platform->agreement.key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int witness(const struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    if (platform != NULL && audit_witness_asks(call, platform->keeper))
        return 0;
    return platform_operator.check(call, err);
}

static int charge(struct http_call *call, struct http_allowance *ret, struct err *err)
{
    return platform_operator.charge(call, ret, err);
}

static const struct http_access platform_witness = {
    "witness-or-operator",    witness,          AUDIT_WITNESS_MEANING, .is_bearer = true,
    .cookie = CONSOLE_COOKIE, .charge = charge,
};

static int get_audit(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    return audit_answer_list(call, platform_store_db(platform->store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    return audit_answer_tree(call, platform_store_db(platform->store), err);
}

static int on_checkpoint(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    return audit_answer_checkpoint(call, platform->keeper, err);
}

const struct http_about platform_about = {
    "platform", "OpenJPKI platform",
    "Verifies signatures and logins for providers. A provider learns a verdict or a pseudonym, "
    "never a certificate and nothing about its revocation. Certificates come encrypted to the keys "
    "of GET /v1/keys. Times are UTC seconds."};

const struct http_form platform_id_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
const struct http_form platform_secret_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};

static const struct http_form modulus_form = {"^[A-Za-z0-9_-]{342,683}$",
                                              "256 to 512 octets in base64url"};
static const struct http_form exponent_form = {"^[A-Za-z0-9_-]{2,6}$",
                                               "1 to 4 octets in base64url"};

static const struct http_form coordinate_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};

static const char *const kinds[] = {"RSA", "EC", NULL};
static const char *const curves[] = {"P-256", NULL};
static const char *const encryption[] = {"enc", NULL};
static const char *const algorithms[] = {"RSA-OAEP-256", "ECDH-ES", NULL};
static const struct http_member jwk_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = kinds},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the modulus", .form = &modulus_form},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the exponent", .form = &exponent_form},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the curve", .values = curves},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "of EC: a coordinate", .form = &coordinate_form},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the other one", .form = &coordinate_form},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .values = encryption},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it", .values = algorithms},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)",
     .form = &platform_secret_form},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys, of which one is to be chosen", jwk_members},
    {NULL},
};
static const struct http_answer keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

static const struct route service_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listKeys",
     .summary = "What certificates are encrypted to",
     .answers = keys_answers},
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &platform_operator,
     .handle = platform_get_metrics,
     .operation = "getMetrics",
     .summary = "Read what was counted, and how fresh revocation data are",
     .answers = metrics_answers},
    AUDIT_ROUTES(&platform_operator, &platform_witness, get_audit, get_audit_tree, on_checkpoint),
    {.path = NULL},
};

const struct route *const platform_routes[] = {platform_verification_routes,
                                               platform_document_routes,
                                               platform_report_routes,
                                               platform_kyc_routes,
                                               platform_verification_list_routes,
                                               platform_tenant_routes,
                                               platform_environment_routes,
                                               platform_member_routes,
                                               platform_operator_routes,
                                               platform_authentication_routes,
                                               platform_login_routes,
                                               platform_holder_routes,
                                               platform_consent_routes,
                                               platform_latest_routes,
                                               platform_event_routes,
                                               platform_webhook_routes,
                                               platform_fee_routes,
                                               platform_usage_routes,
                                               platform_verification_record_routes,
                                               platform_evidence_routes,
                                               platform_console_routes,
                                               service_routes,
                                               NULL};
