/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_pem(struct bytes der, const char *expected)
{
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    const char *text = NULL;

    assert_int_equal(pem_append(&pem, "PUBLIC KEY", der, NULL), 0);
    assert_int_equal(buf_text(&pem, &text, NULL), 0);
    assert_string_equal(text, expected);
}

/* RFC 7468, 2: lines of 64 digits, the last one of the rest. */
static void lines_have_64_digits(void **state)
{
    static const uint8_t zeros[49];

    (void)state;
    assert_pem(bytes_text("abc"), "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----\n");
    assert_pem(bytes_of(zeros, 48),
               "-----BEGIN PUBLIC KEY-----\n"
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
               "-----END PUBLIC KEY-----\n");
    assert_pem(BYTES_ARRAY(zeros),
               "-----BEGIN PUBLIC KEY-----\n"
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
               "AA==\n"
               "-----END PUBLIC KEY-----\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_64_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
