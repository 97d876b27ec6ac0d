/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Procedures for everybody, logged in or not (portal.md, S304): which municipalities there are, a
 * search, and one procedure with its text and form. Shapes are our own.
 */
#include "portal/routes.h"

#include "http/answer.h"
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

static void write_if(struct http_writer *to, const char *name, const char *text)
{
    if (text[0] != '\0')
        http_write_text(to, name, text);
}

static void write_english(struct http_writer *to, const struct portal *portal, const char *code)
{
    struct place_english english;

    if (!place_english(&portal->romaji, code, &english))
        return;
    http_write_text(to, "prefecture_en", english.prefecture);
    http_write_text(to, "name_en", english.name);
}

static int write_municipality(struct http_writer *to, const struct portal *portal,
                              const struct json *one, struct err *err)
{
    const char *code, *prefecture, *name;

    TRY(json_get_text(one, "code", &code, err));
    TRY(json_get_text(one, "prefecture", &prefecture, err));
    TRY(json_get_text(one, "name", &name, err));
    http_write_object(to, NULL);
    http_write_text(to, "code", code);
    http_write_text(to, "prefecture", prefecture);
    http_write_text(to, "name", name);
    write_english(to, portal, code);
    http_write_end(to);
    return 0;
}

static int list_municipalities(struct http_call *call, struct err *err)
{
    CLEANUP(http_writer_done) struct http_writer answer = HTTP_WRITER_INIT;
    CLEANUP(json_freep) struct json *all = NULL;

    TRY(municipality_list(db_of(call), &all, err));
    http_answer_begin(call, 200, &answer);
    http_write_array(&answer, "municipalities");
    for (size_t i = 0; i < json_count(all); i++)
        TRY(write_municipality(&answer, call->context, json_at(all, i), err));
    http_write_end(&answer);
    return http_answer_end(call, &answer, err);
}

static void write_item(struct http_writer *to, const struct procedure_item *item)
{
    http_write_text(to, "psid", item->psid);
    http_write_text(to, "municipality", item->municipality);
    http_write_text(to, "category", item->category);
    http_write_text(to, "name", item->name);
    write_if(to, "alias", item->alias);
    http_write_text(to, "summary", item->summary);
    write_if(to, "name_en", item->name_en);
    write_if(to, "alias_en", item->alias_en);
    write_if(to, "summary_en", item->summary_en);
    http_write_bool(to, "is_online", item->is_online);
    write_if(to, "from", item->from);
    write_if(to, "until", item->until);
    http_write_text(to, "department", item->department);
    write_if(to, "department_en", item->department_en);
    http_write_int(to, "version", item->version);
    http_write_int(to, "updated_at", item->updated_at);
}

static void write_page(struct http_writer *to, const struct procedure_page *page, bool has_hits)
{
    http_write_array(to, "procedures");
    for (size_t i = 0; i < page->count; i++) {
        http_write_object(to, NULL);
        write_item(to, &page->items[i]);
        http_write_end(to);
    }
    http_write_end(to);
    if (has_hits)
        http_write_int(to, "hits", (int64_t)page->hits);
    write_if(to, "next", page->next);
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
    CLEANUP(http_writer_done) struct http_writer answer = HTTP_WRITER_INIT;
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
    http_answer_begin(call, 200, &answer);
    write_page(&answer, &page, query.municipality != NULL);
    return http_answer_end(call, &answer, err);
}

static void write_place(struct http_writer *to, const struct portal *portal,
                        const struct municipality *municipality)
{
    http_write_object(to, "place");
    http_write_text(to, "code", municipality->code);
    http_write_text(to, "prefecture", municipality->prefecture);
    http_write_text(to, "name", municipality->name);
    write_english(to, portal, municipality->code);
    http_write_end(to);
}

static int show(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(http_writer_done) struct http_writer answer = HTTP_WRITER_INIT;
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};

    TRY(procedure_get(db_of(call), http_param(&call->request, "psid"), clock_now(portal->clock),
                      &detail, err));
    http_answer_begin(call, 200, &answer);
    write_item(&answer, &detail.item);
    write_place(&answer, portal, &detail.municipality);
    http_write_tree(&answer, "content", detail.content);
    http_write_tree(&answer, "contact", detail.contact);
    if (detail.item.is_online)
        http_write_tree(&answer, "form", detail.form);
    return http_answer_end(call, &answer, err);
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
    {"prefecture_en", HTTP_TEXT, HTTP_OPTIONAL, "its prefecture in English, if that is known"},
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
        {"department_en", HTTP_TEXT, HTTP_OPTIONAL, "the same in English"},                        \
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
