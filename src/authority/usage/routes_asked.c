/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier used, told to itself: by day, so that a platform can split it among providers. */
#include "authority/party/routes_asked.h"
#include "authority/usage/usage.h"

static int post_fees(struct http_call *call, struct err *err)
{
    static const char *const members[] = {"origin",     "act",   "at", "nonce",
                                          "request_id", "month", NULL};
    const struct authority *authority = call->context;
    CLEANUP(asked_done) struct asked asked = {.request.json = NULL};
    const char *month;
    struct json *body;

    TRY(asked_read(call, "fees", &asked, err));
    TRY(json_only(asked.request.json, members, err));
    TRY(json_get_text(asked.request.json, "month", &month, err));
    TRY(fees_month_check(month, err));
    if (authority->fees == NULL)
        return FAIL(err, ERR_CONFLICT, "there is no table of fees");
    TRY(authority_used_days(authority->store, authority->fees, month, asked.request.party.name,
                            &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM"};
static const struct http_member day_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "in Japan", .form = &http_form_date},
    {"item", HTTP_TEXT, HTTP_REQUIRED, "what was used", .values = usage_items},
    {"count", HTTP_INT, HTTP_REQUIRED, "how often"},
    {"yen_each", HTTP_INT, HTTP_REQUIRED, "what one costs on that day; 0 while it is waived"},
    {NULL},
};
static const struct http_member days_members[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "as asked for", .form = &month_form},
    {"days", HTTP_ARRAY, HTTP_REQUIRED, "on which anything was used", day_members},
    {NULL},
};
static const struct http_answer days_answers[] = {{200, "what was used", days_members}, {0}};

const struct route authority_asked_fee_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/verifier/fees",
     .access = &http_anyone,
     .body = asked_members,
     .handle = post_fees,
     .operation = "askFees",
     .summary = "Act fees: ask what was used and what it costs (month)",
     .answers = days_answers,
     .fails = HTTP_FAIL(ERR_UNTRUSTED) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
