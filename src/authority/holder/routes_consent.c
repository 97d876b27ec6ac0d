/* SPDX-License-Identifier: Apache-2.0 */
/* A holder's own view of consents, and their end, on the interface for holders. */
#include "authority/consent/consent.h"
#include "authority/holder/claim.h"
#include "authority/party/routes_asked.h"
#include "base/hex.h"
#include "crypto/bound.h"

/* A request as it came, and what its texts live in. */
struct holding {
    struct buf issuer, nonce, signature;
    const char *origin, *withdrawal;
    int64_t serial, at;
};

static void holding_done(struct holding *holding)
{
    buf_done(&holding->issuer);
    buf_done(&holding->nonce);
    buf_done(&holding->signature);
}

static int read_holding(const struct json *json, struct holding *ret, struct err *err)
{
    const char *issuer;

    TRY(json_get_text(json, "origin", &ret->origin, err));
    TRY(json_get_text(json, "issuer", &issuer, err));
    TRY(err_prefix(err, hex_decode(issuer, &ret->issuer, err), "issuer"));
    TRY(json_get_int(json, "serial", &ret->serial, err));
    if (json_has(json, "consent"))
        TRY(json_get_text(json, "consent", &ret->withdrawal, err));
    TRY(json_get_int(json, "at", &ret->at, err));
    TRY(json_get_base64(json, "nonce", &ret->nonce, err));
    return json_get_base64(json, "signature", &ret->signature, err);
}

static int message_digest(const struct authority *authority, const struct holding *holding,
                          uint32_t serial, struct digest *ret, struct err *err)
{
    uint8_t octets[HOLDER_SERIAL_OCTETS];
    const struct bound_consent message = {
        .origin = authority->holder_origin,
        .issuer = buf_bytes(&holding->issuer),
        .serial = holder_serial_octets(serial, octets),
        .withdrawal = holding->withdrawal,
        .at = holding->at,
        .nonce = buf_bytes(&holding->nonce),
    };

    return bound_consent_digest(&message, ret, err);
}

/* Whose request it is. It counts once: what it lists is for the holder's eyes. */
static int believe(struct http_call *call, struct holding *holding, struct holder_certificate *ret,
                   struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct holder_claim claim = {.nothing = "nothing was done"};
    struct holder_signer signer;
    struct digest digest;

    TRY(read_holding(call->request.json, holding, err));
    claim.origin = holding->origin;
    claim.issuer = buf_bytes(&holding->issuer);
    claim.serial = holding->serial;
    claim.at = holding->at;
    claim.signature = buf_bytes(&holding->signature);
    TRY(holder_claim_check(authority, &claim, &signer.kind, &signer.serial, err));
    TRY(message_digest(authority, holding, signer.serial, &digest, err));
    signer.digest = &digest;
    TRY(holder_claim_verify(authority, &claim, &signer, &cert, err));
    TRY(authority_spend_nonce(authority->store, &digest, clock_now(authority->clock), err));
    *ret = (struct holder_certificate){signer.kind, signer.serial};
    return 0;
}

static struct audit_origin by_holder(const struct http_call *call)
{
    const struct authority *authority = call->context;

    return audit_by_role(clock_now(authority->clock), "", "holder", call->request.trace_id);
}

