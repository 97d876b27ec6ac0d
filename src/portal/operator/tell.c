/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service is told of a process. selfPersonalData and the two digits of "status" are public
 * (portal.md 2.3, 2.4: 01 and 09 are pending, 03 is done, 04 nothing, 06 over capacity); 91 to 94
 * and all other members are our own.
 */
#include "portal/operator/pull.h"

#include "exchange/answer.h"
#include "portal/routes.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400 };

static const char *const codes[EXCHANGE_STATES_ + 1] = {
    [EXCHANGE_REQUESTED] = "01",    [EXCHANGE_WAITING] = "09",     [EXCHANGE_READY] = "03",
    [EXCHANGE_NOTHING] = "04",      [EXCHANGE_UNSUPPORTED] = "91", [EXCHANGE_OVER_CAPACITY] = "06",
    [EXCHANGE_RATE_LIMITED] = "92", [EXCHANGE_MAINTENANCE] = "93", [EXCHANGE_EXPIRED] = "94",
    [EXCHANGE_STATES_] = NULL};

struct telling {
    const struct portal *portal;
    const struct operator_consent *consent;
    const struct selfinfo_request *request;
    struct json *list;
    int64_t done;
    bool handed[PORTAL_SELFINFO_ITEMS_MAX];
    bool is_handed;
};

/* ---- what was consented to, and no more ---- */

/* The first day of which a name is handed over; "": all are. */
static void find_first_day(const struct telling *telling, const char *info, char ret[16])
{
    const int64_t days = gateway_api_reach(gateway_api_find(telling->consent->api), info);
    struct caldate day;

    ret[0] = '\0';
    if (days == 0)
        return;
    day =
        caltime_at(clock_now(telling->portal->clock) - days * DAY_SECONDS, JST_OFFSET_SECONDS).date;
    (void)snprintf(ret, 16, "%04d-%02d-%02d", day.year % 10000, day.month % 100, day.day % 100);
}

static int filter_items(const struct operator_consent *consent, const struct json *items,
                        struct json *ret, struct err *err)
{
    for (size_t i = 0; i < json_count(items); i++) {
        const char *code;
        struct json *copy;

        TRY(json_get_text(json_at(items, i), "code", &code, err));
        if (!operator_consent_has(consent, code))
            continue;
        TRY(json_duplicate(json_at(items, i), &copy, err));
        TRY(json_add(ret, copy, err));
    }
    return 0;
}

static int filter_record(const struct telling *telling, const struct json *record,
                         const char *first_day, struct json *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *kept = json_array_new();
    CLEANUP(json_freep) struct json *one = json_object_new();
    const struct json *items;
    const char *day;

    TRY(json_get_text(record, "day", &day, err));
    if (strcmp(day, first_day) < 0)
        return 0;
    TRY(json_get_array(record, "items", &items, err));
    TRY(filter_items(telling->consent, items, kept, err));
    TRY(json_put_text(one, "day", day, err));
    TRY(json_put(one, "items", json_steal(&kept), err));
    return json_add(ret, json_steal(&one), err);
}

static int put_records(const struct telling *telling, const struct selfinfo_item *item,
                       struct bytes answer, struct json *object, struct err *err)
{
    const struct tables *tables = telling->portal->exchange->tables;
    CLEANUP(json_freep) struct json *parsed = NULL;
    CLEANUP(json_freep) struct json *all = NULL;
    CLEANUP(json_freep) struct json *kept = json_array_new();
    char first_day[16];

    find_first_day(telling, item->info, first_day);
    TRY(answer_parse(tables, item->info, answer, &parsed, err));
    TRY(answer_explain(tables, item->info, parsed, &all, err));
    for (size_t i = 0; i < json_count(all); i++)
        TRY(filter_record(telling, json_at(all, i), first_day, kept, err));
    return json_put(object, "records", json_steal(&kept), err);
}

static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    return at == 0 ? json_put_null(object, key, err) : json_put_int(object, key, at, err);
}

