/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is JSON and as its table says; tests/unit/http/test_member.c holds the same cases
 * against trees and against what is written. */
#include "http/writer.h"

#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = {"red", "blue", NULL};
static const struct http_member inner[] = {
    {"colour", HTTP_TEXT, HTTP_REQUIRED, "one of two", .values = colours},
    {NULL},
};
static const struct http_member table[] = {
    {"text", HTTP_TEXT, HTTP_OPTIONAL, "a text"},
    {"maybe", HTTP_TEXT, HTTP_OPTIONAL, "a text, never null"},
    {"number", HTTP_INT, HTTP_OPTIONAL, "a number"},
    {"flag", HTTP_BOOL, HTTP_OPTIONAL, "a flag"},
    {"object", HTTP_OBJECT, HTTP_OPTIONAL, "an object", inner},
    {"objects", HTTP_ARRAY, HTTP_OPTIONAL, "objects", inner},
    {"texts", HTTP_ARRAY, HTTP_OPTIONAL, "texts", .values = colours},
    {"", HTTP_TEXT, HTTP_OPTIONAL, "a member without a name"},
    {"next", HTTP_OBJECT, HTTP_OPTIONAL, "the same once more", .members = table},
    {NULL},
};

static const struct http_member any_texts[] = {
    {"any", HTTP_ARRAY, HTTP_REQUIRED, "texts"},
    {NULL},
};

/* ---- what is refused ---- */

/* What is written in the middle of {"objects":[{"colour":"red" ... }]} */
static void end_too_often(struct http_writer *w)
{
    for (int i = 0; i < 3; i++)
        http_write_end(w);
}

static void end_too_rarely(struct http_writer *w)
{
    http_write_end(w);
}

static void write_an_item_into_an_object(struct http_writer *w)
{
    http_write_text(w, NULL, "red");
}

static void write_a_member_into_an_array(struct http_writer *w)
{
    http_write_end(w);
    http_write_object(w, "colour");
}

static void write_null_into_an_array(struct http_writer *w)
{
    http_write_end(w);
    http_write_null(w, NULL);
}

static void write_null(struct http_writer *w)
{
    for (int i = 0; i < 2; i++)
        http_write_end(w);
    http_write_null(w, "maybe");
}

static void write_it_twice(struct http_writer *w)
{
    http_write_text(w, "colour", "blue");
}

static void write_a_value_in_parts(struct http_writer *w)
{
    const struct http_part parts[] = {{BYTES_LITERAL("r"), false}, {BYTES_LITERAL("ed"), true}};

    for (int i = 0; i < 2; i++)
        http_write_end(w);
    http_write_array(w, "texts");
    http_write_parts(w, NULL, parts, 2);
}

static void write_a_tree_with_more(struct http_writer *w)
{
    CLEANUP(json_freep) struct json *tree = json_object_new();

    http_write_end(w);
    assert_int_equal(json_put_text(tree, "colour", "red", NULL), 0);
    assert_int_equal(json_put_int(tree, "more", 1, NULL), 0);
    http_write_tree(w, NULL, tree);
}

static void write_an_array_as_a_tree(struct http_writer *w)
{
    CLEANUP(json_freep) struct json *tree = json_array_new();

    http_write_end(w);
    http_write_tree(w, NULL, tree);
}

static void write_a_text_as_another_type(struct http_writer *w)
{
    http_write_end(w);
    http_write_end(w);
    http_write_bool(w, "text", true);
}

static const struct {
    void (*write)(struct http_writer *w);
    int rc;
    const char *why;
} mistakes[] = {
    {end_too_often, -ERR_USAGE, "an end of what was not begun"},
    {end_too_rarely, -ERR_USAGE, "2 levels that were not ended"},
    {write_an_item_into_an_object, -ERR_USAGE, "an item where there can be none"},
    {write_a_member_into_an_array, -ERR_USAGE, "a member where there can be none"},
    {write_null_into_an_array, -ERR_INPUT, "objects: not a JSON object"},
    {write_null, -ERR_INPUT, "member \"maybe\" is not a string"},
    {write_it_twice, -ERR_INPUT, "objects: member \"colour\" is there twice"},
    {write_a_value_in_parts, -ERR_USAGE, "a text with values is written as a whole"},
    {write_a_tree_with_more, -ERR_INPUT, "objects: unknown member \"more\""},
    {write_an_array_as_a_tree, -ERR_INPUT, "objects: not a JSON object"},
    {write_a_text_as_another_type, -ERR_INPUT, "member \"text\" is not a string"},
};

static void what_is_not_declared_or_out_of_order_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
        struct buf text = BUF_INIT;
        struct err err = {0};

        http_writer_begin(&w, table);
        http_write_array(&w, "objects");
        http_write_object(&w, NULL);
        http_write_text(&w, "colour", "red");
        mistakes[i].write(&w);
        assert_int_equal(http_writer_end(&w, &text, &err), mistakes[i].rc);
        assert_string_equal(err.text, mistakes[i].why);
        assert_null(text.ptr);
    }
}

