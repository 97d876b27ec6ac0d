/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to webhooks and back. */
#include "platform/routes.h"
#include "platform/tenant/access.h"
#include "platform/webhook/webhook.h"

static int check_there(const struct platform *platform, struct err *err)
{
    return platform->webhooks != WEBHOOKS_NONE
               ? 0
               : FAIL(err, ERR_CONFLICT, "this platform calls nobody; ask for your events instead");
}

static int put_webhook(struct json *body, const struct webhook *webhook, struct err *err)
{
    TRY(json_put_text(body, "webhook", webhook->id, err));
    return json_put_text(body, "url", webhook->url, err);
}

static int post_webhook(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct webhook_made made;
    struct audit_origin by;
    struct tenant tenant;
    const char *url;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(check_there(platform, err));
    TRY(json_get_text(call->request.json, "url", &url, err));
    TRY(webhook_add(platform, tenant.client_id, url, &by, &made, err));
    TRY(put_webhook(body, &made.webhook, err));
    TRY(json_put_text(body, "secret", made.secret, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int add_webhook(void *context, const struct webhook *webhook, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(put_webhook(object, webhook, err));
    return json_add(context, json_steal(&object), err);
}

static int list_webhooks(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_each_webhook(platform->store, tenant.client_id, add_webhook, list, err));
    TRY(json_put(body, "webhooks", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int delete_webhook(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(platform_end_webhook(platform->store, tenant.client_id, http_param(&call->request, "id"),
                             &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_secret(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    char secret[WEBHOOK_SECRET_SIZE];
    struct audit_origin by;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(webhook_rotate(platform, tenant.client_id, http_param(&call->request, "id"), &by, secret,
                       err));
    TRY(json_put_text(body, "secret", secret, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* What became of the deliveries to one webhook. */
typedef int list_fn(struct platform_store *store, const char *client_id, const char *webhook,
                    struct json **ret, struct err *err);

static int reply_list(struct http_call *call, list_fn *list, struct err *err)
{
    const struct platform *platform = call->context;
    struct webhook webhook;
    struct tenant tenant;
    struct json *body;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_webhook(platform->store, tenant.client_id, http_param(&call->request, "id"),
                             &webhook, err));
    TRY(list(platform->store, tenant.client_id, webhook.id, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int list_deliveries(struct http_call *call, struct err *err)
{
    return reply_list(call, platform_list_deliveries, err);
}

static int list_dead(struct http_call *call, struct err *err)
{
    return reply_list(call, platform_list_dead, err);
}

static int read_replay(const struct json *json, struct replay *ret, struct err *err)
{
    const bool has_event = json_has(json, "event");

    if (has_event == (json_has(json, "from") || json_has(json, "until")))
        return FAIL(err, ERR_INPUT, "event, or else from and until");
    if (has_event)
        return json_get_text(json, "event", &ret->event, err);
    TRY(json_get_int(json, "from", &ret->from, err));
    return json_get_int(json, "until", &ret->until, err);
}

static int post_replay(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct replay replay = {.event = NULL};
    struct webhook webhook;
    struct audit_origin by;
    struct tenant tenant;
    int64_t count;

    TRY(tenant_bearer(call, &tenant, err));
    by = tenant_by(call, &tenant);
    TRY(read_replay(call->request.json, &replay, err));
    TRY(platform_get_webhook(platform->store, tenant.client_id, http_param(&call->request, "id"),
                             &webhook, err));
    TRY(platform_replay(platform->store, &webhook, &replay, &by, &count, err));
    TRY(json_put_int(body, "count", count, err));
    return http_reply_json(&call->response, 202, json_steal(&body), err);
}

static const struct http_form webhook_form = {"^whk_[A-Za-z0-9_-]{22}$",
                                              "whk_ and 16 octets in base64url"};
static const struct http_form secret_form = {"^whsec_[A-Za-z0-9+/]{43}=$",
                                             "whsec_ and 32 octets in base64"};
static const struct http_form why_form = {"^[a-z0-9 ]{1,40}$", "a few words"};

static const struct http_member url_members[] = {
    {"url", HTTP_TEXT, HTTP_REQUIRED, "where to call: https"},
    {NULL},
};
static const struct http_member made_members[] = {
    {"webhook", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &webhook_form},
    {"url", HTTP_TEXT, HTTP_REQUIRED, "as given"},
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "what signs the calls, told once", .form = &secret_form},
    {NULL},
};
static const struct http_member webhook_members[] = {
    {"webhook", HTTP_TEXT, HTTP_REQUIRED, "its name", .form = &webhook_form},
    {"url", HTTP_TEXT, HTTP_REQUIRED, "as given"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"webhooks", HTTP_ARRAY, HTTP_REQUIRED, "the oldest first", webhook_members},
    {NULL},
};
static const struct http_member secret_members[] = {
    {"secret", HTTP_TEXT, HTTP_REQUIRED, "the new one; the old one signs as well for a day",
     .form = &secret_form},
    {NULL},
};
static const struct http_member dead_row_members[] = {
    {"event", HTTP_TEXT, HTTP_REQUIRED, "which", .form = &platform_event_form},
    {"tries", HTTP_INT, HTTP_REQUIRED, "that were made"},
    {"why", HTTP_TEXT, HTTP_REQUIRED, "how the last one ended", .form = &why_form},
    {NULL},
};
static const struct http_member delivery_members[] = {
    {"event", HTTP_TEXT, HTTP_REQUIRED, "which", .form = &platform_event_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = delivery_states},
    {"tries", HTTP_INT, HTTP_REQUIRED, "that failed"},
    {"why", HTTP_TEXT, HTTP_OPTIONAL,
     "how the last one ended; missing: none has failed, or it was delivered", .form = &why_form},
    {"due_at", HTTP_INT, HTTP_OPTIONAL, "when it is tried next; missing: never"},
    {NULL},
};
static const struct http_member deliveries_members[] = {
    {"deliveries", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", delivery_members},
    {NULL},
};
static const struct http_member dead_members[] = {
    {"dead", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", dead_row_members},
    {NULL},
};
static const struct http_member replay_members[] = {
    {"event", HTTP_TEXT, HTTP_OPTIONAL, "which; or else from and until",
     .form = &platform_event_form},
    {"from", HTTP_INT, HTTP_OPTIONAL, "the first second"},
    {"until", HTTP_INT, HTTP_OPTIONAL, "the last second"},
    {NULL},
};
static const struct http_member count_members[] = {
    {"count", HTTP_INT, HTTP_REQUIRED, "of events that will be delivered"},
    {NULL},
};
static const struct http_answer made_answers[] = {{201, "the webhook and its secret", made_members},
                                                  {0}};
static const struct http_answer list_answers[] = {{200, "this tenant's webhooks", list_members},
                                                  {0}};
static const struct http_answer ended_answers[] = {{204, "nothing more is delivered there"}, {0}};
static const struct http_answer secret_answers[] = {{201, "another secret", secret_members}, {0}};
static const struct http_answer deliveries_answers[] = {
    {200, "the newest deliveries", deliveries_members}, {0}};
static const struct http_answer dead_answers[] = {{200, "what was given up", dead_members}, {0}};
static const struct http_answer replay_answers[] = {{202, "it will be delivered", count_members},
                                                    {0}};

const struct route platform_webhook_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/webhooks",
     .access = &platform_tenant_access,
     .body = url_members,
     .handle = post_webhook,
     .operation = "addWebhook",
     .summary = "Have events delivered to a URL",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_GET,
     .path = "/v1/webhooks",
     .access = &platform_tenant_access,
     .handle = list_webhooks,
     .operation = "listWebhooks",
     .summary = "List where events are delivered to",
     .answers = list_answers},
    {.method = HTTP_DELETE,
     .path = "/v1/webhooks/:id",
     .access = &platform_tenant_access,
     .handle = delete_webhook,
     .operation = "endWebhook",
     .summary = "Have nothing more delivered to a URL",
     .answers = ended_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/webhooks/:id/secrets",
     .access = &platform_tenant_access,
     .handle = post_secret,
     .operation = "renewWebhookSecret",
     .summary = "Get another secret for a webhook",
     .answers = secret_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/webhooks/:id/deliveries",
     .access = &platform_tenant_access,
     .handle = list_deliveries,
     .operation = "listDeliveries",
     .summary = "List deliveries and their attempts",
     .answers = deliveries_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/webhooks/:id/dead",
     .access = &platform_tenant_access,
     .handle = list_dead,
     .operation = "listDead",
     .summary = "List deliveries that were given up",
     .answers = dead_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/webhooks/:id/replays",
     .access = &platform_tenant_access,
     .body = replay_members,
     .handle = post_replay,
     .operation = "replayEvents",
     .summary = "Have an event, or those of a time, delivered again",
     .answers = replay_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
