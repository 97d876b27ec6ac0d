/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the register has of somebody who has shown his card, for a certificate that is made for that
 * person: told to the exchange's program alone, as much as is asked for, and each time with a
 * record. The individual number is in no answer; none of these functions could read it.
 */
#include "register/routes.h"

#include "http/problem.h"
#include "register/codes_store.h"

#include <string.h>

enum { NOT_HERE = REGISTER_GONE + 1 };

/* How much: whose certificate it would be, or what stands in it. */
static const char *const extents[] = {"municipality", "resident", NULL};

static int put_optional(struct json *body, const char *key, const char *text, struct err *err)
{
    return text[0] == '\0' ? 0 : json_put_text(body, key, text, err);
}

/* As they are registered, where the card has substitutes. */
static int put_resident(const struct resident *resident, struct json *body, struct err *err)
{
    const char *name = resident->registered_name[0] == '\0' ? resident->name
                                                            : resident->registered_name;
    const char *address = resident->registered_address[0] == '\0' ? resident->address
                                                                  : resident->registered_address;
    char birth[CALTIME_TEXT_SIZE];

    caldate_format_iso(resident->birth, birth);
    TRY(json_put_text(body, "name", name, err));
    TRY(json_put_text(body, "address", address, err));
    TRY(json_put_text(body, "birth_date", birth, err));
    TRY(json_put_text(body, "sex", sex_name(resident->sex), err));
    TRY(put_optional(body, "kana", resident->kana, err));
    return put_optional(body, "former_name", resident->former_name, err);
}

/* The record comes first: nothing is told without one. */
static int post_extract(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(counter->clock), call->request.peer.cred.uid, call->request.trace_id);
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct code_holder holder;
    struct resident resident;
    const char *extent;

    TRY(register_find_shown(call, CODE_CARD, &holder, err)); /* a kiosk reads cards */
    TRY(json_get_text(call->request.json, "extent", &extent, err));
    TRY(register_get_resident(counter->store, holder.resident, &resident, err));
    if (resident.standing != STANDING_HERE)
        return FAIL_WITH(err, ERR_CONFLICT, HTTP_NAMED(NOT_HERE),
                         "whoever has left gets no certificates here");
    TRY(json_put_text(body, "municipality", resident.municipality, err));
    if (strcmp(extent, "resident") == 0)
        TRY(put_resident(&resident, body, err));
    TRY(register_note_extract(counter->store, resident.id, extent, &by, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_problem problems[] = {
    REGISTER_GONE_PROBLEM,
    [NOT_HERE] = {"not-here", ERR_CONFLICT, "the person has left the municipality, or died"},
    {NULL}};

static const struct http_member ask_members[] = {
    {"person_reference", HTTP_TEXT, HTTP_REQUIRED,
     "a compact JWE for the register's key, of a card that was shown"},
    {"extent", HTTP_TEXT, HTTP_REQUIRED, "how much is needed", .values = extents},
    {NULL},
};
static const struct http_member extract_members[] = {
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "where the person lives",
     .form = &register_municipality_form},
    {"name", HTTP_TEXT, HTTP_OPTIONAL, "as it is registered"},
    {"address", HTTP_TEXT, HTTP_OPTIONAL, "as it is registered"},
    {"birth_date", HTTP_TEXT, HTTP_OPTIONAL, "of the person", .form = &http_form_date},
    {"sex", HTTP_TEXT, HTTP_OPTIONAL, "of the person", .values = register_sexes},
    {"kana", HTTP_TEXT, HTTP_OPTIONAL, "the name in katakana, if it is registered"},
    {"former_name", HTTP_TEXT, HTTP_OPTIONAL, "a former surname, if it is registered"},
    {NULL},
};
static const struct http_answer extract_answers[] = {
    {200, "what was asked for, without the individual number", extract_members}, {0}};

const struct route register_extract_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/extracts",
     .access = &register_exchange,
     .body = ask_members,
     .handle = post_extract,
     .operation = "askExtract",
     .summary = "Ask what stands in a certificate for somebody who has shown a card",
     .answers = extract_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_UNTRUSTED) |
              HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE),
     .problems = problems},
    {.path = NULL},
};
