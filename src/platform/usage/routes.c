/* SPDX-License-Identifier: Apache-2.0 */
/* What a tenant used, day by day; for whoever of it works with it, audits it or pays for it. */
#include "platform/routes.h"
#include "platform/fee/usage.h"
#include "platform/tenant/access.h"
#include "platform/usage/store.h"
#include "platform/verification/told.h"

#include "base/caltime.h"

#include <stdlib.h>

enum { DECIMAL = 10, USUAL_DAYS = 30, DAY_SECONDS = 86400 };

/* The days that are asked for, as text. */
struct period {
    char since[CALTIME_TEXT_SIZE], until[CALTIME_TEXT_SIZE];
};

/* A parameter that is a day, or else the day of a moment. */
static int read_day(const struct http_call *call, const char *key, int64_t otherwise,
                    char ret[CALTIME_TEXT_SIZE], struct err *err)
{
    const char *text = http_query(&call->request, key);
    struct caldate date = caltime_at(otherwise, JST_OFFSET_SECONDS).date;

    if (text != NULL && caldate_parse_iso(text, &date, NULL) < 0)
        return FAIL(err, ERR_INPUT, "%s is no day, YYYY-MM-DD", key);
    caldate_format_iso(date, ret);
    return 0;
}

static int read_count(const struct http_call *call, unsigned *ret, struct err *err)
{
    const char *text = http_query(&call->request, "limit");
    char *end;
    long count;

    *ret = USAGE_PAGE;
    if (text == NULL)
        return 0;
    count = strtol(text, &end, DECIMAL);
    if (*text < '0' || *text > '9' || *end != '\0' || count < 1 || count > USAGE_PAGE_MAX)
        return FAIL(err, ERR_INPUT, "limit is a number from 1 to %d", USAGE_PAGE_MAX);
    *ret = (unsigned)count;
    return 0;
}

static int read_period(const struct http_call *call, struct period *ret, struct err *err)
{
    const struct platform *platform = call->context;
    int64_t now = clock_now(platform->clock);
    const char *cursor = http_query(&call->request, "cursor");

    TRY(read_day(call, "until", now, ret->until, err));
    TRY(read_day(call, "since", now - (int64_t)(USUAL_DAYS - 1) * DAY_SECONDS, ret->since, err));
    /* The day that was told as the next one. */
    return cursor == NULL ? 0 : read_day(call, "cursor", now, ret->since, err);
}

static int get_usage(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct usage_filter filter;
    struct tenant tenant;
    struct period period;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(read_period(call, &period, err));
    filter = (struct usage_filter){
        .client_id = tenant.client_id, .since = period.since, .until = period.until};
    TRY(read_count(call, &filter.count, err));
    TRY(platform_put_usage(platform->store, &filter, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form day_form = {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "YYYY-MM-DD"};
static const struct http_member usage_query[] = {
    {"since", HTTP_TEXT, HTTP_OPTIONAL, "first day in Japan; 29 days ago if not given",
     .form = &day_form},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "last day in Japan; today if not given", .form = &day_form},
    {"limit", HTTP_INT, HTTP_OPTIONAL, "how many days at a time: 1 to 366, else 31"},
    {"cursor", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &day_form},
    {NULL},
};
static const struct http_member judgement_members[] = {
    {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what was judged", .values = usage_purposes},
    {"verdict", HTTP_TEXT, HTTP_REQUIRED, "as it was told", .values = told_verdicts},
    {"method", HTTP_TEXT, HTTP_OPTIONAL,
     "how revocation was looked up; missing of days before this was counted",
     .values = usage_methods},
    {"count", HTTP_INT, HTTP_REQUIRED, "how often"},
    {NULL},
};
static const struct http_member webhook_members[] = {
    {"delivered", HTTP_INT, HTTP_REQUIRED, "events that were taken"},
    {"failed", HTTP_INT, HTTP_REQUIRED, "tries that were in vain"},
    {NULL},
};
static const struct http_member fee_members[] = {
    {"item", HTTP_TEXT, HTTP_REQUIRED, "what the authority bills; attributes are the latest ones",
     .values = fee_items},
    {"count", HTTP_INT, HTTP_REQUIRED, "how often"},
    {NULL},
};
static const struct http_member day_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "in Japan", .form = &day_form},
    {"judgements", HTTP_ARRAY, HTTP_REQUIRED, "verifications and authentications",
     judgement_members},
    {"webhooks", HTTP_OBJECT, HTTP_REQUIRED, "deliveries", webhook_members},
    {"fees", HTTP_ARRAY, HTTP_REQUIRED, "in yen by the month: getFees", fee_members},
    {NULL},
};
static const struct http_member usage_members[] = {
    {"days", HTTP_ARRAY, HTTP_REQUIRED, "on which there was anything, the oldest first",
     day_members},
    {"next", HTTP_TEXT, HTTP_OPTIONAL, "cursor of the next page; missing: there is none",
     .form = &day_form},
    {NULL},
};
static const struct http_answer usage_answers[] = {{200, "a page", usage_members}, {0}};

const struct route platform_usage_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/usage",
     .access = &platform_tenant_member,
     .query = usage_query,
     .handle = get_usage,
     .operation = "getUsage",
     .summary = "Read what a tenant used, by days",
     .answers = usage_answers},
    {.path = NULL},
};
