/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/test_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_name_without_the_word_test_is_refused_and_named(void **state)
{
    static const char *const bad[] = {
        "",           "O=OpenJPKI,C=JP", "O=OpenJPKI Test,C=JP", "O=OpenJPKI test,C=JP",
        "O=TESTS",    "O=ATTEST",        "O=CONTESTED",          "O=TEST1",
        "O=MYTEST99", "O=TES T",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};

        assert_int_equal(sandbox_check_ca_name(bad[i], &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, bad[i]));
        assert_non_null(strstr(err.text, "TEST"));
    }
}

static void a_name_with_the_word_test_is_taken(void **state)
{
    static const char *const good[] = {
        "OU=OpenJPKI TEST for digital signature,O=OpenJPKI TEST,C=JP",
        "TEST",
        "O=TEST",
        "O=ATTEST\\, TEST",
        "CN=TEST-CA",
        "CN=試験TEST認証局",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(sandbox_check_ca_name(good[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_without_the_word_test_is_refused_and_named),
        cmocka_unit_test(a_name_with_the_word_test_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
