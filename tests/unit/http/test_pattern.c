/* SPDX-License-Identifier: Apache-2.0 */
/* Texts against patterns, by rows; judge_patterns.py has many more, made by chance. */
#include "http/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void what_one_pass_cannot_decide_is_no_pattern(void **state)
{
    static const char *const rows[] = {
        "",
        "a",
        "^",
        "^a",
        "a$",
        "^a$b$",
        "^a|b$", /* ECMA-262: "^a", or "b$" */
        "^(a$)$",
        "^(a$",
        "^a)$",
        "^((a)b)$",
        "^(?=a)b$",
        "^(?:a)$",
        "^(a*)$", /* a group's runs are short */
        "^(a+|b)*$",
        "^([a-z]{1,65})$",
        "^[^a]$",
        "^[]$",
        "^[a$",
        "^[z-a]$",
        "^[a-zA-Z0-9_.,:;!-]$", /* nine ranges */
        "^\\d$",
        "^\\$",
        "^*$",
        "^a**$",
        "^a{$",
        "^a{}$",
        "^a{,2}$",
        "^a{3,2}$",
        "^a{100001}$",
        "^a{99999999999999999999999}$",
        "^a{1x}$",
        "^a{1,2$",
        "^a}$",
        "^\x80$",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (http_pattern_is_valid(rows[i]))
            fail_msg("%s", rows[i]);
        /* Nor does anything fit it, or get lost in it. */
        (void)http_pattern_fits(rows[i], "a");
        assert_false(http_pattern_fits(rows[i], "no such text\n"));
    }
}

static const struct {
    const char *pattern;
    const char *text;
    bool fits;
} rows[] = {
    {"^[0-9]{6}$", "12345", false},
    {"^[0-9]{6}$", "1234567", false},
    {"^[0-9]{6}$", "12345a", false},
    {"^[0-9]{6}$", "12345\n", false},
    {"^[0-9]{6}$", "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96",
     false}, /* full-width digits */
    {"^[0-9]{6}$", "", false},
    {"^[0-9]{6}$", "123456", true},
    {"^.{1,2}$", "", false},
    {"^.{1,2}$", "abc", false},
    {"^.{1,2}$", "a\n", false},
    {"^.{1,2}$", "\xE2\x80\xA8", false}, /* U+2028 */
    {"^.{1,2}$", "\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7", true},
    {"^.{1,2}$", "\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7\xF0\xA0\xAE\xB7", false},
    {"^[\xE3\x82\xA2-\xE3\x83\xB3]$", "\xE3\x83\xB4", false}, /* one behind the last */
    {"^[\xE3\x82\xA2-\xE3\x83\xB3]$", "\xE3\x83\xB3", true},
    {"^[\xE3\x82\xA2-\xE3\x83\xB3]$", "\xE3\x82", false}, /* half a letter */
    {"^[a.-]*$", "b", false},
    {"^[a.-]*$", "a.-", true},
    {"^[?@]$", ">", false},
    {"^[?@]$", "?", true},
    {"^[?@]$", "@", true},
    {"^[?@]$", "A", false},
    {"^[?-@]$", "@", true},
    {"^(a|bc)?x$", "bx", false},
    {"^(a|bc)?x$", "bcx", true},
    {"^(a|bc)?x$", "x", true},
    {"^(a|bc){2}$", "a", false},
    {"^(a|bc){2}$", "abca", false},
    {"^(a|bc){2}$", "bca", true},
    {"^(a?){3,}b$", "aab", true}, /* nothing is enough, and does not go on for ever */
    {"^(|a)b$", "b", true},
    {"^a{2,}$", "a", false},
    {"^a{2,}$", "aaaa", true},
    {"^\\*\\.$", "**", false},
    {"^\\*\\.$", "*.", true},
};

static void a_text_fits_or_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(http_pattern_is_valid(rows[i].pattern));
        if (http_pattern_fits(rows[i].pattern, rows[i].text) != rows[i].fits)
            fail_msg("%s: %s", rows[i].pattern, rows[i].text);
    }
}

/* What has others go back again and again: here it would be minutes, if it were more than once. */
static void a_long_text_is_gone_through_once(void **state)
{
    static const char *const patterns[] = {"^a*a*a*a*b$", "^(a|a|a){1,}b$", "^(aaaa|aaa|aa|a)*b$",
                                           "^a+\\.a+\\.a+$"};
    enum { LONG = 1024 * 1024 };
    char *text = malloc(LONG + 1);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', LONG);
    text[LONG] = '\0';
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        assert_false(http_pattern_fits(patterns[i], text));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_pass_cannot_decide_is_no_pattern),
        cmocka_unit_test(a_text_fits_or_does_not),
        cmocka_unit_test(a_long_text_is_gone_through_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
