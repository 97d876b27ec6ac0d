/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A linear search: tables have tens of rows, and a request costs a thousand times more elsewhere.
 * Segments are compared after decoding; a decoded segment never holds a slash (http/syntax.c),
 * except in a tail, which no other row can match.
 */
#include "http/router.h"

#include "http/answer.h"

#include <stdio.h>
#include <string.h>

/* Take one segment off a path that stands at its slash. */
static struct bytes segment_next(const char **path)
{
    const char *at = *path + 1;
    size_t len = strcspn(at, "/");

    *path = at + len;
    return bytes_of(at, len);
}

static bool is_param(struct bytes segment)
{
    return segment.len > 0 && segment.ptr[0] == ':';
}

static bool is_tail(const char *rest)
{
    return rest[0] == '/' && rest[1] == '*';
}

/* Where the tail of a pattern begins: what is before it, with the slash; 0 if it has none. */
static size_t tail_start(const char *pattern)
{
    const char *at = strstr(pattern, "/*");

    return at == NULL ? 0 : (size_t)(at - pattern) + 1;
}

/* How many literal segments matched, plus one; 0 for no match. */
static size_t match(const char *pattern, const char *path)
{
    size_t literals = 1;

    while (*pattern != '\0' && *path != '\0') {
        if (is_tail(pattern))
            return path[1] == '\0' ? 0 : literals;
        struct bytes want = segment_next(&pattern);
        struct bytes have = segment_next(&path);

        if (is_param(want) && have.len > 0)
            continue;
        if (!bytes_equal(want, have))
            return 0;
        literals++;
    }
    return *pattern == *path ? literals : 0;
}

/* Two patterns that match the same paths: equal but for the names of their parameters. */
static bool is_same(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        struct bytes left = segment_next(&a);
        struct bytes right = segment_next(&b);

        if (is_param(left) != is_param(right) || (!is_param(left) && !bytes_equal(left, right)))
            return false;
    }
    return *a == *b;
}

static int check_path(const char *path, struct err *err)
{
    const char *rest = path;
    size_t params = 0;

    if (path[0] != '/')
        return FAIL(err, ERR_USAGE, "route %s: does not begin with a slash", path);
    while (*rest != '\0') {
        struct bytes segment = segment_next(&rest);

        if (segment.len == 0 && *rest != '\0')
            return FAIL(err, ERR_USAGE, "route %s: an empty segment", path);
        if ((is_param(segment) || segment.ptr[0] == '*') && segment.len == 1)
            return FAIL(err, ERR_USAGE, "route %s: a parameter without a name", path);
        if (segment.len > 0 && segment.ptr[0] == '*' && (*rest != '\0' || params > 0))
            return FAIL(err, ERR_USAGE, "route %s: a tail not behind literals alone", path);
        params += is_param(segment);
    }
    if (params > HTTP_PARAMS_MAX)
        return FAIL(err, ERR_USAGE, "route %s: more than %d parameters", path, HTTP_PARAMS_MAX);
    return 0;
}

bool http_route_has_body(const struct route *route)
{
    return route->body != NULL || route->body_type != NULL;
}

/* What the document of the API is made of. */
static int check_words(const struct route *row, struct err *err)
{
    if (row->access->name == NULL || row->access->meaning == NULL)
        return FAIL(err, ERR_USAGE, "route %s: an access rule without a meaning", row->path);
    if (row->body != NULL)
        TRY(err_prefix(err, http_members_valid(row->body, err), "route %s", row->path));
    if (row->query != NULL)
        TRY(err_prefix(err, http_members_valid(row->query, err), "route %s", row->path));
    if (row->headers != NULL)
        TRY(err_prefix(err, http_members_valid(row->headers, err), "route %s", row->path));
    return http_answer_valid(row, err);
}

static int check_row(const struct route *row, struct err *err)
{
    bool may_have_body = row->method != HTTP_GET && row->method != HTTP_DELETE &&
                         row->method != HTTP_OPTIONS;

    TRY(check_path(row->path, err));
    if ((unsigned)row->method >= HTTP_METHODS_ || row->method == HTTP_HEAD)
        return FAIL(err, ERR_USAGE, "route %s: no such method", row->path);
    if (row->access == NULL || row->handle == NULL)
        return FAIL(err, ERR_USAGE, "route %s: no access rule or no handler", row->path);
    if (http_route_has_body(row) && (!may_have_body || row->is_inline))
        return FAIL(err, ERR_USAGE, "route %s: cannot take a body", row->path);
    if (row->body != NULL && row->body_type != NULL && !row->is_foreign)
        return FAIL(err, ERR_USAGE, "route %s: two kinds of body", row->path);
    if (row->body_max > HTTP_BODY_MAX)
        return FAIL(err, ERR_USAGE, "route %s: a body of more than %d bytes", row->path,
                    HTTP_BODY_MAX);
    return check_words(row, err);
}

