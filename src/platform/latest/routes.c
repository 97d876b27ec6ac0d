/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to questions for the latest attributes and back. */
#include "platform/latest/latest.h"

#include "docsign/attributes.h"
#include "platform/routes.h"
#include "platform/tenant/access.h"

#include <string.h>

/* The authority would refuse others, and not say whose fault it is. */
static int check_names(const struct latest_wish *wish, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char *const names[] = {wish->service, wish->request == NULL ? "-" : wish->request};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);

        if (len == 0 || len > LATEST_NAME_MAX || strspn(names[i], letters) != len)
            return FAIL(err, ERR_INPUT,
                        "service and request_id are 1 to %d letters, digits and hyphens",
                        LATEST_NAME_MAX);
    }
    return 0;
}

static int post_latest(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct latest_wish wish = {.holder = http_param(&call->request, "holder"),
                               .at = clock_now(platform->clock)};
    struct latest_answer answer;
    struct signer *signer;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    wish.client_id = tenant.client_id;
    TRY(json_get_text(json, "service", &wish.service, err));
    if (json_has(json, "attributes"))
        TRY(attributes_read(json, &wish.attributes, err));
    if (json_has(json, "request_id"))
        TRY(json_get_text(json, "request_id", &wish.request, err));
    TRY(check_names(&wish, err));
    TRY(platform_signer(call, &signer, err));
    TRY(latest_ask(platform, signer, &wish, call->request.trace_id, &answer, err));
    TRY(json_put(body, "attributes", answer.attributes, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int list_told(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    struct tenant_holder holder;
    struct tenant tenant;
    struct json *body;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_tenant_holder(platform->store, tenant.client_id,
                                   http_param(&call->request, "holder"), &holder, err));
    TRY(platform_list_told(platform->store, tenant.client_id, holder.name, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form service_form = {"^[A-Za-z0-9-]{1,64}$",
                                              "1 to 64 letters, digits and hyphens"};
static const struct http_member wish_members[] = {
    {"service", HTTP_TEXT, HTTP_REQUIRED, "that the holder has consented to",
     .form = &service_form},
    {"attributes", HTTP_ARRAY, HTTP_OPTIONAL, "which; all that are consented to if it is missing",
     .values = attribute_names},
    {"request_id", HTTP_TEXT, HTTP_OPTIONAL,
     "a name for this question, to ask again at no cost if the answer was lost",
     .form = &service_form},
    {NULL},
};
static const char *const sexes[] = {"male", "female", "unknown", NULL};
static const struct http_member attribute_members[] = {
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "as the newest certificate spells it"},
    {"name_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters in it that stand for others"},
    {"birth_date", HTTP_TEXT, HTTP_OPTIONAL, "parts that are not known are zeros",
     .form = &http_form_date},
    {"sex", HTTP_TEXT, HTTP_OPTIONAL, "as the newest certificate has it", .values = sexes},
    {"address", HTTP_TEXT, HTTP_OPTIONAL, "as the newest certificate spells it"},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters in it that stand for others"},
    {NULL},
};
static const struct http_member latest_members[] = {
    {"attributes", HTTP_OBJECT, HTTP_REQUIRED, "those that are consented to, told once",
     attribute_members},
    {NULL},
};
static const struct http_answer latest_answers[] = {{200, "the latest attributes", latest_members},
                                                    {0}};
static const struct http_member told_members[] = {
    {"service", HTTP_TEXT, HTTP_REQUIRED, "for which", .form = &service_form},
    {"attributes", HTTP_ARRAY, HTTP_REQUIRED, "which", .values = attribute_names},
    {"told_at", HTTP_INT, HTTP_REQUIRED, "when"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"told", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", told_members},
    {NULL},
};
static const struct http_answer list_answers[] = {
    {200, "what this tenant was told, for the holder who asks it", list_members}, {0}};

const struct route platform_latest_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/holders/:holder/latest",
     .access = &platform_tenant_access,
     .body = wish_members,
     .handle = post_latest,
     .operation = "askLatest",
     .summary = "Ask for the latest attributes of somebody who has consented to it",
     .answers = latest_answers,
     .problems = latest_refusals,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/holders/:holder/told",
     .access = &platform_tenant_access,
     .handle = list_told,
     .operation = "listTold",
     .summary = "List which attributes of a holder were told when, to disclose it to him",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
