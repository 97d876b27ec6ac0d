/* SPDX-License-Identifier: Apache-2.0 */
/* Notices that a municipality sends, by a key of its clerks. */
#include "portal/routes.h"

#include "portal/municipality/key.h"
#include "portal/notice/letter.h"
#include "portal/notice/order.h"
#include "portal/procedure/content.h"

#include <string.h>

enum { BODY_MAX = 64 * 1024 }; /* of NOTICE_CODES_MAX codes */

static int read_rule(const struct json *json, enum notice_rule *ret, struct err *err)
{
    const char *text = NULL;

    TRY(json_get_text(json, "to", &text, err));
    for (unsigned i = 0; i < NOTICE_RULES_; i++) {
        if (strcmp(notice_rules[i], text) == 0) {
            *ret = (enum notice_rule)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "to: there is no such rule");
}

static int read_order(const struct json *json, struct notice_order *order, struct err *err)
{
    TRY(read_rule(json, &order->rule, err));
    TRY(json_get_text(json, "key", &order->key, err));
    TRY(json_get_text(json, "topic", &order->topic, err));
    if (json_has(json, "codes"))
        TRY(json_get_array(json, "codes", &order->codes, err));
    if (json_has(json, "event"))
        TRY(json_get_text(json, "event", &order->event, err));
    if (json_has(json, "psid"))
        TRY(json_get_text(json, "psid", &order->psid, err));
    return json_has(json, "parameters")
               ? json_get_object(json, "parameters", &order->parameters, err)
               : 0;
}

static int post_notice(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct notice_order order = {.text = call->request.body};
    struct municipality_key key;
    struct audit_origin by;

    TRY(municipality_bearer(call, &key, err));
    by = municipality_by(call, &key);
    order.municipality = key.municipality;
    TRY(read_order(call->request.json, &order, err));
    TRY(notice_order(portal_store_db(portal->store), portal->exchange, &order, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int put_parameters(struct json *item, const struct notice_topic *topic, struct err *err)
{
    static const char *const kinds[] = {[NOTICE_NAME] = "name",
                                        [NOTICE_DATE] = "date",
                                        [NOTICE_NUMBER] = "number",
                                        [NOTICE_STATE] = "state"};
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (const struct notice_parameter *p = topic->parameters; p->name != NULL; p++) {
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(json_put_text(one, "name", p->name, err));
        TRY(json_put_text(one, "kind", kinds[p->kind], err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(item, "parameters", json_steal(&list), err);
}

static int list_topics(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (const struct notice_topic *topic = notice_topics; topic->code != NULL; topic++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        if (topic->author != NOTICE_BY_OFFICE)
            continue;
        TRY(json_put_text(item, "topic", topic->code, err));
        TRY(json_put_text(item, "text", topic->words[NOTICE_JA].text, err));
        TRY(put_parameters(item, topic, err));
        TRY(json_put_int(item, "days", topic->days, err));
        TRY(json_add(list, json_steal(&item), err));
    }
    TRY(json_put(body, "topics", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form person_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_form psid_form = {"^[0-9]{12}$", "12 digits"};
/* What a topic takes is its own; notice_topic_check looks. */
static const struct http_member parameters_members[] = {
    {"procedure", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"checkup", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"payment", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"matter", HTTP_TEXT, HTTP_OPTIONAL, "a name"},
    {"from", HTTP_TEXT, HTTP_OPTIONAL, "a day", .form = &http_form_date},
    {"until", HTTP_TEXT, HTTP_OPTIONAL, "a day", .form = &http_form_date},
    {NULL},
};
static const struct http_member order_members[] = {
    {"key", HTTP_TEXT, HTTP_REQUIRED,
     "the office's own name for it: the same order again is not sent again",
     .form = &notice_key_form},
    {"to", HTTP_TEXT, HTTP_REQUIRED, "to whom", .values = notice_rules},
    {"codes", HTTP_ARRAY, HTTP_OPTIONAL,
     "persons: by the municipality's codes of the exchange; 1000 at most", .form = &person_form},
    {"event", HTTP_TEXT, HTTP_OPTIONAL, "subscribers: of this life event",
     .values = procedure_events},
    {"psid", HTTP_TEXT, HTTP_OPTIONAL,
     "applicants: for this procedure; otherwise the one that the notice leads to",
     .form = &psid_form},
    {"topic", HTTP_TEXT, HTTP_REQUIRED, "what it is about"},
    {"parameters", HTTP_OBJECT, HTTP_OPTIONAL, "what the topic takes, and nothing else",
     parameters_members},
    {NULL},
};
static const struct http_answer order_answers[] = {
    {204, "it is sent; who has an account is not told"}, {0}};
static const struct http_member parameter_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as a member of parameters"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what it is"},
    {NULL},
};
static const struct http_member topic_members[] = {
    {"topic", HTTP_TEXT, HTTP_REQUIRED, "its code"},
    {"text", HTTP_TEXT, HTTP_REQUIRED, "what people read; {name} is a parameter"},
    {"parameters", HTTP_ARRAY, HTTP_REQUIRED, "what it takes", parameter_members},
    {"days", HTTP_INT, HTTP_REQUIRED, "for which it is kept"},
    {NULL},
};
static const struct http_member topics_members[] = {
    {"topics", HTTP_ARRAY, HTTP_REQUIRED, "all of them", topic_members}, {NULL}};
static const struct http_answer topics_answers[] = {
    {200, "what municipalities can send", topics_members}, {0}};

const struct route portal_order_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/municipality/notices",
     .access = &portal_clerk,
     .body = order_members,
     .handle = post_notice,
     .operation = "sendNotice",
     .summary = "Send a notice to people by a rule",
     .answers = order_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT),
     .body_max = BODY_MAX},
    {.method = HTTP_GET,
     .path = "/v1/municipality/notice-topics",
     .access = &portal_clerk,
     .handle = list_topics,
     .operation = "listNoticeTopics",
     .summary = "List what notices can be about",
     .answers = topics_answers},
    {.path = NULL},
};
