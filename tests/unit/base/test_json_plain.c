/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static json_t *plainly(struct bytes text)
{
    return (json_t *)(void *)json_read_plain(text);
}

static json_t *read_text(const char *text)
{
    return plainly(bytes_text(text));
}

/* Jansson, as json.c asks it. */
static json_t *judge(struct bytes text)
{
    json_error_t why;

    return json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
}

static const char *const left_to_jansson[] = {
    "",
    " ",
    "7",
    "\"text\"",
    "true",
    "{",
    "[",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[1] x",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":{\"b\":1,\"b\":1}}",
    "{\"\\u0061\":1}",
    "{\"\xe5\x90\x8d\":1}",
    "[\"a\\n\"]",
    "[\"\\u0000\"]",
    "[\"a\nb\"]",
    "[\"\xff\"]",
    "[\"\xed\xa0\x80\"]",
    "[\"open]",
    "[01]",
    "[00]",
    "[-1]",
    "[1.5]",
    "[1e3]",
    "[1E3]",
    "[1a]",
    "[1000000000000000]",
    "[9223372036854775808]",
    "[true1]",
    "[tru]",
    "[TRUE]",
    "[nullx]",
    "[True]",
    "{\"a23456789012345678901234567890123456789012345678901234567890123x\":1}",
};

static void whatever_is_not_plain_is_left_to_jansson(void **state)
{
    static const uint8_t with_nul[] = {'[', '1', 0, ']'};
    static const uint8_t in_text[] = {'[', '"', 0, '"', ']'};

    (void)state;
    for (size_t i = 0; i < sizeof left_to_jansson / sizeof left_to_jansson[0]; i++)
        assert_null(read_text(left_to_jansson[i]));
    assert_null(plainly(BYTES_ARRAY(with_nul)));
    assert_null(plainly(BYTES_ARRAY(in_text)));
}

static void nesting_ends_where_json_parse_ends(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 3];
    json_t *value;

    (void)state;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    value = plainly(bytes_of(text, (size_t)2 * JSON_DEPTH_MAX));
    assert_non_null(value);
    json_decref(value);
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_null(plainly(bytes_of(text, (size_t)2 * JSON_DEPTH_MAX + 2)));
}

static const char *const plain[] = {
    "{}",
    "[]",
    " \t\r\n{ } \n",
    "[ [ ] , { } , [ 1 , 2 ] ]",
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"\"}}",
    "{ \"a\" : 0 , \"b\" : 999999999999999 }",
    "[\"\xe8\xa9\xa6\xe9\xa8\x93\xe3\x80\x80\xf0\xa0\xae\xb7\", \"\x7f\"]",
    "{\"\":\"\"}",
    "{\"a2345678901234567890123456789012345678901234567890123456789012x\":1}",
};

static void assert_same(struct bytes text, json_t *found)
{
    json_t *expected = judge(text);
    char *ours = json_dumps(found, JSON_COMPACT);
    char *theirs = json_dumps(expected, JSON_COMPACT);

    assert_non_null(expected);
    assert_true(json_equal(found, expected));
    assert_string_equal(ours, theirs);
    free(ours);
    free(theirs);
    json_decref(expected);
    json_decref(found);
}

static void what_is_plain_is_read_as_jansson_reads_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        json_t *found = read_text(plain[i]);

        assert_non_null(found);
        assert_same(bytes_text(plain[i]), found);
    }
}

/* One octet changed, at each place and to each of those that mean something: never another value.
 */
static void nothing_is_taken_that_jansson_refuses(void **state)
{
    static const char tokens[] = "{}[]:,\"\\ 019-.eEtnfaz\n\x01\x80\xc3\xff";
    unsigned taken = 0;
    unsigned refused = 0;

    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        char text[128];
        size_t len = strlen(plain[i]);

        assert_true(len < sizeof text);
        for (size_t at = 0; at < len; at++) {
            for (size_t token = 0; token < sizeof tokens; token++) { /* NUL, too */
                json_t *found;

                memcpy(text, plain[i], len);
                text[at] = tokens[token];
                found = plainly(bytes_of(text, len));
                if (found != NULL)
                    assert_same(bytes_of(text, len), found);
                taken += found != NULL;
                refused += found == NULL;
            }
            if (strspn(plain[i] + at, " \n") < len - at) /* cut off */
                assert_null(plainly(bytes_of(plain[i], at)));
        }
    }
    assert_true(taken > 1000 && refused > 1000);
}

/* ---- writing ---- */

static const struct json *as_ours(const json_t *value)
{
    return (const struct json *)(const void *)value;
}

static void assert_written(json_t *value)
{
    CLEANUP(buf_done) struct buf ours = BUF_INIT;
    char *theirs = json_dumps(value, JSON_COMPACT);
    const char *text;

    assert_non_null(theirs);
    assert_int_equal(json_write_plain(as_ours(value), &ours, NULL), 0);
    assert_int_equal(buf_text(&ours, &text, NULL), 0);
    assert_string_equal(text, theirs);
    free(theirs);
    json_decref(value);
}

static void what_is_written_is_what_jansson_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_written(judge(bytes_text(plain[i])));
    assert_written(json_pack("{s:I,s:I,s:i}", "least", (json_int_t)INT64_MIN, "most",
                             (json_int_t)INT64_MAX, "none", 0));
    for (char byte = 0; byte < 0x7f; byte++) {
        const char text[] = {'a', byte, byte, 'z'};
        json_t *object = json_object();

        assert_int_equal(json_object_set_new(object, byte == 0 ? "k" : (char[]){byte, 0},
                                             json_stringn(text, sizeof text)),
                         0);
        assert_written(object);
    }
}

static void what_is_not_plain_is_not_written(void **state)
{
    CLEANUP(buf_done) struct buf ours = BUF_INIT;
    json_t *deep = json_array();
    json_t *real = json_pack("[{s:f}]", "a", 1.5);
    json_t *text = json_string("a");

    (void)state;
    assert_int_equal(json_write_plain(as_ours(real), &ours, NULL), -ERR_USAGE);
    assert_int_equal(json_write_plain(as_ours(text), &ours, NULL), -ERR_USAGE);
    for (int i = 1; i < JSON_DEPTH_MAX; i++)
        deep = json_pack("[o]", deep);
    assert_int_equal(json_write_plain(as_ours(deep), &ours, NULL), 0);
    assert_int_equal(ours.len, 2 * JSON_DEPTH_MAX);
    deep = json_pack("[o]", deep);
    assert_int_equal(json_write_plain(as_ours(deep), &ours, NULL), -ERR_USAGE);
    json_decref(real);
    json_decref(text);
    json_decref(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_not_plain_is_left_to_jansson),
        cmocka_unit_test(nesting_ends_where_json_parse_ends),
        cmocka_unit_test(what_is_plain_is_read_as_jansson_reads_it),
        cmocka_unit_test(nothing_is_taken_that_jansson_refuses),
        cmocka_unit_test(what_is_written_is_what_jansson_writes),
        cmocka_unit_test(what_is_not_plain_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
