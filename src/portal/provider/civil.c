/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the operator of a test system: what a municipality has in registers of its own, of which the
 * exchange never asks (exchange/civil.h). Kiosks print from it.
 */
#include "portal/routes.h"

#include "exchange/civil.h"

#include <string.h>

static int begin(const struct http_call *call, struct holdings **ret, struct audit_origin *ret_by,
                 struct err *err)
{
    const struct portal *portal = call->context;

    if (portal->holdings == NULL)
        return FAIL(err, ERR_REMOTE, "this portal has no registers of bodies");
    *ret = portal->holdings;
    *ret_by = audit_by_uid(clock_now(portal->clock), call->request.peer.cred.uid,
                           call->request.trace_id);
    return 0;
}

static int read_day(const struct json *json, const char *key, struct caldate *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    return err_prefix(err, caldate_parse_iso(text, ret, err), "%s", key);
}

static int read_code(const struct json *json, struct person_code *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "code", &text, err));
    return person_code_parse(text, ret, err);
}

static const char *const sexes[] = {"female", "male", NULL};

static int read_who(const struct json *json, struct civil_person *ret, struct err *err)
{
    const char *relation, *sex;

    TRY(json_get_text(json, "relation", &relation, err));
    TRY(json_get_text(json, "sex", &sex, err));
    for (unsigned i = 0; i < CIVIL_RELATIONS_; i++)
        if (strcmp(civil_relations[i], relation) == 0)
            ret->relation = (enum civil_relation)i;
    ret->is_female = strcmp(sex, sexes[0]) == 0;
    ret->has_code = json_has(json, "code");
    return ret->has_code ? read_code(json, &ret->code, err) : 0;
}

static int read_person(const struct json *json, struct civil_person *ret, struct err *err)
{
    TRY(read_who(json, ret, err));
    TRY(json_get_bool(json, "is_protected", &ret->is_protected, err));
    TRY(read_day(json, "birth_date", &ret->birth, err));
    TRY(read_day(json, "since", &ret->since, err));
    TRY(json_copy_text(json, "name", ret->name, sizeof ret->name, err));
    TRY(json_copy_text(json, "father", ret->father, sizeof ret->father, err));
    return json_copy_text(json, "mother", ret->mother, sizeof ret->mother, err);
}

static int read_people(const struct json *json, struct household *ret, struct err *err)
{
    const struct json *people;

    TRY(json_get_array(json, "people", &people, err));
    if (json_count(people) > CIVIL_PEOPLE_MAX)
        return FAIL(err, ERR_INPUT, "a household has 1 to %d people", CIVIL_PEOPLE_MAX);
    for (size_t i = 0; i < json_count(people); i++)
        TRY(err_prefix(err, read_person(json_at(people, i), &ret->people[i], err), "people, %zu",
                       i + 1));
    ret->count = json_count(people);
    return 0;
}

static int post_household(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct household household = {.count = 0};
    struct holdings *holdings;
    struct audit_origin by;
    const char *body;

    TRY(begin(call, &holdings, &by, err));
    TRY(json_get_text(json, "body", &body, err));
    TRY(json_copy_text(json, "origin", household.origin, sizeof household.origin, err));
    TRY(json_copy_text(json, "origin_body", household.origin_body, sizeof household.origin_body,
                       err));
    TRY(read_day(json, "family_since", &household.family_since, err));
    if (json_has(json, "former_address"))
        TRY(json_copy_text(json, "former_address", household.former_address,
                           sizeof household.former_address, err));
    TRY(read_people(json, &household, err));
    TRY(civil_file(holdings, body, &household, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static int post_seal(struct http_call *call, struct err *err)
{
    const struct json *json = call->request.json;
    struct person_code code;
    struct seal seal = {.number = 0};
    struct sealed sealed = {.code = &code};
    struct holdings *holdings;
    struct audit_origin by;

    TRY(begin(call, &holdings, &by, err));
    TRY(json_get_text(json, "body", &sealed.body, err));
    TRY(read_code(json, &code, err));
    if (json_has(json, "letters")) {
        TRY(json_copy_text(json, "letters", seal.letters, sizeof seal.letters, err));
        sealed.seal = &seal;
    }
    seal.since = caltime_at(by.at, JST_OFFSET_SECONDS).date;
    TRY(civil_file_seal(holdings, &sealed, &by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_form body_form = {"^[A-Z][A-Z0-9]{0,15}$", "up to 16 of A-Z and 0-9"};
static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_member person_members[] = {
    {"code", HTTP_TEXT, HTTP_OPTIONAL, "what the municipality knows the person by",
     .form = &code_form},
    {"relation", HTTP_TEXT, HTTP_REQUIRED, "to the head of the household",
     .values = civil_relations},
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of the person"},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "of the person", .values = sexes},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "of the person", .form = &http_form_date},
    {"since", HTTP_TEXT, HTTP_REQUIRED, "when the person came to live there",
     .form = &http_form_date},
    {"father", HTTP_TEXT, HTTP_REQUIRED, "his name"},
    {"mother", HTTP_TEXT, HTTP_REQUIRED, "her name"},
    {"is_protected", HTTP_BOOL, HTTP_REQUIRED,
     "from somebody who looks for the person: kiosks give no certificate"},
    {NULL},
};
static const struct http_member household_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "the municipality", .form = &body_form},
    {"people", HTTP_ARRAY, HTTP_REQUIRED, "who lives there, the head first", person_members},
    {"origin", HTTP_TEXT, HTTP_REQUIRED, "where their family register is"},
    {"origin_body", HTTP_TEXT, HTTP_REQUIRED, "the municipality that has it", .form = &body_form},
    {"family_since", HTTP_TEXT, HTTP_REQUIRED, "when it was made", .form = &http_form_date},
    {"former_address", HTTP_TEXT, HTTP_OPTIONAL, "where they lived before"},
    {NULL},
};
static const struct http_member seal_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "the municipality", .form = &body_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows the person by", .form = &code_form},
    {"letters", HTTP_TEXT, HTTP_OPTIONAL, "which the seal shows; without them there is none"},
    {NULL},
};
static const struct http_answer filed_answers[] = {{204, "so it stands there from now on"}, {0}};

const struct route portal_civil_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/provider/households",
     .access = &audit_operator,
     .body = household_members,
     .handle = post_household,
     .operation = "fileHousehold",
     .summary = "Say who lives in a household of a municipality",
     .answers = filed_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.method = HTTP_POST,
     .path = "/v1/provider/seals",
     .access = &audit_operator,
     .body = seal_members,
     .handle = post_seal,
     .operation = "fileSeal",
     .summary = "Say that somebody has registered a seal, or has none any more",
     .answers = filed_answers,
     .fails = HTTP_FAIL(ERR_REMOTE)},
    {.path = NULL},
};