static int post_list(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = by_holder(call);
    CLEANUP(holding_done) struct holding holding = {BUF_INIT, BUF_INIT, BUF_INIT};
    struct holder_certificate holder;
    struct json *body;

    TRY(believe(call, &holding, &holder, err));
    TRY(authority_list_consents(authority->store, &holder, &by, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int post_withdrawal(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = by_holder(call);
    CLEANUP(holding_done) struct holding holding = {BUF_INIT, BUF_INIT, BUF_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct holder_certificate holder;
    struct consent consent;

    TRY(believe(call, &holding, &holder, err));
    TRY(authority_withdraw_consent(authority->store, &holder, holding.withdrawal, &by, &consent,
                                   err));
    TRY(consent_put(body, &consent, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};
static const struct http_form id_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};

#define HOLDER_MEMBERS                                                                             \
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "where the client reached this service"},                 \
        {"issuer", HTTP_TEXT, HTTP_REQUIRED, "key identifier of the CA", .form = &key_id_form},    \
        {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},                          \
        {"at", HTTP_INT, HTTP_REQUIRED, "when it was signed, at most 60 seconds from now"},        \
        {"nonce", HTTP_TEXT, HTTP_REQUIRED, "32 random octets of the client",                      \
         .form = &http_form_base64},                                                               \
    {                                                                                              \
        "signature", HTTP_TEXT, HTTP_REQUIRED,                                                     \
            "by the key of the certificate, RSASSA-PKCS1-v1_5 with SHA-256 over these fields, "    \
            "each behind its length in four octets: \"OpenJPKI consents v1\", origin, issuer "     \
            "(octets), serial (octets), \"list\" or \"withdraw\", consent or nothing, at "         \
            "(decimal digits), SHA-256 of nonce",                                                  \
            .form = &http_form_base64                                                              \
    }

static const struct http_member list_members[] = {HOLDER_MEMBERS, {NULL}};
static const struct http_member withdrawal_members[] = {
    {"consent", HTTP_TEXT, HTTP_REQUIRED, "id of the consent", .form = &id_form},
    HOLDER_MEMBERS,
    {NULL},
};
static const struct http_member given_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the consent", .form = &id_form},
    {"verifier", HTTP_TEXT, HTTP_REQUIRED, "through whom", .form = &authority_request_id},
    {"verifier_title", HTTP_TEXT, HTTP_REQUIRED, "what people know it as"},
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "to whom", .form = &authority_request_id},
    {"service", HTTP_TEXT, HTTP_REQUIRED, "for what", .form = &authority_request_id},
    {"provider_title", HTTP_TEXT, HTTP_REQUIRED, "what people know it as"},
    {"service_title", HTTP_TEXT, HTTP_REQUIRED, "what people know it as"},
    {"attributes", HTTP_ARRAY, HTTP_REQUIRED, "of name, birth, sex and address"},
    {"registered_at", HTTP_INT, HTTP_REQUIRED, "when it came here"},
    {"valid_from", HTTP_INT, HTTP_REQUIRED, "its first second"},
    {"valid_until", HTTP_INT, HTTP_REQUIRED, "its last second"},
    {"withdrawn_at", HTTP_INT, HTTP_OR_NULL, "when it was withdrawn"},
    {NULL},
};
static const struct http_member disclosure_members[] = {
    {"consent", HTTP_TEXT, HTTP_REQUIRED, "because of which", .form = &id_form},
    {"attributes", HTTP_ARRAY, HTTP_REQUIRED, "what was handed out"},
    {"at", HTTP_INT, HTTP_REQUIRED, "when"},
    {NULL},
};
static const struct http_member listed_members[] = {
    {"consents", HTTP_ARRAY, HTTP_REQUIRED, "all there are and were", given_members},
    {"disclosures", HTTP_ARRAY, HTTP_REQUIRED, "the last 200, newest first", disclosure_members},
    {NULL},
};
static const struct http_answer listed_answers[] = {
    {200, "the consents, and what was handed out because of them", listed_members}, {0}};
static const struct http_answer withdrawn_answers[] = {
    {200, "the last consent to that service, as it is now", consent_members}, {0}};

const struct route authority_holder_consent_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/holder/consents",
     .access = &http_anyone,
     .body = list_members,
     .handle = post_list,
     .operation = "listOwnConsents",
     .summary = "List the consents of whoever has the key that signs this",
     .answers = listed_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/holder/withdrawals",
     .access = &http_anyone,
     .body = withdrawal_members,
     .handle = post_withdrawal,
     .operation = "withdrawOwnConsent",
     .summary = "Withdraw a consent, and others to the same service",
     .answers = withdrawn_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
