/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and their answers as JSON. */
#include "exchange/answer.h"
#include "portal/portal.h"
#include "portal/selfinfo/selfinfo.h"

bool selfinfo_is_over(enum exchange_state state)
{
    return state != EXCHANGE_REQUESTED && state != EXCHANGE_WAITING &&
           state != EXCHANGE_MAINTENANCE && state != EXCHANGE_RATE_LIMITED;
}

/* NULL: none. */
static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(object, key, err) : json_put_int(object, key, at, err);
}

static int put_names(struct json *object, const char *key, const struct names *names,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf english = BUF_INIT;
    const char *text;

    TRY(json_put_text(object, key, names->ja, err));
    TRY(buf_append_format(&english, err, "%s_en", key));
    TRY(buf_text(&english, &text, err));
    return json_put_text(object, text, names->en, err);
}

static int put_info(struct json *object, const struct info *info, struct err *err)
{
    TRY(json_put_text(object, "info", info->code, err));
    TRY(put_names(object, "name", &info->names, err));
    TRY(json_put_text(object, "group", info->group, err));
    return json_put_text(object, "source", info->source, err);
}

static int put_records(const struct portal *portal, const struct selfinfo_item *item,
                       struct bytes answer, struct json *object, struct err *err)
{
    const struct tables *tables = portal->exchange->tables;
    CLEANUP(json_freep) struct json *parsed = NULL;
    struct json *told;

    TRY(answer_parse(tables, item->info, answer, &parsed, err));
    TRY(answer_explain(tables, item->info, parsed, &told, err));
    return json_put(object, "records", told, err);
}

/* What became of an item: of its question, or why there is none. */
int selfinfo_find_standing(const struct portal *portal, const struct selfinfo_request *request,
                           const struct selfinfo_item *item, struct exchange_standing *ret,
                           struct buf *ret_answer, struct err *err)
{
    *ret = (struct exchange_standing){.state = EXCHANGE_RATE_LIMITED};
    if (item->question != 0)
        return exchange_answer_get(portal->exchange, request->person, item->question, ret,
                                   ret_answer, err);
    if (tables_body(portal->exchange->tables, item->provider) == NULL)
        ret->state = EXCHANGE_UNSUPPORTED;
    return 0;
}

/* A request that is being told. */
struct telling {
    const struct portal *portal;
    const struct selfinfo_request *request;
    bool with_records;
    struct json *list;
    int64_t done;
};

static int put_provider(const struct tables *tables, const char *code, struct json *object,
                        struct err *err)
{
    const struct body *body = tables_body(tables, code);

    TRY(json_put_text(object, "provider", code, err));
    TRY(json_put_optional(object, "provider_name", body == NULL ? NULL : body->names.ja, err));
    return json_put_optional(object, "provider_name_en", body == NULL ? NULL : body->names.en, err);
}

static int put_standing(const struct exchange_standing *standing, struct json *object,
                        struct err *err)
{
    TRY(json_put_text(object, "state", exchange_states[standing->state], err));
    TRY(put_time(object, "asked_at", standing->asked_at, err));
    TRY(put_time(object, "answered_at", standing->answered_at, err));
    return put_time(object, "again_at", standing->again_at, err);
}

static int tell_item(struct telling *telling, const struct selfinfo_item *item, struct err *err)
{
    const struct tables *tables = telling->portal->exchange->tables;
    const struct info *info = tables_info(tables, item->info);
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_standing standing;

    if (info == NULL)
        return FAIL(err, ERR_SYSTEM, "a request has a name that the tables have not");
    TRY(selfinfo_find_standing(telling->portal, telling->request, item, &standing,
                               telling->with_records ? &answer : NULL, err));
    TRY(put_info(told, info, err));
    TRY(put_provider(tables, item->provider, told, err));
    TRY(put_standing(&standing, told, err));
    if (answer.len > 0)
        TRY(put_records(telling->portal, item, buf_bytes(&answer), told, err));
    telling->done += selfinfo_is_over(standing.state) ? 1 : 0;
    return json_add(telling->list, json_steal(&told), err);
}

int selfinfo_tell(const struct portal *portal, const struct selfinfo_request *request,
                  bool with_records, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct telling telling = {portal, request, with_records, list, 0};

    for (unsigned i = 0; i < request->count; i++)
        TRY(tell_item(&telling, &request->items[i], err));
    TRY(json_put_text(told, "id", request->id, err));
    TRY(json_put_int(told, "made_at", request->made_at, err));
    TRY(put_time(told, "year", request->year, err));
    TRY(json_put_int(told, "done", telling.done, err));
    TRY(json_put_int(told, "total", request->count, err));
    TRY(json_put(told, "items", json_steal(&list), err));
    *ret = json_steal(&told);
    return 0;
}

/* ---- catalogue ---- */

static int tell_item_rows(const struct tables *tables, const struct info *info, struct json *object,
                          struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    size_t count;
    const struct item *items = tables_items(tables, info->code, &count);

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(json_put_text(one, "code", items[i].code, err));
        TRY(json_put_text(one, "origin", items[i].is_own ? "own" : "public", err));
        TRY(json_put_int(one, "level", items[i].level, err));
        TRY(json_put_text(one, "form", item_forms[items[i].form], err));
        TRY(put_names(one, "name", &items[i].names, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(object, "items", json_steal(&list), err);
}

static int tell_infos(const struct tables *tables, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < tables->info_count; i++) {
        const struct info *info = &tables->infos[i];
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(put_info(one, info, err));
        TRY(json_put_text(one, "origin", info->is_own ? "own" : "public", err));
        TRY(json_put_text(one, "held_by", body_kinds[info->provider], err));
        TRY(tell_item_rows(tables, info, one, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(object, "infos", json_steal(&list), err);
}

static int tell_bodies(const struct tables *tables, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < tables->body_count; i++) {
        const struct body *body = &tables->bodies[i];
        CLEANUP(json_freep) struct json *one = json_object_new();

        TRY(json_put_text(one, "body", body->code, err));
        TRY(json_put_text(one, "kind", body_kinds[body->kind], err));
        TRY(json_put_optional(one, "area", body->area, err));
        TRY(json_put_bool(one, "connected", body->is_connected, err));
        TRY(put_names(one, "name", &body->names, err));
        TRY(json_add(list, json_steal(&one), err));
    }
    return json_put(object, "bodies", json_steal(&list), err);
}

int selfinfo_tell_catalogue(const struct tables *tables, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();

    TRY(tell_infos(tables, told, err));
    TRY(tell_bodies(tables, told, err));
    *ret = json_steal(&told);
    return 0;
}
