/* SPDX-License-Identifier: Apache-2.0 */
/* The rows, and what all of them need. */
#include "platform/routes.h"

#include "audit/words.h"
#include "http/metrics.h"
#include "platform/disclose.h"
#include "platform/handlers.h"

#include <stdlib.h>

struct worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int platform_worker_open(void *context, void **ret, struct err *err)
{
    struct worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void platform_worker_close(void *context, void *worker)
{
    struct worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

int platform_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct platform *platform = call->context;
    struct worker *worker = call->worker;

    if (worker->signer == NULL)
        TRY(signer_open(platform->signer, &worker->signer, err));
    *ret = worker->signer;
    return 0;
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

static int get_keys(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *keys = json_array_new();
    struct json *key;

    TRY(jwk_write(platform->exchange_key, JWK_ENCRYPTION, &key, err));
    TRY(json_add(keys, key, err));
    TRY(json_put(body, "keys", json_steal(&keys), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* Never a tenant, whatever it proves: the log tells of all tenants, and why a verdict was no. */
static int operator(const struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;

    if (platform != NULL &&
        http_peer_is_in(call, platform->operators.uids, platform->operators.count))
        return 0;
    return FAIL(err, ERR_DENIED, "only an operator may read that");
}

static const struct http_access platform_operator = {
    "operator", operator,
    "Served on a Unix socket, to the user ids listed as operators; never to a tenant." };

static int get_audit(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct json *body;

    TRY(platform_list_audit(platform->store, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const struct audit_tree_query query = {.size = http_query(&call->request, "size"),
                                           .record = http_query(&call->request, "record"),
                                           .since = http_query(&call->request, "since")};
    struct json *body;

    TRY(platform_audit_tree(platform->store, &query, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

const struct http_about platform_about = {
    "platform", "OpenJPKI platform",
    "Verifies signatures and logins for providers. A provider learns a verdict or a pseudonym, "
    "never a certificate and nothing about its revocation. Certificates come encrypted to the keys "
    "of GET /v1/keys. Times are UTC seconds."};

static const struct http_form id_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form secret_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};
static const struct http_form nonce_form = {"^[A-Za-z0-9+/]{43}=$", "32 octets in base64"};
static const struct http_form modulus_form = {"^[A-Za-z0-9_-]{342,683}$",
                                              "256 to 512 octets in base64url"};
static const struct http_form exponent_form = {"^[A-Za-z0-9_-]{2,6}$",
                                               "1 to 4 octets in base64url"};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};

static const char *const rsa[] = {"RSA", NULL};
static const char *const encryption[] = {"enc", NULL};
static const char *const oaep[] = {"RSA-OAEP-256", NULL};
static const struct http_member jwk_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = rsa},
    {"n", HTTP_TEXT, HTTP_REQUIRED, "modulus", .form = &modulus_form},
    {"e", HTTP_TEXT, HTTP_REQUIRED, "exponent", .form = &exponent_form},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .values = encryption},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how to encrypt to it", .values = oaep},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)", .form = &secret_form},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "the keys", jwk_members},
    {NULL},
};
static const struct http_answer keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

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
static const char *const verdicts[] = {"valid", "invalid", "indeterminate", NULL};
static const char *const sexes[] = {"male", "female", "unknown", NULL};
static const struct http_member attribute_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as the certificate spells it"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "as the certificate spells it"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "parts that are not known are zeros",
     .form = &http_form_date},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "as the certificate has it", .values = sexes},
    {NULL},
};
static const struct http_member finding_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the signature holds", .values = verdicts},
    {"reasons", HTTP_ARRAY, HTTP_REQUIRED, "why it is not valid; of a revocation no more than that",
     .values = disclosed_reasons},
    {"attributes", HTTP_OBJECT, HTTP_OPTIONAL, "of the signer, once, and only if it is valid",
     attribute_members},
    {NULL},
};
static const struct http_answer finding_answers[] = {{201, "a verdict", finding_members}, {0}};
static const struct http_member kept_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &id_form},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "whether the signature held", .values = verdicts},
    {NULL},
};
static const struct http_answer kept_answers[] = {
    {200, "the verdict, for the tenant who asked", kept_members}, {0}};

