/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* RFC 3629, 3 and 10 */
static void malformed_sequences_are_refused(void **state)
{
    static const char *const wrong[] = {
        "\x80",             /* a continuation byte alone */
        "\xc0\xaf",         /* overlong */
        "\xc1\xbf",         /* overlong */
        "\xe0\x80\xaf",     /* overlong */
        "\xf0\x80\x80\xaf", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80", /* no such first byte */
        "\xe3\x81",         /* cut off */
        "\xe3\x41\x82",     /* broken in the middle */
        "\xff",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(utf8_is_valid(bytes_text(wrong[i])));
        assert_int_equal(utf8_count(bytes_text(wrong[i])), 0);
    }
}

static void characters_of_every_length_are_read(void **state)
{
    struct bytes rest = bytes_text("A\xc3\xa9\xe7\x94\xb0\xf0\xa0\xae\xb7");
    const uint32_t expected[] = {'A', 0xe9, 0x7530, 0x20bb7};
    uint32_t c;

    (void)state;
    assert_int_equal(utf8_count(rest), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(utf8_next(&rest, &c, NULL), 0);
        assert_int_equal(c, expected[i]);
    }
    assert_int_equal(utf8_next(&rest, &c, NULL), -ERR_ABSENT);
}

static void the_edges_of_each_range_are_inside(void **state)
{
    (void)state;
    assert_true(utf8_is_valid(bytes_text("\xc2\x80")));
    assert_true(utf8_is_valid(bytes_text("\xe0\xa0\x80")));
    assert_true(utf8_is_valid(bytes_text("\xed\x9f\xbf")));
    assert_true(utf8_is_valid(bytes_text("\xf0\x90\x80\x80")));
    assert_true(utf8_is_valid(bytes_text("\xf4\x8f\xbf\xbf")));
    assert_true(utf8_is_valid(bytes_text("")));
}

/* U+202E turns the direction, U+200B is not seen, U+009B begins a command of a terminal. */
static void what_deceives_the_eye_is_not_shown(void **state)
{
    static const char *const hidden[] = {"a\n",          "\x1b[2J",      "\xc2\x9b", "\xe2\x80\xae",
                                         "\xe2\x80\x8b", "\xef\xbb\xbf", "\x7f",     "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        assert_false(utf8_is_shown(bytes_text(hidden[i])));
    assert_true(utf8_is_shown(bytes_text("\xe7\x94\xb0 A \xc3\xa9")));
    assert_true(utf8_is_shown(bytes_text("")));
}

/* Those that fonts leave blank, or that turn the direction, wherever they stand in Unicode. */
static void what_is_blank_anywhere_is_not_shown(void **state)
{
    static const char *const hidden[] = {
        "\xc2\xad",         /* U+00AD: a hyphen that is not seen */
        "\xcd\x8f",         /* U+034F: joins */
        "\xd8\x9c",         /* U+061C: turns the direction */
        "\xe1\x85\x9f",     /* U+115F: a filler of Hangul */
        "\xe1\x85\xa0",     /* U+1160 */
        "\xe1\x9e\xb5",     /* U+17B5 */
        "\xe1\xa0\x8e",     /* U+180E */
        "\xe3\x85\xa4",     /* U+3164: a filler as wide as a kanji */
        "\xef\xbe\xa0",     /* U+FFA0 */
        "\xef\xbf\xbe",     /* U+FFFE: no character, and none of XML */
        "\xef\xbf\xbf",     /* U+FFFF */
        "\xf0\x9d\x85\xb3", /* U+1D173: of music */
        "\xf0\x9f\xbf\xbf", /* U+1FFFF: no character of another plane */
        "\xf3\xa0\x80\x81", /* U+E0001: a tag */
        "\xf3\xa0\x83\xbf", /* U+E00FF */
        "\xf3\xa0\x87\xb0", /* U+E01F0: behind the last form of a kanji */
    };

    (void)state;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        assert_false(utf8_is_shown(bytes_text(hidden[i])));
    /* U+845B U+E0100: which form of a kanji a name has; U+E01EF; U+3000; U+FFFD; U+1D172. */
    assert_true(utf8_is_shown(bytes_text("\xe8\x91\x9b\xf3\xa0\x84\x80")));
    assert_true(utf8_is_shown(bytes_text("\xe3\x80\x80\xef\xbf\xbd")));
    assert_true(utf8_is_shown(bytes_text("\xf0\x9d\x85\xb2\xf3\xa0\x87\xaf")));
}

static void blanks_of_any_width_are_blank(void **state)
{
    /* U+0020, U+3000, U+00A0, U+2003, U+2800, a tab, ends of lines. */
    static const char *const blank[] = {
        "", " ", "\xe3\x80\x80", "\xc2\xa0 ", "\xe2\x80\x83", "\xe2\xa0\x80", "\t", "\r\n \n"};
    /* U+30FC, U+2581, U+3099; U+200B is hidden, which is another matter; malformed. */
    static const char *const other[] = {
        "a",       "\xe3\x80\x80\xe3\x83\xbc", "\xe2\x96\x81", "\xe3\x82\x99", "\xe2\x80\x8b",
        "\xe3\x80"};

    (void)state;
    for (size_t i = 0; i < sizeof blank / sizeof blank[0]; i++)
        assert_true(utf8_is_blank(bytes_text(blank[i])));
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_false(utf8_is_blank(bytes_text(other[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_sequences_are_refused),
        cmocka_unit_test(characters_of_every_length_are_read),
        cmocka_unit_test(the_edges_of_each_range_are_inside),
        cmocka_unit_test(what_deceives_the_eye_is_not_shown),
        cmocka_unit_test(what_is_blank_anywhere_is_not_shown),
        cmocka_unit_test(blanks_of_any_width_are_blank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
