/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published procedure search (portal.md 2.6): the paths, members and error codes are those that
 * a public third-party client uses, so that it need change nothing but its address. What is not
 * public is our own choice: which code says what, apart from EE001, and that a refusal is a 200.
 */
#include "portal/routes.h"

#include "http/limiter.h"
#include "portal/gateway/apis.h"
#include "portal/gateway/client.h"
#include "portal/gateway/published.h"
#include "portal/outage/outage.h"

#include <stdio.h>
#include <string.h>

#define PUBLISHED "/Application/api/v1/ws/"

enum { STATUS_OVER = 429 };

static const char *const codes[] = {"EE000", "EE001", "EE002", "EE003", NULL};
enum code { WHO_ASKS, NOT_NOW, WHAT_IS_ASKED, NOT_THERE, FINE };

/* A call on its way. */
struct asking {
    struct http_call *call;
    struct db *db;
    struct json *body;
    struct gateway_client client;
    enum code code;
    bool is_over; /* its rate */
};

static void asking_done(struct asking *asking)
{
    json_freep(&asking->body);
}

static int reply(struct asking *asking, unsigned status, const char *hits, const char *key,
                 struct json *found, struct err *err)
{
    CLEANUP(json_freep) struct json *owned = found;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *result = json_object_new();
    CLEANUP(json_freep) struct json *errors = json_array_new();

    if (asking->code != FINE)
        TRY(json_add_text(errors, codes[asking->code], err));
    TRY(json_put_text(result, "resultName", asking->code == FINE ? "OK" : "NG", err));
    TRY(json_put(result, "errors", json_steal(&errors), err));
    if (hits != NULL)
        TRY(json_put_text(result, "hitCount", hits, err));
    TRY(json_put(body, "result", json_steal(&result), err));
    if (owned != NULL)
        TRY(json_put(body, key, json_steal(&owned), err));
    return http_reply_json(&asking->call->response, status, json_steal(&body), err);
}

static int read_text(const struct asking *asking, const char *key, const char **ret,
                     struct err *err)
{
    *ret = NULL;
    return json_has(asking->body, key) ? json_get_text(asking->body, key, ret, err) : 0;
}

/* Whoever asks too often is told so, in the same words. */
static int charge(struct asking *asking, struct err *err)
{
    const struct portal *portal = asking->call->context;
    struct limiter_answer answer;

    TRY(limiter_take(portal_store_limiter(portal->store), asking->client.id, asking->client.rate,
                     monotonic_us(), &answer, err));
    if (!answer.is_over)
        return 0;
    asking->code = NOT_NOW;
    asking->is_over = true;
    return http_reply_field(&asking->call->response, "Retry-After", "1", err);
}

/* What the status page says holds here as well. */
static int check_service(struct asking *asking, struct err *err)
{
    const struct portal *portal = asking->call->context;
    bool is_out;

    TRY(outage_is_now(asking->db, gateway_procedure_search.name, clock_now(portal->clock), &is_out,
                      err));
    if (is_out)
        asking->code = NOT_NOW;
    return 0;
}

/* Sets the code if nobody may ask so. */
static int begin(struct http_call *call, struct asking *ret, struct err *err)
{
    const struct portal *portal = call->context;
    const char *id, *password;
    int rc;

    ret->call = call;
    ret->db = portal_store_db(portal->store);
    ret->code = WHAT_IS_ASKED;
    if (json_parse(call->request.body, &ret->body, NULL) < 0)
        return 0;
    ret->code = WHO_ASKS;
    if (json_get_text(ret->body, "id", &id, NULL) < 0 ||
        json_get_text(ret->body, "password", &password, NULL) < 0)
        return 0;
    rc = gateway_client_find(ret->db, id, password, &ret->client, err);
    if (rc == -ERR_DENIED)
        return 0;
    TRY(rc);
    ret->code = FINE;
    TRY(charge(ret, err));
    return ret->is_over ? 0 : check_service(ret, err);
}

static unsigned status_of(const struct asking *asking)
{
    return asking->is_over ? STATUS_OVER : 200;
}

