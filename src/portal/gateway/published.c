/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/published.h"

#include "base/caltime.h"
#include "portal/gateway/markup.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *service, *category;
} services[] = {{"CHILDCARE", "childcare"},
                {"ELDERCARE", "eldercare"},
                {"DISASTER", "disaster"},
                {"OTHER", "other"}};
enum { SERVICES = sizeof services / sizeof services[0] };

const char *published_service(const char *category)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (strcmp(services[i].category, category) == 0)
            return services[i].service;
    return NULL;
}

const char *published_category(const char *service)
{
    for (size_t i = 0; i < SERVICES; i++)
        if (strcmp(services[i].service, service) == 0)
            return services[i].category;
    return NULL;
}

/* YYYY-MM-DD without its hyphens. */
static int put_day(struct json *object, const char *key, const char *day, struct err *err)
{
    char digits[PROCEDURE_DAY_SIZE];
    size_t len = 0;

    for (; *day != '\0'; day++)
        if (*day != '-')
            digits[len++] = *day;
    digits[len] = '\0';
    return json_put_text(object, key, digits, err);
}

/* 14 digits in Japan; 0 is open. */
static int put_time(struct json *object, const char *key, int64_t at, struct err *err)
{
    const struct caltime time = caltime_at(at, JST_OFFSET_SECONDS);
    char digits[64] = "";

    if (at != 0)
        (void)snprintf(digits, sizeof digits, "%04d%02d%02d%02d%02d%02d", time.date.year,
                       time.date.month, time.date.day, time.hour, time.minute, time.second);
    return json_put_text(object, key, digits, err);
}

static int put_number(struct json *object, const char *key, int64_t number, struct err *err)
{
    char digits[32];

    (void)snprintf(digits, sizeof digits, "%lld", (long long)number);
    return json_put_text(object, key, digits, err);
}

int published_put_item(struct json *object, const struct procedure_item *item, struct err *err)
{
    TRY(json_put_text(object, "psid", item->psid, err));
    TRY(json_put_text(object, "officialName", item->name, err));
    TRY(json_put_text(object, "aliasName", item->alias, err));
    TRY(json_put_text(object, "summary", item->summary, err));
    TRY(json_put_text(object, "serviceCode", published_service(item->category), err));
    TRY(json_put_bool(object, "isEApplicable", item->is_online, err));
    TRY(put_day(object, "procedurePeriodDateFrom", item->from, err));
    TRY(put_day(object, "procedurePeriodDateTo", item->until, err));
    TRY(json_put_text(object, "procedurePeriodTimeFrom", "", err));
    TRY(json_put_text(object, "procedurePeriodTimeTo", "", err));
    TRY(json_put_text(object, "jurisdictionDepartment", item->department, err));
    TRY(put_time(object, "openStartDatetime", item->open_from, err));
    TRY(put_time(object, "openEndDatetime", item->open_until, err));
    TRY(put_number(object, "procedureVersion", item->version, err));
    return put_time(object, "updateDateTime", item->updated_at, err);
}

/* Where a section of the text goes. */
static const struct {
    const char *key;
    enum procedure_section section;
} sections[] = {
    {"body", SECTION_BODY},
    {"target", SECTION_TARGET},
    {"eligiblePerson", SECTION_ELIGIBLE},
    {"allowanceDetailBody", SECTION_ALLOWANCE},
    {"allowanceDetailFinancialSupport", SECTION_MONEY},
    {"allowanceDetailMaterialSupport", SECTION_GOODS},
    {"usageFee", SECTION_FEE},
    {"procedureMethod", SECTION_METHOD},
    {"requirements", SECTION_REQUIREMENTS},
};

static int put_section(struct json *object, const char *key, const struct json *content,
                       const char *section, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *blocks = NULL;

    if (json_has(content, section))
        TRY(json_get_array(content, section, &blocks, err));
    TRY(markup_append(&text, blocks, err));
    return json_put_bytes(object, key, buf_bytes(&text), err);
}

