/* SPDX-License-Identifier: Apache-2.0 */
#include "http/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_target_refused(const char *target)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const char *path = NULL;
    struct bytes query = {NULL, 7};

    assert_int_equal(arena_new(&arena, NULL), 0);
    if (http_target_decode(arena, bytes_text(target), &path, &query, NULL) != -ERR_INPUT)
        fail_msg("%s was accepted as %s", target, path);
    assert_null(path);
    assert_int_equal(query.len, 7);
}

static void targets_that_can_be_read_in_two_ways_are_refused(void **state)
{
    static const char *const targets[] = {
        "",        "*",       "a",          "http://x/a",    "//a",
        "/a//b",   "/a//",    "/.",         "/..",           "/a/../b",
        "/a/./b",  "/%2e",    "/%2E%2e",    "/a/.%2e/b",     "/a%2fb",
        "/a%2Fb",  "/%",      "/%2",        "/%zz",          "/a%0",
        "/%00",    "/a%00b",  "/%0a",       "/%1f",          "/%7f",
        "/a#b",    "/a?b#c",  "/a\x01",     "/\xe5\xb1\xb1", "/%ff",
        "/%c0%af", "/%e5%b1", "/%ed%a0%80", "?a=b",
    };

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        assert_target_refused(targets[i]);
}

static void assert_target(const char *target, const char *expected, const char *expected_query)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const char *path = NULL;
    struct bytes query;

    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(http_target_decode(arena, bytes_text(target), &path, &query, NULL), 0);
    assert_string_equal(path, expected);
    assert_true(bytes_equal(query, bytes_text(expected_query)));
}

static void paths_are_decoded_once(void **state)
{
    (void)state;
    assert_target("/", "/", "");
    assert_target("/?", "/", "");
    assert_target("/a/", "/a/", "");
    assert_target("/a/b/?c", "/a/b/", "c");
    assert_target("/v1/a", "/v1/a", "");
    assert_target("/%61%2525", "/a%25", "");
    assert_target("/...", "/...", "");
    assert_target("/a+b", "/a+b", "");
    assert_target("/%e5%b1%b1", "/\xe5\xb1\xb1", "");
    assert_target("/a?x=%2f&y", "/a", "x=%2f&y");
    assert_target("/a?b?c", "/a", "b?c");
    assert_target("/a%3fb", "/a?b", "");
}

static int query_of(const char *text, struct arena *arena, struct http_fields *ret)
{
    return http_query_decode(arena, bytes_text(text), ret, NULL);
}

static void doubtful_queries_are_refused(void **state)
{
    static const char *const queries[] = {
        "=a",    "&a=b",  "a=b&",     "a&a",    "a=1&a=2", "a=1&%61=2", "a=%", "a=%0",    "a=%zz",
        "a=%00", "%00=a", "a=%0d%0a", "a=\x80", "a=%ff",   "a=\n",      "&",   "a=b&&c=d"};
    CLEANUP(arena_freep) struct arena *arena = NULL;

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct http_fields fields = {NULL, 99};

        assert_int_equal(query_of(queries[i], arena, &fields), -ERR_INPUT);
        assert_int_equal(fields.count, 99);
    }
}

static void a_query_has_at_most_so_many_parameters(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    CLEANUP(buf_done) struct buf query = BUF_INIT;
    struct http_fields fields;

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    for (int i = 0; i < HTTP_QUERY_MAX; i++)
        assert_int_equal(buf_append_format(&query, NULL, "%sp%d=%d", i == 0 ? "" : "&", i, i), 0);
    assert_int_equal(http_query_decode(arena, buf_bytes(&query), &fields, NULL), 0);
    assert_int_equal(fields.count, HTTP_QUERY_MAX);
    assert_int_equal(buf_append_text(&query, "&z=1", NULL), 0);
    assert_int_equal(http_query_decode(arena, buf_bytes(&query), &fields, NULL), -ERR_INPUT);
}