/* A tail and another path that begins like it would leave open which one is meant. */
static bool is_caught(const char *tail, const char *other)
{
    size_t len = tail_start(tail);

    return len > 0 && strncmp(tail, other, len) == 0;
}

static int check_pair(const struct route *old, const struct route *row, struct err *err)
{
    if (strcmp(old->path, row->path) != 0 &&
        (is_caught(old->path, row->path) || is_caught(row->path, old->path)))
        return FAIL(err, ERR_USAGE, "route %s: %s begins like it and has a tail", row->path,
                    old->path);
    if (old->method == row->method && is_same(old->path, row->path))
        return FAIL(err, ERR_USAGE, "route %s %s: there is another one for it",
                    http_method_name(row->method), row->path);
    if (strcmp(old->operation, row->operation) == 0)
        return FAIL(err, ERR_USAGE, "route %s: %s is the operation %s already", row->path,
                    old->path, row->operation);
    return 0;
}

int http_router_add(struct http_router *router, const struct route *table, struct err *err)
{
    for (const struct route *row = table; row->path != NULL; row++) {
        TRY(check_row(row, err));
        for (size_t i = 0; i < router->count; i++)
            TRY(check_pair(router->rows[i], row, err));
        if (router->count == HTTP_ROUTES_MAX)
            return FAIL(err, ERR_USAGE, "more than %d routes", HTTP_ROUTES_MAX);
        router->rows[router->count++] = row;
    }
    return 0;
}

int http_router_fill(struct http_router *router, const struct route *table,
                     const struct route *const *tables, struct err *err)
{
    if (table != NULL)
        TRY(http_router_add(router, table, err));
    for (size_t i = 0; tables != NULL && tables[i] != NULL; i++)
        TRY(http_router_add(router, tables[i], err));
    return 0;
}

/* RFC 9110, 10.2.1. A GET row also serves HEAD. */
static void list_allowed(unsigned methods, char ret[HTTP_ALLOW_MAX])
{
    size_t len = 0;

    if ((methods & 1U << HTTP_GET) != 0)
        methods |= 1U << HTTP_HEAD;
    for (unsigned method = 0; method < HTTP_METHODS_; method++) {
        if ((methods & 1U << method) != 0)
            len += (size_t)snprintf(ret + len, HTTP_ALLOW_MAX - len, "%s%s", len == 0 ? "" : ", ",
                                    http_method_name((enum http_method)method));
    }
}

int http_router_find(const struct http_router *router, enum http_method method, const char *path,
                     const struct route **ret, char ret_allow[HTTP_ALLOW_MAX], struct err *err)
{
    enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    const struct route *best = NULL;
    size_t best_match = 0;
    unsigned others = 0;

    for (size_t i = 0; i < router->count; i++) {
        size_t matched = match(router->rows[i]->path, path);

        if (matched > 0)
            others |= 1U << router->rows[i]->method;
        if (matched > best_match && router->rows[i]->method == wanted) {
            best = router->rows[i];
            best_match = matched;
        }
    }
    if (best == NULL && others == 0)
        return FAIL(err, ERR_ABSENT, "there is nothing at this path");
    if (best == NULL) {
        list_allowed(others, ret_allow);
        return FAIL(err, ERR_USAGE, "this path does not take %s", http_method_name(method));
    }
    *ret = best;
    return 0;
}

size_t http_router_tail(const struct http_router *router, struct bytes target)
{
    for (size_t i = 0; i < router->count; i++) {
        struct bytes start = {(const uint8_t *)router->rows[i]->path,
                              tail_start(router->rows[i]->path)};

        if (start.len > 0 && target.len > start.len && bytes_start_with(target, start))
            return start.len;
    }
    return 0;
}

int http_router_params(const struct route *route, const char *path, struct arena *arena,
                       struct http_fields *ret, struct err *err)
{
    const char *pattern = route->path;
    struct http_field *at;
    void *memory;
    size_t count = 0;

    TRY(arena_alloc(arena, HTTP_PARAMS_MAX * sizeof *at, &memory, err));
    at = memory;
    while (*pattern != '\0' && *path != '\0') {
        bool is_rest = is_tail(pattern);
        struct bytes want = segment_next(&pattern);
        struct bytes have = is_rest ? bytes_text(path + 1) : segment_next(&path);

        if (!is_rest && !is_param(want))
            continue;
        TRY(arena_text(arena, bytes_part(want, 1, want.len), &at[count].name, err));
        TRY(arena_text(arena, have, &at[count].value, err));
        count++;
        if (is_rest)
            break;
    }
    *ret = (struct http_fields){at, count};
    return 0;
}

size_t http_route_body_max(const struct route *route)
{
    return route->body_max == 0 ? HTTP_BODY_DEFAULT : route->body_max;
}
