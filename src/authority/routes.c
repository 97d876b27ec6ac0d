/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to requests and back. What a request means is decided in issue.c. */
#include "authority/routes.h"

#include "audit/words.h"
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

const struct http_access authority_ocspd_peer = {
    "register, operator or jpki-ocspd", ocspd_peer,
    "Served on a Unix socket, to the user ids listed as peers, operators or ocspd."};
const struct http_access authority_operator = {
    "register or operator", operator,
    "Served on a Unix socket, to the user ids listed as peers or operators." };

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

const struct http_about authority_about = {
    "authority", "OpenJPKI authority",
    "Issues and revokes certificates, publishes lists of revocations; for the register, "
    "jpki-ocspd and operators. Times are UTC seconds unless said otherwise."};

static const char *const kinds[] = {"sign", "auth", NULL};
static const char *const states[] = {"issued", "pending", NULL};
static const char *const reasons[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL};
static const struct http_form request_id_form = {"^[A-Za-z0-9-]{1,64}$",
                                                 "1 to 64 letters, digits and hyphens"};
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
     .form = &request_id_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10", .form = &http_form_base64},
    {"not_after", HTTP_INT, HTTP_REQUIRED, "the last second, 23:59:59 in Japan"},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED, "romaji"},
    {"municipality", HTTP_TEXT, HTTP_OPTIONAL, "romaji; for sign only"},
    {"window_id", HTTP_TEXT, HTTP_REQUIRED, "the counter"},
    {"holder", HTTP_OBJECT, HTTP_OPTIONAL, "the attributes; for sign only", holder_members},
    {NULL},
};
static const struct http_member issued_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"ca_certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer issued_answers[] = {
    {200, "the certificate; the same one for the same request_id", issued_members}, {0}};
static const struct http_member known_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "its number"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it is signed", .values = states},
    {"not_before", HTTP_TEXT, HTTP_REQUIRED, "its first second", .form = &http_form_time},
    {"not_after", HTTP_TEXT, HTTP_REQUIRED, "its last second", .form = &http_form_time},
    {NULL},
};
static const struct http_answer known_answers[] = {
    {200, "what is known of it, without its contents", known_members}, {0}};

static const struct http_member revocation_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one revokes once",
     .form = &request_id_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = reasons},
    {NULL},
};
static const struct http_member revoked_members[] = {
    {"number", HTTP_INT, HTTP_REQUIRED, "of the revocation: dense, in the order they were made"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"serial", HTTP_INT, HTTP_REQUIRED, "number of the certificate"},
    {"at", HTTP_INT, HTTP_REQUIRED, "when it was revoked"},
    {"reason", HTTP_TEXT, HTTP_REQUIRED, "as in lists of revocations", .values = reasons},
    {NULL},
};
static const struct http_answer revoked_answers[] = {
    {201, "the revocation; the same one for the same request_id", revoked_members}, {0}};
static const struct http_member since_query[] = {
    {"since", HTTP_INT, HTTP_OPTIONAL, "number of the last revocation the caller knows, or 0"},
    {NULL},
};
static const struct http_member number_members[] = {
    {"sign", HTTP_INT, HTTP_REQUIRED, "of the sign CA"},
    {"auth", HTTP_INT, HTTP_REQUIRED, "of the auth CA"},
    {NULL},
};
static const struct http_member range_members[] = {
    {"first", HTTP_INT, HTTP_REQUIRED, "the lowest number"},
    {"last", HTTP_INT, HTTP_REQUIRED, "the highest number"},
    {NULL},
};
static const struct http_member gap_members[] = {
    {"sign", HTTP_ARRAY, HTTP_REQUIRED, "of the sign CA, ascending", range_members},
    {"auth", HTTP_ARRAY, HTTP_REQUIRED, "of the auth CA, ascending", range_members},
    {NULL},
};
static const struct http_member page_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "of this form: 2; version 1 had neither this nor gaps"},
    {"entries", HTTP_ARRAY, HTTP_REQUIRED, "revocations behind since, in order", revoked_members},
    {"issued", HTTP_OBJECT, HTTP_REQUIRED, "the highest serial numbers given out", number_members},
    {"gaps", HTTP_OBJECT, HTTP_REQUIRED, "numbers below those that have no certificate",
     gap_members},
    {"last", HTTP_INT, HTTP_REQUIRED, "what to give as since next"},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there are more now"},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "a page of revocations", page_members},
                                                  {0}};

