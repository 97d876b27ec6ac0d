/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filings in JSON. An order's handler is that of its row in register_orders, called with what was
 * signed as its request; its answer is kept before it is told.
 */
#include "register/routes.h"

#include "base/clock.h"
#include "base/hex.h"
#include "http/answer.h"
#include "register/filing.h"
#include "register/refusal.h"

#include <stdio.h>
#include <string.h>

enum { PENDING_PAGE = 100 };

struct audit_origin register_caller(const struct http_call *call)
{
    return register_order(call)->by;
}

const struct order *register_order(const struct http_call *call)
{
    return call->worker;
}

/* Whatever may be better later leaves the filing as it is, to be sent again. */
static bool is_for_good(int rc)
{
    static const enum err_kind kinds[] = {ERR_INPUT, ERR_DENIED, ERR_ABSENT, ERR_UNTRUSTED,
                                          ERR_CONFLICT};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (err_kind_of(rc) == kinds[i])
            return true;
    }
    return false;
}

static int handle(struct http_call *call, struct order *order, struct err *err)
{
    TRY(http_router_params(order->route, order->path, call->request.arena, &call->request.params,
                           err));
    TRY(order->route->handle(call, err));
    return http_answer_check(order->route, &call->response, err);
}

static void observe(const struct http_call *call, int64_t began_us)
{
    const struct counter *counter = call->context;
    const struct http_event event = {.route = call->route,
                                     .method = call->route->method,
                                     .status = call->response.status,
                                     .duration_us = monotonic_us() - began_us,
                                     .trace_id = call->request.trace_id};

    if (counter->desk != NULL && counter->desk->observe != NULL)
        counter->desk->observe(&event);
}

/* The same request, but for what was signed in it. */
int register_do_order(const struct http_call *call, struct order *order, struct http_response *ret,
                      struct err *err)
{
    struct http_call inner = *call;
    int64_t began_us = monotonic_us();
    int rc;

    inner.route = order->route;
    inner.request.json = order->body;
    inner.response = (struct http_response){.status = 0};
    inner.worker = order;
    rc = handle(&inner, order, err);
    if (rc < 0) {
        http_response_done(&inner.response);
        return rc;
    }
    observe(&inner, began_us);
    *ret = inner.response;
    return 0;
}

static int end_filing(const struct counter *counter, const struct order *order,
                      const struct http_response *answer, struct err *err)
{
    struct filing_end end = {.request_id = order->request_id,
                             .state = answer == NULL ? FILING_REFUSED : FILING_DONE};

    if (answer != NULL) {
        end.status = answer->status;
        if (!order->right->is_private)
            end.answer = buf_bytes(&answer->body);
    }
    return register_end_filing(counter->store, &end, &order->by, err);
}

/* Done and kept, or refused and kept, or neither. */
static int do_and_keep(struct http_call *call, struct order *order, struct http_response *ret,
                       struct err *err)
{
    const struct counter *counter = call->context;
    struct err why = {0};
    int rc = register_do_order(call, order, ret, &why);

    if (rc == 0)
        return end_filing(counter, order, ret, err);
    if (is_for_good(rc))
        TRY(end_filing(counter, order, NULL, err));
    return err_copy(err, &why);
}

static int put_digest(struct json *body, const struct filing *filing, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, digest_bytes(&filing->digest), err));
    return json_put_bytes(body, "digest", buf_bytes(&hex), err);
}

static int filing_reply(struct http_call *call, const struct filing *filing,
                        const struct http_response *answer, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "request_id", filing->request_id, err));
    TRY(json_put_text(body, "state",
                      filing_state_names[answer == NULL ? FILING_PENDING : FILING_DONE], err));
    TRY(put_digest(body, filing, err));
    if (answer != NULL) {
        TRY(json_put_int(body, "status", answer->status, err));
        TRY(json_put_bytes(body, "answer", buf_bytes(&answer->body), err));
    }
    return http_reply_json(&call->response, answer == NULL ? 202 : 201, json_steal(&body), err);
}

