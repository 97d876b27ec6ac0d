/* SPDX-License-Identifier: Apache-2.0 */
/* What is held about a person, for that person alone. */
#include "portal/routes.h"

#include "portal/account/access.h"
#include "portal/papers.h"
#include "portal/selfinfo/print.h"
#include "portal/selfinfo/selfinfo.h"

#include <stdio.h>

static int get_catalogue(struct http_call *call, struct err *err)
{
    const struct exchange *x;
    struct json *body;

    TRY(selfinfo_exchange(call->context, &x, err));
    TRY(selfinfo_tell_catalogue(x->tables, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int post_request(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    struct selfinfo_wish wish = {.year = 0};
    struct selfinfo_request request;
    struct audit_origin by;
    struct session own;
    struct json *body;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(json_get_array(call->request.json, "infos", &wish.infos, err));
    TRY(json_get_text(call->request.json, "area", &wish.area, err));
    if (json_has(call->request.json, "year"))
        TRY(json_get_int(call->request.json, "year", &wish.year, err));
    TRY(selfinfo_request(portal, &own, &wish, &by, &request, err));
    TRY(selfinfo_tell(portal, &request, false, &body, err));
    return http_reply_json(&call->response, 201, body, err);
}

static int get_requests(struct http_call *call, struct err *err)
{
    const struct portal *portal = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    CLEANUP(selfinfo_requests_freep) struct selfinfo_requests *all = NULL;
    const struct exchange *x;
    struct session own;

    TRY(citizen_find(call, &own, err));
    TRY(selfinfo_exchange(portal, &x, err));
    TRY(selfinfo_list(portal->store, own.account.id, &all, err));
    for (unsigned i = 0; i < all->count; i++) {
        struct json *told;

        TRY(selfinfo_tell(portal, &all->at[i], false, &told, err));
        TRY(json_add(list, told, err));
    }
    TRY(json_put(body, "requests", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* One request, with what is there by now; what was not asked yet is asked. */
static int find_request(struct http_call *call, struct selfinfo_request *request, struct json **ret,
                        struct err *err)
{
    const struct portal *portal = call->context;
    const struct exchange *x;
    struct audit_origin by;
    struct session own;

    TRY(citizen_find(call, &own, err));
    by = citizen_by(call, &own);
    TRY(selfinfo_exchange(portal, &x, err));
    TRY(selfinfo_get(portal->store, own.account.id, http_param(&call->request, "id"), request,
                     err));
    TRY(selfinfo_continue(portal, request, &by, err));
    return selfinfo_tell(portal, request, true, ret, err);
}

static int get_request(struct http_call *call, struct err *err)
{
    struct selfinfo_request request;
    struct json *body;

    TRY(find_request(call, &request, &body, err));
    return http_reply_json(&call->response, 200, body, err);
}

static int get_download(struct http_call *call, struct err *err)
{
    struct selfinfo_request request;
    struct json *body;
    char field[96];

    TRY(find_request(call, &request, &body, err));
    (void)snprintf(field, sizeof field, "attachment; filename=\"self-information-%s.json\"",
                   request.id);
    TRY(http_reply_json(&call->response, 200, body, err));
    return http_reply_field(&call->response, "Content-Disposition", field, err);
}

static int get_paper(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(paper_freep) struct paper *paper = NULL;
    static const struct papers_words title = {{"自己情報の控え", "Copy of your own information"}};
    struct selfinfo_request request;
    enum paper_language language;

    TRY(papers_language(call, &language, err));
    TRY(find_request(call, &request, &told, err));
    TRY(papers_begin(call, language, &title, request.id, &paper, err));
    TRY(selfinfo_print(told, language, paper, err));
    return papers_reply(call, paper, "self-information", request.id, err);
}

/* ---- words ---- */

static const struct http_form area_form = {"^[0-9]{5}$", "five digits"};
static const struct http_form info_form = {"^TM[0-9]{14}$", "TM and fourteen digits"};
static const struct http_form item_form = {"^[0-9]{10}$", "ten digits"};
static const struct http_form body_form = {"^[A-Z][A-Z0-9]{0,15}$", "up to 16 of A-Z and 0-9"};
static const struct http_form day_form = {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "YYYY-MM-DD"};
static const char *const origins[] = {"own", "public", NULL};

#define NAME_MEMBERS                                                                               \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "in Japanese"},                                             \
    {                                                                                              \
        "name_en", HTTP_TEXT, HTTP_REQUIRED, "in English"                                          \
    }
#define INFO_MEMBERS                                                                               \
    {"info", HTTP_TEXT, HTTP_REQUIRED, "the name's code", .form = &info_form}, NAME_MEMBERS,       \
        {"group", HTTP_TEXT, HTTP_REQUIRED, "what it belongs to: household, tax, ..."},            \
    {                                                                                              \
        "source", HTTP_TEXT, HTTP_REQUIRED, "the kind of information, S325 to S343"                \
    }

static const struct http_member wish_members[] = {
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "codes of what is wanted", .form = &info_form},
    {"area", HTTP_TEXT, HTTP_REQUIRED, "the municipality that is asked", .form = &area_form},
    {"year", HTTP_INT, HTTP_OPTIONAL, "the year that is asked for; without it all that is held"},
    {NULL},
};
static const struct http_member content_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the item", .form = &item_form},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the item of level 0 before it"},
    {"form", HTTP_TEXT, HTTP_REQUIRED, "of the content", .values = item_forms},
    NAME_MEMBERS,
    {"content", HTTP_TEXT, HTTP_REQUIRED, "what is held"},
    {NULL},
};
static const struct http_member record_members[] = {
    {"day", HTTP_TEXT, HTTP_REQUIRED, "of the record", .form = &day_form},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "what stands in it", content_members},
    {NULL},
};
const struct http_member selfinfo_standing_members[] = {
    INFO_MEMBERS,
    {"provider", HTTP_TEXT, HTTP_REQUIRED, "the body that is asked", .form = &body_form},
    {"provider_name", HTTP_TEXT, HTTP_OR_NULL, "in Japanese; null: it is not connected"},
    {"provider_name_en", HTTP_TEXT, HTTP_OR_NULL, "in English"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = exchange_states},
    {"asked_at", HTTP_INT, HTTP_OR_NULL, "UTC seconds"},
    {"answered_at", HTTP_INT, HTTP_OR_NULL, "UTC seconds"},
    {"again_at", HTTP_INT, HTTP_OR_NULL, "when it goes on, where that is known"},
    {"records", HTTP_ARRAY, HTTP_OPTIONAL, "what was handed over, if it is ready", record_members},
    {NULL},
};
static const struct http_member request_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "of the request", .form = &portal_id_form},
    {"made_at", HTTP_INT, HTTP_REQUIRED, "UTC seconds"},
    {"year", HTTP_INT, HTTP_OR_NULL, "as asked for"},
    {"done", HTTP_INT, HTTP_REQUIRED, "names of which nothing more will come"},
    {"total", HTTP_INT, HTTP_REQUIRED, "names that were asked for"},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "each of them", selfinfo_standing_members},
    {NULL},
};
static const struct http_member requests_members[] = {
    {"requests", HTTP_ARRAY, HTTP_REQUIRED, "the newest first", request_members}, {NULL}};