static void what_is_not_utf8_is_refused(void **state)
{
    static const char *const texts[] = {
        "\xff", "abc\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abcdefgh\xe3\x81",
    };
    const struct http_part halves[] = {{BYTES_LITERAL("\xe3\x81"), true},
                                       {BYTES_LITERAL("\x82"), true}};

    (void)state;
    for (size_t i = 0; i <= sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct err err = {0};

        http_writer_begin(&w, table);
        if (i < sizeof texts / sizeof texts[0])
            http_write_text(&w, "text", texts[i]);
        else
            http_write_parts(&w, "text", halves, 2);
        assert_int_equal(http_writer_end(&w, &text, &err), -ERR_INPUT);
        assert_string_equal(err.text, "member \"text\" is not UTF-8");
    }
}

static int nest(size_t levels, struct buf *ret)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;

    http_writer_begin(&w, table);
    for (size_t i = 1; i < levels; i++)
        http_write_object(&w, "next");
    for (size_t i = 1; i < levels; i++)
        http_write_end(&w);
    return http_writer_end(&w, ret, NULL);
}

static void levels_are_limited(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(nest(HTTP_DEPTH_MAX + 1, &text), -ERR_USAGE);
    assert_null(text.ptr);
    assert_int_equal(nest(HTTP_DEPTH_MAX, &text), 0);
    assert_int_equal(text.len,
                     HTTP_DEPTH_MAX * strlen("{}") + (HTTP_DEPTH_MAX - 1) * strlen("\"next\":"));
}

static void the_first_failure_is_the_one_that_is_told(void **state)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    struct buf text = BUF_INIT;
    struct err err = {0};

    (void)state;
    http_writer_begin(&w, table);
    http_write_int(&w, "first", 1);
    http_write_int(&w, "second", 1);
    http_write_text(&w, "text", "\xff");
    http_write_array(&w, "text");
    http_write_end(&w);
    http_write_end(&w);
    assert_int_equal(http_writer_end(&w, &text, &err), -ERR_INPUT);
    assert_string_equal(err.text, "unknown member \"first\"");
    assert_null(text.ptr);
    assert_int_equal(http_writer_end(&w, &text, NULL), -ERR_INPUT);
}

static void without_a_table_nothing_is_written(void **state)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    struct buf text = BUF_INIT;

    (void)state;
    http_write_int(&w, "number", 1); /* not begun */
    assert_int_equal(http_writer_end(&w, &text, NULL), -ERR_USAGE);
    http_writer_begin(&w, NULL);
    http_write_int(&w, "number", 1);
    assert_int_equal(http_writer_end(&w, &text, NULL), -ERR_USAGE);
    assert_null(text.ptr);
}

static void each_of_many_members_is_missed(void **state)
{
    static char names[HTTP_MEMBERS_MAX][4];
    static struct http_member many[HTTP_MEMBERS_MAX + 1];

    (void)state;
    for (size_t i = 0; i < HTTP_MEMBERS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "n%zu", i);
        many[i] = (struct http_member){names[i], HTTP_INT, HTTP_REQUIRED, "a number"};
    }
    for (size_t left = 0; left <= HTTP_MEMBERS_MAX; left++) {
        CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        struct err err = {0};
        char why[64];

        http_writer_begin(&w, many);
        for (size_t i = HTTP_MEMBERS_MAX; i > 0; i--) /* any order */
            if (i - 1 != left)
                http_write_int(&w, names[i - 1], 1);
        if (left == HTTP_MEMBERS_MAX) {
            assert_int_equal(http_writer_end(&w, &text, NULL), 0);
            continue;
        }
        (void)snprintf(why, sizeof why, "member \"n%zu\" is missing", left);
        assert_int_equal(http_writer_end(&w, &text, &err), -ERR_INPUT);
        assert_string_equal(err.text, why);
    }
}

/* ---- what is written ---- */

static void write_all(struct http_writer *w)
{
    CLEANUP(json_freep) struct json *tree = json_object_new();
    const struct http_part parts[] = {{BYTES_LITERAL("「"), true},
                                      {BYTES_LITERAL("𠮷\""), false},
                                      {BYTES_LITERAL(""), true},
                                      {BYTES_LITERAL("」"), false}};

    http_writer_begin(w, table);
    http_write_text(w, "text", "a\"b\\c\n\x01 / \x7f");
    http_write_parts(w, "maybe", parts, sizeof parts / sizeof parts[0]);
    http_write_int(w, "number", INT64_MIN);
    http_write_bool(w, "flag", false);
    http_write_array(w, "objects");
    for (int i = 0; i < 2; i++) {
        http_write_object(w, NULL);
        http_write_text(w, "colour", colours[i]);
        http_write_end(w);
    }
    http_write_end(w);
    http_write_array(w, "texts");
    http_write_text(w, NULL, "red");
    http_write_text(w, NULL, "red");
    http_write_end(w);
    if (json_put_text(tree, "colour", "blue", NULL) == 0)
        http_write_tree(w, "object", tree);
    http_write_text(w, "", "");
    http_write_object(w, "next");
    http_write_array(w, "objects");
    http_write_end(w);
    http_write_bool(w, "flag", true);
    http_write_int(w, "number", INT64_MAX);
    http_write_end(w);
}

