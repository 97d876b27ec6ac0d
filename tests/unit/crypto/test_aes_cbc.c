/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aes_cbc.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void secret_of(const char *hex, struct secret *ret)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT;

    assert_int_equal(hex_decode(hex, &raw, NULL), 0);
    assert_int_equal(secret_copy(buf_bytes(&raw), ret, NULL), 0);
}

static void parts_of_blocks_and_strange_keys_are_refused(void **state)
{
    static const uint8_t iv[AES_BLOCK];
    static const uint8_t bytes[33] = {0};
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret strange = SECRET_INIT;
    CLEANUP(buf_done) struct buf ret = BUF_INIT;

    (void)state;
    assert_int_equal(secret_copy(bytes_of(bytes, 16), &key, NULL), 0);
    assert_int_equal(secret_copy(bytes_of(bytes, 17), &strange, NULL), 0);
    assert_int_equal(aes_cbc_encrypt(&key, iv, bytes_of(bytes, 15), &ret, NULL), -ERR_USAGE);
    assert_int_equal(aes_cbc_decrypt(&key, iv, bytes_of(bytes, 33), &ret, NULL), -ERR_USAGE);
    assert_int_equal(aes_cbc_encrypt(&strange, iv, bytes_of(bytes, 16), &ret, NULL), -ERR_USAGE);
    assert_int_equal(ret.len, 0);
}

/* NIST SP 800-38A, F.2.1 to F.2.6: the first two blocks of each. */
static void the_examples_of_sp_800_38a_come_out(void **state)
{
    static const uint8_t iv[AES_BLOCK] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char plain_hex[] =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    static const struct {
        const char *key, *cipher;
    } rows[] = {
        {"2b7e151628aed2a6abf7158809cf4f3c",
         "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
        {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
         "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
        {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    };
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    (void)state;
    assert_int_equal(hex_decode(plain_hex, &plain, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(secret_done) struct secret key = SECRET_INIT;
        CLEANUP(buf_done) struct buf expected = BUF_INIT;
        CLEANUP(buf_done) struct buf cipher = BUF_INIT;
        CLEANUP(buf_done) struct buf back = BUF_INIT;

        secret_of(rows[i].key, &key);
        assert_int_equal(hex_decode(rows[i].cipher, &expected, NULL), 0);
        assert_int_equal(aes_cbc_encrypt(&key, iv, buf_bytes(&plain), &cipher, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&cipher), buf_bytes(&expected)));
        assert_int_equal(aes_cbc_decrypt(&key, iv, buf_bytes(&cipher), &back, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&back), buf_bytes(&plain)));
    }
}

static void what_was_there_stays_in_front(void **state)
{
    static const uint8_t iv[AES_BLOCK];
    static const uint8_t zeros[16];
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf ret = BUF_INIT;

    (void)state;
    assert_int_equal(secret_copy(BYTES_ARRAY(zeros), &key, NULL), 0);
    assert_int_equal(buf_append_text(&ret, "head", NULL), 0);
    assert_int_equal(aes_cbc_encrypt(&key, iv, BYTES_ARRAY(zeros), &ret, NULL), 0);
    assert_int_equal(ret.len, 4 + 16);
    assert_memory_equal(ret.ptr, "head", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_blocks_and_strange_keys_are_refused),
        cmocka_unit_test(the_examples_of_sp_800_38a_come_out),
        cmocka_unit_test(what_was_there_stays_in_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
