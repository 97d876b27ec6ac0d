/* SPDX-License-Identifier: Apache-2.0 */
/* Events for tenants that would rather ask than be called. */
#include "platform/event/store.h"

#include "platform/routes.h"
#include "platform/tenant/access.h"

static int list_events(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct tenant tenant;
    struct json *body;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_list_events(platform->store, tenant.client_id, http_query(&call->request, "after"),
                             &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

const struct http_form platform_event_form = {"^evt_[A-Za-z0-9_-]{22}$",
                                              "evt_ and 16 octets in base64url"};
static const struct http_form consent_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form service_form = {"^[A-Za-z0-9.-]{1,64}$",
                                              "1 to 64 letters, digits, hyphens, dots"};

static const struct http_member events_query[] = {
    {"after", HTTP_TEXT, HTTP_OPTIONAL,
     "the last event that is known; from the first if it is missing", .form = &platform_event_form},
    {NULL},
};
static const struct http_member data_members[] = {
    {"holder", HTTP_TEXT, HTTP_REQUIRED, "the pseudonym", .form = &platform_secret_form},
    {"newer_since", HTTP_INT, HTTP_OPTIONAL, "newer data may exist since then"},
    {"consent", HTTP_TEXT, HTTP_OPTIONAL, "its id", .form = &consent_form},
    {"service", HTTP_TEXT, HTTP_OPTIONAL, "what the consent is for", .form = &service_form},
    {"valid_until", HTTP_INT, HTTP_OPTIONAL, "the consent's last second"},
    {NULL},
};
const struct http_member platform_event_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "its name, the same in every delivery",
     .form = &platform_event_form},
    {"type", HTTP_TEXT, HTTP_REQUIRED, "what happened", .values = event_types},
    {"timestamp", HTTP_TEXT, HTTP_REQUIRED, "when it was put down", .form = &http_form_time},
    {"data", HTTP_OBJECT, HTTP_REQUIRED, "to whom or what", data_members},
    {NULL},
};
static const struct http_member events_members[] = {
    {"events", HTTP_ARRAY, HTTP_REQUIRED, "in order", platform_event_members},
    {"more", HTTP_BOOL, HTTP_REQUIRED, "whether there may be more now"},
    {NULL},
};
static const struct http_answer events_answers[] = {{200, "a page of events", events_members}, {0}};

const struct route platform_event_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/events",
     .access = &platform_tenant_access,
     .query = events_query,
     .handle = list_events,
     .operation = "listEvents",
     .summary = "List this tenant's events",
     .answers = events_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
