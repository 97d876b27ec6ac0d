/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Route tables: checked once, then searched. Immutable after http_router_add, so any thread may
 * search.
 *
 * A last segment "*name" is a tail: it catches all that is left of the path, one character at
 * least, with whatever slashes, plain or escaped (base64 in RFC 6960, A.1). What stands before it
 * is literal, and no other path may begin with it; sent with escapes in that part, a target is read
 * like any other. A path may end with a slash, and then is another one than that without it.
 */
#pragma once

#include "http/route.h"

struct http_router {
    const struct route *rows[HTTP_ROUTES_MAX];
    size_t count;
};

/*
 * Take the rows of a table in. ERR_USAGE for a faulty row: malformed path, no access, no handler,
 * a HEAD row, a body on GET, DELETE or OPTIONS or in an inline row, two kinds of body, more than
 * HTTP_MEMBERS_MAX members, a body limit above HTTP_BODY_MAX, two rows of one method that match
 * the same paths, or a path that begins as another one's tail; and for a row without the words its
 * document needs: operation (unlike all others), summary, answers, meanings.
 */
MUST_CHECK int http_router_add(struct http_router *router, const struct route *table,
                               struct err *err);

/* The same for one table, several (ended by NULL), or both; either may be NULL. */
MUST_CHECK int http_router_fill(struct http_router *router, const struct route *table,
                                const struct route *const *tables, struct err *err);

enum { HTTP_ALLOW_MAX = 64 };

/*
 * The row for a decoded path; literal segments win over ":name". ERR_ABSENT if no row has that
 * path, ERR_USAGE if rows have it for other methods only: ret_allow then lists them for the field
 * Allow.
 */
MUST_CHECK int http_router_find(const struct http_router *router, enum http_method method,
                                const char *path, const struct route **ret,
                                char ret_allow[HTTP_ALLOW_MAX], struct err *err);
/* How long the part of target before a tail is; 0 if it is no path of a tail. */
size_t http_router_tail(const struct http_router *router, struct bytes target);
/* What the ":name" segments and the tail of the row caught. */
MUST_CHECK int http_router_params(const struct route *route, const char *path, struct arena *arena,
                                  struct http_fields *ret, struct err *err);
/* Whether the row takes a body, and how many bytes of it. */
bool http_route_has_body(const struct route *route);
size_t http_route_body_max(const struct route *route);
