/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/kinds.h"

#include "portal/notice/topics.h"

#include <stdio.h>

void operator_kinds_choose(const struct gateway_api *api, struct operator_consent *consent)
{
    size_t len = (size_t)snprintf(consent->items, sizeof consent->items, " ");

    for (size_t i = 0; api->topics != NULL && api->topics[i] != NULL; i++)
        len += (size_t)snprintf(consent->items + len, sizeof consent->items - len, "%s ",
                                api->topics[i]);
}

/* A kind is called by the title of its notices, which has no parameters. */
static int put_kind(struct json *list, const char *code, struct err *err)
{
    const struct notice_topic *topic = notice_topic_find(code);
    CLEANUP(json_freep) struct json *one = json_object_new();

    if (topic == NULL)
        return FAIL(err, ERR_SYSTEM, "an interface with a kind of notice that there is not");
    TRY(json_put_text(one, "topic", topic->code, err));
    TRY(json_put_text(one, "name", topic->words[NOTICE_JA].title, err));
    TRY(json_put_text(one, "name_en", topic->words[NOTICE_EN].title, err));
    return json_add(list, json_steal(&one), err);
}

int operator_kinds_put(struct json *object, const struct gateway_api *api,
                       const struct operator_consent *consent, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; api->topics != NULL && api->topics[i] != NULL; i++)
        if (consent == NULL || operator_consent_has(consent, api->topics[i]))
            TRY(put_kind(list, api->topics[i], err));
    return json_put(object, "kinds", json_steal(&list), err);
}

const struct http_member operator_kind_members[] = {
    {"topic", HTTP_TEXT, HTTP_REQUIRED, "what kind of notice it is"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {NULL},
};
