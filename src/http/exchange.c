/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of checks is part of the interface: framing first, because nothing after a doubtful
 * frame means anything; then the path and method; then whether the body may be sent at all; and
 * in the worker who is asking, before a byte of the body is looked at.
 */
#include "http/exchange.h"

#include "base/clock.h"
#include "base/fault.h"
#include "http/answer.h"
#include "http/framing.h"
#include "http/problem.h"
#include "http/syntax.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int http_exchange_new(const struct http_site *site, const struct http_peer *peer,
                      struct http_exchange **ret, struct err *err)
{
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    int rc;

    if (exchange == NULL)
        return FAIL_NOMEM(err);
    exchange->site = site;
    exchange->begun_us = monotonic_us();
    exchange->call.context = site->options.context;
    if (site->options.turns != NULL) {
        exchange->turn = turns_hold(site->options.turns);
        exchange->call.context = turn_value(exchange->turn);
    }
    exchange->call.options = &site->options;
    exchange->call.request.peer = *peer;
    rc = arena_new(&exchange->call.request.arena, err);
    if (rc == 0)
        rc = http_trace_begin(&exchange->call.request, NULL, err);
    if (rc < 0) {
        http_exchange_free(exchange);
        return rc;
    }
    *ret = exchange;
    return 0;
}

int http_exchange_again(const struct http_exchange *late, struct http_exchange **ret,
                        struct err *err)
{
    const struct http_request *from = &late->call.request;
    struct http_exchange *again;

    /* Reads only what was settled before a worker could see it. */
    TRY(http_exchange_new(late->site, &from->peer, &again, err));
    again->begun_us = late->begun_us;
    again->owner = late->owner;
    again->call.route = late->call.route;
    again->call.request.method = from->method;
    memcpy(again->call.request.trace_id, from->trace_id, sizeof from->trace_id);
    memcpy(again->call.request.traceparent, from->traceparent, sizeof from->traceparent);
    *ret = again;
    return 0;
}

void http_exchange_free(struct http_exchange *exchange)
{
    if (exchange == NULL)
        return;
    json_free(exchange->json);
    buf_done(&exchange->body);
    http_response_done(&exchange->call.response);
    arena_free(exchange->call.request.arena);
    turn_release(exchange->turn);
    free(exchange);
}

static void report(const struct http_exchange *exchange, const struct err *failure)
{
    const struct http_call *call = &exchange->call;
    struct http_event event = {
        .route = call->route,
        .method = call->request.method,
        .status = call->response.status,
        .duration_us = monotonic_us() - exchange->begun_us,
        .trace_id = call->request.trace_id,
        .failure = failure,
        .is_undeclared = call->route != NULL &&
                         !http_answer_is_declared(call->route, call->response.status),
    };

    if (exchange->site->options.observe != NULL)
        exchange->site->options.observe(call->context, &event);
}

/* Answer with a failure; status 0: the one of its kind. */
static void answer_failure(struct http_exchange *exchange, unsigned status,
                           const struct err *failure)
{
    const struct http_call *call = &exchange->call;
    const struct http_problem *problems = call->route == NULL ? NULL : call->route->problems;

    problem_reply(&exchange->call.response, status, failure, problem_named(problems, failure),
                  call->request.trace_id);
    report(exchange, failure);
}

static bool refuse_with(struct http_exchange *exchange, unsigned status, const struct err *why)
{
    /* What HTTP itself refuses is always told: the sender can mend it. */
    struct err told = *why;

    if (status == 413)
        fault_note(FAULT_REQUEST_TOO_LARGE);
    if (told.kind == ERR_USAGE)
        told.kind = ERR_INPUT;
    exchange->must_close = exchange->must_close || exchange->has_body;
    answer_failure(exchange, status, &told);
    return false;
}

bool http_exchange_refuse(struct http_exchange *exchange, unsigned status, const char *fmt, ...)
{
    struct err why = {.kind = status == 503 ? ERR_REMOTE : ERR_INPUT, .where = __func__};
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(why.text, sizeof why.text, fmt, args);
    va_end(args);
    return refuse_with(exchange, status, &why);
}

static int copy_fields(struct http_exchange *exchange, const struct http_head *head,
                       struct err *err)
{
    struct http_request *request = &exchange->call.request;
    struct http_field *at;
    void *memory;

    TRY(arena_alloc(request->arena, (head->field_count + 1) * sizeof *at, &memory, err));
    at = memory;
    for (size_t i = 0; i < head->field_count; i++) {
        TRY(arena_text(request->arena, head->fields[i].name, &at[i].name, err));
        TRY(arena_text(request->arena, head->fields[i].value, &at[i].value, err));
    }
    request->headers = (struct http_fields){at, head->field_count};
    return 0;
}