static int put_text_of(struct json *object, const char *key, const struct json *from,
                       const char *name, struct err *err)
{
    const char *text = "";

    if (from != NULL && json_has(from, name))
        TRY(json_get_text(from, name, &text, err));
    return json_put_text(object, key, text, err);
}

static int put_age(struct json *object, const struct json *content, struct err *err)
{
    static const struct {
        const char *key, *name;
    } parts[] = {{"targetAgeFrom", "from_years"},
                 {"targetAgeInMonthsFrom", "from_months"},
                 {"targetAgeTo", "to_years"},
                 {"targetAgeInMonthsTo", "to_months"}};
    const struct json *age = NULL;

    if (json_has(content, "age"))
        TRY(json_get_object(content, "age", &age, err));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int64_t number;

        if (age == NULL || !json_has(age, parts[i].name)) {
            TRY(json_put_text(object, parts[i].key, "", err));
            continue;
        }
        TRY(json_get_int(age, parts[i].name, &number, err));
        TRY(put_number(object, parts[i].key, number, err));
    }
    return put_text_of(object, "targetAgeCondition", age, "condition", err);
}

static int put_contact(struct json *object, const struct json *contact, struct err *err)
{
    TRY(put_text_of(object, "contactName", contact, "name", err));
    TRY(put_text_of(object, "contactTelNo", contact, "phone", err));
    TRY(put_text_of(object, "contactEmailAddress", contact, "email", err));
    TRY(put_text_of(object, "contactFormUrl", contact, "form_url", err));
    TRY(put_text_of(object, "contactNotes", contact, "notes", err));
    return put_text_of(object, "contactAddress", contact, "address", err);
}

/* Links of one kind, under the names that this kind has. */
static const struct link_list {
    const char *kind, *list, *uri, *title;
} link_lists[] = {
    {"related", "relatedLinkList", "relatedLinkUri", "relatedLinkTitle"},
    {"municipality", "muniServLinkList", "muniServLinkUri", "muniServLinkTitle"},
    {"form", "formLinkList", "formLinkUri", "formLinkTitle"},
};

static int put_link(struct json *list, const struct link_list *names, const struct json *link,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();
    const char *kind;

    TRY(json_get_text(link, "kind", &kind, err));
    if (strcmp(kind, names->kind) != 0)
        return 0;
    TRY(put_text_of(item, names->uri, link, "url", err));
    TRY(put_text_of(item, names->title, link, "title", err));
    return json_add(list, json_steal(&item), err);
}

static int put_links(struct json *object, const struct json *content, struct err *err)
{
    const struct json *links = NULL;

    if (json_has(content, "links"))
        TRY(json_get_array(content, "links", &links, err));
    for (size_t i = 0; i < sizeof link_lists / sizeof link_lists[0]; i++) {
        CLEANUP(json_freep) struct json *list = json_array_new();

        for (size_t k = 0; k < json_count(links); k++)
            TRY(put_link(list, &link_lists[i], json_at(links, k), err));
        TRY(json_put(object, link_lists[i].list, json_steal(&list), err));
    }
    return 0;
}

static int put_area(struct json *object, const struct municipality *municipality, struct err *err)
{
    char area[2 * PROCEDURE_NAME_SIZE + 16];

    (void)snprintf(area, sizeof area, "%s:%s%s", municipality->code, municipality->prefecture,
                   municipality->name);
    return json_put_text(object, "targetArea", area, err);
}

int published_put_detail(struct json *object, const struct procedure_detail *detail,
                         struct err *err)
{
    TRY(published_put_item(object, &detail->item, err));
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        TRY(put_section(object, sections[i].key, detail->content,
                        procedure_sections[sections[i].section], err));
    TRY(put_age(object, detail->content, err));
    TRY(put_contact(object, detail->contact, err));
    TRY(put_area(object, &detail->municipality, err));
    return put_links(object, detail->content, err);
}