static const char all[] =
    "{\"text\":\"a\\\"b\\\\c\\n\\u0001 / \x7f\",\"maybe\":\"「𠮷\\\"」\","
    "\"number\":-9223372036854775808,\"flag\":false,"
    "\"objects\":[{\"colour\":\"red\"},{\"colour\":\"blue\"}],\"texts\":[\"red\",\"red\"],"
    "\"object\":{\"colour\":\"blue\"},\"\":\"\","
    "\"next\":{\"objects\":[],\"flag\":true,\"number\":9223372036854775807}}";

static void what_is_declared_is_written_as_json_write_writes_it(void **state)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    CLEANUP(json_freep) struct json *read = NULL;
    CLEANUP(buf_done) struct buf ours = BUF_INIT;
    CLEANUP(buf_done) struct buf theirs = BUF_INIT;

    (void)state;
    write_all(&w);
    assert_int_equal(http_writer_end(&w, &ours, NULL), 0);
    assert_int_equal(ours.len, sizeof all - 1);
    assert_memory_equal(ours.ptr, all, ours.len);
    assert_int_equal(json_parse(buf_bytes(&ours), &read, NULL), 0);
    assert_int_equal(json_write(read, &theirs, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&ours), buf_bytes(&theirs)));
}

/* More than are kept, and of more than one block. */
static void parts_that_come_again_are_the_same(void **state)
{
    enum { DIFFERENT = HTTP_WRITER_KEPT + 4, ROUNDS = 40 };
    static char words[DIFFERENT][24];
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    CLEANUP(buf_done) struct buf expected = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char passing[8];

    (void)state;
    http_writer_begin(&w, any_texts);
    http_write_array(&w, "any");
    assert_int_equal(buf_append_text(&expected, "{\"any\":[", NULL), 0);
    for (int i = 0; i < DIFFERENT * ROUNDS; i++) {
        char *word = words[i % DIFFERENT];
        struct http_part parts[3];

        (void)snprintf(word, sizeof words[0], "「%d\"」", i % DIFFERENT);
        (void)snprintf(passing, sizeof passing, "%d", i);
        parts[0] = (struct http_part){bytes_text(word), true};
        parts[1] = (struct http_part){bytes_text(passing), false};
        parts[2] = (struct http_part){bytes_part(bytes_text(word), 0, strlen("「")), true};
        http_write_parts(&w, NULL, parts, 3);
        assert_int_equal(buf_append_format(&expected, NULL, "%s\"「%d\\\"」%d「\"",
                                           i == 0 ? "" : ",", i % DIFFERENT, i),
                         0);
    }
    http_write_end(&w);
    assert_int_equal(buf_append_text(&expected, "]}", NULL), 0);
    assert_int_equal(http_writer_end(&w, &text, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), buf_bytes(&expected)));
}

static void a_writer_begins_anew(void **state)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    http_writer_begin(&w, table);
    http_write_int(&w, "none", 1);
    http_writer_begin(&w, table);
    assert_int_equal(http_writer_end(&w, &text, NULL), 0);
    assert_int_equal(text.len, 2);
    assert_memory_equal(text.ptr, "{}", 2);
    assert_int_equal(http_writer_end(&w, &text, NULL), -ERR_USAGE); /* it is over */
}

/* More than has room at first. */
static int write_much(void *context)
{
    CLEANUP(http_writer_done) struct http_writer w = HTTP_WRITER_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    (void)context;
    http_writer_begin(&w, table);
    http_write_array(&w, "objects");
    for (int i = 0; i < 3000; i++) {
        http_write_object(&w, NULL);
        http_write_text(&w, "colour", "red");
        http_write_end(&w);
    }
    http_write_end(&w);
    rc = http_writer_end(&w, &text, NULL);
    assert_true(rc == 0 || text.ptr == NULL);
    return rc;
}

static void without_memory_it_fails(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(write_much, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_declared_or_out_of_order_is_refused),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(levels_are_limited),
        cmocka_unit_test(the_first_failure_is_the_one_that_is_told),
        cmocka_unit_test(without_a_table_nothing_is_written),
        cmocka_unit_test(each_of_many_members_is_missed),
        cmocka_unit_test(what_is_declared_is_written_as_json_write_writes_it),
        cmocka_unit_test(parts_that_come_again_are_the_same),
        cmocka_unit_test(a_writer_begins_anew),
        cmocka_unit_test(without_memory_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
