/* SPDX-License-Identifier: Apache-2.0 */
/* The loss line in JSON: who is calling, and which cards may be suspended. */
#include "register/routes.h"

#include "http/member.h"
#include "register/loss.h"
#include "register/search.h"
#include "register/sight.h"

static int read_search(const struct json *json, struct loss_search *ret, struct err *err)
{
    const char *birth;

    TRY(json_get_text(json, "name", &ret->name, err));
    TRY(json_get_text(json, "address", &ret->address, err));
    TRY(json_get_text(json, "birth_date", &birth, err));
    return err_prefix(err, caldate_parse_iso(birth, &ret->birth, err), "birth_date");
}

/* Those that somebody has in hand, or should have. */
static int add_card(void *context, const struct card *card, struct err *err)
{
    CLEANUP(json_freep) struct json *item = json_object_new();

    if (card->state != CARD_ACTIVE && card->state != CARD_SUSPENDED)
        return 0;
    TRY(json_put_text(item, "serial", card->serial, err));
    TRY(json_put_text(item, "state", card_state_name(card->state), err));
    return json_add(context, json_steal(&item), err);
}

static int put_caller(const struct counter *counter, const struct resident *caller,
                      struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *cards = json_array_new();
    const struct municipality *place;

    TRY(municipality_find(counter->municipalities, caller->municipality, &place, err));
    TRY(register_each_card(counter->store, caller->id, add_card, cards, err));
    TRY(json_put_text(body, "name", caller->name, err));
    TRY(json_put_text(body, "prefecture", place->prefecture, err));
    TRY(json_put_text(body, "municipality", place->name, err));
    return json_put(body, "cards", json_steal(&cards), err);
}

static int post_search(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct loss_search search;
    struct session session;
    struct resident caller;
    struct audit_origin by;

    TRY(sight_session(call, SIGHT_LOSS, &session, err));
    TRY(read_search(call->request.json, &search, err));
    by = audit_by_role(clock_now(counter->clock), "clerk", session.clerk, call->request.trace_id);
    TRY(register_find_caller(counter->store, &search, &by, &caller, err));
    TRY(put_caller(counter, &caller, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const char *const states[] = {"active", "suspended", NULL};

static const struct http_member search_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "all of it, in any of its spellings or in katakana"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "when the caller was born", .form = &http_form_date},
    {"address", HTTP_TEXT, HTTP_REQUIRED,
     "part of it, of three characters or more behind the prefecture"},
    {NULL},
};
static const struct http_member card_members[] = {
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &register_serial_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it is suspended already", .values = states},
    {NULL},
};
static const struct http_member caller_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as certificates have it"},
    {"prefecture", HTTP_TEXT, HTTP_REQUIRED, "where the caller lives"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "the name of the municipality there"},
    {"cards", HTTP_ARRAY, HTTP_REQUIRED, "those that were handed over and count", card_members},
    {NULL},
};
static const struct http_answer caller_answers[] = {{200, "who is calling", caller_members}, {0}};

const struct route register_loss_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/loss-line/searches",
     .access = &register_clerk,
     .body = search_members,
     .handle = post_search,
     .operation = "findCaller",
     .summary = "Find who has called because a card is lost, wherever he lives; it is recorded",
     .answers = caller_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
