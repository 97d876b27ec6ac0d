/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_part_never_leaves_the_whole(void **state)
{
    struct bytes whole = BYTES_LITERAL("abcdef");

    (void)state;
    assert_int_equal(bytes_part(whole, 6, 1).len, 0);
    assert_int_equal(bytes_part(whole, SIZE_MAX, SIZE_MAX).len, 0);
    assert_int_equal(bytes_part(whole, 4, SIZE_MAX).len, 2);
    assert_true(bytes_equal(bytes_part(whole, 1, 3), BYTES_LITERAL("bcd")));
}

static void comparisons_look_at_every_byte_and_the_length(void **state)
{
    (void)state;
    assert_false(bytes_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("abd")));
    assert_false(bytes_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("ab")));
    assert_true(bytes_equal(bytes_of(NULL, 0), BYTES_LITERAL("")));
    assert_true(bytes_compare(BYTES_LITERAL("abc"), BYTES_LITERAL("abd")) < 0);
    assert_true(bytes_compare(BYTES_LITERAL("\xff"), BYTES_LITERAL("a")) > 0);
    assert_true(bytes_compare(BYTES_LITERAL("abc"), BYTES_LITERAL("ab")) > 0);
    assert_int_equal(bytes_compare(bytes_of(NULL, 0), BYTES_LITERAL("")), 0);
    assert_false(bytes_equal_secret(BYTES_LITERAL("abc"), BYTES_LITERAL("abd")));
    assert_false(bytes_equal_secret(BYTES_LITERAL("xbc"), BYTES_LITERAL("abc")));
    assert_false(bytes_equal_secret(BYTES_LITERAL("abc"), BYTES_LITERAL("abcd")));
    assert_true(bytes_equal_secret(BYTES_LITERAL("abc"), BYTES_LITERAL("abc")));
    assert_false(bytes_start_with(BYTES_LITERAL("ab"), BYTES_LITERAL("abc")));
    assert_true(bytes_start_with(BYTES_LITERAL("abc"), BYTES_LITERAL("ab")));
}

static void a_buffer_grows_and_keeps_what_it_held(void **state)
{
    CLEANUP(buf_done) struct buf buf = BUF_INIT;

    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(buf_append_byte(&buf, (uint8_t)i, NULL), 0);
    assert_int_equal(buf.len, 5000);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(buf.ptr[i], (uint8_t)i);
}

static void a_size_that_cannot_be_is_refused_and_changes_nothing(void **state)
{
    CLEANUP(buf_done) struct buf buf = BUF_INIT;

    (void)state;
    assert_int_equal(buf_append_text(&buf, "kept", NULL), 0);
    assert_int_equal(buf_reserve(&buf, SIZE_MAX - 2, NULL), -ERR_NOMEM);
    assert_true(bytes_equal(buf_bytes(&buf), BYTES_LITERAL("kept")));
}

static void text_with_a_nul_inside_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf buf = BUF_INIT;
    const char *text = "untouched";

    (void)state;
    assert_int_equal(buf_append(&buf, bytes_of("a\0b", 3), NULL), 0);
    assert_int_equal(buf_text(&buf, &text, NULL), -ERR_INPUT);
    assert_string_equal(text, "untouched");
    buf_clear(&buf);
    assert_int_equal(buf_append_format(&buf, NULL, "%s-%d", "x", 7), 0);
    assert_int_equal(buf_text(&buf, &text, NULL), 0);
    assert_string_equal(text, "x-7");
    assert_int_equal(buf.len, 3);
}

static void moving_leaves_the_source_empty(void **state)
{
    CLEANUP(buf_done) struct buf from = BUF_INIT;
    CLEANUP(buf_done) struct buf to = BUF_INIT;

    (void)state;
    assert_int_equal(buf_copy(BYTES_LITERAL("moved"), &from, NULL), 0);
    buf_move(&to, &from);
    assert_null(from.ptr);
    assert_int_equal(from.len, 0);
    assert_true(bytes_equal(buf_bytes(&to), BYTES_LITERAL("moved")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_never_leaves_the_whole),
        cmocka_unit_test(comparisons_look_at_every_byte_and_the_length),
        cmocka_unit_test(a_buffer_grows_and_keeps_what_it_held),
        cmocka_unit_test(a_size_that_cannot_be_is_refused_and_changes_nothing),
        cmocka_unit_test(text_with_a_nul_inside_is_refused),
        cmocka_unit_test(moving_leaves_the_source_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
