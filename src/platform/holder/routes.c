/* SPDX-License-Identifier: Apache-2.0 */
/* What a tenant may know of somebody: that he is there, and that newer data may exist. */
#include "platform/routes.h"
#include "platform/holder/store.h"
#include "platform/tenant/access.h"

static const char *state_of(const struct tenant_holder *holder)
{
    return holder->ended_at != 0 ? "ended" : "active";
}

static int show_holder(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct tenant_holder found;
    struct tenant tenant;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_get_tenant_holder(platform->store, tenant.client_id,
                                   http_param(&call->request, "holder"), &found, err));
    TRY(json_put_text(body, "holder", found.name, err));
    TRY(json_put_text(body, "state", state_of(&found), err));
    TRY(found.newer_since == 0 ? json_put_null(body, "newer_since", err)
                               : json_put_int(body, "newer_since", found.newer_since, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"active", "ended", NULL};
static const struct http_member holder_members[] = {
    {"holder", HTTP_TEXT, HTTP_REQUIRED, "the pseudonym", .form = &platform_secret_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "ended once the authority has said so to this tenant",
     .values = states},
    {"newer_since", HTTP_INT, HTTP_OR_NULL,
     "newer data than those that were shown may exist since then"},
    {NULL},
};
static const struct http_answer holder_answers[] = {
    {200, "somebody this tenant was shown", holder_members}, {0}};

const struct route platform_holder_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/holders/:holder",
     .access = &platform_tenant_access,
     .handle = show_holder,
     .operation = "getHolder",
     .summary = "Read whether newer data of somebody may exist",
     .answers = holder_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
