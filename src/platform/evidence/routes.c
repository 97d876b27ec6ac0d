/* SPDX-License-Identifier: Apache-2.0 */
/* The facts in one answer, for the operator. */
#include "platform/routes.h"
#include "platform/evidence/facts.h"
#include "platform/operator/access.h"
#include "platform/operator/onboarding.h"
#include "platform/watch.h"
#include "x509/cert.h"

#include "base/cli.h"

static int put_settings(const struct platform *platform, struct json *body, struct err *err)
{
    TRY(json_put_text(body, "origin", platform->origin, err));
    TRY(json_put_text(body, "webhooks_to", evidence_webhooks[platform->webhooks], err));
    TRY(json_put_bool(body, "asks_revocation",
                      platform->policy != REVOCATION_OCSP || platform->ocsp.socket != NULL, err));
    TRY(json_put_bool(body, "asks_authority", platform->door.socket != NULL, err));
    TRY(json_put_bool(body, "keeps_evidence", platform->kyc.store != NULL, err));
    TRY(json_put_bool(body, "makes_checkpoints", platform->keeper != NULL, err));
    return json_put_int(body, "operator_users", (int64_t)platform->operators.count, err);
}

static int put_certificate(const char *name, const struct x509_cert *certificate, struct json *list,
                           struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    if (certificate == NULL)
        return 0;
    TRY(json_put_text(object, "name", name, err));
    TRY(json_put_int(object, "not_after", x509_cert_tbs(certificate)->not_after, err));
    return json_add(list, json_steal(&object), err);
}

static int put_certificates(const struct platform *platform, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    TRY(put_certificate("verifier", platform->ocsp.certificate, list, err));
    TRY(put_certificate("party", platform->door.certificate, list, err));
    return json_put(body, "certificates", json_steal(&list), err);
}

static int get_evidence(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *warnings = json_array_new();
    const int64_t now = clock_now(platform->clock);

    TRY(json_put_text(body, "version", cli_version(), err));
    TRY(json_put_int(body, "at", now, err));
    TRY(put_settings(platform, body, err));
    TRY(put_certificates(platform, body, err));
    TRY(platform_warn(call, warnings, err));
    TRY(json_put(body, "warnings", json_steal(&warnings), err));
    TRY(evidence_put_kept(platform->store, now, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_member certificate_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "verifier or party"},
    {"not_after", HTTP_INT, HTTP_REQUIRED, "its last second, UTC"},
    {NULL},
};
static const struct http_member tenant_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the tenant's"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it has come", .values = onboarding_states},
    {"judgements", HTTP_INT, HTTP_REQUIRED, "that were made for it"},
    {NULL},
};
static const struct http_member table_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of a table"},
    {"rows", HTTP_INT, HTTP_REQUIRED, "how many it has"},
    {NULL},
};
static const struct http_form warning_form = {"^[a-z_]{1,64}$", "a word"};
static const struct http_member evidence_members[] = {
    {"version", HTTP_TEXT, HTTP_REQUIRED, "of this program"},
    {"at", HTTP_INT, HTTP_REQUIRED, "the moment, UTC seconds"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "how clients reach it"},
    {"webhooks_to", HTTP_TEXT, HTTP_REQUIRED, "whom it may call", .values = evidence_webhooks},
    {"asks_revocation", HTTP_BOOL, HTTP_REQUIRED, "whether it can look revocation up"},
    {"asks_authority", HTTP_BOOL, HTTP_REQUIRED, "whether it is known to an authority"},
    {"keeps_evidence", HTTP_BOOL, HTTP_REQUIRED, "whether people are identified here"},
    {"makes_checkpoints", HTTP_BOOL, HTTP_REQUIRED, "of its audit log"},
    {"operator_users", HTTP_INT, HTTP_REQUIRED, "users of its machine that may operate it"},
    {"certificates", HTTP_ARRAY, HTTP_REQUIRED, "its own", certificate_members},
    {"warnings", HTTP_ARRAY, HTTP_REQUIRED, "as GET /readyz has them", .form = &warning_form},
    {"operator_keys", HTTP_INT, HTTP_REQUIRED, "of operators, in force"},
    {"operator_keys_without_end", HTTP_INT, HTTP_REQUIRED, "those among them that never expire"},
    {"operator_members", HTTP_INT, HTTP_REQUIRED, "people who operate it with a card"},
    {"tenant_members", HTTP_INT, HTTP_REQUIRED, "people of tenants"},
    {"tenant_keys", HTTP_INT, HTTP_REQUIRED, "of tenants, in force"},
    {"webhooks", HTTP_INT, HTTP_REQUIRED, "where tenants are called"},
    {"webhooks_in_clear", HTTP_INT, HTTP_REQUIRED, "those among them without TLS"},
    {"deliveries_waiting", HTTP_INT, HTTP_REQUIRED, "events on their way"},
    {"deliveries_dead", HTTP_INT, HTTP_REQUIRED, "events that were given up"},
    {"logins_over", HTTP_INT, HTTP_REQUIRED, "that have ended and go with the next one"},
    {"billed_questions", HTTP_INT, HTTP_REQUIRED, "that the authority bills, of all tenants"},
    {"oldest_verification", HTTP_INT, HTTP_REQUIRED,
     "when the oldest that is kept was judged; 0: none"},
    {"audit_records", HTTP_INT, HTTP_REQUIRED, "of the audit log"},
    {"tenants", HTTP_ARRAY, HTTP_REQUIRED, "by their client ids", tenant_members},
    {"tables", HTTP_ARRAY, HTTP_REQUIRED, "what is stored, without the audit log", table_members},
    {NULL},
};
static const struct http_answer evidence_answers[] = {{200, "facts", evidence_members}, {0}};

const struct route platform_evidence_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/operator/evidence",
     .access = &platform_operator,
     .handle = get_evidence,
     .operation = "getEvidence",
     .summary = "Read how the platform is set, who may operate it, and how much it keeps",
     .answers = evidence_answers},
    {.path = NULL},
};
