/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void sizes_outside_the_limits_are_refused(void **state)
{
    struct secret secret = SECRET_INIT;

    (void)state;
    assert_int_equal(secret_new(0, &secret, NULL), -ERR_USAGE);
    assert_int_equal(secret_new(262145, &secret, NULL), -ERR_USAGE);
    assert_null(secret.ptr);
    assert_int_equal(secret_new(262144, &secret, NULL), 0);
    secret_done(&secret);
}

static void what_is_cut_off_is_wiped(void **state)
{
    struct secret secret = SECRET_INIT;

    (void)state;
    assert_int_equal(secret_copy(BYTES_LITERAL("1234rest"), &secret, NULL), 0);
    secret_cut(&secret, 4);
    assert_true(bytes_equal(secret_bytes(&secret), BYTES_LITERAL("1234")));
    assert_int_equal(secret.ptr[4], 0);
    assert_int_equal(secret.ptr[7], 0);
    secret_cut(&secret, 9);
    assert_int_equal(secret.len, 4);
    secret_done(&secret);
}

static void releasing_twice_or_never_filled_is_harmless(void **state)
{
    struct secret secret = SECRET_INIT;

    (void)state;
    secret_done(&secret);
    assert_int_equal(secret_copy(BYTES_LITERAL("x"), &secret, NULL), 0);
    secret_done(&secret);
    secret_done(&secret);
    assert_null(secret.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_outside_the_limits_are_refused),
        cmocka_unit_test(what_is_cut_off_is_wiped),
        cmocka_unit_test(releasing_twice_or_never_filled_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
