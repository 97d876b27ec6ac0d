/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a handler answers. Bodies are JSON unless said otherwise; every response is sent with the
 * request's traceparent, and with Cache-Control: no-store unless the handler has added that field.
 * No browser is to take a body for anything but what its type says: X-Content-Type-Options.
 */
#pragma once

#include "base/json.h"
#include "http/limits.h"

struct http_member; /* http/member.h */

struct http_reply_field {
    char name[48];
    char value[256]; /* an origin, at its longest */
};

/* A body that stays on disk: len bytes of an open file from first on. */
struct http_file_body {
    bool is_there;
    int fd;
    size_t first, len;
};

struct http_response {
    unsigned status;
    const char *type; /* media type, a constant; NULL: no body */
    struct buf body;
    struct http_file_body file; /* instead of body */
    struct json *json;          /* what body was written from; NULL: other bytes, or written */
    const struct http_member *written; /* the table that body was written by, or NULL */
    struct http_reply_field fields[HTTP_REPLY_FIELDS_MAX];
    size_t field_count;
    struct buf location; /* of a redirect; empty: none */
};

/* Takes body, also on failure; NULL is out of memory. */
MUST_CHECK int http_reply_json(struct http_response *response, unsigned status, struct json *body,
                               struct err *err);
/* type must be a constant. */
MUST_CHECK int http_reply_bytes(struct http_response *response, unsigned status, const char *type,
                                struct bytes body, struct err *err);
/* The same, taking body. */
void http_reply_buf(struct http_response *response, unsigned status, const char *type,
                    struct buf *body);
/* The same for a text that http/writer.h has made by a table. For http/answer.c. */
void http_reply_written(struct http_response *response, unsigned status,
                        const struct http_member *members, struct buf *body);
/* No body: 204, 304. */
void http_reply_empty(struct http_response *response, unsigned status);
/*
 * 302 or 303 to an address, which is taken. ERR_USAGE if it is no value of a field, or longer than
 * HTTP_LOCATION_MAX.
 */
MUST_CHECK int http_reply_redirect(struct http_response *response, unsigned status,
                                   struct buf *location, struct err *err);
/*
 * One more header field. ERR_USAGE if the name is no token, the value has control characters,
 * either is too long, or there are HTTP_REPLY_FIELDS_MAX already.
 */
MUST_CHECK int http_reply_field(struct http_response *response, const char *name, const char *value,
                                struct err *err);
/* Whether the handler has added Cache-Control. */
bool http_response_may_be_kept(const struct http_response *response);
/* Whether the engine has to add X-Content-Type-Options: there is a body, and the handler has not.
 */
bool http_response_needs_nosniff(const struct http_response *response);
/* Empty, as it was at first. */
void http_response_done(struct http_response *response);
