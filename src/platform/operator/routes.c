/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator sees and sets of its tenants, in JSON and back. */
#include "platform/routes.h"

#include "platform/operator/access.h"
#include "platform/operator/onboarding.h"
#include "platform/tenant/tenant.h"

#include <stdio.h>
#include <string.h>

static int put_rules(struct json *body, const struct tenant_rules *rules, struct err *err)
{
    TRY(json_put_text(body, "environment", tenant_environments[rules->environment], err));
    TRY(json_put_int(body, "rate", rules->rate == 0 ? TENANT_RATE : rules->rate, err));
    if (rules->quota != 0)
        TRY(json_put_int(body, "quota", rules->quota, err));
    return json_put_text(body, "sources", rules->sources, err);
}

static int put_tenant(const struct platform *platform, const char *client_id, struct json *body,
                      struct err *err)
{
    const int64_t now = clock_now(platform->clock);
    struct tenant tenant;
    unsigned state;
    int64_t used;

    TRY(platform_get_tenant(platform->store, client_id, &tenant, err));
    TRY(platform_count_usage(platform->store, client_id, now, &used, err));
    TRY(platform_onboarding(platform->store, client_id, &state, err));
    TRY(json_put_text(body, "client_id", client_id, err));
    TRY(json_put_text(body, "name", tenant.name, err));
    TRY(json_put_text(body, "origin", tenant.origin, err));
    TRY(json_put_text(body, "state", onboarding_states[state], err));
    TRY(put_rules(body, &tenant.rules, err));
    TRY(json_put_text(body, "month", usage_month_of(now).name, err));
    return json_put_int(body, "used", used, err);
}

