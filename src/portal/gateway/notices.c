/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices for services (S313): whoever consents to it lets a service read, for a period, what
 * municipalities tell him. Public of the real one is that it is there since 2020-10 (portal.md
 * 2.1): paths, members and the period are our own, and nothing says that a service may mark a
 * notice, so it cannot. It is not told either what its owner did with one, has none that he has put
 * away, and none in which the portal tells what happened here with his card, a consent or a
 * mandate.
 */
#include "portal/gateway/apis.h"
#include "portal/gateway/door.h"
#include "portal/notice/store.h"
#include "portal/operator/pull.h"
#include "portal/operator/routes.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 18, DECIMAL = 10 };

static const char *const topics[] = {"procedure.open", "checkup.due",  "payment.due",
                                     "card.renewal",   "visit.needed", NULL};

const struct gateway_api gateway_notices = {
    .name = "notices",
    .since = "2020-10",
    .names = {"お知らせ情報取得API", "Notices"},
    .is_by_consent = true,
    .is_always_period = true,
    .period_days = 90,
    .topics = topics,
};

/* 0: it is none. */
static int64_t number_of(const char *text)
{
    const size_t len = strlen(text);

    return len > DIGITS_MAX || strspn(text, "0123456789") != len ? 0 : strtoll(text, NULL, DECIMAL);
}

/* A page of what the consent has, in the person's log when this returns. */
static int pull(const struct http_call *call, struct notice_query *query,
                const struct operator_consent *consent, struct json **ret, int64_t *ret_next,
                struct err *err)
{
    const struct portal *portal = call->context;
    const struct audit_origin by = operator_pull_by(call, consent);
    const struct operator_handed handed = {.items = {"お知らせ", "notices"}};
    const struct operator_pull pull = {consent, OPERATOR_ACT_NOTICES, consent->id, &handed, 1};
    CLEANUP(json_freep) struct json *list = NULL;

    query->account = consent->account;
    query->topics = consent->items;
    query->now = by.at;
    TRY(notice_list(portal_store_db(portal->store), query, &list, ret_next, err));
    if (query->id != 0 && json_count(list) == 0)
        return operator_fail(OPERATOR_NO_NOTICE, err);
    TRY(operator_pull_note(portal, &pull, &by, err));
    *ret = json_steal(&list);
    return 0;
}

static int list_notices(struct http_call *call, struct err *err)
{
    const char *before = http_query(&call->request, "before");
    struct notice_query query = {.limit = NOTICE_PAGE_MAX};
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct operator_consent consent;
    struct json *list;
    int64_t next;

    TRY(operator_pull_consent(call, gateway_notices.name, &consent, err));
    query.before = before == NULL ? 0 : number_of(before);
    if (before != NULL && query.before == 0)
        return FAIL(err, ERR_INPUT, "before: next of the page before");
    TRY(pull(call, &query, &consent, &list, &next, err));
    TRY(json_put(body, "notices", list, err));
    if (next != 0)
        TRY(json_put_int(body, "next", next, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_notice(struct http_call *call, struct err *err)
{
    struct notice_query query = {.limit = 1};
    CLEANUP(json_freep) struct json *list = NULL;
    struct operator_consent consent;
    struct json *notice;
    int64_t next;

    TRY(operator_pull_consent(call, gateway_notices.name, &consent, err));
    query.id = number_of(http_param(&call->request, "id"));
    if (query.id == 0)
        return operator_fail(OPERATOR_NO_NOTICE, err);
    TRY(pull(call, &query, &consent, &list, &next, err));
    TRY(json_duplicate(json_at(list, 0), &notice, err));
    return http_reply_json(&call->response, 200, notice, err);
}

/* ---- words ---- */

static const struct http_form number_form = {"^[0-9]{1,18}$", "a number"};
static const struct http_member list_query[] = {
    {"before", HTTP_TEXT, HTTP_OPTIONAL, "next of the page before", .form = &number_form},
    {NULL},
};
static const struct http_member notice_members[] = {NOTICE_MEMBERS, {NULL}};
static const struct http_member list_members[] = {
    {"notices", HTTP_ARRAY, HTTP_REQUIRED, "the newest first, 50 at most", notice_members},
    {"next", HTTP_INT, HTTP_OPTIONAL, "before for the next page; missing: this is the last one"},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "a page of them", list_members}, {0}};
static const struct http_answer notice_answers[] = {{200, "the notice", notice_members}, {0}};

const struct route portal_pulled_notice_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/notices",
     .access = &operator_with_token,
     .query = list_query,
     .handle = list_notices,
     .operation = "pullNotices",
     .summary = "Read what municipalities tell somebody who consents to it (path and members are "
                "our own: the real ones are not public)",
     .answers = list_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.method = HTTP_GET,
     .path = "/v1/notices/:id",
     .access = &operator_with_token,
     .handle = get_notice,
     .operation = "pullNotice",
     .summary = "Read one of them (path and members are our own: the real ones are not public)",
     .answers = notice_answers,
     .fails = OPERATOR_FAILS,
     .problems = operator_problems},
    {.path = NULL},
};
