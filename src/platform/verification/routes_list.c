/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant's verifications, a page at a time, the newest first. */
#include "platform/routes.h"

#include "base/base64.h"
#include "platform/tenant/access.h"
#include "platform/verification/disclose.h"
#include "platform/verification/told.h"
#include "platform/verification/verification.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECIMAL = 10, CURSOR_MAX = 64 };

/* The place behind one that was listed: its time and name, which stay when it is deleted. */
struct cursor {
    int64_t at;
    char id[VERIFICATION_ID_SIZE];
};

static int write_cursor(const struct verification *last, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err, "%" PRId64 ".%s", last->at, last->id));
    return base64_append(ret, BASE64_URL, buf_bytes(&text), err);
}

static int read_cursor(const char *text, struct cursor *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    const char *words;
    char *end;

    if (strlen(text) > CURSOR_MAX ||
        base64_decode(BASE64_URL, bytes_text(text), &plain, NULL) < 0 ||
        buf_text(&plain, &words, NULL) < 0 || *words < '0' || *words > '9')
        return FAIL(err, ERR_INPUT, "this is no cursor that was given here");
    ret->at = strtoll(words, &end, DECIMAL);
    if (*end != '.' || strlen(end + 1) != VERIFICATION_ID_SIZE - 1)
        return FAIL(err, ERR_INPUT, "this is no cursor that was given here");
    (void)snprintf(ret->id, sizeof ret->id, "%s", end + 1);
    return 0;
}

static int read_number(const struct http_call *call, const char *key, int64_t most, int64_t *ret,
                       struct err *err)
{
    const char *text = http_query(&call->request, key);
    char *end;

    if (text == NULL)
        return 0;
    *ret = strtoll(text, &end, DECIMAL);
    if (*text < '0' || *text > '9' || *end != '\0' || *ret > most)
        return FAIL(err, ERR_INPUT, "%s is a number from 0 to %" PRId64, key, most);
    return 0;
}

static int check_value(const char *key, const char *text, const char *const *values,
                       struct err *err)
{
    for (; text != NULL && *values != NULL; values++) {
        if (strcmp(*values, text) == 0)
            return 0;
    }
    return text == NULL ? 0 : FAIL(err, ERR_INPUT, "%s is none of the words it may be", key);
}

static int read_filter(const struct http_call *call, struct cursor *cursor,
                       struct verification_filter *ret, struct err *err)
{
    const struct http_request *request = &call->request;
    const char *from = http_query(request, "cursor");
    int64_t count = VERIFICATIONS_PAGE;

    *cursor = (struct cursor){.at = INT64_MAX};
    *ret = (struct verification_filter){.verdict = http_query(request, "verdict"),
                                        .purpose = http_query(request, "purpose"),
                                        .until = INT64_MAX};
    TRY(check_value("verdict", ret->verdict, told_verdicts, err));
    TRY(check_value("purpose", ret->purpose, verification_purposes, err));
    TRY(read_number(call, "since", INT64_MAX - 1, &ret->since, err));
    TRY(read_number(call, "until", INT64_MAX - 1, &ret->until, err));
    TRY(read_number(call, "limit", VERIFICATIONS_PAGE_MAX, &count, err));
    if (count == 0)
        return FAIL(err, ERR_INPUT, "limit is a number from 1 to %d", VERIFICATIONS_PAGE_MAX);
    if (from != NULL)
        TRY(read_cursor(from, cursor, err));
    ret->before_at = cursor->at;
    ret->before_id = cursor->id;
    ret->count = (unsigned)count;
    return 0;
}

static int put_page(struct json *body, const struct verification *found, unsigned count,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (unsigned i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();
        const struct report report = verification_report(&found[i]);

        TRY(told_put_verification(item, &found[i], &report, err));
        TRY(json_add(array, json_steal(&item), err));
    }
    return json_put(body, "verifications", json_steal(&array), err);
}

static int list_verifications(struct http_call *call, struct err *err)
{
    const struct platform *platform = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf next = BUF_INIT;
    struct verification found[VERIFICATIONS_PAGE_MAX + 1];
    struct verification_filter filter;
    struct cursor cursor;
    struct tenant tenant;
    unsigned page;
    unsigned count;

    TRY(tenant_bearer(call, &tenant, err));
    TRY(read_filter(call, &cursor, &filter, err));
    page = filter.count++; /* one more says whether there is a next page */
    filter.client_id = tenant.client_id;
    TRY(platform_list_verifications(platform->store, &filter, found, &count, err));
    TRY(put_page(body, found, count < page ? count : page, err));
    if (count > page) {
        TRY(write_cursor(&found[page - 1], &next, err));
        TRY(json_put_bytes(body, "next", buf_bytes(&next), err));
    }
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form cursor_form = {"^[A-Za-z0-9_-]{1,64}$", "base64url"};
static const struct http_member list_query[] = {
    {"cursor", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &cursor_form},
    {"limit", HTTP_INT, HTTP_OPTIONAL, "how many at a time: 1 to 100, else 50"},
    {"verdict", HTTP_TEXT, HTTP_OPTIONAL, "only these", .values = told_verdicts},
    {"purpose", HTTP_TEXT, HTTP_OPTIONAL, "only these", .values = verification_purposes},
    {"since", HTTP_INT, HTTP_OPTIONAL, "judged then or later, UTC seconds"},
    {"until", HTTP_INT, HTTP_OPTIONAL, "judged then or before, UTC seconds"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"verifications", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", told_verification_members},
    {"next", HTTP_TEXT, HTTP_OPTIONAL, "cursor of the next page; missing: there is none",
     .form = &cursor_form},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "a page", list_members}, {0}};

const struct route platform_verification_list_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/verifications",
     .access = &platform_tenant_reader,
     .query = list_query,
     .handle = list_verifications,
     .operation = "listVerifications",
     .summary = "List verdicts, without attributes",
     .answers = list_answers},
    {.path = NULL},
};