static bool find_method(struct bytes name, enum http_method *ret)
{
    for (unsigned method = 0; method < HTTP_METHODS_; method++) {
        if (bytes_equal(name, bytes_text(http_method_name((enum http_method)method)))) {
            *ret = (enum http_method)method;
            return true;
        }
    }
    return false;
}

static int decode_target(struct http_exchange *exchange, struct bytes target, struct err *err)
{
    struct http_request *request = &exchange->call.request;
    size_t tail = http_router_tail(&exchange->site->router, target);

    if (tail > 0)
        return http_tail_decode(request->arena, target, tail, &request->path, &exchange->raw_query,
                                err);
    return http_target_decode(request->arena, target, &request->path, &exchange->raw_query, err);
}

static bool find_route(struct http_exchange *exchange, struct bytes target)
{
    struct http_call *call = &exchange->call;
    struct http_request *request = &call->request;
    char allow[HTTP_ALLOW_MAX];
    struct err why = {0};
    int rc;

    if (decode_target(exchange, target, &why) < 0)
        return refuse_with(exchange, 0, &why);
    rc = http_router_find(&exchange->site->router, request->method, request->path, &call->route,
                          allow, &why);
    if (rc == -ERR_USAGE) {
        (void)refuse_with(exchange, 405, &why);
        if (http_reply_field(&call->response, "Allow", allow, NULL) < 0)
            exchange->must_close = true;
        return false;
    }
    if (rc < 0 ||
        http_router_params(call->route, request->path, request->arena, &request->params, &why) < 0)
        return refuse_with(exchange, 0, &why);
    return true;
}

/* The trace of whoever asks goes on; else there is one already, of our own. */
static int follow_trace(struct http_request *request, struct err *err)
{
    const char *value = http_header(request, "traceparent");

    return value == NULL ? 0 : http_trace_begin(request, value, err);
}

bool http_exchange_head(struct http_exchange *exchange, const struct http_head *head)
{
    struct http_request *request = &exchange->call.request;
    struct http_framing framing = {0};
    struct err why = {0};
    unsigned status = http_framing_check(head, &framing, &why);

    exchange->has_body = framing.has_body;
    exchange->must_close = status != 0;
    if (status != 0)
        return refuse_with(exchange, status, &why);
    if (copy_fields(exchange, head, &why) < 0 || follow_trace(request, &why) < 0)
        return refuse_with(exchange, 0, &why);
    if (!find_method(head->method, &request->method))
        return http_exchange_refuse(exchange, 501, "no such method here");
    if (!find_route(exchange, head->target))
        return false;
    status = http_framing_admit(request, &framing, exchange->call.route, &why);
    if (status != 0)
        return refuse_with(exchange, status, &why);
    return true;
}

bool http_exchange_body(struct http_exchange *exchange, struct bytes more)
{
    struct err why = {0};
    size_t limit = http_route_body_max(exchange->call.route);

    if (more.len > limit - exchange->body.len)
        return http_exchange_refuse(exchange, 413, "the body is larger than %zu bytes", limit);
    if (buf_append(&exchange->body, more, &why) < 0)
        return refuse_with(exchange, 0, &why);
    return true;
}

static bool is_asked(const struct http_fields *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->at[i].name, name) == 0)
            return true;
    }
    return false;
}

static int check_query(struct http_exchange *exchange, struct err *err)
{
    static const struct http_member none[] = {{NULL}};
    struct http_request *request = &exchange->call.request;
    const struct http_member *members = exchange->call.route->query;
    struct http_fields query;

    if (exchange->call.route->is_foreign) {
        request->raw_query = exchange->raw_query;
        return 0;
    }
    if (members == NULL)
        members = none;
    TRY(http_query_decode(request->arena, exchange->raw_query, &query, err));
    for (size_t i = 0; i < query.count; i++) {
        const struct http_member *at = members;

        while (at->name != NULL && strcmp(at->name, query.at[i].name) != 0)
            at++;
        if (at->name == NULL)
            return FAIL(err, ERR_INPUT, "unknown query parameter \"%.40s\"", query.at[i].name);
    }
    for (; members->name != NULL; members++) {
        if (members->presence == HTTP_REQUIRED && !is_asked(&query, members->name))
            return FAIL(err, ERR_INPUT, "query parameter \"%s\" is missing", members->name);
    }
    request->query = query;
    return 0;
}

static int check_body(struct http_exchange *exchange, struct err *err)
{
    const struct route *route = exchange->call.route;
    const struct http_member *members = route->body;

    exchange->call.request.body = buf_bytes(&exchange->body);
    if (members == NULL || route->body_type != NULL)
        return 0;
    TRY(json_parse(buf_bytes(&exchange->body), &exchange->json, err));
    TRY(http_members_check(exchange->json, members, err));
    exchange->call.request.json = exchange->json;
    return 0;
}