/* The words, which live with the body; ended by NULL. */
static int read_keywords(const struct asking *asking, const char *ret[PROCEDURE_KEYWORDS_MAX + 1],
                         struct err *err)
{
    const struct json *array = NULL;
    size_t count = 0;

    if (json_has(asking->body, "keyword"))
        TRY(json_get_array(asking->body, "keyword", &array, err));
    for (size_t i = 0; i < json_count(array); i++) {
        const char *word = json_text(json_at(array, i));

        if (word == NULL || count == PROCEDURE_KEYWORDS_MAX)
            return FAIL(err, ERR_INPUT, "keyword: up to %d texts", PROCEDURE_KEYWORDS_MAX);
        if (word[0] != '\0') /* as forms leave them */
            ret[count++] = word;
    }
    ret[count] = NULL;
    return 0;
}

static int read_city(const struct asking *asking, char room[MUNICIPALITY_CODE_SIZE],
                     struct err *err)
{
    const char *code;

    TRY(json_get_text(asking->body, "cityCode", &code, err));
    if (!municipality_code_is_valid(code))
        return FAIL(err, ERR_INPUT, "cityCode: five or six digits");
    memcpy(room, code, MUNICIPALITY_CODE_SIZE - 1);
    room[MUNICIPALITY_CODE_SIZE - 1] = '\0';
    return 0;
}

static int read_service(const struct asking *asking, const char **ret, struct err *err)
{
    const char *service;

    TRY(read_text(asking, "serviceCode", &service, err));
    *ret = service == NULL || service[0] == '\0' ? NULL : published_category(service);
    if (*ret == NULL && service != NULL && service[0] != '\0')
        return FAIL(err, ERR_INPUT, "serviceCode: there is no such one");
    return 0;
}

struct question {
    char city[MUNICIPALITY_CODE_SIZE];
    const char *words[PROCEDURE_KEYWORDS_MAX + 1];
    struct procedure_query query;
};

static int read_question(const struct asking *asking, struct question *ret, struct err *err)
{
    const struct portal *portal = asking->call->context;

    ret->query = (struct procedure_query){.municipality = ret->city,
                                          .words = ret->words,
                                          .now = clock_now(portal->clock),
                                          .limit = PROCEDURE_PAGE_MAX};
    TRY(read_city(asking, ret->city, err));
    TRY(read_keywords(asking, ret->words, err));
    TRY(read_service(asking, &ret->query.category, err));
    if (json_has(asking->body, "isEApplicable"))
        TRY(json_get_bool(asking->body, "isEApplicable", &ret->query.is_online, err));
    return 0;
}

static int add_page(const struct procedure_page *page, struct json *list, struct err *err)
{
    for (size_t i = 0; i < page->count; i++) {
        CLEANUP(json_freep) struct json *item = json_object_new();

        TRY(published_put_item(item, &page->items[i], err));
        TRY(json_add(list, json_steal(&item), err));
    }
    return 0;
}

/* All of them: nothing is known of pages. */
static int find_all(const struct asking *asking, struct question *question, struct json *list,
                    size_t *ret_hits, struct err *err)
{
    char after[PROCEDURE_CURSOR_SIZE] = "";

    do {
        CLEANUP(procedure_page_done) struct procedure_page page = {.items = NULL};

        question->query.after = after[0] == '\0' ? NULL : after;
        TRY(procedure_search(asking->db, &question->query, &page, err));
        TRY(add_page(&page, list, err));
        *ret_hits = page.hits;
        memcpy(after, page.next, sizeof after);
    } while (after[0] != '\0');
    return 0;
}

static int search_list(struct http_call *call, struct err *err)
{
    CLEANUP(asking_done) struct asking asking = {.body = NULL};
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct question question;
    size_t hits = 0;
    char count[24];
    int rc = 0;

    TRY(begin(call, &asking, err));
    if (asking.code == FINE)
        rc = read_question(&asking, &question, err);
    if (asking.code == FINE && rc == 0)
        rc = find_all(&asking, &question, list, &hits, err);
    if (rc == -ERR_INPUT)
        asking.code = WHAT_IS_ASKED;
    else
        TRY(rc);
    (void)snprintf(count, sizeof count, "%zu", hits);
    return reply(&asking, status_of(&asking), count, "eLinkServProcInfoList", json_steal(&list),
                 err);
}

