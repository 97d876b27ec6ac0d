/* SPDX-License-Identifier: Apache-2.0 */
/* A request as a handler sees it: decoded, checked, and living as long as its arena. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "base/sock.h"
#include "http/limits.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD, /* never in a route table: served by the GET row */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS, /* asked by browsers before they let a page ask (Fetch, 3.2) */
    HTTP_METHODS_ /* how many there are */
};

const char *http_method_name(enum http_method method);

/* One header field, query parameter or path parameter. */
struct http_field {
    const char *name;
    const char *value; /* decoded */
};

struct http_fields {
    const struct http_field *at;
    size_t count;
};

/* Who is at the other end. */
struct http_peer {
    bool is_unix;          /* false: loopback TCP, and cred means nothing */
    struct sock_peer cred; /* SO_PEERCRED, taken when the connection was accepted */
};

enum { HTTP_TRACE_ID_LEN = 32, HTTP_TRACEPARENT_LEN = 55 };

struct http_request {
    enum http_method method;
    const char *path;           /* decoded, begins with '/' */
    struct http_fields params;  /* the ":name" segments of the route */
    struct http_fields query;   /* only names the route lists, each at most once */
    struct http_fields headers; /* names as sent */
    struct bytes raw_query;     /* of a foreign row, instead of query: what stands behind '?' */
    struct bytes body;
    const struct json *json; /* the body, checked against the route's members; NULL if none */
    struct http_peer peer;
    char trace_id[HTTP_TRACE_ID_LEN + 1];       /* the one request id: in logs and answers */
    char traceparent[HTTP_TRACEPARENT_LEN + 1]; /* to hand on with our own requests */
    struct arena *arena;
};

/* The value of a ":name" segment; "" if the route has no such segment. */
const char *http_param(const struct http_request *request, const char *name);
/* NULL if the parameter is not there. */
const char *http_query(const struct http_request *request, const char *name);
/* The first field of that name, case-insensitively (RFC 9110, 5.1); NULL if there is none. */
const char *http_header(const struct http_request *request, const char *name);