static const struct http_member login_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the provider to log in at"},
    {NULL},
};
static const struct http_member provider_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "to show before the PIN is asked for"},
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs"},
    {NULL},
};
#define CHALLENGE_MEMBERS                                                                          \
    {"session", HTTP_TEXT, HTTP_REQUIRED, "the login's name", .form = &id_form},                   \
        {"nonce", HTTP_TEXT, HTTP_REQUIRED, "is part of what the card signs",                      \
         .form = &nonce_form},                                                                     \
        {"expires_at", HTTP_INT, HTTP_REQUIRED, "the last second to answer in"},                   \
        {"provider", HTTP_OBJECT, HTTP_REQUIRED, "who asks", provider_members},                    \
    {                                                                                              \
        "issuers", HTTP_ARRAY, HTTP_REQUIRED, "key identifiers of the CAs whose cards can answer", \
            .form = &key_id_form                                                                   \
    }
static const struct http_member opened_members[] = {
    CHALLENGE_MEMBERS,
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "what the opener alone knows", .form = &secret_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "to show where the login was opened", .form = &code_form},
    {NULL},
};
static const struct http_member challenge_members[] = {CHALLENGE_MEMBERS, {NULL}};
static const struct http_answer opened_answers[] = {
    {201, "the challenge, and what its opener needs", opened_members}, {0}};
static const struct http_answer challenge_answers[] = {
    {200, "the challenge, for somebody who was given its address", challenge_members}, {0}};

static const struct http_member answer_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED,
     "the card's auth certificate, encrypted to this platform", .form = &http_form_jwe},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "of the card's auth key", .form = &http_form_base64},
    {"secret", HTTP_TEXT, HTTP_OPTIONAL, "of the opener; or else code"},
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "as shown to the opener; or else secret"},
    {NULL},
};
static const struct http_answer answer_answers[] = {{204, "the login is answered"}, {0}};

static const struct http_member redeem_members[] = {
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "of the opener"},
    {NULL},
};
static const struct http_member subject_members[] = {
    {"sub", HTTP_TEXT, HTTP_REQUIRED, "the person's pseudonym for this provider",
     .form = &secret_form},
    {NULL},
};
static const struct http_answer subject_answers[] = {
    {200, "who logged in, told once", subject_members}, {0}};

const struct route platform_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .access = &http_anyone,
     .handle = get_keys,
     .operation = "listKeys",
     .summary = "What certificates are encrypted to",
     .answers = keys_answers},
    {.method = HTTP_POST,
     .path = "/v1/verifications",
     .access = &platform_tenant_access,
     .body = verification_members,
     .handle = platform_post_verification,
     .operation = "verify",
     .summary = "Verify a document's signature",
     .answers = finding_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/verifications/:id",
     .access = &platform_tenant_access,
     .handle = platform_show_verification,
     .operation = "getVerification",
     .summary = "Read a verdict again, without attributes",
     .answers = kept_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/logins",
     .access = &http_anyone,
     .body = login_members,
     .handle = platform_post_login,
     .operation = "openLogin",
     .summary = "Open a login at a provider",
     .answers = opened_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/logins/:session",
     .access = &http_anyone,
     .handle = platform_show_login,
     .operation = "getLogin",
     .summary = "Read a challenge again, without secret and code",
     .answers = challenge_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/answer",
     .access = &http_anyone,
     .body = answer_members,
     .handle = platform_post_answer,
     .operation = "answerLogin",
     .summary = "Answer a challenge with the card",
     .answers = answer_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/logins/:session/redeem",
     .access = &http_anyone,
     .body = redeem_members,
     .handle = platform_post_redeem,
     .operation = "redeemLogin",
     .summary = "Learn who logged in",
     .answers = subject_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &platform_operator,
     .handle = platform_get_metrics,
     .operation = "getMetrics",
     .summary = "Read what was counted, and how fresh revocation data are",
     .answers = metrics_answers},
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &platform_operator,
     .query = audit_query,
     .handle = get_audit,
     .operation = "listAudit",
     .summary = "Read the audit log behind a number",
     .answers = audit_answers,
     .fails = AUDIT_FAILS},
    {.method = HTTP_GET,
     .path = "/v1/audit/tree",
     .access = &platform_operator,
     .query = audit_tree_query,
     .handle = get_audit_tree,
     .operation = "getAuditTree",
     .summary = "Have records of the audit log proven",
     .answers = audit_tree_answers,
     .fails = AUDIT_FAILS},
    {.path = NULL},
};