/* A filing that nobody has to confirm, for the first time or again after it was cut off. */
static int finish(struct http_call *call, struct order *order, const struct filing *filing,
                  struct err *err)
{
    CLEANUP(http_response_done) struct http_response answer = {.status = 0};

    if (filing->state == FILING_PENDING)
        return filing_reply(call, filing, NULL, err);
    TRY(do_and_keep(call, order, &answer, err));
    return filing_reply(call, filing, &answer, err);
}

static int keep_and_finish(struct http_call *call, struct order *order,
                           const struct filing_message *message, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    bool is_new = false;

    TRY(filing_of(order, message, order->by.at, &filing, err));
    TRY(register_keep_filing(counter->store, &filing, &order->by, &is_new, err));
    if (!is_new && filing.state != FILING_RECEIVED)
        return refuse(err, REFUSED_REPLAYED);
    return finish(call, order, &filing, err);
}

static int post_filing(struct http_call *call, struct err *err)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT; /* wiped: may hold an individual number */
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(order_done) struct order order = {.json = NULL};
    struct filing_message message;
    struct session session;

    TRY(register_session(call, &session, err));
    TRY(json_get_base64(call->request.json, "request", &request, err));
    TRY(json_get_base64(call->request.json, "signature", &signature, err));
    message = (struct filing_message){buf_bytes(&request), buf_bytes(&signature), &session};
    TRY(filing_read(call->context, &message, call->request.trace_id, &order, err));
    return keep_and_finish(call, &order, &message, err);
}

static int read_digest(const struct json *json, struct buf *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(json, "digest", &text, err));
    return err_prefix(err, hex_decode(text, ret, err), "digest");
}

/* What the second clerk signed for is what the first one did, to the last bit. */
static int post_confirmation(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct order *confirming = register_order(call);
    CLEANUP(buf_done) struct buf digest = BUF_INIT;
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    CLEANUP(order_done) struct order order = {.json = NULL};
    struct confirmation confirmation = {.request_id = http_param(&call->request, "id"),
                                        .clerk = confirming->clerk.id,
                                        .filing = confirming->request_id};

    TRY(read_digest(call->request.json, &digest, err));
    TRY(register_get_filing(counter->store, confirmation.request_id, &filing, err));
    TRY(filing_check_second(&filing, confirming, buf_bytes(&digest), confirming->by.at, err));
    TRY(filing_read_kept(counter, &filing, call->request.trace_id, &order, err));
    TRY(register_confirm_filing(counter->store, &confirmation, &confirming->by, err));
    filing.state = FILING_CONFIRMED;
    return finish(call, &order, &filing, err);
}

static int post_withdrawal(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    const struct order *order = register_order(call);
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    struct filing_end end = {.request_id = http_param(&call->request, "id"),
                             .state = FILING_WITHDRAWN};

    TRY(register_get_filing(counter->store, end.request_id, &filing, err));
    if (strcmp(filing.clerk, order->clerk.id) != 0)
        return refuse(err, REFUSED_STRANGER);
    if (filing.state != FILING_PENDING)
        return refuse(err, REFUSED_OVER);
    TRY(register_end_filing(counter->store, &end, &order->by, err));
    http_reply_empty(&call->response, 204);
    return 0;
}

/* One whose time is over is told as such before anything has noted it. */
static enum filing_state state_now(const struct filing *filing, int64_t now)
{
    bool is_late = filing->state == FILING_PENDING && filing->waits_until < now;

    return is_late ? FILING_EXPIRED : filing->state;
}

static int put_time(struct json *body, const char *key, int64_t at, struct err *err)
{
    char time[CALTIME_TEXT_SIZE];

    caltime_format(at, JST_OFFSET_SECONDS, time);
    return json_put_text(body, key, time, err);
}

/* Who that is, to people. */
static int put_name(const struct counter *counter, const char *key, const char *id,
                    struct json *body, struct err *err)
{
    struct clerk clerk;

