/* SPDX-License-Identifier: Apache-2.0 */
/* An operator's search for one certificate: state and dates, nothing of whose it is. */
#include "authority/routes.h"

#include "base/caltime.h"
#include "base/hex.h"

#include <string.h>

enum { SERIAL_DIGITS_MAX = 10 };

static int read_serial(const char *text, uint32_t *ret, struct err *err)
{
    size_t len = strlen(text);
    uint64_t serial = 0;

    if (len == 0 || len > SERIAL_DIGITS_MAX || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "serial is a number");
    for (size_t i = 0; i < len; i++)
        serial = serial * 10 + (uint64_t)(text[i] - '0');
    if (serial > UINT32_MAX)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    *ret = (uint32_t)serial;
    return 0;
}

/* One way to name a certificate, and no second one; key is where the hash lives. */
static int read_query(const struct http_call *call, struct buf *key, struct find_query *ret,
                      struct err *err)
{
    const char *kind = http_query(&call->request, "kind");
    const char *serial = http_query(&call->request, "serial");
    const char *hash = http_query(&call->request, "key");

    ret->request_id = http_query(&call->request, "request_id");
    if ((kind == NULL) != (serial == NULL) ||
        (serial != NULL) + (hash != NULL) + (ret->request_id != NULL) != 1)
        return FAIL(err, ERR_INPUT, "kind and serial, or key, or request_id name a certificate");
    if (serial != NULL) {
        TRY(ca_kind_from_name(kind, &ret->kind, err));
        return read_serial(serial, &ret->serial, err);
    }
    if (ret->request_id != NULL)
        return request_id_check(ret->request_id, err);
    TRY(err_prefix(err, hex_decode(hash, key, err), "key"));
    if (key->len != digest_size(DIGEST_SHA256))
        return FAIL(err, ERR_INPUT, "key is a SHA-256 hash in hexadecimal");
    ret->key = buf_bytes(key);
    return 0;
}

static const char *state_of(const struct found *found, int64_t now)
{
    if (!found->is_signed)
        return "pending";
    if (found->is_revoked)
        return found->reason == CRL_CERTIFICATE_HOLD ? "hold" : "revoked";
    return found->not_after < now ? "expired" : "good";
}

static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caltime_format(at, 0, text);
    return json_put_text(object, key, text, err);
}

static int put_revocation(struct json *object, const struct found *found, struct err *err)
{
    if (!found->is_revoked) {
        TRY(json_put_null(object, "revoked_at", err));
        return json_put_null(object, "reason", err);
    }
    TRY(put_time(object, "revoked_at", found->revoked_at, err));
    return json_put_text(object, "reason", crl_reason_name(found->reason), err);
}

static int find_certificate(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf key = BUF_INIT;
    struct find_query query = {.request_id = NULL};
    struct found found;

    TRY(read_query(call, &key, &query, err));
    TRY(authority_find_certificate(authority->store, &query, &found, err));
    TRY(json_put_text(body, "kind", ca_kind_name(found.kind), err));
    TRY(json_put_int(body, "generation", found.generation, err));
    TRY(json_put_int(body, "serial", found.serial, err));
    TRY(json_put_text(body, "state", state_of(&found, clock_now(authority->clock)), err));
    TRY(json_put_text(body, "device", found.is_on_phone ? "phone" : "card", err));
    TRY(put_time(body, "not_before", found.reserved_at, err));
    TRY(put_time(body, "not_after", found.not_after, err));
    TRY(put_revocation(body, &found, err));
    TRY(json_put_optional(body, "list", found.list[0] == '\0' ? NULL : found.list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"pending", "good", "hold", "revoked", "expired", NULL};
static const char *const devices[] = {"card", "phone", NULL};
static const char *const reasons[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL};
static const struct http_form key_form = {"^[0-9a-fA-F]{64}$", "32 octets in hexadecimal"};

static const struct http_member find_query[] = {
    {"kind", HTTP_TEXT, HTTP_OPTIONAL, "which CA; goes with serial", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_OPTIONAL, "its serial number"},
    {"key", HTTP_TEXT, HTTP_OPTIONAL, "SHA-256 of its SubjectPublicKeyInfo", .form = &key_form},
    {"request_id", HTTP_TEXT, HTTP_OPTIONAL, "of the request it was issued for",
     .form = &authority_request_id},
    {NULL},
};
static const struct http_member found_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"generation", HTTP_INT, HTTP_REQUIRED, "of the CA that issued it"},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how it stands now", .values = states},
    {"device", HTTP_TEXT, HTTP_REQUIRED, "what carries its key", .values = devices},
    {"not_before", HTTP_TEXT, HTTP_REQUIRED, "its first second", .form = &http_form_time},
    {"not_after", HTTP_TEXT, HTTP_REQUIRED, "its last second", .form = &http_form_time},
    {"revoked_at", HTTP_TEXT, HTTP_OR_NULL, "since when it is revoked", .form = &http_form_time},
    {"reason", HTTP_TEXT, HTTP_OR_NULL, "why, as in lists", .values = reasons},
    {"list", HTTP_TEXT, HTTP_OR_NULL, "the list its distribution point names"},
    {NULL},
};
static const struct http_answer found_answers[] = {
    {200, "its state and dates, nothing of its contents", found_members}, {0}};

const struct route authority_find_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/certificates",
     .access = &authority_operator,
     .query = find_query,
     .handle = find_certificate,
     .operation = "findCertificate",
     .summary = "Find a certificate by its number, key or request",
     .answers = found_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
