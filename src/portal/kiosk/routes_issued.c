/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a paper is one that was issued, for anybody; what a municipality is owed, for its clerks.
 */
#include "portal/routes.h"

#include "base/caltime.h"
#include "portal/kiosk/order.h"
#include "portal/municipality/key.h"

#include <stdio.h>

static int get_issued(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct json *body;

    TRY(kiosk_issued_get(portal_store_db(portal->store), http_param(&call->request, "number"),
                         &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

/* The month "YYYY-MM" of Japan's time. */
static int read_month(const char *text, int64_t *ret_from, int64_t *ret_until, struct err *err)
{
    char day[CALTIME_TEXT_SIZE];
    struct caltime first = {.hour = 0};

    (void)snprintf(day, sizeof day, "%.8s-01", text == NULL ? "" : text);
    TRY(err_prefix(err, caldate_parse_iso(day, &first.date, err), "month"));
    *ret_from = caltime_utc(first, JST_OFFSET_SECONDS);
    if (++first.date.month > 12)
        first.date = (struct caldate){first.date.year + 1, 1, 1};
    *ret_until = caltime_utc(first, JST_OFFSET_SECONDS);
    return 0;
}

static int get_statement(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct municipality_key key;
    int64_t from, until;
    struct json *list;

    TRY(municipality_bearer(call, &key, err));
    TRY(read_month(http_query(&call->request, "month"), &from, &until, err));
    TRY(kiosk_issued_sum(portal_store_db(portal->store), key.municipality, from, until, &list,
                         err));
    TRY(json_put(body, "certificates", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form sha256_form = {"^[0-9a-f]{64}$", "SHA-256 in hexadecimal"};
static const struct http_form month_form = {"^[0-9]{4}-[0-9]{2}$", "YYYY-MM"};
static const struct http_member issued_members[] = {
    {"number", HTTP_TEXT, HTTP_REQUIRED, "as it stands on the paper"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of certificate", .values = kiosk_kinds},
    {"issued_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"is_void", HTTP_BOOL, HTTP_REQUIRED, "it was cancelled at the machine"},
    {"sha256", HTTP_TEXT, HTTP_REQUIRED, "of the document", .form = &sha256_form},
    {NULL},
};
static const struct http_member month_query[] = {
    {"month", HTTP_TEXT, HTTP_REQUIRED, "in Japan's time", .form = &month_form}, {NULL}};
static const struct http_member sum_members[] = {
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of certificate", .values = kiosk_kinds},
    {"count", HTTP_INT, HTTP_REQUIRED, "how many were issued and not cancelled"},
    {"fees", HTTP_INT, HTTP_REQUIRED, "yen"},
    {NULL},
};
static const struct http_member statement_members[] = {
    {"certificates", HTTP_ARRAY, HTTP_REQUIRED, "of the municipality, by kind", sum_members},
    {NULL}};
static const struct http_answer issued_answers[] = {
    {200, "it was issued: nothing is said of whom it is about", issued_members}, {0}};
static const struct http_answer statement_answers[] = {
    {200, "what kiosks issued for the municipality", statement_members}, {0}};

const struct route portal_issued_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/certificates-issued/:number",
     .access = &http_anyone,
     .handle = get_issued,
     .operation = "checkCertificate",
     .summary = "Ask whether a certificate from a kiosk was issued",
     .answers = issued_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_GET,
     .path = "/v1/municipality/certificates-issued",
     .access = &portal_clerk,
     .query = month_query,
     .handle = get_statement,
     .operation = "getKioskStatement",
     .summary = "Read what kiosks issued in a month, and the fees",
     .answers = statement_answers},
    {.path = NULL},
};