static const struct http_member published_members[] = {
    {"published", HTTP_INT, HTTP_REQUIRED, "how many lists"},
    {NULL},
};
static const struct http_answer published_answers[] = {
    {201, "the lists are published", published_members}, {0}};
static const struct http_member crl_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of the file"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"number", HTTP_INT, HTTP_REQUIRED, "its CRL number"},
    {"this_update", HTTP_INT, HTTP_REQUIRED, "when it was made"},
    {"next_update", HTTP_INT, HTTP_REQUIRED, "until when it counts"},
    {"entries", HTTP_INT, HTTP_REQUIRED, "how many revocations are in it"},
    {NULL},
};
static const struct http_member crls_members[] = {
    {"crls", HTTP_ARRAY, HTTP_REQUIRED, "those that are published", crl_members},
    {NULL},
};
static const struct http_answer crls_answers[] = {{200, "the lists", crls_members}, {0}};
static const struct http_answer crl_answers[] = {
    {200, "one list, DER", .type = "application/pkix-crl"}, {0}};

static const struct http_member verifier_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &request_id_form},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "what its requests are signed with, DER",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member name_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &request_id_form},
    {NULL},
};
static const struct http_answer registered_answers[] = {
    {201, "the verifier is registered", name_members},
    {200, "it was registered before", name_members},
    {0},
};
static const struct http_member verifiers_members[] = {
    {"verifiers", HTTP_ARRAY, HTTP_REQUIRED, "all of them", verifier_members},
    {NULL},
};
static const struct http_answer verifiers_answers[] = {
    {200, "whose requests are answered", verifiers_members}, {0}};
static const struct http_answer removed_answers[] = {{204, "the verifier is removed"}, {0}};

static const struct http_member ca_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = kinds},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer ca_answers[] = {{200, "the CA's certificate", ca_members}, {0}};

const struct route authority_routes[] = {
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
    {.method = HTTP_POST,
     .path = "/v1/revocations",
     .access = &http_listed_peer,
     .body = revocation_members,
     .handle = authority_post_revocation,
     .operation = "revoke",
     .summary = "Revoke a certificate for ever",
     .answers = revoked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/revocations",
     .access = &authority_ocspd_peer,
     .query = since_query,
     .handle = authority_get_revocations,
     .operation = "listRevocations",
     .summary = "Read what was revoked behind a number",
     .answers = page_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/crls",
     .access = &authority_operator,
     .handle = authority_post_crls,
     .operation = "publishCrls",
     .summary = "Publish the lists of revocations now",
     .answers = published_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/crls",
     .access = &authority_ocspd_peer,
     .handle = authority_get_crls,
     .operation = "listCrls",
     .summary = "Read which lists there are and when the next ones are due",
     .answers = crls_answers},
    {.method = HTTP_GET,
     .path = "/v1/crls/:name",
     .access = &authority_ocspd_peer,
     .handle = authority_get_crl_file,
     .operation = "getCrl",
     .summary = "Fetch a list of revocations",
     .answers = crl_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/verifiers",
     .access = &authority_operator,
     .body = verifier_members,
     .handle = authority_post_verifier,
     .operation = "addVerifier",
     .summary = "Register a verifier by its certificate",
     .answers = registered_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/verifiers",
     .access = &authority_ocspd_peer,
     .handle = authority_get_verifiers,
     .operation = "listVerifiers",
     .summary = "Read whose requests jpki-ocspd answers",
     .answers = verifiers_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/verifiers/:name",
     .access = &authority_operator,
     .handle = authority_delete_verifier,
     .operation = "removeVerifier",
     .summary = "Remove a verifier",
     .answers = removed_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/cas/:kind",
     .access = &authority_ocspd_peer,
     .handle = get_ca,
     .operation = "getCa",
     .summary = "Fetch a CA's certificate",
     .answers = ca_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .access = &authority_operator,
     .query = audit_query,
     .handle = get_audit,
     .operation = "listAudit",
     .summary = "Read the audit log behind a number",
     .answers = audit_answers,
     .fails = AUDIT_FAILS},
    {.path = NULL},
};
