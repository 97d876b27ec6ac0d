/* SPDX-License-Identifier: Apache-2.0 */
/* What is charged for: batches of jpki-ocspd's meters, and statements. */
#include "authority/routes.h"

#include "authority/usage/usage.h"

#include <stdlib.h>

static void totals_freep(struct usage_total **totals)
{
    free(*totals);
}

static int read_total(const struct json *json, struct usage_total *ret, struct err *err)
{
    const char *kind;

    TRY(json_get_text(json, "verifier", &ret->party, err));
    TRY(json_get_text(json, "kind", &kind, err));
    TRY(ca_kind_from_name(kind, &ret->kind, err));
    TRY(json_get_int(json, "total", &ret->total, err));
    return ret->total > 0 ? 0 : FAIL(err, ERR_INPUT, "a total is above 0");
}

static int read_batch(const struct json *json, struct usage_batch *ret,
                      struct usage_total **ret_totals, struct err *err)
{
    const struct json *list;

    TRY(json_get_text(json, "meter", &ret->meter, err));
    TRY(json_get_int(json, "number", &ret->number, err));
    TRY(json_get_array(json, "totals", &list, err));
    ret->count = json_count(list);
    *ret_totals = calloc(ret->count + 1, sizeof **ret_totals);
    if (*ret_totals == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < ret->count; i++)
        TRY(err_prefix(err, read_total(json_at(list, i), &(*ret_totals)[i], err), "totals"));
    ret->totals = *ret_totals;
    return 0;
}

static int post_usage(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const struct audit_origin by = authority_caller(call);
    CLEANUP(totals_freep) struct usage_total *totals = NULL;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct usage_batch batch = {.count = 0};
    bool is_new;

    TRY(read_batch(call->request.json, &batch, &totals, err));
    TRY(authority_count_usage(authority->store, &batch, &by, &is_new, err));
    TRY(json_put_int(body, "number", batch.number, err));
    return http_reply_json(&call->response, is_new ? 201 : 200, json_steal(&body), err);
}

static int get_fees(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    const char *month = http_query(&call->request, "month");
    struct json *body;

    TRY(fees_month_check(month, err));
    if (authority->fees == NULL)
        return FAIL(err, ERR_CONFLICT, "there is no table of fees");
    TRY(authority_statements(authority->store, authority->fees, month,
                             http_query(&call->request, "verifier"), &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static const struct http_form meter_form = {"^[0-9a-f]{32}$", "32 hexadecimal digits"};
static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM"};

static const struct http_member total_members[] = {
    {"verifier", HTTP_TEXT, HTTP_REQUIRED, "who asked", .form = &authority_request_id},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "about certificates of which CA", .values = authority_kinds},
    {"total", HTTP_INT, HTTP_REQUIRED, "questions answered since the meter began"},
    {NULL},
};
static const struct http_member batch_members[] = {
    {"meter", HTTP_TEXT, HTTP_REQUIRED, "its id", .form = &meter_form},
    {"number", HTTP_INT, HTTP_REQUIRED, "of the batch, higher each time"},
    {"totals", HTTP_ARRAY, HTTP_REQUIRED, "all that are above 0", total_members},
    {NULL},
};
static const struct http_member counted_members[] = {
    {"number", HTTP_INT, HTTP_REQUIRED, "of the batch"},
    {NULL},
};
static const struct http_answer counted_answers[] = {
    {201, "what is new in it is counted", counted_members},
    {200, "it was counted before", counted_members},
    {0}};
static const struct http_member fee_query[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "in Japan", .form = &month_form},
    {"verifier", HTTP_TEXT, HTTP_OPTIONAL, "whose; all if it is not there"},
    {NULL},
};
static const struct http_member line_members[] = {
    {"item", HTTP_TEXT, HTTP_REQUIRED, "what was used", .values = usage_items},
    {"count", HTTP_INT, HTTP_REQUIRED, "how often"},
    {"yen_each", HTTP_INT, HTTP_REQUIRED, "what one costs on these days; 0 while it is waived"},
    {"yen", HTTP_INT, HTTP_REQUIRED, "the two multiplied"},
    {NULL},
};
static const struct http_member statement_members[] = {
    {"verifier", HTTP_TEXT, HTTP_REQUIRED, "who owes", .form = &authority_request_id},
    {"lines", HTTP_ARRAY, HTTP_REQUIRED, "by item and price", line_members},
    {"yen", HTTP_INT, HTTP_REQUIRED, "of all lines together"},
    {NULL},
};
static const struct http_member fees_members[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "as asked for", .form = &month_form},
    {"statements", HTTP_ARRAY, HTTP_REQUIRED, "of verifiers that have used anything",
     statement_members},
    {NULL},
};
static const struct http_answer fees_answers[] = {{200, "what is owed", fees_members}, {0}};

const struct route authority_usage_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/usage",
     .access = &authority_ocspd_peer,
     .body = batch_members,
     .handle = post_usage,
     .operation = "countUsage",
     .summary = "Count a batch of a responder's meter",
     .answers = counted_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT),
     .body_max = HTTP_BODY_MAX},
    {.method = HTTP_GET,
     .path = "/v1/fees",
     .access = &authority_operator,
     .query = fee_query,
     .handle = get_fees,
     .operation = "getFees",
     .summary = "Read what verifiers owe for a month",
     .answers = fees_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
