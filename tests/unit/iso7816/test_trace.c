/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "iso7816/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_line(const char *command, const char *response, const char *expected)
{
    CLEANUP(buf_done) struct buf sent = BUF_INIT;
    CLEANUP(buf_done) struct buf got = BUF_INIT;
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    const char *text;

    assert_int_equal(hex_decode(command, &sent, NULL), 0);
    if (response == NULL) {
        assert_int_equal(trace_command(buf_bytes(&sent), &line, NULL), 0);
    } else {
        assert_int_equal(hex_decode(response, &got, NULL), 0);
        assert_int_equal(trace_response(buf_bytes(&sent), buf_bytes(&got), &line, NULL), 0);
    }
    assert_int_equal(buf_text(&line, &text, NULL), 0);
    assert_string_equal(text, expected);
}

static void a_pin_is_never_shown(void **state)
{
    (void)state;
    assert_line("002000800431323334", NULL, "> 00200080 VERIFY, 4 bytes not shown");
    assert_line("0020009B0431323334", NULL, "> 0020009B VERIFY, 4 bytes not shown");
    assert_line("08200080000431323334"
                "0000",
                NULL, "> no command, 12 bytes not shown");
    assert_line("002401800431323334", NULL, "> 00240180 CHANGE REFERENCE DATA, 4 bytes not shown");
    assert_line("803200800431323334", NULL, "> 80320080 CHANGE KEY, 4 bytes not shown");
    assert_line("002C00800431323334", NULL, "> 002C0080 unknown command, 4 bytes not shown");
}

static void what_files_say_is_never_shown(void **state)
{
    (void)state;
    assert_line("00B0000000", "3082059000", "< 9000 done, 3 bytes not shown");
    assert_line("00B2010C00", "3082059000", "< 9000 done, 3 bytes not shown");
    assert_line("00CA004200", "3082059000", "< 9000 done, 3 bytes not shown");
    assert_line("00", "3082059000", "< 9000 done, 3 bytes not shown");
}

static void what_is_neither_is_shown(void **state)
{
    (void)state;
    assert_line("00A4020C020018", NULL, "> 00A4020C SELECT 0018");
    assert_line("00200080", NULL, "> 00200080 VERIFY");
    assert_line("00B0000000", NULL, "> 00B00000 READ BINARY, up to 256 bytes wanted");
    assert_line("0084000002", "aabb9000", "< 9000 done aabb");
}

static void what_is_no_response_is_told_by_its_length(void **state)
{
    (void)state;
    assert_line("00B0000000", "90", "< no response, 1 bytes not shown");
    assert_line("00B0000000", "", "< no response, 0 bytes not shown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_is_never_shown),
        cmocka_unit_test(what_files_say_is_never_shown),
        cmocka_unit_test(what_is_no_response_is_told_by_its_length),
        cmocka_unit_test(what_is_neither_is_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