/* The client ids behind one, and whether there are more than fit. */
static int put_page(const struct platform *platform, const struct json *ids, const char *after,
                    struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    bool is_more = false;

    for (size_t i = 0; i < json_count(ids) && !is_more; i++) {
        const char *client_id = json_text(json_at(ids, i));
        CLEANUP(json_freep) struct json *item = NULL;

        if (after != NULL && strcmp(client_id, after) <= 0)
            continue;
        is_more = json_count(list) == TENANTS_PAGE_MAX;
        if (is_more)
            break;
        item = json_object_new();
        TRY(put_tenant(platform, client_id, item, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    TRY(json_put(body, "tenants", json_steal(&list), err));
    return json_put_bool(body, "more", is_more, err);
}

static int list_tenants(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *ids = NULL;

    TRY(platform_list_tenants(platform->store, &ids, err));
    TRY(put_page(platform, ids, http_query(&call->request, "after"), body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int reply_tenant(struct http_call *call, const char *client_id, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *steps;

    TRY(put_tenant(platform, client_id, body, err));
    TRY(platform_list_steps(platform->store, client_id, &steps, err));
    TRY(json_put(body, "steps", steps, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_tenant(struct http_call *call, struct err *err)
{
    return reply_tenant(call, http_param(&call->request, "client"), err);
}

/* The place of a text among others; the server has checked that it is one of them. */
static int read_word(const struct json *json, const char *key, const char *const *words,
                     unsigned *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    *ret = 0;
    while (strcmp(words[*ret], text) != 0)
        ++*ret;
    return 0;
}

static int read_sources(const struct json *json, struct tenant_rules *rules, struct err *err)
{
    const char *sources;

    TRY(json_get_text(json, "sources", &sources, err));
    if (strlen(sources) > TENANT_SOURCES_MAX)
        return FAIL(err, ERR_INPUT, "a list of sources has at most %d bytes", TENANT_SOURCES_MAX);
    (void)snprintf(rules->sources, sizeof rules->sources, "%s", sources);
    return 0;
}

/* What is given, into rules that are there. */
static int read_rules(const struct json *json, struct tenant_rules *rules, struct err *err)
{
    if (json_has(json, "rate"))
        TRY(json_get_int(json, "rate", &rules->rate, err));
    if (json_has(json, "quota"))
        TRY(json_get_int(json, "quota", &rules->quota, err));
    if (json_has(json, "sources"))
        TRY(read_sources(json, rules, err));
    return tenant_rules_check(rules, err);
}

static int patch_tenant(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const char *client_id = http_param(&call->request, "client");
    struct audit_origin by;
    struct tenant tenant;

    TRY(operator_find(call, &by, err));
    TRY(platform_get_tenant(platform->store, client_id, &tenant, err));
    TRY(read_rules(call->request.json, &tenant.rules, err));
    TRY(platform_set_tenant_rules(platform->store, client_id, &tenant.rules, &by, err));
    return reply_tenant(call, client_id, err);
}

static int post_step(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const struct json *json = call->request.json;
    struct onboarding_act act = {.client_id = http_param(&call->request, "client")};
    struct audit_origin by;
    struct signer *signer;
    unsigned step;

    TRY(operator_find(call, &by, err));
    TRY(read_word(json, "step", onboarding_steps, &step, err));
    act.step = (enum onboarding_step)step;
    if (json_has(json, "reference"))
        TRY(json_get_text(json, "reference", &act.reference, err));
    TRY(platform_signer(call, &signer, err));
    TRY(onboarding_take(platform, signer, &act, &by, err));
    return reply_tenant(call, act.client_id, err);
}

static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM, in Japan"};
#define TENANT_MEMBERS                                                                             \
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the tenant's"},                                       \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "as people read it"},                                   \
        {"origin", HTTP_TEXT, HTTP_REQUIRED, "where it is"},                                       \
        {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it has come", .values = onboarding_states},   \
        {"environment", HTTP_TEXT, HTTP_REQUIRED, "live or test", .values = tenant_environments},  \
        {"rate", HTTP_INT, HTTP_REQUIRED, "requests a second at most"},                            \
        {"quota", HTTP_INT, HTTP_OPTIONAL, "judgements a month at most; missing: any number"},     \
        {"sources", HTTP_TEXT, HTTP_REQUIRED, "addresses it asks from; empty: any"},               \
        {"month", HTTP_TEXT, HTTP_REQUIRED, "the month that is counted", .form = &month_form},     \
    {                                                                                              \
        "used", HTTP_INT, HTTP_REQUIRED, "judgements in it so far"                                 \
    }
static const struct http_member listed_members[] = {TENANT_MEMBERS, {NULL}};
static const struct http_member tenants_members[] = {
    {"tenants", HTTP_ARRAY, HTTP_REQUIRED, "by their client ids", listed_members},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there are others behind the last one"},
    {NULL},
};
static const struct http_member taken_members[] = {
    {"step", HTTP_TEXT, HTTP_REQUIRED, "what was done", .values = onboarding_steps},
    {"at", HTTP_INT, HTTP_REQUIRED, "when, UTC seconds"},
    {"reference", HTTP_TEXT, HTTP_OPTIONAL, "of the paper that it is about"},
    {NULL},
};
static const struct http_member shown_members[] = {
    TENANT_MEMBERS,
    {"steps", HTTP_ARRAY, HTTP_REQUIRED, "how it came there", taken_members},
    {NULL},
};
static const struct http_member after_members[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "a client id: those behind it"}, {NULL}};
static const struct http_member rules_members[] = {
    {"rate", HTTP_INT, HTTP_OPTIONAL, "requests a second at most; 0: as usual"},
    {"quota", HTTP_INT, HTTP_OPTIONAL, "judgements a month at most; 0: any number"},
    {"sources", HTTP_TEXT, HTTP_OPTIONAL, "addresses it asks from, with blanks between"},
    {NULL},
};
static const struct http_member step_members[] = {
    {"step", HTTP_TEXT, HTTP_REQUIRED, "what is done", .values = onboarding_steps},
    {"reference", HTTP_TEXT, HTTP_OPTIONAL, "of the paper that it is about"},
    {NULL},
};
static const struct http_answer tenants_answers[] = {{200, "a page of tenants", tenants_members},
                                                     {0}};
static const struct http_answer tenant_answers[] = {{200, "the tenant", shown_members}, {0}};

const struct route platform_operator_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/operator/tenants",
     .access = &platform_operator,
     .query = after_members,
     .handle = list_tenants,
     .operation = "listTenants",
     .summary = "List the tenants, what they may use and used, and how far they have come",
     .answers = tenants_answers},
    {.method = HTTP_GET,
     .path = "/v1/operator/tenants/:client",
     .access = &platform_operator,
     .handle = get_tenant,
     .operation = "showTenant",
     .summary = "Read one tenant and the steps by which it came where it stands",
     .answers = tenant_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_PATCH,
     .path = "/v1/operator/tenants/:client",
     .access = &platform_operator,
     .body = rules_members,
     .handle = patch_tenant,
     .operation = "setTenant",
     .summary = "Set what a tenant may use, and from where",
     .answers = tenant_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/operator/tenants/:client/steps",
     .access = &platform_operator,
     .body = step_members,
     .handle = post_step,
     .operation = "stepTenant",
     .summary = "Note that a tenant has applied, is certified, was given notice of, or ended",
     .answers = tenant_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
