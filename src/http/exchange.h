/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its response, from header to answer, whatever engine brought the bytes. The
 * engine calls head, body as often as needed, then run; whoever returns false has filled the
 * response, and the engine sends it instead of going on. Not shared: one thread at a time.
 */
#pragma once

#include "http/router.h"
#include "http/server.h"

/* What a server is, apart from its threads: immutable while it serves. */
struct http_site {
    struct http_server_options options; /* without zeroes: defaults are filled in */
    struct http_router router;
};

/* What every server serves: health, and the document of its API. */
extern const struct route http_health_routes[];

/* Options checked, defaults filled in, health and application routes in one router. */
MUST_CHECK int http_site_init(struct http_site *site, const struct http_server_options *options,
                              struct err *err);

/* A header as the engine found it; points into the engine's memory. */
struct http_head_field {
    struct bytes name;
    struct bytes value;
};

struct http_head {
    struct bytes method;
    struct bytes target;
    bool is_http_10; /* otherwise HTTP/1.1 */
    const struct http_head_field *fields;
    size_t field_count; /* may be larger than what is in fields, if above HTTP_FIELDS_MAX */
};

struct http_exchange {
    const struct http_site *site;
    struct http_call call; /* call.response is what to send */
    struct turn *turn;     /* of the site's turns: call.context; NULL: it has none */
    struct json *json;
    struct buf body;
    struct bytes raw_query;
    bool has_body;   /* the sender announced one */
    bool is_checked; /* who asks, query and body are as the row says */
    bool must_close; /* after the response: the stream cannot be trusted, or the body is unread */
    int64_t begun_us;

    /* For the pool (http/pool.h) and the engine. */
    struct http_exchange *next;
    void *owner;
    enum {
        STAGE_IDLE,
        STAGE_QUEUED,
        STAGE_RUNNING,
        STAGE_WAITING, /* for the bell */
        STAGE_FINISHED,
    } stage;
    bool is_abandoned;
};

MUST_CHECK int http_exchange_new(const struct http_site *site, const struct http_peer *peer,
                                 struct http_exchange **ret, struct err *err);
/* A second one for the same request id, to answer with while the first is still being worked on. */
MUST_CHECK int http_exchange_again(const struct http_exchange *late, struct http_exchange **ret,
                                   struct err *err);
void http_exchange_free(struct http_exchange *exchange); /* accepts NULL */

/* Everything that the header decides: limits, framing, path, route, media type. */
MUST_CHECK bool http_exchange_head(struct http_exchange *exchange, const struct http_head *head);
/* More of the body; false once it is above the route's limit. */
MUST_CHECK bool http_exchange_body(struct http_exchange *exchange, struct bytes more);
/*
 * Access, query, JSON, members, handler. May block. Always fills the response, unless
 * call.pause.is_wanted: then it is to be called again when the bell has rung or time is up.
 */
void http_exchange_run(struct http_exchange *exchange, void *worker);
/* The same for up to HTTP_COMPANY_MAX, all of rows with the same handle_all, by that. */
void http_exchange_run_all(struct http_exchange *const *all, size_t count, void *worker);
/* What the polling thread may do of it (http_quick_fn); false: http_exchange_run is to follow. */
MUST_CHECK bool http_exchange_quick(struct http_exchange *exchange);
/* Answer with a problem instead: 503 and the like. Always returns false. */
bool http_exchange_refuse(struct http_exchange *exchange, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