static const struct http_form day_form = {"^([0-9]{8})?$", "YYYYMMDD, or empty"};
static const struct http_form time_form = {"^([0-9]{14})?$", "YYYYMMDDhhmmss in Japan, or empty"};

#define TEXT(name, meaning)                                                                        \
    {                                                                                              \
        name, HTTP_TEXT, HTTP_REQUIRED, meaning                                                    \
    }
#define SHAPED(name, meaning, shape)                                                               \
    {                                                                                              \
        name, HTTP_TEXT, HTTP_REQUIRED, meaning, .form = shape                                     \
    }
#define LINKS(kind, members)                                                                       \
    {                                                                                              \
        kind "LinkList", HTTP_ARRAY, HTTP_REQUIRED, "links of this kind", members                  \
    }
#define LINK_MEMBERS(kind)                                                                         \
    {                                                                                              \
        TEXT(kind "LinkUri", "its address"), TEXT(kind "LinkTitle", "what is there"),              \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
static const struct http_member related_members[] = LINK_MEMBERS("related");
static const struct http_member municipal_members[] = LINK_MEMBERS("muniServ");
static const struct http_member form_link_members[] = LINK_MEMBERS("form");

#define ITEM_MEMBERS                                                                               \
    TEXT("psid", "its id"), TEXT("officialName", "its official name"),                             \
        TEXT("aliasName", "what people call it"), TEXT("summary", "what it is, in short"),         \
        TEXT("serviceCode", "the field of life; codes are our own"),                               \
        {"isEApplicable", HTTP_BOOL, HTTP_REQUIRED, "whether it can be applied for online"},       \
        SHAPED("procedurePeriodDateFrom", "the first day to apply", &day_form),                    \
        SHAPED("procedurePeriodDateTo", "the last day to apply", &day_form),                       \
        TEXT("procedurePeriodTimeFrom", "always empty here"),                                      \
        TEXT("procedurePeriodTimeTo", "always empty here"),                                        \
        TEXT("jurisdictionDepartment", "who is in charge of it"),                                  \
        SHAPED("openStartDatetime", "shown from", &time_form),                                     \
        SHAPED("openEndDatetime", "shown until", &time_form),                                      \
        TEXT("procedureVersion", "counts its changes"),                                            \
        SHAPED("updateDateTime", "its last change", &time_form)

const struct http_member published_item_members[] = {ITEM_MEMBERS, {NULL}};
const struct http_member published_detail_members[] = {
    ITEM_MEMBERS,
    TEXT("body", "what it is about"),
    TEXT("target", "whom it is for"),
    TEXT("eligiblePerson", "who may apply"),
    TEXT("allowanceDetailBody", "what is given"),
    TEXT("allowanceDetailFinancialSupport", "how much money"),
    TEXT("allowanceDetailMaterialSupport", "which goods or services"),
    TEXT("usageFee", "what it costs"),
    TEXT("procedureMethod", "how it is done"),
    TEXT("requirements", "what is needed for it"),
    TEXT("targetAgeFrom", "the youngest, in years"),
    TEXT("targetAgeInMonthsFrom", "and months beside them"),
    TEXT("targetAgeTo", "the oldest, in years"),
    TEXT("targetAgeInMonthsTo", "and months beside them"),
    TEXT("targetAgeCondition", "the same in words"),
    TEXT("contactName", "the office"),
    TEXT("contactTelNo", "its telephone number"),
    TEXT("contactEmailAddress", "its address for mail"),
    TEXT("contactFormUrl", "where questions are taken"),
    TEXT("contactNotes", "hours and the like"),
    TEXT("contactAddress", "where it is"),
    TEXT("targetArea", "code and name of the municipality, a colon between"),
    LINKS("related", related_members),
    LINKS("muniServ", municipal_members),
    LINKS("form", form_link_members),
    {NULL},
};
