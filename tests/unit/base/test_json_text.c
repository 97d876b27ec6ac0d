/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "support/failalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_escaped(struct bytes text, const char *expected)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT;
    CLEANUP(buf_done) struct buf inside = BUF_INIT;

    assert_int_equal(json_append_checked(&inside, text, NULL), 0);
    assert_int_equal(inside.len, strlen(expected));
    assert_memory_equal(inside.ptr, expected, inside.len);
    assert_int_equal(json_append_text(&whole, text, NULL), 0);
    assert_int_equal(whole.len, inside.len + 2);
    assert_int_equal(whole.ptr[0], '"');
    assert_memory_equal(whole.ptr + 1, expected, inside.len);
    assert_int_equal(whole.ptr[whole.len - 1], '"');
}

/* Wherever it stands: texts are looked at eight bytes at a time. */
static void what_is_not_utf8_is_refused(void **state)
{
    static const char *const bad[] = {
        "\xff",         "\x80",         "\xc0\xaf",         "\xe3\x81",    "\xed\xa0\x80",
        "\xe0\x80\xaf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xe3\x81\xff"};

    (void)state;
    for (size_t before = 0; before <= 17; before++)
        for (size_t after = 0; after <= 17; after++)
            for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                CLEANUP(buf_done) struct buf out = BUF_INIT;
                const size_t len = strlen(bad[i]);
                uint8_t text[48];

                memset(text, 'a', sizeof text);
                memcpy(text + before, bad[i], len);
                assert_int_equal(
                    json_append_checked(&out, bytes_of(text, before + len + after), NULL),
                    -ERR_INPUT);
                assert_int_equal(out.len, 0);
            }
}

static void what_ends_a_text_or_is_no_character_is_escaped(void **state)
{
    (void)state;
    assert_escaped(BYTES_LITERAL("\""), "\\\"");
    assert_escaped(BYTES_LITERAL("\\"), "\\\\");
    assert_escaped(BYTES_LITERAL("\\\"\\"), "\\\\\\\"\\\\");
    assert_escaped(BYTES_LITERAL("\b\f\n\r\t"), "\\b\\f\\n\\r\\t");
    assert_escaped(BYTES_LITERAL("\0"), "\\u0000");
    assert_escaped(BYTES_LITERAL("\x01\x1f"), "\\u0001\\u001F");
}

/* Texts are looked at eight bytes at a time. */
static void it_is_escaped_wherever_it_stands(void **state)
{
    static const uint8_t bad[] = {0, 1, '\n', 0x1f, '"', '\\'};
    static const char *const escapes[] = {"\\u0000", "\\u0001", "\\n", "\\u001F", "\\\"", "\\\\"};

    (void)state;
    for (size_t len = 1; len <= 20; len++)
        for (size_t at = 0; at < len; at++)
            for (size_t i = 0; i < sizeof bad; i++) {
                uint8_t text[20];
                char expected[32] = "";

                memset(text, 'a', len);
                text[at] = bad[i];
                memcpy(expected, text, at);
                strcat(expected, escapes[i]);
                strncat(expected, "aaaaaaaaaaaaaaaaaaa", len - at - 1);
                assert_escaped(bytes_of(text, len), expected);
            }
}

static void everything_else_stands_as_it_is(void **state)
{
    (void)state;
    assert_escaped((struct bytes){NULL, 0}, "");
    assert_escaped(BYTES_LITERAL("/ \x7f"), "/ \x7f");
    assert_escaped(BYTES_LITERAL("試験　𠮷野家のデータ"), "試験　𠮷野家のデータ");
}

static void numbers_have_all_their_digits(void **state)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {10, "10"},
                {1795651200, "1795651200"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        assert_int_equal(json_append_int(&text, rows[i].number, NULL), 0);
        assert_int_equal(text.len, strlen(rows[i].text));
        assert_memory_equal(text.ptr, rows[i].text, text.len);
    }
}

static int attempt(void *context)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc = 0;

    (void)context;
    for (int i = 0; i < 100 && rc == 0; i++)
        rc = i % 2 == 0 ? json_append_text(&text, BYTES_LITERAL("a\"b\x01"), NULL)
                        : json_append_checked(&text, BYTES_LITERAL("plain"), NULL);
    return rc;
}

static void without_memory_it_fails(void **state)
{
    (void)state;
    assert_true(every_failed_allocation(attempt, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(what_ends_a_text_or_is_no_character_is_escaped),
        cmocka_unit_test(it_is_escaped_wherever_it_stands),
        cmocka_unit_test(everything_else_stands_as_it_is),
        cmocka_unit_test(numbers_have_all_their_digits),
        cmocka_unit_test(without_memory_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
