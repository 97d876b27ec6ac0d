/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mac.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define END                                                                                        \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

static void mac_of(const char *key, const struct bytes pieces[], struct digest *ret)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;

    assert_int_equal(secret_copy(bytes_text(key), &secret, NULL), 0);
    assert_int_equal(mac_compute(&secret, pieces, ret, NULL), 0);
}

static void no_key_is_refused(void **state)
{
    const struct secret none = SECRET_INIT;
    const struct bytes pieces[] = {BYTES_LITERAL("a"), END};
    struct digest mac;

    (void)state;
    assert_int_equal(mac_compute(&none, pieces, &mac, NULL), -ERR_USAGE);
}

static void pieces_do_not_run_together(void **state)
{
    const struct bytes one[] = {BYTES_LITERAL("ab"), BYTES_LITERAL("c"), END};
    const struct bytes other[] = {BYTES_LITERAL("a"), BYTES_LITERAL("bc"), END};
    struct digest a;
    struct digest b;

    (void)state;
    mac_of("key", one, &a);
    mac_of("key", other, &b);
    assert_false(bytes_equal(digest_bytes(&a), digest_bytes(&b)));
    mac_of("kez", other, &a);
    assert_false(bytes_equal(digest_bytes(&a), digest_bytes(&b)));
}

static void the_result_is_what_others_compute(void **state)
{
    /* Python: hmac.new(b'key', b'\0\0\0\1a\0\0\0\2bc', 'sha256') */
    static const char expected[] =
        "c3a351d2833ea2cf478fc38c54569be99f1d76f7bc6bcf05ad6c32666254b133";
    const struct bytes pieces[] = {BYTES_LITERAL("a"), BYTES_LITERAL("bc"), END};
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(secret_done) struct secret derived = SECRET_INIT;
    CLEANUP(buf_done) struct buf want = BUF_INIT;
    struct digest mac;

    (void)state;
    assert_int_equal(hex_decode(expected, &want, NULL), 0);
    mac_of("key", pieces, &mac);
    assert_true(bytes_equal(digest_bytes(&mac), buf_bytes(&want)));
    assert_int_equal(secret_copy(BYTES_LITERAL("key"), &key, NULL), 0);
    assert_int_equal(mac_derive(&key, pieces, &derived, NULL), 0);
    assert_true(bytes_equal(secret_bytes(&derived), buf_bytes(&want)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_is_refused),
        cmocka_unit_test(pieces_do_not_run_together),
        cmocka_unit_test(the_result_is_what_others_compute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
