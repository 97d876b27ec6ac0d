/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cmac.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void secret_of(const char *hex, struct secret *ret)
{
    CLEANUP(buf_done) struct buf raw = BUF_INIT;

    assert_int_equal(hex_decode(hex, &raw, NULL), 0);
    assert_int_equal(secret_copy(buf_bytes(&raw), ret, NULL), 0);
}

static void keys_of_other_sizes_are_refused(void **state)
{
    static const uint8_t bytes[33] = {0};
    static const size_t sizes[] = {1, 15, 17, 23, 25, 31, 33};
    uint8_t mac[CMAC_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CLEANUP(secret_done) struct secret key = SECRET_INIT;

        assert_int_equal(secret_copy(bytes_of(bytes, sizes[i]), &key, NULL), 0);
        assert_int_equal(cmac_compute(&key, NULL, 0, mac, NULL), -ERR_USAGE);
    }
}

static void lengths_that_the_counter_cannot_reach_are_refused(void **state)
{
    const struct bytes none = {NULL, 0};
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret ret = SECRET_INIT;

    (void)state;
    secret_of("2b7e151628aed2a6abf7158809cf4f3c", &key);
    assert_int_equal(cmac_derive(&key, none, none, 0, &ret, NULL), -ERR_USAGE);
    assert_int_equal(cmac_derive(&key, none, none, 255 * 16 + 1, &ret, NULL), -ERR_USAGE);
    assert_null(ret.ptr);
    assert_int_equal(cmac_derive(&key, none, none, 255 * 16, &ret, NULL), 0);
    assert_int_equal(ret.len, 255 * 16);
}

/* NIST SP 800-38B, appendix D (examples CMAC-AES128, -AES192, -AES256). */
static void the_examples_of_sp_800_38b_come_out(void **state)
{
    static const char text[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                               "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
    static const char key_128[] = "2b7e151628aed2a6abf7158809cf4f3c";
    static const char key_192[] = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b";
    static const char key_256[] =
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
    static const struct {
        const char *key;
        size_t len;
        const char *mac;
    } rows[] = {
        {key_128, 0, "bb1d6929e95937287fa37d129b756746"},
        {key_128, 16, "070a16b46b4d4144f79bdd9dd04a287c"},
        {key_128, 40, "dfa66747de9ae63030ca32611497c827"},
        {key_128, 64, "51f0bebf7e3b9d92fc49741779363cfe"},
        {key_192, 0, "d17ddf46adaacde531cac483de7a9367"},
        {key_192, 16, "9e99a7bf31e710900662f65e617c5184"},
        {key_192, 64, "a1d5df0eed790f794d77589659f39a11"},
        {key_256, 0, "028962f61b7bf89efc6b551f4667d983"},
        {key_256, 16, "28a7023f452e8f82bd4bf28d8c37c35c"},
        {key_256, 64, "e1992190549f6ed5696a2c056c315410"},
    };
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    (void)state;
    assert_int_equal(hex_decode(text, &message, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(secret_done) struct secret key = SECRET_INIT;
        CLEANUP(buf_done) struct buf expected = BUF_INIT;
        size_t cut = rows[i].len / 3; /* pieces run together */
        const struct bytes pieces[] = {bytes_part(buf_bytes(&message), 0, cut),
                                       bytes_part(buf_bytes(&message), cut, rows[i].len - cut)};
        uint8_t mac[CMAC_SIZE];

        secret_of(rows[i].key, &key);
        assert_int_equal(hex_decode(rows[i].mac, &expected, NULL), 0);
        assert_int_equal(cmac_compute(&key, pieces, 2, mac, NULL), 0);
        assert_memory_equal(mac, expected.ptr, CMAC_SIZE);
    }
}

/*
 * Published values of SCP03's derivation: github.com/blaufish/scp03_kdf_testvectors,
 * testvectors.txt (key, constant, context, derived key).
 */
static void published_derivations_come_out(void **state)
{
    static const struct {
        const char *key;
        uint8_t constant;
        const char *context, *derived;
    } rows[] = {
        {"00000000000000000000000000000000", 0x01, "00000000000000000000000000000000",
         "329C873894717F6D545C755D175AE7ECDAB085DE2592FC3B9218A7FD77005E31"},
        {"329C873894717F6D545C755D175AE7ECDAB085DE2592FC3B9218A7FD77005E31", 0x03,
         "2AF2B9613F5B87B9E33F28F39EDC8376DDB4B6FE7701232DDD5477CEB17DA9F7",
         "0E6F2B49DC94633D02549405EA86612C717EAF8CB9EF3D7D80DDFC3792184D34"},
        {"2AF2B9613F5B87B9E33F28F39EDC8376DDB4B6FE7701232DDD5477CEB17DA9F7", 0x04,
         "0E6F2B49DC94633D02549405EA86612C717EAF8CB9EF3D7D80DDFC3792184D34",
         "B863B9A5B35D5566A67E44F560B5E75C"},
        {"0C3B7C4E85E5CE4AE946BE7E5ADFEEC8291B2FBDCFD4A6AFC2EB422B14F27A74", 0x28,
         "CBBBD32BA6F57ED8C8CAEEE156FDF95B", "31209E2DA75C9083D16508A5EB63A82C"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(secret_done) struct secret key = SECRET_INIT;
        CLEANUP(secret_done) struct secret derived = SECRET_INIT;
        CLEANUP(buf_done) struct buf context = BUF_INIT;
        CLEANUP(buf_done) struct buf expected = BUF_INIT;
        uint8_t before[15] = {[11] = rows[i].constant};

        secret_of(rows[i].key, &key);
        assert_int_equal(hex_decode(rows[i].context, &context, NULL), 0);
        assert_int_equal(hex_decode(rows[i].derived, &expected, NULL), 0);
        before[13] = (uint8_t)(expected.len * 8 >> 8);
        before[14] = (uint8_t)(expected.len * 8 & 0xff);
        assert_int_equal(cmac_derive(&key, BYTES_ARRAY(before), buf_bytes(&context), expected.len,
                                     &derived, NULL),
                         0);
        assert_true(bytes_equal(secret_bytes(&derived), buf_bytes(&expected)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_other_sizes_are_refused),
        cmocka_unit_test(lengths_that_the_counter_cannot_reach_are_refused),
        cmocka_unit_test(the_examples_of_sp_800_38b_come_out),
        cmocka_unit_test(published_derivations_come_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
