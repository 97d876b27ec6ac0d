/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the exchange's log as persons save them, against their text. */
#include "programs/jpkictl/saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HASH "abababababababababababababababababababababababababababababababab"
#define PROOF                                                                                      \
    "{\"record\":{},\"salt\":\"" HASH "\",\"tree\":{\"size\":1,\"root\":\"" HASH                   \
    "\",\"inclusion\":[]}}"
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define CUT                                                                                        \
    LONG LONG LONG LONG LONG LONG LONG                                                             \
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* A record with one number, time and purpose, and a text with others. */
static int open_with(const char *record_at, const char *record_why, const char *text_at,
                     const char *text_why, struct saved *ret)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;

    assert_int_equal(
        buf_append_format(&file, NULL,
                          "{\"record\":{\"id\":4,\"at\":%s,\"what\":\"pulled\",\"receiver\":\"S\","
                          "\"channel\":\"api\",\"why\":\"%s\"},\"words\":{},"
                          "\"text\":\"4|5|%s|pulled|S||||||0|api|||%s|||\",\"proof\":" PROOF "}",
                          record_at, record_why, text_at, text_why),
        0);
    assert_int_equal(json_parse(buf_bytes(&file), &json, NULL), 0);
    assert_true(saved_is(json));
    return saved_open(json, ret, NULL);
}

static void what_is_read_has_to_be_what_was_logged(void **state)
{
    CLEANUP(saved_done) struct saved saved = {.proof = NULL};

    (void)state;
    assert_int_equal(open_with("6", "a wish", "7", "a wish", &saved), -ERR_UNTRUSTED);
    assert_int_equal(open_with("7", "a wish", "7", "a wis", &saved), -ERR_UNTRUSTED);
    assert_int_equal(open_with("7", "a wish", "7", "a wish|x", &saved), -ERR_UNTRUSTED);
    assert_int_equal(open_with("7", "a wish", "7", "", &saved), -ERR_UNTRUSTED);
    assert_int_equal(open_with("7", "", "7", "a wish", &saved), -ERR_UNTRUSTED);
    assert_null(saved.text);
    assert_int_equal(open_with("7", "a wish", "7", "a wish", &saved), 0);
    assert_string_equal(saved.text, "4|5|7|pulled|S||||||0|api|||a wish|||");
}

static void a_long_field_is_not_cut_to_what_is_read(void **state)
{
    CLEANUP(saved_done) struct saved saved = {.proof = NULL};

    (void)state;
    assert_int_equal(open_with("7", CUT, "7", CUT " and more", &saved), -ERR_INPUT);
    assert_int_equal(open_with("7", CUT, "7", CUT, &saved), 0);
}

static void describe(const char *at, const char *why, const char *expected, const char *never)
{
    CLEANUP(saved_done) struct saved saved = {.proof = NULL};
    CLEANUP(buf_done) struct buf lines = BUF_INIT;
    const char *text;

    assert_int_equal(open_with(at, why, at, why, &saved), 0);
    assert_int_equal(saved_describe(saved.text, &lines, NULL), 0);
    assert_int_equal(buf_text(&lines, &text, NULL), 0);
    if (strstr(text, expected) == NULL || (never != NULL && strstr(text, never) != NULL))
        fail_msg("%s", text);
}

/* A root that nobody compares proves anything: then the file must not speak for the program. */
static void nothing_in_a_file_hides_another_line(void **state)
{
    (void)state;
    describe("7", "\\u001b[2Jx", "  purpose: (cannot be shown; --json has it)\n", "\x1b");
    describe("7", "x\\nit is signed", "(cannot be shown", "\nit is signed");
    describe("7", "\\u202ex", "(cannot be shown", "\xE2\x80\xAE");
    describe("7", "a wish", "  purpose: a wish\n", "(cannot be shown");
}

static void a_time_that_no_calendar_has_is_a_number(void **state)
{
    (void)state;
    describe("9223372036854775807", "x", "  time: 9223372036854775807\n", NULL);
    describe("-9223372036854775808", "x", "  time: -9223372036854775808\n", NULL);
    describe("253402300800", "x", "  time: 253402300800\n", NULL);
    describe("0", "x", "  time: 1970-01-01T09:00:00+09:00\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_has_to_be_what_was_logged),
        cmocka_unit_test(a_long_field_is_not_cut_to_what_is_read),
        cmocka_unit_test(nothing_in_a_file_hides_another_line),
        cmocka_unit_test(a_time_that_no_calendar_has_is_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
