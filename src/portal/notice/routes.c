/* SPDX-License-Identifier: Apache-2.0 */
/* Notices for whoever they are for, and what he wants to hear of. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/notice/store.h"
#include "portal/procedure/content.h"

#include <stdlib.h>
#include <string.h>

enum { DECIMAL = 10 };

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

static int64_t now_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return clock_now(portal->clock);
}

static bool is_set(const struct http_call *call, const char *key)
{
    const char *text = http_query(&call->request, key);

    return text != NULL && strcmp(text, "true") == 0;
}

static int list_notices(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct notice_query query = {.limit = NOTICE_PAGE_MAX, .now = now_of(call)};
    const char *before = http_query(&call->request, "before");
    struct json *list = NULL;
    struct session own;
    int64_t next;

    TRY(citizen_find(call, &own, err));
    query.account = own.account.id;
    query.is_archived = is_set(call, "archived");
    query.is_unread = is_set(call, "unread");
    query.before = before == NULL ? 0 : strtoll(before, NULL, DECIMAL);
    TRY(notice_list(db_of(call), &query, &list, &next, err));
    TRY(json_put(body, "notices", list, err));
    if (next != 0)
        TRY(json_put_int(body, "next", next, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int count_notices(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct session own;
    int64_t count;

    TRY(citizen_find(call, &own, err));
    TRY(notice_count_unread(db_of(call), own.account.id, now_of(call), &count, err));
    TRY(json_put_int(body, "unread", count, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_state(struct http_call *call, struct err *err)
{
    struct notice_mark mark = {.id = strtoll(http_param(&call->request, "id"), NULL, DECIMAL),
                               .at = now_of(call)};
    struct session own;

    TRY(citizen_find(call, &own, err));
    mark.account = own.account.id;
    TRY(json_get_bool(call->request.json, "read", &mark.is_read, err));
    TRY(json_get_bool(call->request.json, "archived", &mark.is_archived, err));
    if (mark.id <= 0)
        return FAIL(err, ERR_ABSENT, "there is no such notice");
    TRY(notice_mark(db_of(call), &mark, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int read_all(struct http_call *call, struct err *err)
{
    struct notice_mark mark = {.id = 0, .is_read = true, .at = now_of(call)};
    struct session own;

    TRY(citizen_find(call, &own, err));
    mark.account = own.account.id;
    TRY(notice_mark(db_of(call), &mark, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int get_subscriptions(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct json *list = NULL;
    struct session own;

    TRY(citizen_find(call, &own, err));
    TRY(notice_subscriptions(db_of(call), own.account.id, &list, err));
    TRY(json_put(body, "subscriptions", list, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_subscriptions(struct http_call *call, struct err *err)
{
    const struct json *list = NULL;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_array(call->request.json, "subscriptions", &list, err));
    TRY(notice_subscribe(db_of(call), own.account.id, list, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* ---- words ---- */

static const char *const flags[] = {"true", "false", NULL};
static const struct http_form number_form = {"^[0-9]{1,18}$", "a number"};
static const struct http_form code_form = {"^[0-9]{5}$", "five digits"};
static const struct http_member list_query[] = {
    {"archived", HTTP_TEXT, HTTP_OPTIONAL, "those that are put away; missing: the others",
     .values = flags},
    {"unread", HTTP_TEXT, HTTP_OPTIONAL, "only those that are not read", .values = flags},
    {"before", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &number_form},
    {NULL},
};
const struct http_member notice_written_members[] = {
    {"ja", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"plain", HTTP_TEXT, HTTP_REQUIRED, "in plain Japanese"},
    {NULL},
};
static const struct http_member notice_members[] = {
    NOTICE_MEMBERS,
    {"read_at", HTTP_INT, HTTP_OR_NULL, "when it was read"},
    {"archived_at", HTTP_INT, HTTP_OR_NULL, "when it was put away"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"notices", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", notice_members},
    {"next", HTTP_INT, HTTP_OPTIONAL, "before for the next page; missing: this is the last one"},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "a page of them", list_members}, {0}};
static const struct http_member count_members[] = {
    {"unread", HTTP_INT, HTTP_REQUIRED, "neither read nor put away"}, {NULL}};
static const struct http_answer count_answers[] = {{200, "how many there are", count_members}, {0}};
static const struct http_member state_members[] = {
    {"read", HTTP_BOOL, HTTP_REQUIRED, "whether it counts as read"},
    {"archived", HTTP_BOOL, HTTP_REQUIRED, "whether it is put away"},
    {NULL},
};
static const struct http_answer done_answers[] = {{204, "it is so now"}, {0}};
static const struct http_member subscription_members[] = {
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "whose notices", .form = &code_form},
    {"event", HTTP_TEXT, HTTP_REQUIRED, "about which life event", .values = procedure_events},
    {NULL},
};
static const struct http_member subscriptions_members[] = {
    {"subscriptions", HTTP_ARRAY, HTTP_REQUIRED, "all of them", subscription_members}, {NULL}};
static const struct http_answer subscriptions_answers[] = {
    {200, "what its owner wants to hear of", subscriptions_members}, {0}};

const struct route portal_notice_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/notices",
     .access = &portal_notices_of,
     .query = list_query,
     .handle = list_notices,
     .operation = "listNotices",
     .summary = "List one's notices",
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = "/v1/notices/count",
     .access = &portal_notices_of,
     .handle = count_notices,
     .operation = "countNotices",
     .summary = "Count those that are not read",
     .answers = count_answers},
    {.method = HTTP_PUT,
     .path = "/v1/notices/:id/state",
     .access = &portal_notices_of,
     .body = state_members,
     .handle = put_state,
     .operation = "putNoticeState",
     .summary = "Say whether one is read, and put away",
     .answers = done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.method = HTTP_POST,
     .path = "/v1/notices/read",
     .access = &portal_notices_of,
     .handle = read_all,
     .operation = "readNotices",
     .summary = "Have all count as read",
     .answers = done_answers},
    {.method = HTTP_GET,
     .path = "/v1/notice-subscriptions",
     .access = &portal_citizen,
     .handle = get_subscriptions,
     .operation = "listSubscriptions",
     .summary = "Read what one wants to hear of",
     .answers = subscriptions_answers},
    {.method = HTTP_PUT,
     .path = "/v1/notice-subscriptions",
     .access = &portal_citizen,
     .body = subscriptions_members,
     .handle = put_subscriptions,
     .operation = "putSubscriptions",
     .summary = "Say what one wants to hear of from now on",
     .answers = done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
