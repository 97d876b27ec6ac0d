/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <malloc.h>
#include <string.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Of the blocks that json.c released: whether one of them still had the canary in it. */
static const char *canary;
static size_t released;
static bool has_leaked;

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    if (block != NULL && canary != NULL) {
        released++;
        if (memmem(block, malloc_usable_size(block), canary, strlen(canary)) != NULL)
            has_leaked = true;
    }
    __real_free(block);
}

static struct json *parsed(const char *text)
{
    struct json *value = NULL;

    assert_int_equal(json_parse(bytes_text(text), &value, NULL), 0);
    return value;
}

static void what_is_not_strict_json_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "{",
        "{\"a\":1,\"a\":2}",           /* a member twice */
        "{\"a\":1} x",                 /* bytes behind the end */
        "{\"a\":\"\xff\"}",            /* not UTF-8 */
        "{\"a\":\"\\u0000\"}",         /* a NUL character */
        "{\"a\":9223372036854775808}", /* an integer that overflows */
        "{'a':1}",
        "{\"a\":01}",
        "\"text\"",
        "[1,]",
    };
    struct json *value = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(json_parse(bytes_text(wrong[i]), &value, NULL), -ERR_INPUT);
        assert_null(value);
    }
}

static void nesting_is_limited(void **state)
{
    char text[2 * (JSON_DEPTH_MAX + 1) + 1];
    struct json *value = NULL;

    (void)state;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    assert_int_equal(json_parse(bytes_of(text, 2 * JSON_DEPTH_MAX), &value, NULL), 0);
    json_free(value);
    value = NULL;
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_int_equal(json_parse(bytes_of(text, 2 * JSON_DEPTH_MAX + 2), &value, NULL), -ERR_INPUT);
    /* Brackets inside a string do not nest. */
    value = parsed(
        "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}");
    json_free(value);
}

static void a_text_is_copied_where_it_fits(void **state)
{
    CLEANUP(json_freep) struct json *value = parsed("{\"t\":\"four\",\"e\":\"\",\"n\":1}");
    char text[5] = "was";
    struct err err;

    (void)state;
    assert_int_equal(json_copy_text(value, "t", text, 4, &err), -ERR_INPUT);
    assert_string_equal(err.text, "the member \"t\" has more than 3 bytes");
    assert_int_equal(json_copy_text(value, "n", text, sizeof text, NULL), -ERR_INPUT);
    assert_int_equal(json_copy_text(value, "none", text, sizeof text, NULL), -ERR_INPUT);
    assert_string_equal(text, "was");
    assert_int_equal(json_copy_text(value, "t", text, 5, NULL), 0);
    assert_string_equal(text, "four");
    assert_int_equal(json_copy_text(value, "e", text, 1, NULL), 0);
    assert_string_equal(text, "");
}

static void a_member_that_is_missing_or_of_another_type_is_named(void **state)
{
    CLEANUP(json_freep) struct json *value = parsed("{\"n\":1,\"t\":\"x\",\"b\":true}");
    const struct json *child = NULL;
    const char *text = NULL;
    int64_t number = 7;
    bool flag = false;
    struct buf data = BUF_INIT;
    struct err err;

    (void)state;
    assert_int_equal(json_get_text(value, "n", &text, &err), -ERR_INPUT);
    assert_string_equal(err.text, "member \"n\" is not a string");
    assert_int_equal(json_get_text(value, "none", &text, &err), -ERR_INPUT);
    assert_string_equal(err.text, "member \"none\" is missing");
    assert_int_equal(json_get_int(value, "t", &number, NULL), -ERR_INPUT);
    assert_int_equal(number, 7);
    assert_int_equal(json_get_bool(value, "t", &flag, NULL), -ERR_INPUT);
    assert_int_equal(json_get_object(value, "t", &child, NULL), -ERR_INPUT);
    assert_int_equal(json_get_array(value, "t", &child, NULL), -ERR_INPUT);
    assert_int_equal(json_get_base64(value, "t", &data, NULL), -ERR_INPUT);
    assert_int_equal(json_get_bool(value, "b", &flag, NULL), 0);
    assert_true(flag);
}

