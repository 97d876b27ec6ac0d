/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/operator/consent_shown.h"

int consent_put_client(struct json *object, const struct operator_client *client, struct err *err)
{
    static const char *const members[] = {"client_name", "client_name_en", "purpose", "purpose_en",
                                          "environment"};

    TRY(json_put_text(object, "client_id", client->id, err));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        TRY(json_put_text(object, members[i], operator_text(client, members[i]), err));
    return 0;
}

int consent_put_api(struct json *object, const struct gateway_api *api, struct err *err)
{
    TRY(json_put_text(object, "api", api->name, err));
    TRY(json_put_text(object, "api_name", api->names.ja, err));
    return json_put_text(object, "api_name_en", api->names.en, err);
}

static int put_item(const struct item *item, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "code", item->code, err));
    TRY(json_put_int(one, "level", item->level, err));
    TRY(json_put_text(one, "name", item->names.ja, err));
    TRY(json_put_text(one, "name_en", item->names.en, err));
    return json_add(list, json_steal(&one), err);
}

int consent_put_info(const struct tables *tables, const struct info *info,
                     const struct operator_consent *consent, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();
    CLEANUP(json_freep) struct json *rows = json_array_new();
    size_t count;
    const struct item *items = tables_items(tables, info->code, &count);

    for (size_t i = 0; i < count; i++)
        if (consent == NULL || operator_consent_has(consent, items[i].code))
            TRY(put_item(&items[i], rows, err));
    TRY(json_put_text(one, "info", info->code, err));
    TRY(json_put_text(one, "name", info->names.ja, err));
    TRY(json_put_text(one, "name_en", info->names.en, err));
    TRY(json_put(one, "items", json_steal(&rows), err));
    return json_add(list, json_steal(&one), err);
}

/* ---- words ---- */

static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
const struct http_form consent_item_form = {"^[0-9]{10}$", "ten digits"};

#define NAME_MEMBERS                                                                               \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},                                             \
    {                                                                                              \
        "name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                          \
    }

static const struct http_member item_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the item", .form = &consent_item_form},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the item of level 0 before it"},
    NAME_MEMBERS,
    {NULL},
};
const struct http_member consent_info_members[] = {
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name's code", .form = &info_form},
    NAME_MEMBERS,
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "its items", item_members},
    {NULL},
};
