/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes of a person for bodies of the exchange. Whoever is not the exchange is refused, which is
 * recorded: codes are told for showing people what is held about them, and for nothing else. The
 * municipality's own programs are told the codes of their residents, to file records under them.
 */
#include "register/routes.h"

#include "base/base64.h"
#include "http/problem.h"
#include "register/codes_store.h"

#include <string.h>

static struct audit_origin caller(const struct http_call *call)
{
    const struct counter *counter = call->context;

    return audit_by_uid(clock_now(counter->clock), call->request.peer.cred.uid,
                        call->request.trace_id);
}

/* Programs of the municipality, or the exchange; the handlers tell them apart. */
static int exchange_or_program(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;

    if (counter != NULL && codes_may_ask(counter->codes, call))
        return 0;
    return http_listed_peer.check(call, err);
}

const struct http_access register_exchange = {
    "exchange", exchange_or_program,
    "Served on a Unix socket, to the user ids of the exchange; to programs it is refused, with a "
    "record."};

static int check_codes(const struct counter *counter, struct err *err)
{
    return counter->codes != NULL ? 0
                                  : FAIL(err, ERR_DENIED, "this register has no exchange_signer");
}

static int refuse_others(const struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct audit_origin by = caller(call);

    if (codes_may_ask(counter->codes, call))
        return 0;
    TRY(register_note_codes(counter->store, NULL, "no-purpose", &by, err));
    return FAIL(err, ERR_DENIED, "codes are told to the exchange alone");
}

static int add_code(const struct codes *codes, const char *resident, const char *body,
                    struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    uint8_t code[CODE_BYTES];

    if (body == NULL)
        return FAIL(err, ERR_INPUT, "bodies are texts");
    TRY(codes_derive(codes, resident, body, code, err));
    TRY(base64_append(&text, BASE64_URL, BYTES_ARRAY(code), err));
    TRY(json_put_text(one, "body", body, err));
    TRY(json_put_bytes(one, "code", buf_bytes(&text), err));
    return json_add(list, json_steal(&one), err);
}

/* The record comes first: no codes without one. */
static int tell(struct http_call *call, const char *resident, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    const struct audit_origin by = caller(call);
    const struct json *bodies;

    TRY(json_get_array(call->request.json, "bodies", &bodies, err));
    if (json_count(bodies) == 0 || json_count(bodies) > CODE_BODIES_MAX)
        return FAIL(err, ERR_INPUT, "bodies are 1 to %d", CODE_BODIES_MAX);
    for (size_t i = 0; i < json_count(bodies); i++)
        TRY(add_code(counter->codes, resident, json_text(json_at(bodies, i)), list, err));
    TRY(json_put(body, "codes", json_steal(&list), err));
    TRY(register_note_codes(counter->store, resident, "disclosure", &by, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

int register_exchange_only(const struct http_call *call, struct err *err)
{
    TRY(check_codes(call->context, err));
    return refuse_others(call, err);
}

static const struct http_problem problems[] = {REGISTER_GONE_PROBLEM, {NULL}};

int register_find_shown(struct http_call *call, enum code_device device, struct code_holder *ret,
                        struct err *err)
{
    const struct counter *counter = call->context;
    struct code_question question = {.device = device, .traceparent = call->request.traceparent};
    struct code_holder holder;

    TRY(register_exchange_only(call, err));
    TRY(json_get_text(call->request.json, "person_reference", &question.reference, err));
    TRY(codes_find_holder(counter->codes, counter, &question, &holder, err));
    if (holder.is_over)
        return FAIL_WITH(err, ERR_CONFLICT, HTTP_NAMED(REGISTER_GONE),
                         "the certificate was revoked, suspended or replaced");
    *ret = holder;
    return 0;
}

static int post_codes(struct http_call *call, struct err *err)
{
    struct code_holder holder;

    TRY(register_find_shown(call, CODE_CARD_OR_PHONE, &holder, err));
    return tell(call, holder.resident, err);
}

static int post_resident_codes(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const char *id = http_param(&call->request, "id");
    struct resident resident;

    TRY(check_codes(counter, err));
    TRY(register_get_resident(counter->store, id, &resident, err));
    return tell(call, resident.id, err);
}

static const struct http_form body_form = {"^[A-Z0-9]{1,16}$", "1 to 16 of A-Z and 0-9"};
static const struct http_form code_form = {"^[A-Za-z0-9_-]{22}$", "16 octets in base64url"};
static const struct http_member bodies_members[] = {
    {"bodies", HTTP_ARRAY, HTTP_REQUIRED, "1 to 64 bodies of the exchange", .form = &body_form},
    {NULL},
};
static const struct http_member ask_members[] = {
    {"person_reference", HTTP_TEXT, HTTP_REQUIRED,
     "a compact JWE for the register's key, from a login at the authentication app"},
    {"bodies", HTTP_ARRAY, HTTP_REQUIRED, "1 to 64 bodies of the exchange", .form = &body_form},
    {NULL},
};
static const struct http_member code_members[] = {
    {"body", HTTP_TEXT, HTTP_REQUIRED, "as asked for", .form = &body_form},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "what it knows this person by", .form = &code_form},
    {NULL},
};
static const struct http_member codes_members[] = {
    {"codes", HTTP_ARRAY, HTTP_REQUIRED, "one for each body, in their order", code_members},
    {NULL},
};
static const struct http_answer codes_answers[] = {{200, "the codes", codes_members}, {0}};

const struct route register_code_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/exchange-codes",
     .access = &register_exchange,
     .body = ask_members,
     .handle = post_codes,
     .operation = "askExchangeCodes",
     .summary = "Ask what bodies of the exchange know somebody by who has logged in",
     .answers = codes_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_UNTRUSTED) |
              HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_REMOTE),
     .problems = problems},
    {.method = HTTP_POST,
     .path = "/v1/residents/:id/exchange-codes",
     .access = &register_program,
     .body = bodies_members,
     .handle = post_resident_codes,
     .operation = "askResidentExchangeCodes",
     .summary = "Ask what bodies of the exchange know a resident by, to file records under it",
     .answers = codes_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};
