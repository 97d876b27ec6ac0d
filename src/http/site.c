/* SPDX-License-Identifier: Apache-2.0 */
#include "base/daemon.h"
#include "http/exchange.h"
#include "http/openapi.h"
#include "http/problem.h"

static int anyone(const struct http_call *call, struct err *err)
{
    (void)call;
    (void)err;
    return 0;
}

bool http_peer_is_in(const struct http_call *call, const uid_t *uids, size_t count)
{
    const struct http_peer *peer = &call->request.peer;

    for (size_t i = 0; i < count; i++) {
        if (peer->is_unix && uids[i] == peer->cred.uid)
            return true;
    }
    return false;
}

static int listed_peer(const struct http_call *call, struct err *err)
{
    const struct http_peer *peer = &call->request.peer;

    if (!peer->is_unix)
        return FAIL(err, ERR_DENIED, "this path is served on a Unix socket only");
    if (http_peer_is_in(call, call->options->uids, call->options->uid_count))
        return 0;
    return FAIL(err, ERR_DENIED, "user id %u is not in this server's list of peers",
                (unsigned)peer->cred.uid);
}

const struct http_access http_anyone = {"anyone", anyone, "Anyone who can connect may call."};
const struct http_access http_listed_peer = {
    "listed peer", listed_peer,
    "Served on a Unix socket, to processes whose user id is in this server's list of peers."};

static int livez(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "status", "live", err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

/* What an operator is told beside: when files were read again, and what will not go well for long.
 * Why a reload was refused names files, and is in the log. */
static int reply_ready(struct http_call *call, struct err *err)
{
    const struct daemon_reloads reloads = daemon_reloads();
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *words = json_array_new();

    TRY(json_put_text(body, "status", "ready", err));
    if (reloads.last_at != 0) {
        TRY(json_put_int(body, "reloaded_at", reloads.last_at, err));
        TRY(json_put_bool(body, "reload_refused", reloads.is_last_refused, err));
    }
    if (call->options->warn != NULL)
        TRY(call->options->warn(call, words, err));
    if (json_count(words) > 0)
        TRY(json_put(body, "warnings", json_steal(&words), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int readyz(struct http_call *call, struct err *err)
{
    int rc = call->options->ready == NULL ? 0 : call->options->ready(call, err);

    /* What may be told is told as "not now"; the operator's failures stay a bare 500. */
    if (rc < 0)
        return problem_status(err_kind_of(rc)) == 500 ? rc : -ERR_REMOTE;
    return reply_ready(call, err);
}

static int get_document(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *document = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(openapi_make(call->options, &document, err));
    TRY(json_write(document, &text, err));
    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&text), err);
}

static const char *const live[] = {"live", NULL};
static const char *const ready[] = {"ready", NULL};
static const struct http_member live_members[] = {
    {"status", HTTP_TEXT, HTTP_REQUIRED, "that it lives", .values = live},
    {NULL},
};
static const struct http_form warning_form = {"^[a-z_]{1,64}$", "a word"};
static const struct http_member ready_members[] = {
    {"status", HTTP_TEXT, HTTP_REQUIRED, "that it is ready", .values = ready},
    {"reloaded_at", HTTP_INT, HTTP_OPTIONAL, "when it was last told to read its files again"},
    {"reload_refused", HTTP_BOOL, HTTP_OPTIONAL, "whether it has not taken them then"},
    {"warnings", HTTP_ARRAY, HTTP_OPTIONAL, "what will not go well for long",
     .form = &warning_form},
    {NULL},
};
static const struct http_answer live_answers[] = {{200, "it lives", live_members}, {0}};
static const struct http_answer ready_answers[] = {
    {200, "its database and whoever it asks answer", ready_members}, {0}};
static const struct http_answer document_answers[] = {
    {200, "an OpenAPI 3.1 document", .type = "application/json"}, {0}};

/* Readiness asks databases and other daemons, so it waits for a worker like everything else. */
const struct route http_health_routes[] = {
    {.method = HTTP_GET,
     .path = "/livez",
     .access = &http_anyone,
     .handle = livez,
     .operation = "live",
     .summary = "Whether this process answers at all",
     .answers = live_answers,
     .is_inline = true},
    {.method = HTTP_GET,
     .path = "/readyz",
     .access = &http_anyone,
     .handle = readyz,
     .operation = "ready",
     .summary = "Whether it can do its work now",
     .answers = ready_answers},
    {.method = HTTP_GET,
     .path = OPENAPI_PATH,
     .access = &http_anyone,
     .handle = get_document,
     .operation = "describe",
     .summary = "This document",
     .answers = document_answers},
    {.path = NULL},
};

static int fill(unsigned *value, unsigned otherwise, unsigned max, const char *what,
                struct err *err)
{
    if (*value > max)
        return FAIL(err, ERR_USAGE, "%u %s, the limit is %u", *value, what, max);
    if (*value == 0)
        *value = otherwise;
    return 0;
}

static int fill_ms(int *value, int otherwise, struct err *err)
{
    if (*value < 0)
        return FAIL(err, ERR_USAGE, "a negative deadline");
    if (*value == 0)
        *value = otherwise;
    return 0;
}

int http_site_init(struct http_site *site, const struct http_server_options *options,
                   struct err *err)
{
    struct http_server_options *own = &site->options;

    site->router.count = 0;
    site->options = *options;
    TRY(fill(&own->workers, HTTP_WORKERS_DEFAULT, HTTP_WORKERS_MAX, "workers", err));
    TRY(fill(&own->queue, HTTP_QUEUE_DEFAULT, HTTP_QUEUE_MAX, "queue places", err));
    TRY(fill(&own->connections, HTTP_CONNECTIONS_DEFAULT, HTTP_CONNECTIONS_MAX, "connections",
             err));
    TRY(fill_ms(&own->head_ms, HTTP_HEAD_MS, err));
    TRY(fill_ms(&own->body_ms, HTTP_BODY_MS, err));
    TRY(fill_ms(&own->work_ms, HTTP_WORK_MS, err));
    TRY(fill_ms(&own->write_ms, HTTP_WRITE_MS, err));
    TRY(http_router_add(&site->router, http_health_routes, err));
    return http_router_fill(&site->router, options->routes, options->tables, err);
}
