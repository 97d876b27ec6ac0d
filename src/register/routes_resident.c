/* SPDX-License-Identifier: Apache-2.0 */
/* Residents in JSON and back. */
#include "register/arrival.h"
#include "register/sight.h"

#include <string.h>

/* A text member into an array of a resident; optional ones stay empty. */
static int read_text(const struct json *json, const char *key, char *ret, size_t size,
                     struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    if (strlen(text) >= size)
        return FAIL(err, ERR_INPUT, "%s is too long", key);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

static int read_optional(const struct json *json, const char *key, char *ret, size_t size,
                         struct err *err)
{
    return json_has(json, key) ? read_text(json, key, ret, size, err) : 0;
}

static int read_date(const struct json *json, const char *key, struct caldate *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    return err_prefix(err, caldate_parse_iso(text, ret, err), "%s", key);
}

/* What is in no certificate. */
static int read_register_texts(const struct json *json, struct resident *r, struct err *err)
{
    TRY(read_optional(json, "registered_name", r->registered_name, sizeof r->registered_name, err));
    TRY(read_optional(json, "registered_address", r->registered_address,
                      sizeof r->registered_address, err));
    TRY(read_optional(json, "kana", r->kana, sizeof r->kana, err));
    return read_optional(json, "former_name", r->former_name, sizeof r->former_name, err);
}

static int read_resident(const struct json *json, struct resident *r, struct err *err)
{
    const char *sex;

    TRY(read_text(json, "name", r->name, sizeof r->name, err));
    TRY(read_text(json, "address", r->address, sizeof r->address, err));
    TRY(read_optional(json, "name_substitutes", r->name_substitutes, sizeof r->name_substitutes,
                      err));
    TRY(read_optional(json, "address_substitutes", r->address_substitutes,
                      sizeof r->address_substitutes, err));
    TRY(read_register_texts(json, r, err));
    TRY(read_date(json, "birth_date", &r->birth, err));
    TRY(json_get_text(json, "sex", &sex, err));
    TRY(sex_parse(sex, &r->sex, err));
    if (json_has(json, "stay_until"))
        TRY(read_date(json, "stay_until", &r->stay_until, err));
    return read_text(json, "municipality", r->municipality, sizeof r->municipality, err);
}

static int read_numbers(const struct json *json, struct number_texts *ret, struct err *err)
{
    if (json_has(json, "mynumber"))
        TRY(json_get_text(json, "mynumber", &ret->mynumber, err));
    if (json_has(json, "resident_code"))
        TRY(json_get_text(json, "resident_code", &ret->resident_code, err));
    return 0;
}

/* Members that belong to an arrival alone are not lost in silence. */
static int check_no_arrival(const struct json *json, struct err *err)
{
    static const char *const names[] = {"request_id", "since", "is_somebody_else"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (json_has(json, names[i]))
            return FAIL(err, ERR_INPUT, "%s is told with a reason", names[i]);
    }
    return json_has(json, "mynumber") ? 0 : FAIL(err, ERR_INPUT, "mynumber or a reason is needed");
}

static int read_arrival(const struct json *json, const struct resident *resident,
                        struct arrival *ret, struct err *err)
{
    const char *reason;

    TRY(json_get_text(json, "reason", &reason, err));
    TRY(arrival_reason_parse(reason, &ret->reason, err));
    TRY(json_get_text(json, "request_id", &ret->request_id, err));
    if (json_has(json, "is_somebody_else"))
        TRY(json_get_bool(json, "is_somebody_else", &ret->is_somebody_else, err));
    ret->since = resident->birth;
    if (json_has(json, "since") || ret->reason != ARRIVED_BY_BIRTH)
        TRY(read_date(json, "since", &ret->since, err));
    return 0;
}

static int add(struct http_call *call, struct resident *resident, bool *ret_is_new, struct err *err)
{
    const struct json *json = call->request.json;
    const struct audit_origin by = register_caller(call);
    struct arrival arrival = {.request_id = ""};

    TRY(read_resident(json, resident, err));
    TRY(read_numbers(json, &arrival.numbers, err));
    if (!json_has(json, "reason")) {
        TRY(check_no_arrival(json, err));
        return counter_add_resident(call->context, resident, &arrival.numbers, &by, ret_is_new,
                                    err);
    }
    TRY(read_arrival(json, resident, &arrival, err));
    return counter_add_arrival(call->context, resident, &arrival, &by, ret_is_new, err);
}

static int post_resident(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = NULL;
    struct resident resident = {0};
    bool is_new;

    TRY(add(call, &resident, &is_new, err));
    body = json_object_new();
    TRY(json_put_text(body, "id", resident.id, err));
    return http_reply_json(&call->response, is_new ? 201 : 200, json_steal(&body), err);
}

int register_put_date(struct json *body, const char *key, struct caldate date, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    if (date.year == 0)
        return 0;
    caldate_format_iso(date, text);
    return json_put_text(body, key, text, err);
}

static int put_register_texts(struct json *body, const struct resident *r, struct err *err)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        {"registered_name", r->registered_name},
        {"registered_address", r->registered_address},
        {"kana", r->kana},
        {"former_name", r->former_name},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].text[0] != '\0')
            TRY(json_put_text(body, texts[i].name, texts[i].text, err));
    }
    return 0;
}