static void queries_are_decoded_once(void **state)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct http_request request = {0};

    (void)state;
    assert_int_equal(arena_new(&arena, NULL), 0);
    assert_int_equal(query_of("", arena, &request.query), 0);
    assert_int_equal(request.query.count, 0);
    assert_int_equal(query_of("a=b%2525&c&d=&e=1+2%2B3&f=x=y", arena, &request.query), 0);
    assert_string_equal(http_query(&request, "a"), "b%25");
    assert_string_equal(http_query(&request, "c"), "");
    assert_string_equal(http_query(&request, "d"), "");
    assert_string_equal(http_query(&request, "e"), "1 2+3");
    assert_string_equal(http_query(&request, "f"), "x=y");
    assert_null(http_query(&request, "A"));
    assert_null(http_query(&request, "g"));
}

static void tokens_and_field_values_have_their_letters(void **state)
{
    (void)state;
    assert_false(http_is_token(BYTES_LITERAL("")));
    assert_false(http_is_token(BYTES_LITERAL("a b")));
    assert_false(http_is_token(BYTES_LITERAL("a:")));
    assert_false(http_is_token(BYTES_LITERAL("a\0b")));
    assert_false(http_is_token(BYTES_LITERAL("\xc3\xa4")));
    assert_true(http_is_token(BYTES_LITERAL("X-a.b_9!~")));
    assert_false(http_is_field_value(BYTES_LITERAL("a\rb")));
    assert_false(http_is_field_value(BYTES_LITERAL("a\nb")));
    assert_false(http_is_field_value(BYTES_LITERAL("a\0b")));
    assert_false(http_is_field_value(BYTES_LITERAL("a\x7f")));
    assert_true(http_is_field_value(BYTES_LITERAL("")));
    assert_true(http_is_field_value(BYTES_LITERAL("a\tb \xe5\xb1\xb1")));
}

static void a_field_value_is_looked_at_everywhere(void **state)
{
    enum { LONG = 27 };
    uint8_t text[LONG];

    (void)state;
    for (size_t at = 0; at < LONG; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            bool is_control = (octet < 0x20 && octet != '\t') || octet == 0x7f;

            memset(text, at % 2 == 0 ? 'a' : 0x80, sizeof text);
            text[at] = (uint8_t)octet;
            assert_int_equal(http_is_field_value(BYTES_ARRAY(text)), !is_control);
            assert_int_equal(http_is_field_value(bytes_of(text, at + 1)), !is_control);
            assert_true(http_is_field_value(bytes_of(text, at)));
        }
    }
}

/* W3C Trace Context, 2.2 and 4.3 */
static void a_malformed_traceparent_begins_a_new_trace(void **state)
{
    static const char *const malformed[] = {
        "",
        "00",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    };
    struct http_request first = {0};

    (void)state;
    assert_int_equal(http_trace_begin(&first, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct http_request request = {0};

        assert_int_equal(http_trace_begin(&request, malformed[i], NULL), 0);
        assert_int_equal(strlen(request.trace_id), HTTP_TRACE_ID_LEN);
        assert_int_equal(strlen(request.traceparent), HTTP_TRACEPARENT_LEN);
        assert_null(strstr(request.trace_id, "0af7651916cd43dd"));
        assert_string_not_equal(request.trace_id, first.trace_id);
    }
}

static void a_trace_is_continued_under_a_parent_of_ours(void **state)
{
    static const char given[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    struct http_request request = {0};
    struct http_request next = {0};

    (void)state;
    assert_int_equal(http_trace_begin(&request, given, NULL), 0);
    assert_string_equal(request.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_memory_equal(request.traceparent, given, 36);
    assert_memory_not_equal(request.traceparent + 36, given + 36, 16);
    /* What we hand on is well formed ourselves. */
    assert_int_equal(http_trace_begin(&next, request.traceparent, NULL), 0);
    assert_string_equal(next.trace_id, request.trace_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_that_can_be_read_in_two_ways_are_refused),
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(doubtful_queries_are_refused),
        cmocka_unit_test(a_query_has_at_most_so_many_parameters),
        cmocka_unit_test(queries_are_decoded_once),
        cmocka_unit_test(tokens_and_field_values_have_their_letters),
        cmocka_unit_test(a_field_value_is_looked_at_everywhere),
        cmocka_unit_test(a_malformed_traceparent_begins_a_new_trace),
        cmocka_unit_test(a_trace_is_continued_under_a_parent_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
