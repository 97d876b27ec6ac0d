/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int handle(struct http_call *call, struct err *err)
{
    (void)call;
    return FAIL(err, ERR_USAGE, "never called");
}

static const struct http_member no_members[] = {{NULL}};
static const struct http_answer answers[] = {{204, "done"}, {0}};

/* Each row is an operation of its own. */
#define ROW(method, path)                  NUMBERED_ROW(method, path, __COUNTER__)
#define NUMBERED_ROW(method, path, number) OPERATION_ROW(method, path, number)
#define OPERATION_ROW(method, path, number)                                                        \
    {                                                                                              \
        (method), (path), &http_anyone, NULL, handle, "do" #number, "Do it", answers               \
    }

static int add(const struct route *table)
{
    struct http_router router = {.count = 0};

    return http_router_add(&router, table, NULL);
}

static void assert_row(struct route row, int expected)
{
    struct route table[] = {row, {.path = NULL}};

    assert_int_equal(add(table), expected);
}

static void faulty_rows_are_refused(void **state)
{
    struct route row = ROW(HTTP_GET, "/a");

    (void)state;
    assert_row(row, 0);
    row.access = NULL;
    assert_row(row, -ERR_USAGE);
    row = (struct route)ROW(HTTP_GET, "/a");
    row.handle = NULL;
    assert_row(row, -ERR_USAGE);
    row = (struct route)ROW(HTTP_GET, "/a");
    row.body = no_members;
    assert_row(row, -ERR_USAGE);
    row.method = HTTP_DELETE;
    assert_row(row, -ERR_USAGE);
    row.method = HTTP_POST;
    assert_row(row, 0);
    row.is_inline = true;
    assert_row(row, -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_HEAD, "/a"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_METHODS_, "/a"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, ""), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "a"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/a//b"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "//"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/a/"), 0);
    assert_row((struct route)ROW(HTTP_GET, "/:"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/"), 0);
}

static void a_row_without_words_for_its_document_is_refused(void **state)
{
    static const struct http_access mute = {"mute", NULL};
    static const struct http_member silent[] = {{"m", HTTP_TEXT, HTTP_REQUIRED}, {NULL}};
    static const struct http_member hollow[] = {{"m", HTTP_OBJECT, HTTP_REQUIRED, "an object"},
                                                {NULL}};
    static const struct http_member deep[] = {{"m", HTTP_ARRAY, HTTP_REQUIRED, "objects", silent},
                                              {NULL}};
    static const struct http_member wrong[] = {
        {"m", HTTP_TEXT, HTTP_REQUIRED, "a text", no_members}, {NULL}};
    static const struct http_member *const bodies[] = {silent, hollow, deep, wrong};
    static const struct http_answer lists[][3] = {
        {{0}},
        {{199, "no success"}},
        {{300, "no success"}},
        {{200}},
        {{200, "twice"}, {200, "twice"}},
        {{200, "silent", silent}},
        {{200, "of two kinds", no_members, "text/plain"}},
    };
    struct route row = ROW(HTTP_POST, "/a");

    (void)state;
    row.access = &mute;
    assert_row(row, -ERR_USAGE);
    row = (struct route)ROW(HTTP_POST, "/a");
    row.operation = NULL;
    assert_row(row, -ERR_USAGE);
    row.operation = "do it";
    assert_row(row, -ERR_USAGE);
    row.operation = "do";
    row.summary = NULL;
    assert_row(row, -ERR_USAGE);
    row.summary = "Do it";
    row.answers = NULL;
    assert_row(row, -ERR_USAGE);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        row.answers = lists[i];
        assert_row(row, -ERR_USAGE);
    }
    row.answers = answers;
    assert_row(row, 0);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        row.body = bodies[i];
        assert_row(row, -ERR_USAGE);
    }
    row = (struct route)ROW(HTTP_GET, "/a");
    row.query = silent;
    assert_row(row, -ERR_USAGE);
}

static void two_rows_are_two_operations(void **state)
{
    struct route pair[] = {ROW(HTTP_GET, "/a"), ROW(HTTP_GET, "/b"), {.path = NULL}};

    (void)state;
    assert_int_equal(add(pair), 0);
    pair[1].operation = pair[0].operation;
    assert_int_equal(add(pair), -ERR_USAGE);
}

