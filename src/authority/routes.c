/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to requests and back. What a request means is decided in issue.c. */
#include "authority/routes.h"

#include "base/caltime.h"
#include "x509/limits.h"

#include <stdlib.h>
#include <string.h>

struct worker {
    struct signer *signer; /* NULL until signerd was there for the first time */
};

int authority_worker_open(void *context, void **ret, struct err *err)
{
    struct worker *worker = calloc(1, sizeof *worker);

    (void)context;
    if (worker == NULL)
        return FAIL_NOMEM(err);
    *ret = worker;
    return 0;
}

void authority_worker_close(void *context, void *worker)
{
    struct worker *w = worker;

    (void)context;
    if (w != NULL)
        signer_close(w->signer);
    free(w);
}

int authority_worker_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct authority *authority = call->context;
    struct worker *worker = call->worker;

    if (worker->signer == NULL)
        TRY(signer_open(authority->signer, &worker->signer, err));
    *ret = worker->signer;
    return 0;
}

int authority_ready(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    struct signer *signer;
    struct signer_status status;

    TRY(authority_store_ping(authority->store, err));
    TRY(authority_worker_signer(call, &signer, err));
    return signer_status(signer, &status, err);
}

static bool is_in(const struct peer_list *list, const struct http_call *call)
{
    return http_peer_is_in(call, list->uids, list->count);
}

/* Somebody in one of two lists, or the register. */
static int listed(const struct http_call *call, bool is_ocspd_enough, struct err *err)
{
    const struct authority *authority = call->context;

    if (authority != NULL &&
        (is_in(&authority->operators, call) || (is_ocspd_enough && is_in(&authority->ocspd, call))))
        return 0;
    return http_listed_peer.check(call, err);
}

static int ocspd_peer(const struct http_call *call, struct err *err)
{
    return listed(call, true, err);
}

static int operator(const struct http_call *call, struct err *err)
{
    return listed(call, false, err);
}

const struct http_access authority_ocspd_peer = {"register, operator or jpki-ocspd", ocspd_peer};
const struct http_access authority_operator = {"register or operator", operator};

struct audit_origin authority_caller(const struct http_call *call)
{
    const struct authority *authority = call->context;

    return audit_by_uid(clock_now(authority->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

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

    TRY(json_only(json, keys, err));
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
    struct bytes ca = x509_cert_der(authority->cas[record->kind].certificate);
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

static int kind_param(const struct http_call *call, enum ca_kind *ret, struct err *err)
{
    if (ca_kind_from_name(http_param(&call->request, "kind"), ret, err) < 0)
        return FAIL(err, ERR_ABSENT, "there is no such CA");
    return 0;
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

    TRY(kind_param(call, &kind, err));
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

static int get_ca(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    enum ca_kind kind;

    TRY(kind_param(call, &kind, err));
    TRY(json_put_text(body, "kind", ca_kind_name(kind), err));
    TRY(json_put_base64(body, "certificate", x509_cert_der(authority->cas[kind].certificate), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_audit(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    struct json *body;

    TRY(authority_list_audit(authority->store, http_query(&call->request, "since"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_member certificate_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED}, {"kind", HTTP_TEXT, HTTP_REQUIRED},
    {"request", HTTP_TEXT, HTTP_REQUIRED},    {"not_after", HTTP_INT, HTTP_REQUIRED},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED}, {"municipality", HTTP_TEXT, HTTP_OPTIONAL},
    {"window_id", HTTP_TEXT, HTTP_REQUIRED},  {"holder", HTTP_OBJECT, HTTP_OPTIONAL},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const struct http_member revocation_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED}, {"kind", HTTP_TEXT, HTTP_REQUIRED},
    {"serial", HTTP_INT, HTTP_REQUIRED},      {"reason", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const struct http_member verifier_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED},
    {NULL, HTTP_TEXT, HTTP_OPTIONAL},
};

static const char *const since_query[] = {"since", NULL};

const struct route authority_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/certificates",
     .access = &http_listed_peer,
     .body = certificate_members,
     .handle = post_certificate},
    {.method = HTTP_GET,
     .path = "/v1/certificates/:kind/:serial",
     .access = &http_listed_peer,
     .handle = get_certificate},
    {.method = HTTP_POST,
     .path = "/v1/revocations",
     .access = &http_listed_peer,
     .body = revocation_members,
     .handle = authority_post_revocation},
    {.method = HTTP_GET,
     .path = "/v1/revocations",
     .access = &authority_ocspd_peer,
     .query = since_query,
     .handle = authority_get_revocations},
    {.method = HTTP_POST,
     .path = "/v1/crls",
     .access = &authority_operator,
     .handle = authority_post_crls},
    {.method = HTTP_GET,
     .path = "/v1/crls",
     .access = &authority_ocspd_peer,
     .handle = authority_get_crls},
    {.method = HTTP_GET,
     .path = "/v1/crls/:name",
     .access = &authority_ocspd_peer,
     .handle = authority_get_crl_file},
    {.method = HTTP_POST,
     .path = "/v1/verifiers",
     .access = &authority_operator,
     .body = verifier_members,
     .handle = authority_post_verifier},
    {.method = HTTP_GET,
     .path = "/v1/verifiers",
     .access = &authority_ocspd_peer,
     .handle = authority_get_verifiers},
    {.method = HTTP_DELETE,
     .path = "/v1/verifiers/:name",
     .access = &authority_operator,
     .handle = authority_delete_verifier},
    {.method = HTTP_GET,
     .path = "/v1/cas/:kind",
     .access = &authority_ocspd_peer,
     .handle = get_ca},
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &authority_operator,
     .query = since_query,
     .handle = get_audit},
    {.path = NULL},
};
