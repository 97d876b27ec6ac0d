/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/pdf_syntax.h"

#include "docsign/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static bool are_objects(const char *text)
{
    return pdf_is_objects(bytes_text(text), 0, strlen(text));
}

static void what_ends_a_dictionary_is_no_object_in_it(void **state)
{
    static const char *const texts[] = {
        ">>",           "/A 1 >>",  "]",     ")",      "endobj", "1 0 obj", "stream",
        "/A << /B 1",   "[1 2",     "(open", "(a \\)", "<4",     "<4g>",    "[1 >> 2]",
        "<< /A [ >> ]", "1 2 xref", "{",     "}",      "+-x",    "<<>",     "trailer",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (are_objects(texts[i]))
            fail_msg("%s counts as whole objects", texts[i]);
}

static void a_place_outside_of_the_file_holds_nothing(void **state)
{
    (void)state;
    assert_false(pdf_is_objects(BYTES_LITERAL("1 2"), 0, 4));
    assert_false(pdf_is_objects(BYTES_LITERAL("1 2"), 2, 1));
    /* Cut inside of a string, a hexadecimal one and an escape. */
    assert_false(pdf_is_objects(BYTES_LITERAL("(ab)"), 0, 3));
    assert_false(pdf_is_objects(BYTES_LITERAL("<ab>"), 0, 3));
    assert_false(pdf_is_objects(BYTES_LITERAL("(\\))"), 0, 2));
}

static void whole_objects_of_every_kind_are_passed_over(void **state)
{
    static const char *const texts[] = {
        "",
        "  \t\r\n",
        "% a comment >> ]\n",
        "/Type /Sig /M (D:20260921) /Prop << /App [ 1 -2 +3.5 true false null 3 0 R ] >>",
        "(a (nested) string with \\( and >> and endobj)",
        "<48 65 6C6c6F>",
        "[[[]]]",
        "<< /A << >> >>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!are_objects(texts[i]))
            fail_msg("%s does not count as whole objects", texts[i]);
}

static void brackets_are_followed_to_a_limit(void **state)
{
    char text[2 * (PDF_DEPTH_MAX + 1) + 1];

    (void)state;
    for (size_t depth = PDF_DEPTH_MAX; depth <= PDF_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_int_equal(are_objects(text), depth == PDF_DEPTH_MAX);
    }
}

static void a_number_has_digits_and_an_end(void **state)
{
    size_t at = 0;
    size_t number = 7;

    (void)state;
    assert_false(pdf_take_number(BYTES_LITERAL("x"), &at, &number));
    assert_false(pdf_take_number(BYTES_LITERAL("-1"), &at, &number));
    assert_false(pdf_take_number(BYTES_LITERAL(""), &at, &number));
    assert_false(pdf_take_number(BYTES_LITERAL("2147483648"), &at, &number));
    assert_int_equal(at, 0);
    assert_int_equal(number, 7);
    assert_true(pdf_take_number(BYTES_LITERAL(" % c\n 2147483647]"), &at, &number));
    assert_int_equal(number, 2147483647);
    assert_int_equal(at, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_a_dictionary_is_no_object_in_it),
        cmocka_unit_test(a_place_outside_of_the_file_holds_nothing),
        cmocka_unit_test(whole_objects_of_every_kind_are_passed_over),
        cmocka_unit_test(brackets_are_followed_to_a_limit),
        cmocka_unit_test(a_number_has_digits_and_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
