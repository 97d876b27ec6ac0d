/* SPDX-License-Identifier: Apache-2.0 */
/* Finding residents and their cards, for clerks. */
#include "register/routes.h"

#include "http/member.h"
#include "register/search.h"
#include "register/sight.h"

#include <stdio.h>
#include <string.h>

static int put_resident(struct json *item, const struct resident *resident, struct err *err)
{
    char birth[CALTIME_TEXT_SIZE];

    caldate_format_iso(resident->birth, birth);
    TRY(json_put_text(item, "id", resident->id, err));
    TRY(json_put_text(item, "name", resident->name, err));
    TRY(json_put_text(item, "kana", resident->kana, err));
    TRY(json_put_text(item, "address", resident->address, err));
    TRY(json_put_text(item, "birth_date", birth, err));
    return json_put_text(item, "standing", standing_name(resident->standing), err);
}

static int add_resident(void *context, const struct resident *resident, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(put_resident(item, resident, err));
    return json_add(context, json_steal(&item), err);
}

/* The municipality of the counter where the clerk sits. */
static void place_of(const struct session *session, char ret[MUNICIPALITY_CODE_LEN + 1])
{
    memcpy(ret, session->counter, MUNICIPALITY_CODE_LEN);
    ret[MUNICIPALITY_CODE_LEN] = '\0';
}

static int get_residents(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    const char *birth = http_query(&call->request, "birth_date");
    const char *name = http_query(&call->request, "name");
    char place[MUNICIPALITY_CODE_LEN + 1];
    struct resident_search search = {.municipality = place, .name = name == NULL ? "" : name};
    struct session session;

    TRY(sight_session(call, SIGHT_SEARCH, &session, err));
    place_of(&session, place);
    TRY(err_prefix(err, caldate_parse_iso(birth, &search.birth, err), "birth_date"));
    TRY(register_search(counter->store, &search, add_resident, list, err));
    TRY(json_put(body, "residents", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int add_card(void *context, const struct card *card, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    TRY(json_put_text(item, "serial", card->serial, err));
    TRY(json_put_text(item, "state", card_state_name(card->state), err));
    TRY(register_put_date(item, "expires_on", card->expires_on, err));
    return json_add(context, json_steal(&item), err);
}

static int get_cards(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct resident resident;

    TRY(sight_resident(call, http_param(&call->request, "id"), &resident, err));
    TRY(register_each_card(counter->store, resident.id, add_card, list, err));
    TRY(json_put(body, "cards", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* ---- by number ---- */

static const char *const number_purposes[] = {"social-security", "tax", "disaster", NULL};

static int read_purpose(const char *name, enum mynumber_purpose *ret, struct err *err)
{
    for (unsigned purpose = 0; purpose < MYNUMBER_PURPOSES_; purpose++) {
        if (strcmp(mynumber_purpose_name((enum mynumber_purpose)purpose), name) == 0) {
            *ret = (enum mynumber_purpose)purpose;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "purpose: a purpose in law");
}

static int post_number(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct json *json = call->request.json;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(mynumber_done) struct mynumber number = MYNUMBER_INIT;
    struct mynumber_use use = {.body = MYNUMBER_BY_MUNICIPALITY,
                               .at = clock_now(counter->clock),
                               .trace_id = call->request.trace_id};
    char place[MUNICIPALITY_CODE_LEN + 1], actor[AUDIT_ACTOR_MAX + 1];
    struct session session;
    struct resident resident;
    const char *text;

    TRY(sight_session(call, SIGHT_NUMBER, &session, err));
    place_of(&session, place);
    TRY(json_get_text(json, "purpose", &text, err));
    TRY(read_purpose(text, &use.purpose, err));
    TRY(json_get_bool(json, "is_identified", &use.is_identified, err));
    TRY(json_get_text(json, "mynumber", &text, err));
    TRY(mynumber_parse(text, counter->rule, &number, err));
    (void)snprintf(actor, sizeof actor, "clerk:%s", session.clerk);
    use.actor = actor;
    TRY(register_find_by_number(counter->store, &number, place, &use, &resident, err));
    TRY(put_resident(body, &resident, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

#define FOUND_MEMBERS                                                                              \
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},                                  \
        {"name", HTTP_TEXT, HTTP_REQUIRED, "as certificates have it"},                             \
        {"kana", HTTP_TEXT, HTTP_REQUIRED, "in katakana; may be empty"},                           \
        {"address", HTTP_TEXT, HTTP_REQUIRED, "as certificates have it"},                          \
        {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "a date", .form = &http_form_date},               \
    {                                                                                              \
        "standing", HTTP_TEXT, HTTP_REQUIRED, "whether they live here", .values = standing_names   \
    }
static const struct http_member found_members[] = {FOUND_MEMBERS, {NULL}};
static const struct http_member search_query[] = {
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "when they were born", .form = &http_form_date},
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "what the name, or it in katakana, begins with"},
    {NULL},
};
static const struct http_member residents_members[] = {
    {"residents", HTTP_ARRAY, HTTP_REQUIRED, "those whom the counter is concerned with",
     found_members},
    {NULL},
};
static const struct http_answer residents_answers[] = {{200, "whoever is found", residents_members},
                                                       {0}};
static const struct http_member card_members[] = {
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &register_serial_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how far it is", .values = card_state_names},
    {"expires_on", HTTP_TEXT, HTTP_OPTIONAL, "its last day", .form = &http_form_date},
    {NULL},
};
static const struct http_member cards_members[] = {
    {"cards", HTTP_ARRAY, HTTP_REQUIRED, "the last one first", card_members}, {NULL}};
static const struct http_answer cards_answers[] = {{200, "the cards", cards_members}, {0}};
static const struct http_form number_form = {"^[0-9]{12}$", "twelve digits"};
static const struct http_member number_members[] = {
    {"mynumber", HTTP_TEXT, HTTP_REQUIRED, "the individual number", .form = &number_form},
    {"purpose", HTTP_TEXT, HTTP_REQUIRED, "what for, in the words of the law",
     .values = number_purposes},
    {"is_identified", HTTP_BOOL, HTTP_REQUIRED, "whether it was checked who stands there"},
    {NULL},
};
static const struct http_answer number_answers[] = {{200, "whose it is", found_members}, {0}};

const struct route register_search_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/residents",
     .access = &register_clerk,
     .query = search_query,
     .handle = get_residents,
     .operation = "searchResidents",
     .summary = "Find residents of the counter's municipality by day of birth and name, and those "
                "who moved away by their whole name",
     .answers = residents_answers},
    {.method = HTTP_GET,
     .path = "/v1/residents/:id/cards",
     .access = &register_clerk,
     .handle = get_cards,
     .operation = "listResidentCards",
     .summary = "List the cards of a resident",
     .answers = cards_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.method = HTTP_POST,
     .path = "/v1/residents/by-number",
     .access = &register_clerk,
     .body = number_members,
     .handle = post_number,
     .operation = "findByNumber",
     .summary = "Find whose individual number that is, for a purpose in law, which is recorded",
     .answers = number_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
