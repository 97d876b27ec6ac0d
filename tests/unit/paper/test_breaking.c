/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "paper/breaking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Latin letters are half as wide as others, as in the font that is used. */
static size_t read_glyphs(const char *text, struct glyph *ret, size_t max)
{
    struct bytes rest = bytes_text(text);
    size_t count = 0;

    for (; rest.len > 0; count++) {
        assert_true(count < max);
        assert_int_equal(utf8_next(&rest, &ret[count].character, NULL), 0);
        ret[count].width = ret[count].character < 0x80 ? 0.5 : 1;
    }
    return count;
}

static size_t first_line(const char *text, double width)
{
    struct glyph glyphs[64];

    return breaking_line(glyphs, read_glyphs(text, glyphs, 64), width);
}

static void japanese_breaks_where_the_line_is_full(void **state)
{
    (void)state;
    assert_int_equal(first_line("あいうえおかきくけこ", 4), 4);
    assert_int_equal(first_line("あいうえおかきくけこ", 4.9), 4);
    assert_int_equal(first_line("あいう", 3), 3);
    assert_int_equal(first_line("", 3), 0);
}

static void no_line_begins_with_what_ends_something(void **state)
{
    static const char *const texts[] = {"亜意宇、江於", "亜意宇。江於", "亜意宇」江於",
                                        "亜意宇ー江於", "亜意宇っ江於", "亜意宇）江於",
                                        "亜意宇,江於",  "亜意宇々江於"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(first_line(texts[i], 3), 2);
    assert_int_equal(first_line("亜意」。江於", 2), 1); /* both go to the next line, with 意 */
}

static void no_line_ends_with_what_begins_something(void **state)
{
    (void)state;
    assert_int_equal(first_line("亜意「宇江", 3), 2);
    assert_int_equal(first_line("亜『「宇江", 3), 1);
    assert_int_equal(first_line("亜意(宇江", 2.5), 2);
}

static void words_and_numbers_stay_whole(void **state)
{
    (void)state;
    assert_int_equal(first_line("令和 12345 年", 4), 3);
    assert_int_equal(first_line("one two three", 4), 8);
    assert_int_equal(first_line("one two three", 3), 4);
}

static void a_rule_gives_way_where_nothing_else_is_left(void **state)
{
    (void)state;
    assert_int_equal(first_line("abcdefghij", 2), 4);
    assert_int_equal(first_line("。。。。。", 2), 2);
    assert_int_equal(first_line("亜意", 0.5), 1); /* a character wider than a line has one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(japanese_breaks_where_the_line_is_full),
        cmocka_unit_test(no_line_begins_with_what_ends_something),
        cmocka_unit_test(no_line_ends_with_what_begins_something),
        cmocka_unit_test(words_and_numbers_stay_whole),
        cmocka_unit_test(a_rule_gives_way_where_nothing_else_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
