/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/routes.h"

#include "platform/report/report.h"
#include "platform/report/stamp.h"
#include "platform/report/store.h"
#include "platform/tenant/access.h"

static int get_report(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf report = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct report_wish wish = {.id = http_param(&call->request, "id")};
    struct audit_origin by;
    struct tenant tenant;
    struct signer *signer;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    wish.client_id = tenant.client_id;
    wish.by = &by;
    TRY(platform_signer(call, &signer, err));
    TRY(report_make(platform, signer, &wish, &report, err));
    TRY(report_stamp(platform, buf_bytes(&report), &token, err));
    TRY(json_put_bytes(body, "report", buf_bytes(&report), err));
    if (token.len > 0)
        TRY(json_put_base64(body, "timestamp", buf_bytes(&token), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_report_keys(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct json *body;

    TRY(platform_list_report_keys(platform->store, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form jws_form = {
    "^[A-Za-z0-9_-]{1,8192}\\.[A-Za-z0-9_-]{1,8192}\\.[A-Za-z0-9_-]{86,683}$",
    "compact JWS (RFC 7515, 7.1)"};
/* A SignedData and nothing else: no room for a certificate by itself. */
static const struct http_form token_form = {
    "^MII[A-Za-z0-9+/]{3}YJKoZIhvcNAQcCoII[A-Za-z0-9+/]+={0,2}$",
    "CMS SignedData (RFC 5652) in base64"};
static const struct http_form coordinate_form = {"^[A-Za-z0-9_-]{43}$", "32 octets in base64url"};
static const struct http_form modulus_form = {"^[A-Za-z0-9_-]{342,683}$",
                                              "256 to 512 octets in base64url"};
static const struct http_form exponent_form = {"^[A-Za-z0-9_-]{2,6}$",
                                               "1 to 4 octets in base64url"};
static const struct http_member report_members[] = {
    {"report", HTTP_TEXT, HTTP_REQUIRED, "what can be shown to others", .form = &jws_form},
    {"timestamp", HTTP_TEXT, HTTP_OPTIONAL,
     "where the platform has a timestamp authority: its token over the report's bytes (RFC 3161)",
     .form = &token_form},
    {NULL},
};
static const char *const kinds[] = {"EC", "RSA", NULL};
static const char *const curves[] = {"P-256", NULL};
static const char *const uses[] = {"sig", NULL};
static const char *const algorithms[] = {"ES256", "RS256", NULL};
static const struct http_member key_members[] = {
    {"kty", HTTP_TEXT, HTTP_REQUIRED, "kind of key", .values = kinds},
    {"crv", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the curve", .values = curves},
    {"x", HTTP_TEXT, HTTP_OPTIONAL, "of EC: a coordinate", .form = &coordinate_form},
    {"y", HTTP_TEXT, HTTP_OPTIONAL, "of EC: the other one", .form = &coordinate_form},
    {"n", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the modulus", .form = &modulus_form},
    {"e", HTTP_TEXT, HTTP_OPTIONAL, "of RSA: the exponent", .form = &exponent_form},
    {"use", HTTP_TEXT, HTTP_REQUIRED, "what it is for", .values = uses},
    {"alg", HTTP_TEXT, HTTP_REQUIRED, "how it signs", .values = algorithms},
    {"kid", HTTP_TEXT, HTTP_REQUIRED, "its name: thumbprint (RFC 7638)",
     .form = &platform_secret_form},
    {NULL},
};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "also those of before", key_members},
    {NULL},
};
static const struct http_answer report_answers[] = {
    {200, "a signed report, for the tenant who asked", report_members}, {0}};
static const struct http_answer keys_answers[] = {{200, "a JWK set", keys_members}, {0}};

const struct route platform_report_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/verifications/:id/report",
     .access = &platform_tenant_reader,
     .handle = get_report,
     .operation = "getReport",
     .summary = "Have a verdict signed, to be shown to others",
     .answers = report_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/report-keys",
     .access = &http_anyone,
     .handle = get_report_keys,
     .operation = "listReportKeys",
     .summary = "What reports were signed with",
     .answers = keys_answers},
    {.path = NULL},
};
