/* SPDX-License-Identifier: Apache-2.0 */
/* Acts in JSON. What they mean is in lifecycle.c, what is told with them is checked in act.c. */
#include "register/routes.h"

#include "register/act.h"

/* Members of the body and where they go. */
static int read_told(const struct json *json, struct act_told *ret, struct err *err)
{
    const struct {
        const char *name;
        const char **value;
    } members[] = {
        {"name", &ret->name},
        {"name_substitutes", &ret->name_substitutes},
        {"registered_name", &ret->registered_name},
        {"kana", &ret->kana},
        {"former_name", &ret->former_name},
        {"registered_address", &ret->registered_address},
        {"address", &ret->address},
        {"address_substitutes", &ret->address_substitutes},
        {"municipality", &ret->municipality},
        {"sex", &ret->sex},
        {"birth_date", &ret->birth_date},
        {"date", &ret->date},
        {"stay_until", &ret->stay_until},
        {"pin", &ret->pin},
    };

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (json_has(json, members[i].name))
            TRY(json_get_text(json, members[i].name, members[i].value, err));
    }
    return 0;
}

static int do_act(struct http_call *call, struct act_entry *entry, struct act_done *ret,
                  struct err *err)
{
    const struct json *json = call->request.json;
    const struct audit_origin by = register_caller(call);

    entry->by = &by;
    TRY(json_get_text(json, "request_id", &entry->request_id, err));
    TRY(read_told(json, &entry->told, err));
    return counter_act(call->context, entry, call->request.traceparent, ret, err);
}

static int post_move(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct act_entry entry = {.act = life_move->name, .resident = http_param(&call->request, "id")};
    struct act_done done;

    TRY(do_act(call, &entry, &done, err));
    TRY(json_put_text(body, "id", done.resident.id, err));
    TRY(json_put_text(body, "address", done.resident.address, err));
    TRY(json_put_text(body, "municipality", done.resident.municipality, err));
    TRY(json_put_text(body, "revocation", revocation_state_name(done.revocation), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

/* 201 also for one that was done before: the answer is the same. */
static int act_reply(struct http_call *call, const struct act_entry *entry,
                     const struct act_done *done, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "request_id", entry->request_id, err));
    TRY(json_put_text(body, "act", entry->act, err));
    TRY(json_put_text(body, "resident", done->resident.id, err));
    TRY(json_put_text(body, "standing", standing_name(done->resident.standing), err));
    if (entry->card != NULL) {
        TRY(json_put_text(body, "card", done->card.serial, err));
        TRY(json_put_text(body, "state", card_state_name(done->card.state), err));
    }
    TRY(json_put_text(body, "revocation", revocation_state_name(done->revocation), err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int post_resident_act(struct http_call *call, struct err *err)
{
    struct act_entry entry = {.resident = http_param(&call->request, "id")};
    struct act_done done;

    TRY(json_get_text(call->request.json, "act", &entry.act, err));
    TRY(do_act(call, &entry, &done, err));
    return act_reply(call, &entry, &done, err);
}

static int post_card_act(struct http_call *call, struct err *err)
{
    struct act_entry entry = {.card = http_param(&call->request, "id")};
    struct act_done done;

    TRY(json_get_text(call->request.json, "act", &entry.act, err));
    TRY(do_act(call, &entry, &done, err));
    return act_reply(call, &entry, &done, err);
}

static const struct http_form request_id_form = {"^[A-Za-z0-9-]{1,64}$",
                                                 "1 to 64 letters, digits and hyphens"};
static const char *const revocation_states[] = {"none", "pending", "done", "refused", NULL};
static const char *const resident_acts[] = {"move",  "move-out",       "move-in", "name",
                                            "sex",   "birth",          "stay",    "abroad",
                                            "death", "naturalisation", NULL};
static const char *const card_acts[] = {"keep",      "loss",    "found",       "reissue",
                                        "return",    "destroy", "renew",       "leak",
                                        "pin-reset", "revoke",  "revoke-sign", NULL};
static const char *const pins[] = {"auth", "sign", "text", "juki", NULL};

#define ID_MEMBER                                                                                  \
    {                                                                                              \
        "request_id", HTTP_TEXT, HTTP_REQUIRED, "of the caller: the same one acts once",           \
            .form = &request_id_form                                                               \
    }
#define REVOCATION_MEMBER(meaning_)                                                                \
    {                                                                                              \
        "revocation", HTTP_TEXT, HTTP_REQUIRED, (meaning_), .values = revocation_states            \
    }

static const struct http_member move_members[] = {
    ID_MEMBER,
    {"address", HTTP_TEXT, HTTP_REQUIRED, "the new one, which begins with the prefecture"},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "characters that stand for others",
     .form = &register_flags_form},
    {"registered_address", HTTP_TEXT, HTTP_OPTIONAL, "spelled as it is registered"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "code of the new one",
     .form = &register_municipality_form},
    {NULL},
};
static const struct http_member moved_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "the new one"},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "code of the new one",
     .form = &register_municipality_form},
    REVOCATION_MEMBER("what became of the sign certificate"),
    {NULL},
};
static const struct http_answer moved_answers[] = {{201, "the move is recorded", moved_members},
                                                   {0}};