static int tell_item(struct telling *telling, const struct selfinfo_item *item, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    struct exchange_standing standing;

    TRY(selfinfo_find_standing(telling->portal, telling->request, item, &standing, &answer, err));
    TRY(json_put_text(told, "info", item->info, err));
    TRY(json_put_text(told, "provider", item->provider, err));
    TRY(json_put_text(told, "status", codes[standing.state], err));
    TRY(json_put_text(told, "state", exchange_states[standing.state], err));
    TRY(put_time(told, "answered_at", standing.answered_at, err));
    TRY(put_time(told, "again_at", standing.again_at, err));
    if (standing.state == EXCHANGE_READY) {
        TRY(put_records(telling, item, buf_bytes(&answer), told, err));
        telling->handed[item->number] = true;
        telling->is_handed = true;
    }
    telling->done += selfinfo_is_over(standing.state) ? 1 : 0;
    return json_add(telling->list, json_steal(&told), err);
}

/* ---- the log of whom it is about ---- */

static int note_all(const struct telling *telling, const struct audit_origin *by, struct err *err)
{
    struct operator_handed handed[PORTAL_SELFINFO_ITEMS_MAX];
    struct operator_pull pull = {.consent = telling->consent,
                                 .act = OPERATOR_ACT_PULLED,
                                 .subject = telling->request->id,
                                 .handed = handed};

    for (unsigned i = 0; i < telling->request->count; i++) {
        const struct selfinfo_item *item = &telling->request->items[i];

        if (telling->handed[item->number])
            handed[pull.count++] = (struct operator_handed){.giver = item->provider,
                                                            .info = item->info};
    }
    return operator_pull_note(telling->portal, &pull, by, err);
}

int operator_process_tell(const struct portal *portal, const struct operator_consent *consent,
                          const struct selfinfo_request *request, const struct audit_origin *by,
                          struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct telling telling = {portal, consent, request, list, 0, {false}, false};

    for (unsigned i = 0; i < request->count; i++)
        TRY(tell_item(&telling, &request->items[i], err));
    if (telling.is_handed)
        TRY(note_all(&telling, by, err));
    TRY(json_put_text(told, "process_id", request->id, err));
    TRY(json_put_int(told, "done", telling.done, err));
    TRY(json_put_int(told, "total", request->count, err));
    TRY(json_put(told, "selfPersonalData", json_steal(&list), err));
    *ret = json_steal(&told);
    return 0;
}

/* ---- words ---- */

static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
static const struct http_form item_form = {"^[0-9]{10}$", "ten digits"};
static const struct http_form body_form = {"^[A-Z][A-Z0-9]{0,15}$", "up to 16 of A-Z and 0-9"};
static const struct http_form day_form = {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "YYYY-MM-DD"};

static const struct http_member content_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the item", .form = &item_form},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the item of level 0 before it"},
    {"form", HTTP_TEXT, HTTP_REQUIRED, "of the content", .values = item_forms},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},
    {"name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"},
    {"content", HTTP_TEXT, HTTP_REQUIRED, "what is held"},
    {NULL},
};
static const struct http_member record_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "of the record", .form = &day_form},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "those that were consented to", content_members},
    {NULL},
};
static const struct http_member standing_members[] = {
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name's code", .form = &info_form},
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "the body that is asked", .form = &body_form},
    {"status", HTTP_TEXT, HTTP_REQUIRED,
     "01, 09 pending, 03 done, 04 nothing held, 06 over capacity; our own: 91 unsupported, 92 "
     "rate-limited, 93 maintenance, 94 expired",
     .values = codes},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "the same as a word; our own", .values = exchange_states},
    {"answered_at", HTTP_INT, HTTP_OR_NULL, "UTC seconds"},
    {"again_at", HTTP_INT, HTTP_OR_NULL, "when it goes on, where that is known"},
    {"records", HTTP_ARRAY, HTTP_OPTIONAL, "what was handed over, if it is ready", record_members},
    {NULL},
};
const struct http_member operator_result_members[] = {
    {"process_id", HTTP_TEXT, HTTP_REQUIRED, "of the process", .form = &portal_id_form},
    {"done", HTTP_INT, HTTP_REQUIRED, "names of which nothing more will come"},
    {"total", HTTP_INT, HTTP_REQUIRED, "names that were asked for"},
    {"selfPersonalData", HTTP_ARRAY, HTTP_REQUIRED, "each of them", standing_members},
    {NULL},
};