    TRY(register_get_clerk(counter->store, id, &clerk, err));
    return json_put_text(body, key, clerk.name, err);
}

static int put_filing(const struct counter *counter, const struct filing *filing, struct json *body,
                      struct err *err)
{
    int64_t now = clock_now(counter->clock);

    TRY(json_put_text(body, "request_id", filing->request_id, err));
    TRY(json_put_text(body, "state", filing_state_names[state_now(filing, now)], err));
    TRY(json_put_text(body, "clerk", filing->clerk, err));
    TRY(put_name(counter, "clerk_name", filing->clerk, body, err));
    TRY(json_put_text(body, "counter", filing->counter, err));
    TRY(json_put_text(body, "operation", filing->operation, err));
    TRY(json_put_text(body, "path", filing->path, err));
    TRY(put_time(body, "received_at", filing->received_at, err));
    if (filing->waits_until != 0)
        TRY(put_time(body, "waits_until", filing->waits_until, err));
    if (filing->request.len > 0)
        TRY(json_put_base64(body, "request", buf_bytes(&filing->request), err));
    return put_digest(body, filing, err);
}

static int get_filing(struct http_call *call, struct err *err)
{
    const struct counter *counter = call->context;
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    struct session session;

    TRY(register_session(call, &session, err));
    TRY(register_get_filing(counter->store, http_param(&call->request, "id"), &filing, err));
    if (!clerk_covers(session.counter, filing.counter))
        return refuse(err, REFUSED_PLACE);
    TRY(put_filing(counter, &filing, body, err));
    if (filing.confirmed_by[0] != '\0') {
        TRY(json_put_text(body, "confirmed_by", filing.confirmed_by, err));
        TRY(put_name(counter, "confirmed_by_name", filing.confirmed_by, body, err));
    }
    if (filing.status != 0)
        TRY(json_put_int(body, "status", filing.status, err));
    if (filing.answer.len > 0)
        TRY(json_put_bytes(body, "answer", buf_bytes(&filing.answer), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* The first ones that wait at this counter; who confirms some sees the next ones. */
static int add_pending(const struct counter *counter, const struct session *session,
                       struct json *list, struct err *err)
{
    CLEANUP(filing_done) struct filing filing = FILING_INIT;
    int64_t now = clock_now(counter->clock);
    int rc;

    while (json_count(list) < PENDING_PAGE &&
           (rc = register_next_pending(counter->store, filing.number, now, &filing, err)) !=
               -ERR_ABSENT) {
        CLEANUP(json_freep) struct json *entry = json_object_new();

        TRY(rc);
        if (!clerk_covers(session->counter, filing.counter))
            continue;
        TRY(put_filing(counter, &filing, entry, err));
        TRY(json_add(list, json_steal(&entry), err));
    }
    return 0;
}

static int get_pending(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct session session;

    TRY(register_session(call, &session, err));
    TRY(add_pending(call->context, &session, list, err));
    TRY(json_put(body, "filings", json_steal(&list), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form id_form = {"^[A-Za-z0-9-]{1,64}$",
                                         "1 to 64 letters, digits and hyphens"};
static const struct http_form digest_form = {"^[0-9a-f]{64}$", "SHA-256 in hexadecimal"};
static const char *const reply_states[] = {"pending", "done", NULL};

static const struct http_member message_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "what is signed: JSON, as jpki-registerd(8) says",
     .form = &http_form_base64},
    {"signature", HTTP_TEXT, HTTP_REQUIRED, "CMS by the clerk's sign key, detached",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member reply_members[] = {
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the filing", .form = &id_form},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "whether it waits for a second clerk",
     .values = reply_states},
    {"digest", HTTP_TEXT, HTTP_REQUIRED, "of what was signed", .form = &digest_form},
    {"status", HTTP_INT, HTTP_OPTIONAL, "of the order, once it is done"},
    {"answer", HTTP_TEXT, HTTP_OPTIONAL, "of the order: the JSON that its row declares"},
    {NULL},
};
static const struct http_answer reply_answers[] = {
    {201, "it is done", reply_members},
    {202, "it waits for a second clerk", reply_members},
    {0},
};
static const struct http_member digest_members[] = {
    {"digest", HTTP_TEXT, HTTP_REQUIRED, "of what the first clerk signed", .form = &digest_form},
    {NULL},
};
static const struct http_answer withdrawn_answers[] = {{204, "it no longer waits"}, {0}};

#define FILING_MEMBERS                                                                             \
    {"request_id", HTTP_TEXT, HTTP_REQUIRED, "of the filing", .form = &id_form},                   \
        {"state", HTTP_TEXT, HTTP_REQUIRED, "what became of it", .values = filing_state_names},    \
        {"clerk", HTTP_TEXT, HTTP_REQUIRED, "who asks", .form = &register_id_form},                \
        {"clerk_name", HTTP_TEXT, HTTP_REQUIRED, "as people call the clerk"},                      \
        {"counter", HTTP_TEXT, HTTP_REQUIRED, "where", .form = &register_counter_form},            \
        {"operation", HTTP_TEXT, HTTP_REQUIRED, "what is asked for"},                              \
        {"path", HTTP_TEXT, HTTP_REQUIRED, "of whom or what"},                                     \
        {"received_at", HTTP_TEXT, HTTP_REQUIRED, "when it came", .form = &http_form_time},        \
        {"waits_until", HTTP_TEXT, HTTP_OPTIONAL, "for a second clerk", .form = &http_form_time},  \
        {"request", HTTP_TEXT, HTTP_OPTIONAL, "what was signed, unless it is private",             \
         .form = &http_form_base64},                                                               \
    {                                                                                              \
        "digest", HTTP_TEXT, HTTP_REQUIRED, "of what was signed", .form = &digest_form             \
    }
static const struct http_member pending_members[] = {FILING_MEMBERS, {NULL}};
static const struct http_member list_members[] = {
    {"filings", HTTP_ARRAY, HTTP_REQUIRED, "those that wait, in the order they came; at most 100",
     pending_members},
    {NULL},
};
static const struct http_answer list_answers[] = {{200, "what waits", list_members}, {0}};
static const struct http_member filing_members[] = {
    FILING_MEMBERS,
    {"confirmed_by", HTTP_TEXT, HTTP_OPTIONAL, "the second clerk", .form = &register_id_form},
    {"confirmed_by_name", HTTP_TEXT, HTTP_OPTIONAL, "as people call that clerk"},
    {"status", HTTP_INT, HTTP_OPTIONAL, "of the order, once it is done"},
    {"answer", HTTP_TEXT, HTTP_OPTIONAL, "of the order, unless it is private"},
    {NULL},
};
static const struct http_answer filing_answers[] = {{200, "the filing", filing_members}, {0}};

const struct route register_filing_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/filings",
     .access = &register_clerk,
     .body = message_members,
     .handle = post_filing,
     .operation = "file",
     .summary = "Have something done that a clerk has signed",
     .answers = reply_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/filings",
     .access = &register_clerk,
     .handle = get_pending,
     .operation = "listPending",
     .summary = "List what waits for a second clerk at this counter",
     .answers = list_answers},
    {.method = HTTP_GET,
     .path = "/v1/filings/:id",
     .access = &register_clerk,
     .handle = get_filing,
     .operation = "getFiling",
     .summary = "Read what became of a filing",
     .answers = filing_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};

const struct route register_filing_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/filings/:id/confirmation",
     .access = &register_signed,
     .body = digest_members,
     .handle = post_confirmation,
     .operation = "confirmFiling",
     .summary = "Confirm, as a second clerk, what another one has signed",
     .answers = reply_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) |
              HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_POST,
     .path = "/v1/filings/:id/withdrawal",
     .access = &register_signed,
     .handle = post_withdrawal,
     .operation = "withdrawFiling",
     .summary = "Withdraw what one has asked for and nobody has confirmed",
     .answers = withdrawn_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
