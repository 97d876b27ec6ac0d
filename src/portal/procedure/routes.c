/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Procedures for everybody, logged in or not (portal.md, S304): which municipalities there are, a
 * search, and one procedure with its text and form. Shapes are our own.
 */
#include "portal/routes.h"

#include "exchange/exchange.h"
#include "portal/application/form.h"
#include "portal/procedure/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_DEFAULT = 20, ONE = 1 };

static struct db *db_of(const struct http_call *call)
{
    const struct portal *portal = call->context;

    return portal_store_db(portal->store);
}

static int put_if(struct json *body, const char *key, const char *text, struct err *err)
{
    return text[0] == '\0' ? 0 : json_put_text(body, key, text, err);
}

/* What it is called in English is known of the bodies of the exchange, where there is one. */
static const char *english_name(const struct portal *portal, const char *municipality)
{
    char code[MUNICIPALITY_CODE_SIZE + 1];
    const struct body *body = NULL;

    (void)snprintf(code, sizeof code, "M%s", municipality);
    if (portal->exchange != NULL)
        body = tables_body(portal->exchange->tables, code);
    return body == NULL ? "" : body->names.en;
}

static int copy_text(const struct json *from, const char *key, struct json *to, struct err *err)
{
    const char *text;

    TRY(json_get_text(from, key, &text, err));
    return json_put_text(to, key, text, err);
}

static int add_municipality(const struct portal *portal, const struct json *one, struct json *list,
                            struct err *err)
{
    CLEANUP(json_freep) struct json *told = json_object_new();
    const char *code;

    TRY(json_get_text(one, "code", &code, err));
    TRY(copy_text(one, "code", told, err));
    TRY(copy_text(one, "prefecture", told, err));
    TRY(copy_text(one, "name", told, err));
    TRY(put_if(told, "name_en", english_name(portal, code), err));
    return json_add(list, json_steal(&told), err);
}