static void a_tail_comes_last_and_behind_literals(void **state)
{
    (void)state;
    assert_row((struct route)ROW(HTTP_GET, "/*"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/a/*"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/*a/b"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/:a/*b"), -ERR_USAGE);
    assert_row((struct route)ROW(HTTP_GET, "/a/*b"), 0);
}

static void a_row_takes_one_kind_of_body(void **state)
{
    struct route row = ROW(HTTP_POST, "/a");

    (void)state;
    row.body_type = "application/x-raw";
    assert_row(row, 0);
    row.body = no_members;
    assert_row(row, -ERR_USAGE);
    row.is_foreign = true; /* what its form has is said, and not held against it */
    assert_row(row, 0);
    row.is_foreign = false;
    row.body = NULL;
    row.is_inline = true;
    assert_row(row, -ERR_USAGE);
    row.is_inline = false;
    row.method = HTTP_GET;
    assert_row(row, -ERR_USAGE);
}

static void nothing_else_begins_like_a_tail(void **state)
{
    const struct route before[] = {
        ROW(HTTP_GET, "/a/b"), ROW(HTTP_GET, "/a/*rest"), {.path = NULL}};
    const struct route behind[] = {
        ROW(HTTP_GET, "/a/*rest"), ROW(HTTP_POST, "/a/:id"), {.path = NULL}};
    const struct route other_name[] = {
        ROW(HTTP_GET, "/a/*rest"), ROW(HTTP_PUT, "/a/*more"), {.path = NULL}};
    const struct route beside[] = {ROW(HTTP_GET, "/a/*rest"),
                                   ROW(HTTP_PUT, "/a/*rest"),
                                   ROW(HTTP_POST, "/a"),
                                   ROW(HTTP_GET, "/ab"),
                                   {.path = NULL}};

    (void)state;
    assert_int_equal(add(before), -ERR_USAGE);
    assert_int_equal(add(behind), -ERR_USAGE);
    assert_int_equal(add(other_name), -ERR_USAGE);
    assert_int_equal(add(beside), 0);
}

static void a_row_has_its_limits(void **state)
{
    struct http_member members[HTTP_MEMBERS_MAX + 2] = {{NULL, HTTP_TEXT, HTTP_REQUIRED}};
    struct route row = ROW(HTTP_POST, "/:a/:b/:c/:d");

    (void)state;
    assert_int_equal(HTTP_PARAMS_MAX, 4);
    assert_row(row, 0);
    row.path = "/:a/:b/:c/:d/:e";
    assert_row(row, -ERR_USAGE);

    row.path = "/a";
    row.body_max = HTTP_BODY_MAX;
    assert_row(row, 0);
    row.body_max = HTTP_BODY_MAX + 1;
    assert_row(row, -ERR_USAGE);

    row.body_max = 0;
    row.body = members;
    for (size_t i = 0; i < HTTP_MEMBERS_MAX; i++)
        members[i] = (struct http_member){"m", HTTP_TEXT, HTTP_REQUIRED, "a member"};
    assert_row(row, 0);
    members[HTTP_MEMBERS_MAX] = members[0];
    assert_row(row, -ERR_USAGE);
}

static void a_table_has_at_most_so_many_rows(void **state)
{
    static struct route table[HTTP_ROUTES_MAX + 2];
    static char paths[HTTP_ROUTES_MAX + 1][12];

    (void)state;
    for (size_t i = 0; i <= HTTP_ROUTES_MAX; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "/p%zu", i);
        table[i] = (struct route)ROW(HTTP_GET, paths[i]);
        table[i].operation = paths[i] + 1;
    }
    assert_int_equal(add(table), -ERR_USAGE);
    table[HTTP_ROUTES_MAX].path = NULL;
    assert_int_equal(add(table), 0);
}

static void two_rows_for_the_same_paths_are_refused(void **state)
{
    const struct route same[] = {
        ROW(HTTP_GET, "/a/:x/b"), ROW(HTTP_GET, "/a/:y/b"), {.path = NULL}};
    const struct route apart[] = {ROW(HTTP_GET, "/a/:x/b"), ROW(HTTP_POST, "/a/:x/b"),
                                  ROW(HTTP_GET, "/a/:x/c"), ROW(HTTP_GET, "/a/:x"),
                                  ROW(HTTP_GET, "/a/x/b"),  {.path = NULL}};

    (void)state;
    assert_int_equal(add(same), -ERR_USAGE);
    assert_int_equal(add(apart), 0);
}

static const struct route table[] = {
    ROW(HTTP_GET, "/v1/cards/:id"),
    ROW(HTTP_PUT, "/v1/cards/:id"),
    ROW(HTTP_GET, "/v1/cards/blank"),
    ROW(HTTP_POST, "/v1/cards"),
    ROW(HTTP_GET, "/v1/:kind/:id/status"),
    ROW(HTTP_POST, "/v1/cards:count"),
    ROW(HTTP_DELETE, "/v1/cards/blank"),
    ROW(HTTP_OPTIONS, "/v1/cards"),
    {.path = NULL},
};

static int find(enum http_method method, const char *path, const struct route **ret, char *allow)
{
    struct http_router router = {.count = 0};

    assert_int_equal(http_router_add(&router, table, NULL), 0);
    return http_router_find(&router, method, path, ret, allow, NULL);
}

static void other_paths_are_absent(void **state)
{
    static const char *const paths[] = {
        "/",         "/v1",       "/v1/cards/7/x", "/v1/card",
        "/v2/cards", "/V1/cards", "/v1/cards:",    "/v1/a/b/c/status"};
    const struct route *row = NULL;
    char allow[HTTP_ALLOW_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(find(HTTP_GET, paths[i], &row, allow), -ERR_ABSENT);
    assert_null(row);
}

/* RFC 9110, 15.5.6 */
static void another_method_is_told_which_ones_there_are(void **state)
{
    const struct route *row = NULL;
    char allow[HTTP_ALLOW_MAX];

    (void)state;
    assert_int_equal(find(HTTP_DELETE, "/v1/cards/7", &row, allow), -ERR_USAGE);
    assert_string_equal(allow, "GET, HEAD, PUT");
    assert_int_equal(find(HTTP_HEAD, "/v1/cards", &row, allow), -ERR_USAGE);
    assert_string_equal(allow, "POST, OPTIONS");
    assert_null(row);
    assert_int_equal(find(HTTP_OPTIONS, "/v1/cards/7", &row, allow), -ERR_USAGE);
    assert_int_equal(find(HTTP_OPTIONS, "/v1/cards", &row, allow), 0);
}

static void literal_segments_win(void **state)
{
    const struct route *row = NULL;
    char allow[HTTP_ALLOW_MAX];

    (void)state;
    assert_int_equal(find(HTTP_GET, "/v1/cards/blank", &row, allow), 0);
    assert_string_equal(row->path, "/v1/cards/blank");
    assert_int_equal(find(HTTP_HEAD, "/v1/cards/7", &row, allow), 0);
    assert_string_equal(row->path, "/v1/cards/:id");
    /* The literal row is for other methods, so ":id" gets this one. */
    assert_int_equal(find(HTTP_PUT, "/v1/cards/blank", &row, allow), 0);
    assert_string_equal(row->path, "/v1/cards/:id");
    assert_int_equal(find(HTTP_POST, "/v1/cards:count", &row, allow), 0);
    assert_string_equal(row->path, "/v1/cards:count");
}

/* A folder of pages, whose names are relative to it. */
static void a_slash_at_the_end_makes_another_path(void **state)
{
    static const struct route folder[] = {
        ROW(HTTP_GET, "/pages/"), ROW(HTTP_GET, "/pages/:file"), {.path = NULL}};
    struct http_router router = {.count = 0};
    const struct route *row = NULL;
    char allow[HTTP_ALLOW_MAX];

    (void)state;
    assert_int_equal(http_router_add(&router, folder, NULL), 0);
    assert_int_equal(http_router_find(&router, HTTP_GET, "/pages", &row, allow, NULL), -ERR_ABSENT);
    assert_int_equal(http_router_find(&router, HTTP_GET, "/pages//", &row, allow, NULL),
                     -ERR_ABSENT);
    assert_int_equal(http_router_find(&router, HTTP_GET, "/pages/", &row, allow, NULL), 0);
    assert_string_equal(row->path, "/pages/");
    assert_int_equal(http_router_find(&router, HTTP_GET, "/pages/a.js", &row, allow, NULL), 0);
    assert_string_equal(row->path, "/pages/:file");
}

static void parameters_have_their_names(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct http_request request = {0};

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(
        http_router_params(&table[4], "/v1/cards/a b/status", arena, &request.params, NULL), 0);
    assert_string_equal(http_param(&request, "kind"), "cards");
    assert_string_equal(http_param(&request, "id"), "a b");
    assert_string_equal(http_param(&request, "other"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faulty_rows_are_refused),
        cmocka_unit_test(a_row_has_its_limits),
        cmocka_unit_test(a_row_without_words_for_its_document_is_refused),
        cmocka_unit_test(two_rows_are_two_operations),
        cmocka_unit_test(a_tail_comes_last_and_behind_literals),
        cmocka_unit_test(a_row_takes_one_kind_of_body),
        cmocka_unit_test(nothing_else_begins_like_a_tail),
        cmocka_unit_test(a_table_has_at_most_so_many_rows),
        cmocka_unit_test(two_rows_for_the_same_paths_are_refused),
        cmocka_unit_test(other_paths_are_absent),
        cmocka_unit_test(another_method_is_told_which_ones_there_are),
        cmocka_unit_test(literal_segments_win),
        cmocka_unit_test(a_slash_at_the_end_makes_another_path),
        cmocka_unit_test(parameters_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
