/* SPDX-License-Identifier: Apache-2.0 */
/* Verifiers as parties, in JSON and back. What may become of one is decided in store_party.c. */
#include "authority/routes.h"

#include "authority/party/party.h"

#include <stdio.h>
#include <string.h>

/* The place of a text among others; the server has checked that it is one of them. */
static unsigned index_of(const char *const *texts, const char *text)
{
    unsigned i = 0;

    while (strcmp(texts[i], text) != 0)
        i++;
    return i;
}

static int read_kinds(const struct json *json, struct party *party, struct err *err)
{
    const struct json *kinds;

    TRY(json_get_array(json, "kinds", &kinds, err));
    for (size_t i = 0; i < json_count(kinds); i++) {
        enum ca_kind kind;

        TRY(ca_kind_from_name(json_text(json_at(kinds, i)), &kind, err));
        party->verifies[kind] = true;
    }
    return 0;
}

static int read_party(const struct json *json, struct party *ret, struct err *err)
{
    const char *name;
    const char *title;
    const char *role;

    TRY(json_get_text(json, "name", &name, err));
    TRY(json_get_text(json, "title", &title, err));
    TRY(json_get_text(json, "role", &role, err));
    TRY(read_kinds(json, ret, err));
    if (strlen(name) >= sizeof ret->name || strlen(title) >= sizeof ret->title)
        return FAIL(err, ERR_INPUT, "name or title is too long");
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    (void)snprintf(ret->title, sizeof ret->title, "%s", title);
    ret->role = (enum party_role)index_of(party_roles, role);
    return party_check(ret, err);
}

static int reply_party(struct http_call *call, unsigned status, const char *name, struct err *err)
{
    const struct authority *authority = call->context;
    struct json *body;

    TRY(authority_show_party(authority->store, name, &body, err));
    return http_reply_json(&call->response, status, body, err);
}

static int post_party(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    struct party party = {.role = PARTY_VERIFIER};
    bool is_new;

    TRY(read_party(call->request.json, &party, err));
    TRY(authority_apply(authority->store, &party, &by, &is_new, err));
    return reply_party(call, is_new ? 201 : 200, party.name, err);
}