static int list_municipalities(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(json_freep) struct json *all = NULL;

    TRY(municipality_list(db_of(call), &all, err));
    for (size_t i = 0; i < json_count(all); i++)
        TRY(add_municipality(call->context, json_at(all, i), list, err));
    TRY(json_put(body, "municipalities", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_item(struct json *body, const struct procedure_item *item, struct err *err)
{
    TRY(json_put_text(body, "psid", item->psid, err));
    TRY(json_put_text(body, "municipality", item->municipality, err));
    TRY(json_put_text(body, "category", item->category, err));
    TRY(json_put_text(body, "name", item->name, err));
    TRY(put_if(body, "alias", item->alias, err));
    TRY(json_put_text(body, "summary", item->summary, err));
    TRY(put_if(body, "name_en", item->name_en, err));
    TRY(put_if(body, "alias_en", item->alias_en, err));
    TRY(put_if(body, "summary_en", item->summary_en, err));
    TRY(json_put_bool(body, "is_online", item->is_online, err));
    TRY(put_if(body, "from", item->from, err));
    TRY(put_if(body, "until", item->until, err));
    TRY(json_put_text(body, "department", item->department, err));
    TRY(json_put_int(body, "version", item->version, err));
    return json_put_int(body, "updated_at", item->updated_at, err);
}

static int put_page(struct json *body, const struct procedure_page *page, bool has_hits,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();

    for (size_t i = 0; i < page->count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(put_item(item, &page->items[i], err));
        TRY(json_add(list, json_steal(&item), err));
    }
    TRY(json_put(body, "procedures", json_steal(&list), err));
    if (has_hits)
        TRY(json_put_int(body, "hits", (int64_t)page->hits, err));
    return put_if(body, "next", page->next, err);
}

/* Five digits of a code that is right. */
static int read_municipality(const struct http_call *call, char room[MUNICIPALITY_CODE_SIZE],
                             const char **ret, struct err *err)
{
    const char *code = http_query(&call->request, "municipality");

    if (code == NULL)
        return 0;
    if (!municipality_code_is_valid(code))
        return FAIL(err, ERR_INPUT, "municipality: five digits, or six with the check digit");
    memcpy(room, code, MUNICIPALITY_CODE_SIZE - 1);
    room[MUNICIPALITY_CODE_SIZE - 1] = '\0';
    *ret = room;
    return 0;
}

static int read_limit(const struct http_call *call, size_t *ret, struct err *err)
{
    const char *limit = http_query(&call->request, "limit");
    const size_t len = limit == NULL ? 0 : strlen(limit);

    if (limit == NULL)
        return 0;
    if (len == 0 || len > 3 || strspn(limit, "0123456789") != len)
        return FAIL(err, ERR_INPUT, "limit: 1 to %d", PROCEDURE_PAGE_MAX);
    *ret = (size_t)strtoul(limit, NULL, 10);
    return 0;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words != NULL && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

static int read_word(const struct http_call *call, const char *name, const char *const *words,
                     const char **ret, struct err *err)
{
    const char *word = http_query(&call->request, name);

    if (word != NULL && !is_one_of(word, words))
        return FAIL(err, ERR_INPUT, "%s: there is no such one", name);
    *ret = word;
    return 0;
}

static const char *const yes[] = {"yes", NULL};

static int search(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};
    const char *words[ONE + 1] = {http_query(&call->request, "words"), NULL};
    char room[MUNICIPALITY_CODE_SIZE];
    struct procedure_query query = {.words = words,
                                    .now = clock_now(portal->clock),
                                    .limit = PAGE_DEFAULT,
                                    .after = http_query(&call->request, "after")};
    const char *online;

    TRY(read_municipality(call, room, &query.municipality, err));
    TRY(read_word(call, "event", procedure_events, &query.event, err));
    TRY(read_word(call, "category", procedure_categories, &query.category, err));
    TRY(read_word(call, "online", yes, &online, err));
    TRY(read_limit(call, &query.limit, err));
    query.is_online = online != NULL;
    TRY(procedure_search(db_of(call), &query, &page, err));
    TRY(put_page(body, &page, query.municipality != NULL, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int put_place(const struct portal *portal, struct json *body,
                     const struct municipality *municipality, struct err *err)
{
    CLEANUP(json_freep) struct json *place = json_object_new();

    TRY(json_put_text(place, "code", municipality->code, err));
    TRY(json_put_text(place, "prefecture", municipality->prefecture, err));
    TRY(json_put_text(place, "name", municipality->name, err));
    TRY(put_if(place, "name_en", english_name(portal, municipality->code), err));
    return json_put(body, "place", json_steal(&place), err);
}

static int show(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};

    TRY(procedure_get(db_of(call), http_param(&call->request, "psid"), clock_now(portal->clock),
                      &detail, err));
    TRY(put_item(body, &detail.item, err));
    TRY(put_place(portal, body, &detail.municipality, err));
    TRY(json_put(body, "content", json_steal(&detail.content), err));
    TRY(json_put(body, "contact", json_steal(&detail.contact), err));
    if (detail.item.is_online)
        TRY(json_put(body, "form", json_steal(&detail.form), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form code_form = {"^[0-9]{5}[0-9]?$",
                                           "five digits, and maybe the check digit (JIS X 0402)"};
static const struct http_form psid_form = {"^[0-9]{12}$", "12 digits"};
static const struct http_form next_form = {"^[0-9]{1,9}-[0-9]{1,9}-[0-9]{1,9}-[0-9]{12}$",
                                           "a page's next"};
static const struct http_form limit_form = {"^[0-9]{1,3}$", "1 to 100"};

static const struct http_member place_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "five digits", .form = &code_form},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED, "its prefecture"},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "its name"},
    {"name_en", HTTP_TEXT, HTTP_OPTIONAL, "both in English, if that is known"},
    {NULL},
};
static const struct http_member places_members[] = {
    {"municipalities", HTTP_ARRAY, HTTP_REQUIRED, "by code", place_members}, {NULL}};
static const struct http_answer places_answers[] = {
    {200, "the municipalities that take part", places_members}, {0}};

#define ITEM_MEMBERS                                                                               \
    {"psid", HTTP_TEXT, HTTP_REQUIRED, "its id", .form = &psid_form},                              \
        {"municipality", HTTP_TEXT, HTTP_REQUIRED, "who offers it", .form = &code_form},           \
        {"category", HTTP_TEXT, HTTP_REQUIRED, "the field of life",                                \
         .values = procedure_categories},                                                          \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "its official name"},                                   \
        {"alias", HTTP_TEXT, HTTP_OPTIONAL, "what people call it"},                                \
        {"summary", HTTP_TEXT, HTTP_REQUIRED, "what it is, in short"}, PROCEDURE_ENGLISH_MEMBERS,  \
        {"is_online", HTTP_BOOL, HTTP_REQUIRED, "whether it can be applied for here"},             \
        {"from", HTTP_TEXT, HTTP_OPTIONAL, "the first day to apply; missing: any",                 \
         .form = &http_form_date},                                                                 \
        {"until", HTTP_TEXT, HTTP_OPTIONAL, "the last day to apply; missing: any",                 \
         .form = &http_form_date},                                                                 \
        {"department", HTTP_TEXT, HTTP_REQUIRED, "who is in charge of it"},                        \
        {"version", HTTP_INT, HTTP_REQUIRED, "counts its changes"},                                \
    {                                                                                              \
        "updated_at", HTTP_INT, HTTP_REQUIRED, "its last change, UTC seconds"                      \
    }
static const struct http_member item_members[] = {ITEM_MEMBERS, {NULL}};
static const struct http_member search_query[] = {
    {"municipality", HTTP_TEXT, HTTP_OPTIONAL, "only what it offers", .form = &code_form},
    {"words", HTTP_TEXT, HTTP_OPTIONAL,
     "all of which must be in it, with spaces between; kana and width do not matter"},
    {"event", HTTP_TEXT, HTTP_OPTIONAL, "a life event", .values = procedure_events},
    {"category", HTTP_TEXT, HTTP_OPTIONAL, "a field of life", .values = procedure_categories},
    {"online", HTTP_TEXT, HTTP_OPTIONAL, "only what can be applied for here", .values = yes},
    {"limit", HTTP_TEXT, HTTP_OPTIONAL, "how many on a page; missing: 20", .form = &limit_form},
    {"after", HTTP_TEXT, HTTP_OPTIONAL, "the page behind another one", .form = &next_form},
    {NULL},
};
static const struct http_member page_members[] = {
    {"procedures", HTTP_ARRAY, HTTP_REQUIRED, "those with the words in their names first",
     item_members},
    {"hits", HTTP_INT, HTTP_OPTIONAL, "on all pages, where a municipality is named"},
    {"next", HTTP_TEXT, HTTP_OPTIONAL, "for after; missing: this is the last page",
     .form = &next_form},
    {NULL},
};
static const struct http_answer page_answers[] = {{200, "a page of procedures", page_members}, {0}};
static const struct http_member detail_members[] = {
    ITEM_MEMBERS,
    {"place", HTTP_OBJECT, HTTP_REQUIRED, "the municipality", place_members},
    {"content", HTTP_OBJECT, HTTP_REQUIRED, "what is said of it", procedure_content_members},
    {"contact", HTTP_OBJECT, HTTP_REQUIRED, "whom to ask", procedure_contact_members},
    {"form", HTTP_OBJECT, HTTP_OPTIONAL, "to apply with, if that can be done here", form_members},
    {NULL},
};
static const struct http_answer detail_answers[] = {{200, "the procedure", detail_members}, {0}};

const struct route portal_procedure_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/municipalities",
     .access = &http_anyone,
     .handle = list_municipalities,
     .operation = "listMunicipalities",
     .summary = "List the municipalities that take part",
     .answers = places_answers},
    {.method = HTTP_GET,
     .path = "/v1/procedures",
     .access = &http_anyone,
     .query = search_query,
     .handle = search,
     .operation = "searchProcedures",
     .summary = "Search for procedures",
     .answers = page_answers},
    {.method = HTTP_GET,
     .path = "/v1/procedures/:psid",
     .access = &http_anyone,
     .handle = show,
     .operation = "getProcedure",
     .summary = "Read a procedure",
     .answers = detail_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
