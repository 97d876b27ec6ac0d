/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: to each tenant its own, to the operator all. */
#include "platform/fee/statement.h"

#include "platform/operator/access.h"
#include "platform/routes.h"
#include "platform/tenant/access.h"

static int get_own(struct http_call *call, struct err *err)
{
    struct signer *signer;
    struct tenant tenant;
    struct json *body;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(platform_signer(call, &signer, err));
    TRY(fee_statement(call->context, signer, http_query(&call->request, "month"), tenant.client_id,
                      &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_all(struct http_call *call, struct err *err)
{
    struct signer *signer;
    struct json *body;

    TRY(platform_signer(call, &signer, err));
    TRY(fee_statement(call->context, signer, http_query(&call->request, "month"), NULL, &body,
                      err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM"};
static const struct http_member month_query[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "in Japan", .form = &month_form},
    {NULL},
};
static const struct http_member line_members[] = {
    {"item", HTTP_TEXT, HTTP_REQUIRED, "what was used", .values = fee_items},
    {"count", HTTP_INT, HTTP_REQUIRED, "how often"},
    {"yen_each", HTTP_INT, HTTP_REQUIRED, "the authority's price on these days"},
    {"yen", HTTP_INT, HTTP_REQUIRED, "the two multiplied"},
    {NULL},
};
#define BILL_MEMBERS                                                                               \
    {"lines", HTTP_ARRAY, HTTP_REQUIRED, "by item and price", line_members},                       \
    {                                                                                              \
        "yen", HTTP_INT, HTTP_REQUIRED, "of all lines together"                                    \
    }
static const struct http_member own_members[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "as asked for", .form = &month_form},
    BILL_MEMBERS,
    {NULL},
};
static const struct http_member statement_members[] = {
    {"client_id", HTTP_TEXT, HTTP_REQUIRED, "of the tenant"},
    BILL_MEMBERS,
    {NULL},
};
static const struct http_member bill_members[] = {BILL_MEMBERS, {NULL}};
static const struct http_member all_members[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "as asked for", .form = &month_form},
    {"statements", HTTP_ARRAY, HTTP_REQUIRED, "of tenants that have used anything",
     statement_members},
    {"rest", HTTP_OBJECT, HTTP_REQUIRED, "what the platform bears itself", bill_members},
    {"authority", HTTP_OBJECT, HTTP_REQUIRED, "what the authority bills: the sum of all of these",
     bill_members},
    {NULL},
};
static const struct http_answer own_answers[] = {{200, "this tenant's statement", own_members},
                                                 {0}};
static const struct http_answer all_answers[] = {{200, "all statements", all_members}, {0}};

const struct route platform_fee_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/fees",
     .access = &platform_tenant_member,
     .query = month_query,
     .handle = get_own,
     .operation = "getFees",
     .summary = "Read what the authority bills for a tenant's questions",
     .answers = own_answers},
    {.method = HTTP_GET,
     .path = "/v1/statements",
     .access = &platform_operator,
     .query = month_query,
     .handle = get_all,
     .operation = "getStatements",
     .summary = "Read how the authority's bill is split",
     .answers = all_answers},
    {.path = NULL},
};
