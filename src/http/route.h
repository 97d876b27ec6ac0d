/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints as rows. The row is the only registration: who may call it, which query parameters
 * and which JSON body or media type it takes are checked before the handler runs, so an endpoint
 * without an access decision or with an unchecked JSON body cannot be written. A row takes JSON or
 * raw bytes or no body.
 */
#pragma once

#include "http/request.h"
#include "http/response.h"

struct route;
struct http_server_options; /* http/server.h */

/* One request on its way: what a handler gets. */
struct http_call {
    const struct route *route;
    struct http_request request;
    struct http_response response;
    void *context; /* the server's, shared by all workers */
    void *worker;  /* this worker's own: a database connection; NULL in an inline handler */
    const struct http_server_options *options;
};

/* Fills call->response, or fails: the failure becomes a problem body (http/problem.h). */
typedef int http_handler_fn(struct http_call *call, struct err *err);

/* A rule about who may call. check gives ERR_DENIED with a sentence that says what is missing. */
struct http_access {
    const char *name; /* in documents and tests */
    int (*check)(const struct http_call *call, struct err *err);
};

extern const struct http_access http_anyone;
/* The peer of a Unix socket whose uid is in the server's list (http_server_options.uids). */
extern const struct http_access http_listed_peer;
/* The same for another list: for rules that let in more. */
bool http_peer_is_in(const struct http_call *call, const uid_t *uids, size_t count);

/* A member of the JSON object a route takes; members that are not listed are refused. */
enum http_member_type { HTTP_TEXT, HTTP_INT, HTTP_BOOL, HTTP_OBJECT, HTTP_ARRAY };

struct http_member {
    const char *name;
    enum http_member_type type;
    enum { HTTP_REQUIRED, HTTP_OPTIONAL } presence; /* optional: may be missing, not null */
};

struct route {
    enum http_method method;
    /* ":name" catches one segment, literal segments go first; see http/router.h for "*name". */
    const char *path;
    const struct http_access *access; /* checked before the handler runs */
    const struct http_member *body;   /* JSON; ends with a NULL name; NULL: takes none */
    http_handler_fn *handle;
    const char *const *query; /* names, NULL-terminated; NULL: takes none */
    size_t body_max;          /* 0: HTTP_BODY_DEFAULT */
    bool is_inline;           /* cheap and never blocks: answered by the polling thread */
    const char *body_type;    /* media type of a body that is taken as it is; NULL: takes none */
};
/* A table ends with a row whose path is NULL. */