static const struct http_member resident_act_members[] = {
    ID_MEMBER,
    {"act", HTTP_TEXT, HTTP_REQUIRED, "what happens", .values = resident_acts},
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "of name and naturalisation: the new one"},
    {"name_substitutes", HTTP_TEXT, HTTP_OPTIONAL, "of name: characters that stand for others",
     .form = &register_flags_form},
    {"registered_name", HTTP_TEXT, HTTP_OPTIONAL, "of name: spelled as it is registered"},
    {"kana", HTTP_TEXT, HTTP_OPTIONAL, "of name: in katakana"},
    {"former_name", HTTP_TEXT, HTTP_OPTIONAL, "of name: a former surname"},
    {"address", HTTP_TEXT, HTTP_OPTIONAL, "of move and move-in: the new one"},
    {"registered_address", HTTP_TEXT, HTTP_OPTIONAL,
     "of move and move-in: spelled as it is registered"},
    {"address_substitutes", HTTP_TEXT, HTTP_OPTIONAL,
     "of move and move-in: characters that stand for others", .form = &register_flags_form},
    {"municipality", HTTP_TEXT, HTTP_OPTIONAL, "of move and move-in: code of the new one",
     .form = &register_municipality_form},
    {"sex", HTTP_TEXT, HTTP_OPTIONAL, "of sex: the new entry", .values = register_sexes},
    {"birth_date", HTTP_TEXT, HTTP_OPTIONAL, "of birth: the right one", .form = &http_form_date},
    {"date", HTTP_TEXT, HTTP_OPTIONAL, "of move-out and move-in: the day of it",
     .form = &http_form_date},
    {"stay_until", HTTP_TEXT, HTTP_OPTIONAL, "of stay: its last day", .form = &http_form_date},
    {NULL},
};
static const struct http_member card_act_members[] = {
    ID_MEMBER,
    {"act", HTTP_TEXT, HTTP_REQUIRED, "what happens", .values = card_acts},
    {"pin", HTTP_TEXT, HTTP_OPTIONAL, "of pin-reset: which one, never its value", .values = pins},
    {NULL},
};
#define ACT_DONE_MEMBERS                                                                           \
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "as it was given", .form = &request_id_form},         \
        {"act", HTTP_TEXT, HTTP_REQUIRED, "as it was given"},                                      \
        {"resident", HTTP_TEXT, HTTP_REQUIRED, "to whom it happened, or the holder"},              \
    {                                                                                              \
        "standing", HTTP_TEXT, HTTP_REQUIRED, "whether they live here", .values = standing_names   \
    }
static const struct http_member resident_done_members[] = {
    ACT_DONE_MEMBERS,
    REVOCATION_MEMBER("what became of the certificates"),
    {NULL},
};
static const struct http_member card_done_members[] = {
    ACT_DONE_MEMBERS,
    {"card", HTTP_TEXT, HTTP_REQUIRED, "its serial", .form = &register_serial_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "what it is now", .values = card_state_names},
    REVOCATION_MEMBER("what became of the certificates"),
    {NULL},
};
static const struct http_answer resident_done_answers[] = {
    {201, "it is recorded; the same for the same request_id", resident_done_members}, {0}};
static const struct http_answer card_done_answers[] = {
    {201, "it is recorded; the same for the same request_id", card_done_members}, {0}};

const struct route register_act_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/residents/:id/moves",
     .access = &register_signed,
     .body = move_members,
     .handle = post_move,
     .operation = "move",
     .summary = "Record a new address; the sign certificate is revoked",
     .answers = moved_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/residents/:id/acts",
     .access = &register_signed,
     .body = resident_act_members,
     .handle = post_resident_act,
     .operation = "actOnResident",
     .summary = "Record what happens to a resident, with all that follows for the cards",
     .answers = resident_done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/acts",
     .access = &register_signed,
     .body = card_act_members,
     .handle = post_card_act,
     .operation = "actOnCard",
     .summary = "Record what happens to a card, with all that follows for its certificates",
     .answers = card_done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
