/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what, and the routes that belong to no subject of their own. */
#include "authority/routes.h"

#include "audit/words.h"
#include "base/caltime.h"
#include "http/metrics.h"
#include "x509/limits.h"

#include <string.h>

int authority_worker_signer(struct http_call *call, struct signer **ret, struct err *err)
{
    const struct authority *authority = call->context;

    return signer_worker_get(call->worker, authority->signer, ret, err);
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

int authority_kind_param(const struct http_call *call, enum ca_kind *ret, struct err *err)
{
    if (ca_kind_from_name(http_param(&call->request, "kind"), ret, err) < 0)
        return FAIL(err, ERR_ABSENT, "there is no such CA");
    return 0;
}

/* The generation that is asked for; the one that issues now, if none is. */
static int generation_query(const struct http_call *call, enum ca_kind kind, const struct ca **ret,
                            struct err *err)
{
    const struct authority *authority = call->context;
    const char *text = http_query(&call->request, "generation");

    if (text == NULL)
        *ret = authority_issuing_ca(authority, kind, clock_now(authority->clock));
    else if (strlen(text) == 1 && text[0] >= '1' && text[0] <= '9')
        *ret = authority_ca(authority, kind, (unsigned)(text[0] - '0'));
    else
        return FAIL(err, ERR_INPUT, "generation is a number from 1 to %d", GENERATIONS_MAX);
    return *ret == NULL ? FAIL(err, ERR_ABSENT, "there is no such generation of the CA") : 0;
}

static int get_ca(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct ca *ca;
    enum ca_kind kind;

    TRY(authority_kind_param(call, &kind, err));
    TRY(json_put_text(body, "kind", ca_kind_name(kind), err));
    TRY(generation_query(call, kind, &ca, err));
    TRY(json_put_int(body, "generation", ca->generation, err));
    TRY(json_put_int(body, "issues_from", ca->issues_from, err));
    TRY(json_put_base64(body, "certificate", x509_cert_der(ca->certificate), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int witness(const struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;

    if (authority != NULL && audit_witness_asks(call, authority->keeper))
        return 0;
    return authority_operator.check(call, err);
}

static const struct http_access authority_witness = {"witness-or-operator", witness,
                                                     AUDIT_WITNESS_MEANING};

static int get_audit(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;

    return audit_answer_list(call, authority_store_db(authority->store), err);
}

static int get_audit_tree(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;

    return audit_answer_tree(call, authority_store_db(authority->store), err);
}

static int on_checkpoint(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;

    return audit_answer_checkpoint(call, authority->keeper, err);
}

const struct http_about authority_about = {
    "authority", "OpenJPKI authority",
    "Issues and revokes certificates, publishes lists of revocations; for the register, "
    "jpki-ocspd and operators. Times are UTC seconds unless said otherwise."};

const char *const authority_kinds[] = {"sign", "auth", NULL};
const struct http_form authority_request_id = {"^[A-Za-z0-9-]{1,64}$",
                                               "1 to 64 letters, digits and hyphens"};

static const struct http_member ca_query[] = {
    {"generation", HTTP_INT, HTTP_OPTIONAL, "which, from 1; without it the one that issues now"},
    {NULL},
};
static const struct http_member ca_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"generation", HTTP_INT, HTTP_REQUIRED, "which of its generations"},
    {"issues_from", HTTP_INT, HTTP_REQUIRED, "since when it issues; 0 of the first"},
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer ca_answers[] = {{200, "the CA's certificate", ca_members}, {0}};

static const struct route service_routes[] = {
    {.method = HTTP_GET,
     .path = "/metrics",
     .access = &http_anyone,
     .handle = metrics_reply,
     .operation = "getMetrics",
     .summary = "Read how often which fault was met",
     .answers = metrics_answers},
    {.method = HTTP_GET,
     .path = "/v1/cas/:kind",
     .access = &authority_ocspd_peer,
     .query = ca_query,
     .handle = get_ca,
     .operation = "getCa",
     .summary = "Fetch a CA's certificate",
     .answers = ca_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    AUDIT_ROUTES(&authority_operator, &authority_witness, get_audit, get_audit_tree, on_checkpoint),
    {.path = NULL},
};

const struct route *const authority_routes[] = {authority_certificate_routes,
                                                authority_revocation_routes,
                                                authority_crl_routes,
                                                authority_find_routes,
                                                authority_feed_routes,
                                                authority_verifier_routes,
                                                authority_party_routes,
                                                authority_usage_routes,
                                                authority_responder_routes,
                                                authority_phone_card_routes,
                                                service_routes,
                                                NULL};

const struct http_about authority_shown_about = {
    "authority-proxy", "OpenJPKI authority, for verifiers behind a proxy",
    "Revocation feeds and lists of revocations for registered verifiers, known by the certificate "
    "that they show to the proxy that ends TLS."};

const struct route *const authority_shown_routes[] = {authority_shown_feed_routes,
                                                      authority_shown_crl_routes, NULL};
