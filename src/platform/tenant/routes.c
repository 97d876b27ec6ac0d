/* SPDX-License-Identifier: Apache-2.0 */
/* What a tenant sees and does of its own: what it may use, what it used, its keys. */
#include "platform/routes.h"

#include "platform/tenant/access.h"
#include "platform/tenant/tenant.h"

#include <string.h>

static int show_tenant(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const int64_t now = clock_now(platform->clock);
    struct tenant tenant;
    int64_t used;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_count_usage(platform->store, tenant.client_id, now, &used, err));
    TRY(json_put_text(body, "client_id", tenant.client_id, err));
    TRY(json_put_text(body, "name", tenant.name, err));
    TRY(json_put_text(body, "origin", tenant.origin, err));
    TRY(json_put_text(body, "environment", tenant_environments[tenant.rules.environment], err));
    TRY(json_put_text(body, "role", tenant_roles[tenant.key.role], err));
    TRY(json_put_int(body, "rate", tenant.rules.rate == 0 ? TENANT_RATE : tenant.rules.rate, err));
    if (tenant.rules.quota != 0)
        TRY(json_put_int(body, "quota", tenant.rules.quota, err));
    TRY(json_put_text(body, "month", usage_month_of(now).name, err));
    TRY(json_put_int(body, "used", used, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_time(struct json *body, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? 0 : json_put_int(body, key, at, err);
}

static int put_key(struct json *body, const struct tenant_key *key, struct err *err)
{
    TRY(json_put_text(body, "id", key->id, err));
    TRY(json_put_text(body, "name", key->name, err));
    TRY(json_put_text(body, "role", tenant_roles[key->role], err));
    TRY(json_put_int(body, "made", key->made_at, err));
    TRY(put_time(body, "expires", key->expires_at, err));
    return put_time(body, "used", key->used_at, err);
}

static int list_keys(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *array = json_array_new();
    struct tenant_key keys[TENANT_KEYS_MAX];
    struct tenant tenant;
    unsigned count;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_list_tenant_keys(platform->store, tenant.client_id, keys, &count, err));
    for (unsigned i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(put_key(item, &keys[i], err));
        TRY(json_add(array, json_steal(&item), err));
    }
    TRY(json_put(body, "keys", json_steal(&array), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_key(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct key_inputs inputs = {.expires_at = 0};
    char key[TENANT_KEY_SIZE];
    struct tenant_key made;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    inputs.client_id = tenant.client_id;
    TRY(json_get_text(json, "name", &inputs.name, err));
    TRY(json_get_text(json, "role", &inputs.role, err));
    if (json_has(json, "expires"))
        TRY(json_get_int(json, "expires", &inputs.expires_at, err));
    TRY(tenant_add_key(platform->store, &inputs, &by, key, &made, err));
    TRY(put_key(body, &made, err));
    TRY(json_put_text(body, "key", key, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int delete_key(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(platform_revoke_tenant_key(platform->store, tenant.client_id,
                                   http_param(&call->request, "id"), &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM, in Japan"};
static const struct http_member tenant_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "the tenant's"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as people read it"},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "where it is"},
    {"environment", HTTP_TEXT, HTTP_REQUIRED, "live or test", .values = tenant_environments},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "of the key or member that asked", .values = tenant_roles},
    {"rate", HTTP_INT, HTTP_REQUIRED, "requests a second at most"},
    {"quota", HTTP_INT, HTTP_OPTIONAL, "judgements a month at most; missing: any number"},
    {"month", HTTP_TEXT, HTTP_REQUIRED, "the month that is counted", .form = &month_form},
    {"used", HTTP_INT, HTTP_REQUIRED, "judgements in it so far"},
    {NULL},
};
static const struct http_answer tenant_answers[] = {
    {200, "what the tenant may use, and used", tenant_members}, {0}};

#define KEY_MEMBERS                                                                                \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name here", .form = &platform_id_form},                  \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "who has it"},                                          \
        {"role", HTTP_TEXT, HTTP_REQUIRED, "what it is good for", .values = tenant_roles},         \
        {"made", HTTP_INT, HTTP_REQUIRED, "when it was made, UTC seconds"},                        \
        {"expires", HTTP_INT, HTTP_OPTIONAL, "the last second it is good for; missing: none"},     \
    {                                                                                              \
        "used", HTTP_INT, HTTP_OPTIONAL, "when it was used last, to the minute; missing: never"    \
    }
static const struct http_member key_members[] = {KEY_MEMBERS, {NULL}};
static const struct http_member keys_members[] = {
    {"keys", HTTP_ARRAY, HTTP_REQUIRED, "those that are not revoked", key_members}, {NULL}};
static const struct http_answer keys_answers[] = {{200, "the tenant's keys", keys_members}, {0}};
static const struct http_member new_key_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "who will have it"},
    {"role", HTTP_TEXT, HTTP_REQUIRED, "what it is good for", .values = tenant_roles},
    {"expires", HTTP_INT, HTTP_OPTIONAL, "the last second it is good for, UTC"},
    {NULL},
};
static const struct http_member made_members[] = {
    KEY_MEMBERS,
    {"key", HTTP_TEXT, HTTP_REQUIRED, "the key, told this once", .form = &platform_secret_form},
    {NULL},
};
static const struct http_answer made_answers[] = {{201, "a key", made_members}, {0}};
static const struct http_answer revoked_answers[] = {{204, "it is nobody's from now on"}, {0}};

const struct route platform_tenant_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/tenant",
     .access = &platform_tenant_member,
     .handle = show_tenant,
     .operation = "getTenant",
     .summary = "Read what the tenant may use, and used this month",
     .answers = tenant_answers},
    {.method = HTTP_GET,
     .path = "/v1/tenant/keys",
     .access = &platform_tenant_owner,
     .handle = list_keys,
     .operation = "listTenantKeys",
     .summary = "List the tenant's keys",
     .answers = keys_answers},
    {.method = HTTP_POST,
     .path = "/v1/tenant/keys",
     .access = &platform_tenant_owner,
     .body = new_key_members,
     .handle = post_key,
     .operation = "addTenantKey",
     .summary = "Make a key for somebody of the tenant",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_DELETE,
     .path = "/v1/tenant/keys/:id",
     .access = &platform_tenant_owner,
     .handle = delete_key,
     .operation = "revokeTenantKey",
     .summary = "Have a key be nobody's from now on",
     .answers = revoked_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