static int find_one(const struct asking *asking, struct json *found, struct err *err)
{
    const struct portal *portal = asking->call->context;
    CLEANUP(procedure_detail_done) struct procedure_detail detail = {.content = NULL};
    const char *psid;

    TRY(json_get_text(asking->body, "psid", &psid, err));
    TRY(procedure_get(asking->db, psid, clock_now(portal->clock), &detail, err));
    return published_put_detail(found, &detail, err);
}

static int search_detail(struct http_call *call, struct err *err)
{
    CLEANUP(asking_done) struct asking asking = {.body = NULL};
    CLEANUP(json_freep) struct json *found = json_object_new();
    int rc = 0;

    TRY(begin(call, &asking, err));
    if (asking.code == FINE)
        rc = find_one(&asking, found, err);
    if (rc == -ERR_INPUT || rc == -ERR_ABSENT)
        asking.code = rc == -ERR_INPUT ? WHAT_IS_ASKED : NOT_THERE;
    else
        TRY(rc);
    if (asking.code != FINE)
        json_freep(&found);
    return reply(&asking, status_of(&asking), NULL, "eLinkServProcInfo", json_steal(&found), err);
}

static const char *const names[] = {"OK", "NG", NULL};
static const struct http_member result_members[] = {
    {"resultName", HTTP_TEXT, HTTP_REQUIRED, "whether it was answered", .values = names},
    {"errors", HTTP_ARRAY, HTTP_REQUIRED,
     "why not: EE000 id or password, EE001 not now (out of service, or too often), EE002 what is "
     "asked, EE003 no such procedure",
     .values = codes},
    {"hitCount", HTTP_TEXT, HTTP_OPTIONAL, "how many there are, in digits"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"result", HTTP_OBJECT, HTTP_REQUIRED, "how it went", result_members},
    {"eLinkServProcInfoList", HTTP_ARRAY, HTTP_REQUIRED, "those that were found",
     published_item_members},
    {NULL},
};
static const struct http_member detail_members[] = {
    {"result", HTTP_OBJECT, HTTP_REQUIRED, "how it went", result_members},
    {"eLinkServProcInfo", HTTP_OBJECT, HTTP_OPTIONAL, "the procedure; missing: there is none",
     published_detail_members},
    {NULL},
};
static const struct http_answer list_answers[] = {
    {200, "the procedures of a municipality, or why not", list_members},
    {STATUS_OVER, "too many requests a second: EE001", list_members},
    {0}};
static const struct http_answer detail_answers[] = {
    {200, "the procedure, or why not", detail_members},
    {STATUS_OVER, "too many requests a second: EE001", detail_members},
    {0}};

const struct gateway_api gateway_procedure_search = {
    .name = "procedure-search",
    .since = "2017-11",
    .names = {"サービス検索API", "Procedure search"},
};

const struct route portal_published_routes[] = {
    {.method = HTTP_POST,
     .path = PUBLISHED "eLinkServProcListSearch",
     .access = &http_anyone,
     .body_type = "application/json",
     .handle = search_list,
     .operation = "eLinkServProcListSearch",
     .summary = "Search a municipality's procedures, as published: id, password (SHA-256), "
                "cityCode, keyword, serviceCode, isEApplicable",
     .answers = list_answers,
     .is_foreign = true},
    {.method = HTTP_POST,
     .path = PUBLISHED "eLinkServProcDetailSearch",
     .access = &http_anyone,
     .body_type = "application/json",
     .handle = search_detail,
     .operation = "eLinkServProcDetailSearch",
     .summary = "Read a procedure, as published: id, password (SHA-256), psid",
     .answers = detail_answers,
     .is_foreign = true},
    {.path = NULL},
};
