/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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

/* Whatever the one before left behind, and however many there are at once. */
static void a_new_one_is_zeroed_and_its_own(void **state)
{
    enum { MANY = 40, SIZE = 4096 };
    struct secret secrets[MANY] = {SECRET_INIT};

    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        for (uint8_t i = 0; i < MANY; i++) {
            assert_int_equal(secret_new(SIZE, &secrets[i], NULL), 0);
            for (size_t at = 0; at < SIZE; at++)
                assert_int_equal(secrets[i].ptr[at], 0);
            memset(secrets[i].ptr, i + 1, SIZE);
        }
        for (uint8_t i = 0; i < MANY; i++) {
            assert_int_equal(secrets[i].ptr[0], i + 1);
            assert_int_equal(secrets[i].ptr[SIZE - 1], i + 1);
        }
        for (uint8_t i = 0; i < MANY; i++)
            secret_done(&secrets[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_outside_the_limits_are_refused),
        cmocka_unit_test(what_is_cut_off_is_wiped),
        cmocka_unit_test(releasing_twice_or_never_filled_is_harmless),
        cmocka_unit_test(a_new_one_is_zeroed_and_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
