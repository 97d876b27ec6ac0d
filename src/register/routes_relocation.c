/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who came to live somewhere else, or left, for the registers that municipalities have of their
 * own: by the codes that the two of them know the person by, so nobody else learns who that is. As
 * what a municipality sends another of somebody who moves in.
 */
#include "register/routes.h"

#include "base/base64.h"
#include "register/codes_store.h"
#include "register/relocation.h"

#include <stdio.h>

static int put_side(const struct codes *codes, const char *resident, const char *municipality,
                    const char *key, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *side = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char body[CODE_BODY_MAX + 1];
    uint8_t code[CODE_BYTES];

    (void)snprintf(body, sizeof body, "M%s", municipality);
    TRY(codes_derive(codes, resident, body, code, err));
    TRY(base64_append(&text, BASE64_URL, BYTES_ARRAY(code), err));
    TRY(json_put_text(side, "body", body, err));
    TRY(json_put_bytes(side, "code", buf_bytes(&text), err));
    return json_put(object, key, json_steal(&side), err);
}

/* The record comes first. */
static int put_one(const struct counter *counter, const struct relocation *relocation,
                   const struct audit_origin *by, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();
    char since[CALTIME_TEXT_SIZE];

    TRY(register_note_codes(counter->store, relocation->resident, "relocation", by, err));
    caldate_format_iso(relocation->since, since);
    TRY(json_put_int(one, "number", relocation->number, err));
    TRY(put_side(counter->codes, relocation->resident, relocation->from, "from", one, err));
    TRY(json_put_text(one, "standing", standing_name(relocation->standing), err));
    if (relocation->standing == STANDING_HERE)
        TRY(put_side(counter->codes, relocation->resident, relocation->to, "to", one, err));
    TRY(json_put_text(one, "since", since, err));
    TRY(json_put_text(one, "former_address", relocation->former_address, err));
    return json_add(list, json_steal(&one), err);
}

static int post_relocations(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = audit_by_uid(
        clock_now(counter->clock), call->request.peer.cred.uid, call->request.trace_id);
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct relocation relocations[REGISTER_RELOCATIONS_MAX];
    size_t count;
    int64_t after;

    TRY(register_exchange_only(call, err));
    TRY(json_get_int(call->request.json, "after", &after, err));
    TRY(register_list_relocations(counter->store, after, relocations, &count, err));
    for (size_t i = 0; i < count; i++)
        TRY(put_one(counter, &relocations[i], &by, list, err));
    TRY(json_put(body, "relocations", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_member ask_members[] = {
    {"after", HTTP_INT, HTTP_REQUIRED, "the last number that is known; 0: none"}, {NULL}};
static const struct http_member side_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "the municipality, as the exchange names it"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows the person by", .form = &code_form},
    {NULL},
};
static const struct http_member relocation_members[] = {
    {"number", HTTP_INT, HTTP_REQUIRED, "in the order of the acts"},
    {"from", HTTP_OBJECT, HTTP_REQUIRED, "where the person lived", side_members},
    {"standing", HTTP_TEXT, HTTP_REQUIRED,
     "here: lives somewhere else now; else where the person is who lives there no more",
     .values = standing_names},
    {"to", HTTP_OBJECT, HTTP_OPTIONAL, "where who is here lives, perhaps the same", side_members},
    {"since", HTTP_TEXT, HTTP_REQUIRED, "from which day on, of who leaves perhaps one to come",
     .form = &http_form_date},
    {"former_address", HTTP_TEXT, HTTP_REQUIRED,
     "the address before, as it was registered; empty of who has left"},
    {NULL},
};
static const struct http_member list_members[] = {
    {"relocations", HTTP_ARRAY, HTTP_REQUIRED, "the oldest first; empty: there are no more",
     relocation_members},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "those behind that number", list_members},
                                                  {0}};

const struct route register_relocation_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/relocations",
     .access = &register_exchange,
     .body = ask_members,
     .handle = post_relocations,
     .operation = "listRelocations",
     .summary = "Learn who came to live somewhere else, or left, for municipalities' own registers",
     .answers = list_answers,
     .fails = HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
