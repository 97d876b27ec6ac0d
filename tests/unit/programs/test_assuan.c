/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/ask/assuan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_is_no_line_is_refused(void **state)
{
    static const char *const rows[] = {"hello", "OKAY", "ok", "DATA x", " OK", "ERRR 1"};
    static uint8_t line[ASSUAN_LINE_MAX + 1];
    struct assuan_line said;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(assuan_parse(bytes_text(rows[i]), &said, NULL), -ERR_INPUT);
    memset(line, 'x', sizeof line);
    memcpy(line, "D ", 2);
    assert_int_equal(assuan_parse(bytes_of(line, ASSUAN_LINE_MAX), &said, NULL), 0);
    assert_int_equal(assuan_parse(bytes_of(line, ASSUAN_LINE_MAX + 1), &said, NULL), -ERR_INPUT);
}

static void lines_have_a_kind_and_a_rest(void **state)
{
    static const struct {
        const char *line;
        enum assuan_kind kind;
        const char *rest;
        unsigned code;
    } rows[] = {
        {"OK", ASSUAN_OK, "", 0},
        {"OK Pleased to meet you", ASSUAN_OK, "Pleased to meet you", 0},
        {"D 12%2534", ASSUAN_DATA, "12%2534", 0},
        {"D ", ASSUAN_DATA, "", 0},
        {"ERR 83886179 Operation cancelled <Pinentry>", ASSUAN_ERR,
         "83886179 Operation cancelled <Pinentry>", 99},
        {"ERR", ASSUAN_ERR, "", 0},
        {"S PASSPHRASE_INFO", ASSUAN_IGNORED, "PASSPHRASE_INFO", 0},
        {"# a comment", ASSUAN_IGNORED, "", 0},
        {"", ASSUAN_IGNORED, "", 0},
        {"INQUIRE QUALITY 123", ASSUAN_INQUIRE, "QUALITY 123", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct assuan_line said;

        assert_int_equal(assuan_parse(bytes_text(rows[i].line), &said, NULL), 0);
        assert_int_equal(said.kind, rows[i].kind);
        assert_true(bytes_equal(said.rest, bytes_text(rows[i].rest)));
        assert_int_equal(said.error_code, rows[i].code);
    }
}

static void escapes_that_are_none_and_too_much_are_refused(void **state)
{
    static const char *const bad[] = {"%", "%4", "12%", "12%3", "%G0", "%0G", "%%41"};
    CLEANUP(secret_done) struct secret to = SECRET_INIT;
    size_t len = 0;

    (void)state;
    assert_int_equal(secret_new(4, &to, NULL), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(assuan_decode(bytes_text(bad[i]), &to, &len, NULL), -ERR_INPUT);
    assert_int_equal(len, 0);
    assert_int_equal(assuan_decode(bytes_text("1234"), &to, &len, NULL), 0);
    assert_int_equal(len, 4);
    assert_int_equal(assuan_decode(bytes_text("5"), &to, &len, NULL), -ERR_DENIED);
    assert_int_equal(len, 4);
}

static void data_may_come_escaped_and_in_pieces(void **state)
{
    CLEANUP(secret_done) struct secret to = SECRET_INIT;
    size_t len = 0;

    (void)state;
    assert_int_equal(secret_new(8, &to, NULL), 0);
    assert_int_equal(assuan_decode(bytes_text("a%25"), &to, &len, NULL), 0);
    assert_int_equal(assuan_decode(bytes_text("%0a%41"), &to, &len, NULL), 0);
    assert_int_equal(len, 4);
    assert_memory_equal(to.ptr, "a%\nA", 4);
}

static void what_is_said_to_it_is_one_line(void **state)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    (void)state;
    assert_int_equal(assuan_append(&line, "100%\r\n暗証番号", NULL), 0);
    assert_true(bytes_equal(buf_bytes(&line), bytes_text("100%25%0D%0A暗証番号")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(lines_have_a_kind_and_a_rest),
        cmocka_unit_test(escapes_that_are_none_and_too_much_are_refused),
        cmocka_unit_test(data_may_come_escaped_and_in_pieces),
        cmocka_unit_test(what_is_said_to_it_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
