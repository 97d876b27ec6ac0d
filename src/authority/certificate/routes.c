/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in JSON and back. What a request means is decided in issue.c. */
#include "authority/routes.h"

#include "base/caltime.h"
#include "x509/limits.h"

#include <string.h>

static const char *text_member(const struct json *json, const char *key)
{
    const char *text = NULL;

    return json_has(json, key) && json_get_text(json, key, &text, NULL) == 0 ? text : NULL;
}

/* The six attributes, each required. */
static int read_holder(const struct json *json, struct holder *ret, struct err *err)
{
    static const char *const keys[] = {
        "name", "birth", "sex", "address", "name_substitutes", "address_substitutes", NULL};
    struct bytes values[6];

    for (size_t i = 0; keys[i] != NULL; i++) {
        const char *text;

        TRY(err_prefix(err, json_get_text(json, keys[i], &text, err), "holder"));
        values[i] = bytes_text(text);
    }
    *ret = (struct holder){.name = values[0],
                           .birth = values[1],
                           .sex = values[2],
                           .address = values[3],
                           .name_substitutes = values[4],
                           .address_substitutes = values[5]};
    return 0;
}

/* holder and csr are where the request's borrowed parts live. */
static int read_request(const struct json *json, struct holder *holder, struct buf *csr,
                        struct issue_request *ret, struct err *err)
{
    const struct json *attributes;
    const char *kind;

    TRY(json_get_text(json, "kind", &kind, err));
    TRY(ca_kind_from_name(kind, &ret->kind, err));
    TRY(json_get_text(json, "request_id", &ret->request_id, err));
    ret->subject = text_member(json, "subject");
    TRY(json_get_base64(json, "request", csr, err));
    ret->csr = buf_bytes(csr);
    TRY(json_get_int(json, "not_after", &ret->not_after, err));
    TRY(json_get_text(json, "prefecture", &ret->prefecture, err));
    ret->municipality = text_member(json, "municipality");
    TRY(json_get_text(json, "window_id", &ret->window_id, err));
    if (json_has(json, "holder")) {
        TRY(json_get_object(json, "holder", &attributes, err));
        TRY(read_holder(attributes, holder, err));
        ret->holder = holder;
    }
    return 0;
}

static int certificate_reply(struct http_call *call, const struct record *record, struct err *err)
{
    const struct authority *authority = call->context;
    struct bytes ca = x509_cert_der(
        authority_ca(authority, record->kind, record->generation)->certificate);
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "kind", ca_kind_name(record->kind), err));
    TRY(json_put_int(body, "serial", record->serial, err));
    TRY(json_put_base64(body, "certificate", buf_bytes(&record->certificate), err));
    TRY(json_put_base64(body, "ca_certificate", ca, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_certificate(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf csr = BUF_INIT;
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct audit_origin by = authority_caller(call);
    struct issue_request request = {.by = &by};
    struct holder holder;
    struct signer *signer;

    TRY(read_request(call->request.json, &holder, &csr, &request, err));
    TRY(authority_worker_signer(call, &signer, err));
    TRY(authority_issue(call->context, signer, &request, &record, err));
    return certificate_reply(call, &record, err);
}

/* A serial number as it is written: decimal, no leading zero. */
static int serial_param(const struct http_call *call, uint32_t *ret, struct err *err)
{
    const char *text = http_param(&call->request, "serial");
    size_t len = strlen(text);
    uint64_t serial = 0;

    if (len == 0 || len > 10 || text[0] == '0' || strspn(text, "0123456789") != len)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    for (size_t i = 0; i < len; i++)
        serial = serial * 10 + (uint64_t)(text[i] - '0');
    if (serial > UINT32_MAX)
        return FAIL(err, ERR_ABSENT, "there is no such certificate");
    *ret = (uint32_t)serial;
    return 0;
}

static int get_certificate(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(record_done) struct record record = RECORD_INIT;
    CLEANUP(json_freep) struct json *body = NULL;
    char time[CALTIME_TEXT_SIZE];
    enum ca_kind kind;
    uint32_t serial;

    TRY(authority_kind_param(call, &kind, err));
    TRY(serial_param(call, &serial, err));
    TRY(authority_get_record(authority->store, kind, serial, &record, err));
    body = json_object_new();
    TRY(json_put_text(body, "kind", ca_kind_name(kind), err));
    TRY(json_put_int(body, "serial", record.serial, err));
    TRY(json_put_text(body, "state", record.certificate.len > 0 ? "issued" : "pending", err));
    caltime_format(record.reserved_at, 0, time);
    TRY(json_put_text(body, "not_before", time, err));
    caltime_format(record.not_after, 0, time);
    TRY(json_put_text(body, "not_after", time, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"issued", "pending", NULL};
static const struct http_form subject_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form birth_form = {"^[0-9]{9}$", "a digit for the era, then YYYYMMDD"};
static const struct http_form sex_form = {"^[1-3]$", "1 male, 2 female, 3 unknown"};
static const struct http_form flags_form = {"^[01]*$", "one digit 0 or 1 per character"};

static const struct http_member holder_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as the register has it"},
    {"birth", HTTP_TEXT, HTTP_REQUIRED, "the date", .form = &birth_form},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "its code", .form = &sex_form},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "as the register has it"},
    {"name_substitutes", HTTP_TEXT, HTTP_REQUIRED, "characters that stand for others",
     .form = &flags_form},
    {"address_substitutes", HTTP_TEXT, HTTP_REQUIRED, "characters that stand for others",
     .form = &flags_form},
    {NULL},
};
static const struct http_member request_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one issues once",
     .form = &authority_request_id},
    {"subject", HTTP_TEXT, HTTP_OPTIONAL,
     "whose certificate: random, of the register; without it nothing is linked to another",
     .form = &subject_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10", .form = &http_form_base64},
    {"not_after", HTTP_INT, HTTP_REQUIRED, "the last second, 23:59:59 in Japan"},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED, "romaji"},
    {"municipality", HTTP_TEXT, HTTP_OPTIONAL, "romaji; for sign only"},
    {"window_id", HTTP_TEXT, HTTP_REQUIRED, "the counter"},
    {"holder", HTTP_OBJECT, HTTP_OPTIONAL, "the attributes; for sign only", holder_members},
    {NULL},
};
static const struct http_member issued_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"ca_certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer issued_answers[] = {
    {200, "the certificate; the same one for the same request_id", issued_members}, {0}};
static const struct http_member known_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it is signed", .values = states},
    {"not_before", HTTP_TEXT, HTTP_REQUIRED, "its first second", .form = &http_form_time},
    {"not_after", HTTP_TEXT, HTTP_REQUIRED, "its last second", .form = &http_form_time},
    {NULL},
};
static const struct http_answer known_answers[] = {
    {200, "what is known of it, without its contents", known_members}, {0}};

const struct route authority_certificate_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/certificates",
     .access = &http_listed_peer,
     .body = request_members,
     .handle = post_certificate,
     .operation = "issue",
     .summary = "Issue a certificate",
     .answers = issued_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/certificates/:kind/:serial",
     .access = &http_listed_peer,
     .handle = get_certificate,
     .operation = "getCertificate",
     .summary = "Read what is known of a certificate",
     .answers = known_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