static const struct http_member row_members[] = {
    {"code", HTTP_TEXT, HTTP_REQUIRED, "of the item", .form = &item_form},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "whose code it is: own means nothing elsewhere",
     .values = origins},
    {"level", HTTP_INT, HTTP_REQUIRED, "1 belongs to the item of level 0 before it"},
    {"form", HTTP_TEXT, HTTP_REQUIRED, "of the content", .values = item_forms},
    NAME_MEMBERS,
    {NULL},
};
static const struct http_member info_members[] = {
    INFO_MEMBERS,
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "whose code it is: own means nothing elsewhere",
     .values = origins},
    {"held_by", HTTP_TEXT, HTTP_REQUIRED, "what kind of body has it", .values = body_kinds},
    {"items", HTTP_ARRAY, HTTP_REQUIRED, "what there may be in it", row_members},
    {NULL},
};
static const struct http_member body_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "its code", .form = &body_form},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what it is", .values = body_kinds},
    {"area", HTTP_TEXT, HTTP_OR_NULL, "of which place", .form = &area_form},
    {"connected", HTTP_BOOL, HTTP_REQUIRED, "whether it can be asked"},
    NAME_MEMBERS,
    {NULL},
};
static const struct http_member catalogue_members[] = {
    {"infos", HTTP_ARRAY, HTTP_REQUIRED, "what may be held about somebody", info_members},
    {"bodies", HTTP_ARRAY, HTTP_REQUIRED, "who takes part", body_members},
    {NULL},
};
static const struct http_answer catalogue_answers[] = {
    {200, "what there is to ask for", catalogue_members}, {0}};
static const struct http_answer made_answers[] = {{201, "the request", request_members}, {0}};
static const struct http_answer request_answers[] = {{200, "the request", request_members}, {0}};
static const struct http_answer requests_answers[] = {{200, "the requests", requests_members}, {0}};

const struct route portal_selfinfo_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/self-information/catalogue",
     .access = &http_anyone,
     .handle = get_catalogue,
     .operation = "getSelfInformationCatalogue",
     .summary = "Read what may be held about people, and by whom",
     .answers = catalogue_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/self-information",
     .access = &portal_information_of,
     .body = wish_members,
     .handle = post_request,
     .operation = "requestSelfInformation",
     .summary = "Ask what is held about oneself",
     .answers = made_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/self-information",
     .access = &portal_information_of,
     .handle = get_requests,
     .operation = "listSelfInformation",
     .summary = "List one's requests, and how far they are",
     .answers = requests_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/self-information/:id",
     .access = &portal_information_of,
     .handle = get_request,
     .operation = "getSelfInformation",
     .summary = "Read a request, and what was handed over so far",
     .answers = request_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/self-information/:id/download",
     .access = &portal_information_of,
     .handle = get_download,
     .operation = "downloadSelfInformation",
     .summary = "The same as a file",
     .answers = request_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_GET,
     .path = "/v1/self-information/:id/paper",
     .access = &portal_information_of,
     .query = papers_query,
     .handle = get_paper,
     .operation = "printSelfInformation",
     .summary = "The same on paper",
     .answers = papers_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