static void unknown_members_are_refused_by_name(void **state)
{
    static const char *const known[] = {"a", "b", NULL};
    CLEANUP(json_freep) struct json *good = parsed("{\"a\":1,\"b\":2}");
    CLEANUP(json_freep) struct json *bad = parsed("{\"a\":1,\"c\":2}");
    CLEANUP(json_freep) struct json *array = parsed("[]");
    struct err err;

    (void)state;
    assert_int_equal(json_only(bad, known, &err), -ERR_INPUT);
    assert_string_equal(err.text, "unknown member \"c\"");
    assert_int_equal(json_only(array, known, NULL), -ERR_INPUT);
    assert_int_equal(json_only(good, known, NULL), 0);
}

static void what_is_put_comes_out_in_order(void **state)
{
    CLEANUP(json_freep) struct json *value = json_object_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct json *list = json_array_new();

    (void)state;
    assert_int_equal(json_put_text(value, "text", "\xe7\x94\xb0", NULL), 0);
    assert_int_equal(json_put_int(value, "int", -5, NULL), 0);
    assert_int_equal(json_put_bool(value, "flag", true, NULL), 0);
    assert_int_equal(json_put_optional(value, "none", NULL, NULL), 0);
    assert_int_equal(json_put_base64(value, "data", BYTES_LITERAL("foo"), NULL), 0);
    assert_int_equal(json_add_text(list, "x", NULL), 0);
    assert_int_equal(json_add_int(list, -7, NULL), 0);
    assert_int_equal(json_put(value, "list", list, NULL), 0);
    assert_int_equal(json_put_bytes(value, "bad", BYTES_LITERAL("\xff"), NULL), -ERR_INPUT);
    assert_int_equal(json_write(value, &out, NULL), 0);
    assert_true(
        bytes_equal(buf_bytes(&out),
                    bytes_text("{\"text\":\"\xe7\x94\xb0\",\"int\":-5,\"flag\":true,\"none\":null,"
                               "\"data\":\"Zm9v\",\"list\":[\"x\",-7]}")));
}

static void lists_know_their_length(void **state)
{
    CLEANUP(json_freep) struct json *value = parsed("{\"l\":[\"a\",1]}");
    const struct json *list;

    (void)state;
    assert_int_equal(json_get_array(value, "l", &list, NULL), 0);
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_text(json_at(list, 0)), "a");
    assert_null(json_text(json_at(list, 1)));
    assert_null(json_at(list, 2));
    assert_int_equal(json_count(value), 0);
}

static void null_is_not_the_same_as_missing(void **state)
{
    CLEANUP(json_freep) struct json *value = json_object_new();

    (void)state;
    assert_int_equal(json_put_null(value, "null", NULL), 0);
    assert_int_equal(json_put_text(value, "text", "", NULL), 0);
    assert_false(json_is_null_member(value, "text"));
    assert_false(json_is_null_member(value, "missing"));
    assert_true(json_is_null_member(value, "null"));
}

static void a_measurement_is_written_with_six_digits_and_never_as_no_number(void **state)
{
    CLEANUP(json_freep) struct json *value = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    (void)state;
    assert_int_equal(json_put_real(value, "bad", (double)INFINITY, NULL), -ERR_NOMEM);
    assert_int_equal(json_put_real(value, "real", 2.0 / 3.0, NULL), 0);
    assert_int_equal(json_write(value, &text, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), BYTES_LITERAL("{\"real\":0.666667}")));
}

static void nothing_of_a_value_stays_in_memory(void **state)
{
    struct json *value = parsed("{\"pin\":\"canary-4711-pin\",\"list\":[\"canary-4711-pin\"]}");

    (void)state;
    canary = "canary-4711-pin";
    json_free(value);
    canary = NULL;
    assert_true(released >= 4);
    assert_false(has_leaked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_a_value_stays_in_memory),
        cmocka_unit_test(what_is_not_strict_json_is_refused),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(a_text_is_copied_where_it_fits),
        cmocka_unit_test(a_member_that_is_missing_or_of_another_type_is_named),
        cmocka_unit_test(unknown_members_are_refused_by_name),
        cmocka_unit_test(what_is_put_comes_out_in_order),
        cmocka_unit_test(lists_know_their_length),
        cmocka_unit_test(null_is_not_the_same_as_missing),
        cmocka_unit_test(a_measurement_is_written_with_six_digits_and_never_as_no_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
