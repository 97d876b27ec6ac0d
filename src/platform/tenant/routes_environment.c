/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's environments, in JSON. */
#include "platform/routes.h"
#include "platform/tenant/access.h"
#include "platform/tenant/environment.h"

static int list_environments(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct tenant tenant;
    struct json *list;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_list_environments(platform->store, tenant.client_id, &list, err));
    TRY(json_put(body, "environments", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int post_environment(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct environment_wish wish = {.origin = NULL};
    char key[TENANT_KEY_SIZE];
    struct audit_origin by;
    struct tenant tenant, made;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    wish.live = &tenant;
    if (json_has(call->request.json, "origin"))
        TRY(json_get_text(call->request.json, "origin", &wish.origin, err));
    TRY(environment_make(platform->store, &wish, &by, &made, key, err));
    TRY(json_put_text(body, "client_id", made.client_id, err));
    TRY(json_put_text(body, "environment", tenant_environments[made.rules.environment], err));
    TRY(json_put_text(body, "origin", made.origin, err));
    TRY(json_put_text(body, "key", key, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

#define ENVIRONMENT_MEMBERS                                                                        \
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the tenant that it is"},                           \
        {"environment", HTTP_TEXT, HTTP_REQUIRED, "live or test", .values = tenant_environments},  \
    {                                                                                              \
        "origin", HTTP_TEXT, HTTP_REQUIRED, "where it is"                                          \
    }
static const struct http_member environment_members[] = {ENVIRONMENT_MEMBERS, {NULL}};
static const struct http_member list_members[] = {
    {"environments", HTTP_ARRAY, HTTP_REQUIRED, "the live one, and the test environment if any",
     environment_members},
    {NULL},
};
static const struct http_member made_members[] = {
    ENVIRONMENT_MEMBERS,
    {"key", HTTP_TEXT, HTTP_REQUIRED, "its first key, an owner's, told this once",
     .form = &platform_secret_form},
    {NULL},
};
static const struct http_member wish_members[] = {
    {"origin", HTTP_TEXT, HTTP_OPTIONAL, "where it is, if not where the live one is"}, {NULL}};
static const struct http_answer list_answers[] = {{200, "a provider's environments", list_members},
                                                  {0}};
static const struct http_answer made_answers[] = {{201, "a test environment", made_members}, {0}};

const struct route platform_environment_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/tenant/environments",
     .access = &platform_tenant_member,
     .handle = list_environments,
     .operation = "listEnvironments",
     .summary = "List the provider's environments, from each of them",
     .answers = list_answers},
    {.method = HTTP_POST,
     .path = "/v1/tenant/environments",
     .access = &platform_tenant_owner,
     .body = wish_members,
     .handle = post_environment,
     .operation = "addEnvironment",
     .summary = "Make the test environment of a live tenant, apart from it in everything",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
