/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pbes2.h"

#include "crypto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct secret passphrase;

static int setup(void **state)
{
    (void)state;
    return secret_copy(BYTES_LITERAL("a passphrase"), &passphrase, NULL);
}

static int teardown(void **state)
{
    (void)state;
    secret_done(&passphrase);
    return 0;
}

static int open_der(const struct buf *der)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;

    return pbes2_open(buf_bytes(der), &passphrase, &plain, NULL);
}

static void what_is_too_long_or_nothing_is_not_encrypted(void **state)
{
    CLEANUP(secret_done) struct secret empty = SECRET_INIT;
    CLEANUP(secret_done) struct secret long_one = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    static uint8_t data[PBES2_PLAIN_MAX + 1];

    (void)state;
    assert_int_equal(secret_new(PASSPHRASE_MAX + 1, &long_one, NULL), 0);
    assert_int_equal(pbes2_close(&empty, BYTES_LITERAL("x"), &der, NULL), -ERR_USAGE);
    assert_int_equal(pbes2_close(&long_one, BYTES_LITERAL("x"), &der, NULL), -ERR_USAGE);
    assert_int_equal(pbes2_close(&passphrase, bytes_of(data, 0), &der, NULL), -ERR_USAGE);
    assert_int_equal(pbes2_close(&passphrase, BYTES_ARRAY(data), &der, NULL), -ERR_USAGE);
    assert_int_equal(pbes2_close(&passphrase, bytes_of(data, PBES2_PLAIN_MAX), &der, NULL), 0);
}

/* Each byte of the algorithm and around it: no file with other parameters is worked on. */
static void other_parameters_are_refused_before_any_work(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    static const uint8_t iterations[] = {0x02, 0x03, 0x09, 0x27, 0xc0}; /* 600000 */
    uint8_t *found;

    (void)state;
    assert_int_equal(pbes2_close(&passphrase, BYTES_LITERAL("secret"), &der, NULL), 0);
    found = memmem(der.ptr, der.len, iterations, sizeof iterations);
    assert_non_null(found);
    found[4] ^= 1;
    assert_int_equal(open_der(&der), -ERR_INPUT);
    found[4] ^= 1;
    found[2] = 0x7f; /* eight million */
    assert_int_equal(open_der(&der), -ERR_INPUT);
    found[2] = 0x09;
    for (size_t i = 0; i < 20; i++) {
        der.ptr[i] ^= 0x40;
        assert_int_equal(open_der(&der), -ERR_INPUT);
        der.ptr[i] ^= 0x40;
    }
    assert_int_equal(open_der(&der), 0);
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_int_equal(open_der(&der), -ERR_INPUT);
}

/* Salt and IV are new each time, and what is inside cannot be seen. */
static void the_same_twice_looks_different(void **state)
{
    CLEANUP(buf_done) struct buf one = BUF_INIT;
    CLEANUP(buf_done) struct buf two = BUF_INIT;
    const struct bytes plain = BYTES_LITERAL("a canary in its cage");

    (void)state;
    assert_int_equal(pbes2_close(&passphrase, plain, &one, NULL), 0);
    assert_int_equal(pbes2_close(&passphrase, plain, &two, NULL), 0);
    assert_false(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
    assert_null(memmem(one.ptr, one.len, plain.ptr, 8));
}

static void what_was_encrypted_comes_back(void **state)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(pbes2_close(&passphrase, BYTES_LITERAL("secret"), &der, NULL), 0);
    assert_int_equal(pbes2_open(buf_bytes(&der), &passphrase, &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), BYTES_LITERAL("secret")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_long_or_nothing_is_not_encrypted),
        cmocka_unit_test(other_parameters_are_refused_before_any_work),
        cmocka_unit_test(the_same_twice_looks_different),
        cmocka_unit_test(what_was_encrypted_comes_back),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
