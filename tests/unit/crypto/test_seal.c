/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rand.h"
#include "crypto/limits.h"
#include "crypto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/err.h>

static struct secret key;
static struct buf sealed;
static const struct bytes context = {(const uint8_t *)"card 1", 6};

static int setup(void **state)
{
    (void)state;
    assert_int_equal(secret_new(SEAL_KEY_SIZE, &key, NULL), 0);
    assert_int_equal(rand_fill(key.ptr, key.len, NULL), 0);
    return seal_close(&key, context, bytes_text("plain"), &sealed, NULL);
}

static int teardown(void **state)
{
    (void)state;
    secret_done(&key);
    buf_done(&sealed);
    return 0;
}

static void assert_shut(const struct secret *with, struct bytes ctx, struct bytes data)
{
    struct secret plain = SECRET_INIT;

    assert_int_equal(seal_open(with, ctx, data, &plain, NULL), -ERR_UNTRUSTED);
    assert_null(plain.ptr);
    assert_int_equal(ERR_peek_error(), 0);
}

static void any_changed_byte_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.ptr[i] ^= 0x40;
        assert_shut(&key, context, buf_bytes(&sealed));
        sealed.ptr[i] ^= 0x40;
    }
}

static void any_shorter_piece_is_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len < sealed.len; len++)
        assert_shut(&key, context, bytes_of(sealed.ptr, len));
}

static void another_context_is_refused(void **state)
{
    (void)state;
    assert_shut(&key, bytes_text("card 2"), buf_bytes(&sealed));
    assert_shut(&key, bytes_text(""), buf_bytes(&sealed));
}

static void another_key_is_refused(void **state)
{
    CLEANUP(secret_done) struct secret other = SECRET_INIT;

    (void)state;
    assert_int_equal(secret_copy(secret_bytes(&key), &other, NULL), 0);
    other.ptr[31] ^= 1;
    assert_shut(&other, context, buf_bytes(&sealed));
}

static void a_short_key_and_empty_data_are_refused(void **state)
{
    CLEANUP(secret_done) struct secret shorter = SECRET_INIT;
    struct buf out = BUF_INIT;

    (void)state;
    assert_int_equal(secret_new(SEAL_KEY_SIZE - 1, &shorter, NULL), 0);
    assert_int_equal(seal_close(&shorter, context, bytes_text("x"), &out, NULL), -ERR_USAGE);
    assert_int_equal(seal_close(&key, context, bytes_text(""), &out, NULL), -ERR_USAGE);
    assert_null(out.ptr);
}

static void data_and_context_end_at_their_limits(void **state)
{
    static const uint8_t zeros[SEAL_PLAIN_MAX + 1];
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(buf_done) struct buf most = BUF_INIT;
    struct bytes limit = bytes_of(zeros, SEAL_PLAIN_MAX);
    struct bytes long_context = bytes_of(zeros, SEAL_CONTEXT_MAX);
    struct buf out = BUF_INIT;

    (void)state;
    assert_true(SEAL_CONTEXT_MAX < SEAL_PLAIN_MAX);
    assert_int_equal(seal_close(&key, context, BYTES_ARRAY(zeros), &out, NULL), -ERR_USAGE);
    assert_int_equal(
        seal_close(&key, bytes_of(zeros, SEAL_CONTEXT_MAX + 1), bytes_text("x"), &out, NULL),
        -ERR_USAGE);
    assert_null(out.ptr);
    assert_int_equal(seal_close(&key, long_context, limit, &most, NULL), 0);
    assert_int_equal(seal_open(&key, long_context, buf_bytes(&most), &plain, NULL), 0);
    assert_int_equal(plain.len, SEAL_PLAIN_MAX);
}

static void what_was_sealed_comes_back(void **state)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;

    (void)state;
    assert_int_equal(sealed.len, 5 + SEAL_OVERHEAD);
    assert_int_equal(seal_open(&key, context, buf_bytes(&sealed), &plain, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&plain), bytes_text("plain")));
}

static void sealing_twice_gives_different_bytes(void **state)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    (void)state;
    assert_int_equal(seal_close(&key, context, bytes_text("plain"), &again, NULL), 0);
    assert_false(bytes_equal(buf_bytes(&sealed), buf_bytes(&again)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_changed_byte_is_refused),
        cmocka_unit_test(any_shorter_piece_is_refused),
        cmocka_unit_test(another_context_is_refused),
        cmocka_unit_test(another_key_is_refused),
        cmocka_unit_test(a_short_key_and_empty_data_are_refused),
        cmocka_unit_test(data_and_context_end_at_their_limits),
        cmocka_unit_test(what_was_sealed_comes_back),
        cmocka_unit_test(sealing_twice_gives_different_bytes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