static int check(struct http_exchange *exchange, struct err *err)
{
    struct http_call *call = &exchange->call;

    if (exchange->is_checked)
        return 0;
    if (call->options->powers != NULL)
        TRY(call->options->powers->before(call, err));
    TRY(call->route->access->check(call, err));
    if (call->route->access->charge != NULL)
        TRY(call->route->access->charge(call, &call->allowance, err));
    TRY(check_query(exchange, err));
    TRY(check_body(exchange, err));
    exchange->is_checked = true;
    return 0;
}

/* What the handler has made of it, as it will be sent. */
static int settle(struct http_exchange *exchange, struct err *err)
{
    struct http_call *call = &exchange->call;

    TRY(http_answer_check(call->route, &call->response, err));
    /* It is written: a slow reader need not keep the tree, too. */
    json_freep(&call->response.json);
    return 0;
}

/* Fields of draft-ietf-httpapi-ratelimit-headers; that they do not fit is no reason to fail. */
static void put_allowance(const struct http_allowance *allowance, struct http_response *response)
{
    char value[64];

    if (!allowance->is_there)
        return;
    (void)snprintf(value, sizeof value, "\"second\";q=%lld;w=1", (long long)allowance->limit);
    if (http_reply_field(response, "RateLimit-Policy", value, NULL) < 0)
        return;
    (void)snprintf(value, sizeof value, "\"second\";r=%lld;t=%lld", (long long)allowance->remaining,
                   (long long)allowance->wait_s);
    if (http_reply_field(response, "RateLimit", value, NULL) < 0 || !allowance->is_over)
        return;
    (void)snprintf(value, sizeof value, "%lld", (long long)allowance->wait_s);
    if (http_reply_field(response, "Retry-After", value, NULL) < 0)
        return;
}

static void conclude(struct http_exchange *exchange, int rc, struct err *why)
{
    const struct http_allowance *allowance = &exchange->call.allowance;

    if (rc < 0) {
        /* The return value rules: a handler may have left an older failure in err. */
        why->kind = err_kind_of(rc);
        answer_failure(exchange, allowance->is_over ? 429 : 0, why);
        put_allowance(allowance, &exchange->call.response);
    } else {
        put_allowance(allowance, &exchange->call.response);
        report(exchange, NULL);
    }
    if (exchange->call.options->powers != NULL)
        exchange->call.options->powers->after(&exchange->call);
}

void http_exchange_run(struct http_exchange *exchange, void *worker)
{
    struct http_call *call = &exchange->call;
    struct err why = {0};
    int rc;

    call->worker = worker;
    call->pause.is_wanted = false;
    rc = check(exchange, &why);
    if (rc == 0)
        rc = call->route->handle(call, &why);
    if (rc == 0 && call->pause.is_wanted)
        return;
    call->pause.is_wanted = false;
    if (rc == 0)
        rc = settle(exchange, &why);
    conclude(exchange, rc, &why);
}

void http_exchange_run_all(struct http_exchange *const *all, size_t count, void *worker)
{
    struct http_exchange *admitted[HTTP_COMPANY_MAX];
    struct http_call *calls[HTTP_COMPANY_MAX];
    struct http_outcome outcomes[HTTP_COMPANY_MAX] = {{0}};
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        struct err why = {0};
        int rc = check(all[i], &why);

        if (rc < 0) {
            conclude(all[i], rc, &why);
            continue;
        }
        all[i]->call.worker = worker;
        admitted[left] = all[i];
        calls[left++] = &all[i]->call;
    }
    if (left == 1)
        outcomes[0].rc = calls[0]->route->handle(calls[0], &outcomes[0].err);
    else if (left > 1)
        calls[0]->route->handle_all(calls, outcomes, left);
    for (size_t i = 0; i < left; i++) {
        if (outcomes[i].rc == 0)
            outcomes[i].rc = settle(admitted[i], &outcomes[i].err);
        conclude(admitted[i], outcomes[i].rc, &outcomes[i].err);
    }
}

bool http_exchange_quick(struct http_exchange *exchange)
{
    struct http_call *call = &exchange->call;
    struct err why = {0};
    int rc = check(exchange, &why);

    if (rc == 0 && !call->route->quick(call))
        return false;
    if (rc == 0)
        rc = settle(exchange, &why);
    conclude(exchange, rc, &why);
    return true;
}

bool http_wait(struct http_call *call, uint64_t rings, int64_t ms)
{
    struct http_pause *pause = &call->pause;
    int64_t now = monotonic_ms();
    int64_t most = (int64_t)call->options->work_ms * 5 / 6;

    if (!pause->is_possible)
        return false;
    if (most > HTTP_WAIT_MS)
        most = HTTP_WAIT_MS;
    if (pause->until_ms == 0)
        pause->until_ms = now + (ms < most ? ms : most);
    if (now >= pause->until_ms)
        return false;
    pause->rings = rings;
    pause->is_wanted = true;
    return true;
}