static int get_resident(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct resident r;
    char birth[CALTIME_TEXT_SIZE];

    TRY(sight_resident(call, http_param(&call->request, "id"), &r, err));
    caldate_format_iso(r.birth, birth);
    TRY(json_put_text(body, "id", r.id, err));
    TRY(json_put_text(body, "name", r.name, err));
    TRY(json_put_text(body, "name_substitutes", r.name_substitutes, err));
    TRY(json_put_text(body, "address", r.address, err));
    TRY(json_put_text(body, "address_substitutes", r.address_substitutes, err));
    TRY(json_put_text(body, "birth_date", birth, err));
    TRY(json_put_text(body, "sex", sex_name(r.sex), err));
    TRY(json_put_text(body, "municipality", r.municipality, err));
    TRY(put_register_texts(body, &r, err));
    TRY(json_put_text(body, "standing", standing_name(r.standing), err));
    TRY(register_put_date(body, "stay_until", r.stay_until, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form mynumber_form = {"^[0-9]{12}$", "twelve digits"};
static const struct http_form request_id_form = {"^[A-Za-z0-9-]{1,64}$",
                                                 "1 to 64 letters, digits and hyphens"};
static const struct http_form code_form = {"^[0-9]{11}$", "eleven digits"};

#define RESIDENT_MEMBERS(substitutes_)                                                             \
    {"name", HTTP_TEXT, HTTP_REQUIRED, "as certificates have it"},                                 \
        {"name_substitutes", HTTP_TEXT, (substitutes_), "characters that stand for others",        \
         .form = &register_flags_form},                                                            \
        {"address", HTTP_TEXT, HTTP_REQUIRED, "begins with the prefecture"},                       \
        {"address_substitutes", HTTP_TEXT, (substitutes_), "characters that stand for others",     \
         .form = &register_flags_form},                                                            \
        {"registered_name", HTTP_TEXT, HTTP_OPTIONAL, "spelled as it is registered"},              \
        {"registered_address", HTTP_TEXT, HTTP_OPTIONAL, "spelled as it is registered"},           \
        {"kana", HTTP_TEXT, HTTP_OPTIONAL, "the name in katakana"},                                \
        {"former_name", HTTP_TEXT, HTTP_OPTIONAL, "a former surname"},                             \
        {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "a date", .form = &http_form_date},               \
        {"sex", HTTP_TEXT, HTTP_REQUIRED, "as it is registered", .values = register_sexes},        \
        {"stay_until", HTTP_TEXT, HTTP_OPTIONAL, "last day of a foreign resident's stay",          \
         .form = &http_form_date},                                                                 \
    {                                                                                              \
        "municipality", HTTP_TEXT, HTTP_REQUIRED, "its code", .form = &register_municipality_form  \
    }
static const struct http_member id_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    {NULL},
};
static const struct http_member resident_members[] = {
    RESIDENT_MEMBERS(HTTP_OPTIONAL),
    {"mynumber", HTTP_TEXT, HTTP_OPTIONAL,
     "the individual number, which nobody is told but a card; without it, one is designated",
     .form = &mynumber_form},
    {"resident_code", HTTP_TEXT, HTTP_OPTIONAL, "the resident code, which nobody is told",
     .form = &code_form},
    {"reason", HTTP_TEXT, HTTP_OPTIONAL, "why no register knew them; needed without a number",
     .values = arrival_reason_names},
    {"request_id", HTTP_TEXT, HTTP_OPTIONAL, "of the caller, with a reason: the same one adds once",
     .form = &request_id_form},
    {"since", HTTP_TEXT, HTTP_OPTIONAL, "the first day they live here; after a birth the day of it",
     .form = &http_form_date},
    {"is_somebody_else", HTTP_BOOL, HTTP_OPTIONAL,
     "checked to be nobody of those who have the same name and day of birth"},
    {NULL},
};
static const struct http_answer resident_answers[] = {
    {201, "the resident is recorded", id_members},
    {200, "this very resident was recorded before", id_members},
    {0},
};
static const struct http_member known_members[] = {
    {"id", HTTP_TEXT, HTTP_REQUIRED, "the resident's name here"},
    RESIDENT_MEMBERS(HTTP_REQUIRED),
    {"standing", HTTP_TEXT, HTTP_REQUIRED, "whether they live here", .values = standing_names},
    {NULL},
};
static const struct http_answer known_answers[] = {{200, "the attributes", known_members}, {0}};

const struct route register_resident_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/residents/:id",
     .access = &register_clerk,
     .handle = get_resident,
     .operation = "getResident",
     .summary = "Read the attributes of a resident, never the individual number",
     .answers = known_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

const struct route register_resident_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/residents",
     .access = &register_signed,
     .body = resident_members,
     .handle = post_resident,
     .operation = "addResident",
     .summary = "Record a resident",
     .answers = resident_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
