/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cbc_hs256.h"

#include "base/base64.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* RFC 7518, B.1. */
static const char plain_text[] =
    "A cipher system must not be required to be secret, and it must be "
    "able to fall into the hands of the enemy without inconvenience";
static const char additional_text[] = "The second principle of Auguste Kerckhoffs";
static const char iv_hex[] = "1af38c2dc2b96ffdd86694092341bc04";
static const char tag_hex[] = "652c3fa36b0a7c5b3219fab3a30bc1c4";
static const char cipher_hex[] = "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9"
                                 "a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336"
                                 "09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b"
                                 "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5"
                                 "4b8851ffb598f7f80074b9473c82e2db";

struct site {
    struct secret key;
    struct buf iv, cipher, tag;
    struct cbc_hs256 with;
};

static int setup(void **state)
{
    static struct site site;

    site = (struct site){.key = SECRET_INIT};
    assert_int_equal(secret_new(CBC_HS256_KEY_SIZE, &site.key, NULL), 0);
    for (uint8_t i = 0; i < CBC_HS256_KEY_SIZE; i++)
        site.key.ptr[i] = i;
    assert_int_equal(hex_decode(iv_hex, &site.iv, NULL), 0);
    assert_int_equal(hex_decode(cipher_hex, &site.cipher, NULL), 0);
    assert_int_equal(hex_decode(tag_hex, &site.tag, NULL), 0);
    site.with = (struct cbc_hs256){
        .key = &site.key, .iv = buf_bytes(&site.iv), .additional = bytes_text(additional_text)};
    *state = &site;
    return 0;
}

static int teardown(void **state)
{
    struct site *site = *state;

    secret_done(&site->key);
    buf_done(&site->iv);
    buf_done(&site->cipher);
    buf_done(&site->tag);
    return 0;
}

static int decrypt(const struct site *site)
{
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    return cbc_hs256_decrypt(&site->with, buf_bytes(&site->cipher), buf_bytes(&site->tag), &plain,
                             NULL);
}

static void any_changed_bit_of_text_tag_iv_or_key_is_refused(void **state)
{
    struct site *site = *state;
    const struct bytes parts[] = {buf_bytes(&site->cipher), buf_bytes(&site->tag),
                                  buf_bytes(&site->iv), secret_bytes(&site->key)};
    uint8_t *writable[] = {site->cipher.ptr, site->tag.ptr, site->iv.ptr, site->key.ptr};
    const size_t mac_key = 16; /* the other half of the key does not change the tag */

    for (size_t p = 0; p < 4; p++)
        for (size_t i = 0; i < (p == 3 ? mac_key : parts[p].len); i++) {
            writable[p][i] ^= 0x10;
            assert_int_equal(decrypt(site), -ERR_UNTRUSTED);
            writable[p][i] ^= 0x10;
        }
    assert_int_equal(decrypt(site), 0);
}

static void what_is_authenticated_beside_the_text_counts(void **state)
{
    struct site *site = *state;

    site->with.additional.len--;
    assert_int_equal(decrypt(site), -ERR_UNTRUSTED);
    site->with.additional = bytes_text("");
    assert_int_equal(decrypt(site), -ERR_UNTRUSTED);
}

static void impossible_sizes_are_refused(void **state)
{
    struct site *site = *state;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    uint8_t tag[CBC_HS256_TAG_SIZE];

    site->tag.len--;
    assert_int_equal(decrypt(site), -ERR_INPUT);
    site->tag.len++;
    site->cipher.len--;
    assert_int_equal(decrypt(site), -ERR_INPUT);
    site->cipher.len = 0;
    assert_int_equal(decrypt(site), -ERR_INPUT);
    site->with.iv.len--;
    assert_int_equal(decrypt(site), -ERR_INPUT);
    assert_int_equal(cbc_hs256_encrypt(&site->with, bytes_text("x"), &out, tag, NULL), -ERR_USAGE);
}

static void a_key_of_another_size_is_as_wrong_as_another_key(void **state)
{
    struct site *site = *state;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    uint8_t tag[CBC_HS256_TAG_SIZE];

    secret_cut(&site->key, 16);
    assert_int_equal(decrypt(site), -ERR_UNTRUSTED);
    assert_int_equal(cbc_hs256_encrypt(&site->with, bytes_text("x"), &out, tag, NULL), -ERR_USAGE);
    assert_null(out.ptr);
}

static void the_example_of_the_specification_holds_both_ways(void **state)
{
    struct site *site = *state;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    uint8_t tag[CBC_HS256_TAG_SIZE];

    assert_int_equal(cbc_hs256_encrypt(&site->with, bytes_text(plain_text), &out, tag, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&out), buf_bytes(&site->cipher)));
    assert_true(bytes_equal(BYTES_ARRAY(tag), buf_bytes(&site->tag)));
    assert_int_equal(cbc_hs256_decrypt(&site->with, buf_bytes(&site->cipher), buf_bytes(&site->tag),
                                       &plain, NULL),
                     0);
    assert_true(bytes_equal(buf_bytes(&plain), bytes_text(plain_text)));
}

/* RFC 7516, A.2: the same content encryption in a compact JWE. */
static void the_example_jwe_of_the_specification_opens(void **state)
{
    static const uint8_t key[] = {4,   211, 31,  197, 84,  157, 252, 254, 11, 100, 157,
                                  250, 63,  170, 106, 206, 107, 124, 212, 45, 111, 107,
                                  9,   219, 200, 177, 0,   240, 143, 156, 44, 207};
    CLEANUP(secret_done) struct secret content_key = SECRET_INIT;
    CLEANUP(buf_done) struct buf iv = BUF_INIT;
    CLEANUP(buf_done) struct buf cipher = BUF_INIT;
    CLEANUP(buf_done) struct buf tag = BUF_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;
    struct cbc_hs256 with = {
        .key = &content_key,
        .additional = bytes_text("eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0")};

    (void)state;
    assert_int_equal(secret_copy(BYTES_ARRAY(key), &content_key, NULL), 0);
    assert_int_equal(base64_decode(BASE64_URL, bytes_text("AxY8DCtDaGlsbGljb3RoZQ"), &iv, NULL), 0);
    assert_int_equal(base64_decode(BASE64_URL,
                                   bytes_text("KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY"),
                                   &cipher, NULL),
                     0);
    assert_int_equal(base64_decode(BASE64_URL, bytes_text("9hH0vgRfYgPnAHOd8stkvw"), &tag, NULL),
                     0);
    with.iv = buf_bytes(&iv);
    assert_int_equal(cbc_hs256_decrypt(&with, buf_bytes(&cipher), buf_bytes(&tag), &plain, NULL),
                     0);
    assert_true(bytes_equal(buf_bytes(&plain), bytes_text("Live long and prosper.")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_changed_bit_of_text_tag_iv_or_key_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_authenticated_beside_the_text_counts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(impossible_sizes_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_of_another_size_is_as_wrong_as_another_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_example_of_the_specification_holds_both_ways, setup,
                                        teardown),
        cmocka_unit_test(the_example_jwe_of_the_specification_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
