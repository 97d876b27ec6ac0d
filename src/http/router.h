/* SPDX-License-Identifier: Apache-2.0 */
/* Route tables: checked once, then searched. Immutable after http_router_init, so any thread may
 * search. */
#pragma once

#include "http/route.h"

struct http_router {
    const struct route *rows[HTTP_ROUTES_MAX];
    size_t count;
};

/*
 * Take the rows of a table in. ERR_USAGE for a faulty row: malformed path, no access, no handler,
 * a HEAD row, a body on GET or DELETE or in an inline row, more than HTTP_MEMBERS_MAX members, a
 * body limit above HTTP_BODY_MAX, or two rows of one method that match the same paths.
 */
MUST_CHECK int http_router_add(struct http_router *router, const struct route *table,
                               struct err *err);

enum { HTTP_ALLOW_MAX = 64 };

/*
 * The row for a decoded path; literal segments win over ":name". ERR_ABSENT if no row has that
 * path, ERR_USAGE if rows have it for other methods only: ret_allow then lists them for the field
 * Allow.
 */
MUST_CHECK int http_router_find(const struct http_router *router, enum http_method method,
                                const char *path, const struct route **ret,
                                char ret_allow[HTTP_ALLOW_MAX], struct err *err);
/* What the ":name" segments of the row caught. */
MUST_CHECK int http_router_params(const struct route *route, const char *path, struct arena *arena,
                                  struct http_fields *ret, struct err *err);
/* How many bytes of body the row takes. */
size_t http_route_body_max(const struct route *route);