static int get_parties(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    struct json *body;

    TRY(authority_list_parties(authority->store, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_party(struct http_call *call, struct err *err)
{
    return reply_party(call, 200, http_param(&call->request, "name"), err);
}

static int post_step(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    const char *name = http_param(&call->request, "name");
    const char *step;

    TRY(json_get_text(call->request.json, "step", &step, err));
    TRY(authority_take_step(authority->store, name, (enum party_step)index_of(party_steps, step),
                            &by, err));
    return reply_party(call, 200, name, err);
}

static int read_notice(const struct json *json, struct notice *ret, struct err *err)
{
    TRY(json_get_text(json, "provider", &ret->provider, err));
    TRY(json_get_text(json, "provider_title", &ret->provider_title, err));
    TRY(json_get_text(json, "service", &ret->service, err));
    TRY(json_get_text(json, "service_title", &ret->service_title, err));
    return notice_check(ret, err);
}

static int post_notice(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    const char *name = http_param(&call->request, "name");
    bool is_for_itself = !json_has(call->request.json, "provider");
    struct notice notice;

    if (!is_for_itself)
        TRY(read_notice(call->request.json, &notice, err));
    TRY(authority_give_notice(authority->store, name, is_for_itself ? NULL : &notice, &by, err));
    return reply_party(call, 200, name, err);
}

static int delete_provider(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);

    TRY(authority_end_provider(authority->store, http_param(&call->request, "name"),
                               http_param(&call->request, "provider"), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_certificate(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    const char *name = http_param(&call->request, "name");
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    bool retire = false;

    TRY(json_get_base64(call->request.json, "certificate", &der, err));
    if (json_has(call->request.json, "retire"))
        TRY(json_get_bool(call->request.json, "retire", &retire, err));
    if (retire) {
        TRY(authority_retire_party_certificate(authority->store, name, buf_bytes(&der), &by, err));
    } else {
        TRY(err_prefix(err, verifier_certificate_check(buf_bytes(&der), by.at, err),
                       "certificate"));
        TRY(authority_add_party_certificate(authority->store, name, buf_bytes(&der), &by, err));
    }
    return reply_party(call, 200, name, err);
}

static const struct http_member applied_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &authority_request_id},
    {"title", HTTP_TEXT, HTTP_REQUIRED, "of the organisation, as people know it"},
    {"role", HTTP_TEXT, HTTP_REQUIRED,
     "a body that verifies for itself, a platform, or a public body", .values = party_roles},
    {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "sign, auth, or both"},
    {NULL},
};
#define PARTY_MEMBERS                                                                              \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &authority_request_id},            \
        {"title", HTTP_TEXT, HTTP_REQUIRED, "of the organisation, as people know it"},             \
        {"role", HTTP_TEXT, HTTP_REQUIRED, "what it verifies as", .values = party_roles},          \
        {"kinds", HTTP_ARRAY, HTTP_REQUIRED, "sign, auth, or both"},                               \
        {"state", HTTP_TEXT, HTTP_REQUIRED, "where it stands", .values = party_states},            \
        {"applied_at", HTTP_INT, HTTP_REQUIRED, "when it applied"},                                \
        {"certified_at", HTTP_INT, HTTP_OR_NULL, "when the minister certified it"},                \
        {"notified_at", HTTP_INT, HTTP_OR_NULL, "when it first gave notice"},                      \
        {"suspended_at", HTTP_INT, HTTP_OR_NULL, "since when it is suspended"},                    \
    {                                                                                              \
        "ended_at", HTTP_INT, HTTP_OR_NULL, "when it ended"                                        \
    }
static const struct http_member listed_members[] = {PARTY_MEMBERS, {NULL}};
static const struct http_member certificate_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"added_at", HTTP_INT, HTTP_REQUIRED, "since when it counts"},
    {"retired_at", HTTP_INT, HTTP_OR_NULL, "since when it no longer does"},
    {NULL},
};
static const struct http_member service_members[] = {
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "whom the party verifies for",
     .form = &authority_request_id},
    {"provider_title", HTTP_TEXT, HTTP_REQUIRED, "what people know it as"},
    {"service", HTTP_TEXT, HTTP_REQUIRED, "what consents are given for",
     .form = &authority_request_id},
    {"service_title", HTTP_TEXT, HTTP_REQUIRED, "what people know it as"},
    {"polling_id", HTTP_TEXT, HTTP_REQUIRED,
     "what changes of the provider's consents are asked by"},
    {"notified_at", HTTP_INT, HTTP_REQUIRED, "when notice was given of the service"},
    {"ended_at", HTTP_INT, HTTP_OR_NULL, "when notice of the provider was taken back"},
    {NULL},
};
static const struct http_member party_members[] = {
    PARTY_MEMBERS,
    {"certificates", HTTP_ARRAY, HTTP_REQUIRED, "what its requests are signed with",
     certificate_members},
    {"services", HTTP_ARRAY, HTTP_REQUIRED, "what it has given notice of", service_members},
    {NULL},
};
static const struct http_member parties_members[] = {
    {"parties", HTTP_ARRAY, HTTP_REQUIRED, "all of them, by name", listed_members},
    {NULL},
};
static const struct http_member step_members[] = {
    {"step", HTTP_TEXT, HTTP_REQUIRED, "what is done", .values = party_steps},
    {NULL},
};
static const struct http_member notice_members[] = {
    {"provider", HTTP_TEXT, HTTP_OPTIONAL, "whom it verifies for; without it, for itself alone",
     .form = &authority_request_id},
    {"provider_title", HTTP_TEXT, HTTP_OPTIONAL, "with provider: what people know it as"},
    {"service", HTTP_TEXT, HTTP_OPTIONAL, "with provider: what consents are given for",
     .form = &authority_request_id},
    {"service_title", HTTP_TEXT, HTTP_OPTIONAL, "with provider: what people know it as"},
    {NULL},
};
static const struct http_member entered_members[] = {
    {"certificate", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"retire", HTTP_BOOL, HTTP_OPTIONAL, "true: it no longer counts"},
    {NULL},
};
static const struct http_answer applied_answers[] = {
    {201, "it has applied", party_members}, {200, "it had applied before", party_members}, {0}};
static const struct http_answer party_answers[] = {{200, "the party", party_members}, {0}};
static const struct http_answer parties_answers[] = {{200, "all parties", parties_members}, {0}};
static const struct http_answer ended_answers[] = {{204, "the notice is taken back"}, {0}};

const struct route authority_party_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/parties",
     .access = &authority_operator,
     .body = applied_members,
     .handle = post_party,
     .operation = "applyParty",
     .summary = "Keep the application of a verifier",
     .answers = applied_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/parties",
     .access = &authority_operator,
     .handle = get_parties,
     .operation = "listParties",
     .summary = "Read which verifiers there are and where they stand",
     .answers = parties_answers},
    {.method = HTTP_GET,
     .path = "/v1/parties/:name",
     .access = &authority_operator,
     .handle = get_party,
     .operation = "getParty",
     .summary = "Read a verifier with its certificates and services",
     .answers = party_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/parties/:name/steps",
     .access = &authority_operator,
     .body = step_members,
     .handle = post_step,
     .operation = "stepParty",
     .summary = "Certify, suspend, resume or end a verifier",
     .answers = party_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/parties/:name/notices",
     .access = &authority_operator,
     .body = notice_members,
     .handle = post_notice,
     .operation = "noticeParty",
     .summary = "Keep a verifier's notice for a service of a provider, or for itself",
     .answers = party_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/parties/:name/providers/:provider",
     .access = &authority_operator,
     .handle = delete_provider,
     .operation = "endProvider",
     .summary = "Take back the notice for a provider",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/parties/:name/certificates",
     .access = &authority_operator,
     .body = entered_members,
     .handle = post_certificate,
     .operation = "certificateParty",
     .summary = "Add a certificate of a verifier, or retire one",
     .answers = party_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
