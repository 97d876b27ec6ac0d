/* SPDX-License-Identifier: Apache-2.0 */
/* What holders may ask: the other interface, whose rows let in anyone. */
#include "authority/routes.h"

#include "authority/holder/holder.h"
#include "base/hex.h"

/* The request's borrowed octets live here. */
struct octets {
    struct buf issuer, nonce, signature;
};

static void octets_done(struct octets *octets)
{
    buf_done(&octets->issuer);
    buf_done(&octets->nonce);
    buf_done(&octets->signature);
}

static int read_octets(const struct json *json, struct octets *octets, struct holder_request *ret,
                       struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "issuer", &text, err));
    TRY(err_prefix(err, hex_decode(text, &octets->issuer, err), "issuer"));
    TRY(json_get_base64(json, "nonce", &octets->nonce, err));
    TRY(json_get_base64(json, "signature", &octets->signature, err));
    ret->issuer = buf_bytes(&octets->issuer);
    ret->nonce = buf_bytes(&octets->nonce);
    ret->signature = buf_bytes(&octets->signature);
    return 0;
}

static int read_request(const struct json *json, struct octets *octets, struct holder_request *ret,
                        struct err *err)
{
    TRY(json_get_text(json, "origin", &ret->origin, err));
    TRY(json_get_text(json, "reason", &ret->reason, err));
    TRY(json_get_int(json, "serial", &ret->serial, err));
    TRY(json_get_int(json, "at", &ret->at, err));
    return read_octets(json, octets, ret, err);
}

static int post_revocation(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = audit_by_role(clock_now(authority->clock), "", "holder",
                                                 call->request.trace_id);
    CLEANUP(octets_done) struct octets octets = {BUF_INIT, BUF_INIT, BUF_INIT};
    CLEANUP(json_freep) struct json *body = NULL;
    struct holder_request request = {.by = &by};
    struct revoked revoked;

    TRY(read_request(call->request.json, &octets, &request, err));
    TRY(authority_revoke_by_holder(authority, &request, &revoked, err));
    body = json_object_new();
    TRY(json_put_int(body, "at", revoked.at, err));
    TRY(json_put_text(body, "reason", crl_reason_name(revoked.reason), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

const struct http_about authority_holder_about = {
    "authority-holder", "OpenJPKI authority, for holders",
    "What a holder can do online about certificates of one's own. Times are UTC seconds."};

static const char *const given_reasons[] = {"unspecified", "keyCompromise", "cessationOfOperation",
                                            NULL};
static const char *const known_reasons[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL};
static const struct http_form key_id_form = {"^[0-9a-f]{40}$", "20 octets in hexadecimal"};

static const struct http_member request_members[] = {
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "where the client reached this service"},
    {"issuer", HTTP_TEXT, HTTP_REQUIRED, "key identifier of the CA", .form = &key_id_form},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = given_reasons},
    {"at", HTTP_INT, HTTP_REQUIRED, "when it was signed, at most 60 seconds from now"},
    {"nonce", HTTP_TEXT, HTTP_REQUIRED, "32 random octets of the client",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED,
     "by the key of the certificate, RSASSA-PKCS1-v1_5 with SHA-256 over these fields, each behind "
     "its length in four octets: \"OpenJPKI revocation v1\", origin, issuer (octets), serial "
     "(octets), reason, at (decimal digits), SHA-256 of nonce",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member revoked_members[] = {
    {"at", HTTP_INT, HTTP_REQUIRED, "when the certificate was revoked"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = known_reasons},
    {NULL},
};
static const struct http_answer revoked_answers[] = {
    {200, "the revocation, also if there was one before", revoked_members}, {0}};

const struct route *const authority_holder_tables[] = {
    authority_holder_routes, authority_phone_routes, authority_holder_consent_routes, NULL};

const struct route authority_holder_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/holder/revocations",
     .access = &http_anyone,
     .body = request_members,
     .handle = post_revocation,
     .operation = "revokeOwn",
     .summary = "Revoke the certificate of the key that signs this, for ever",
     .answers = revoked_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED)},
    {.path = NULL},
};
