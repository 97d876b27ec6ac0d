/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bound.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t nonce[BOUND_NONCE_SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct bound example(void)
{
    return (struct bound){.origin = "https://login.openjpki.test",
                          .client_id = "bank",
                          .redirect_uri = "https://bank.example/cb",
                          .session = "session-1",
                          .nonce = BYTES_ARRAY(nonce),
                          .expires_at = 1790000060};
}

static void half_a_login_is_refused(void **state)
{
    struct digest digest;
    struct bound bound;

    (void)state;
    bound = example();
    bound.origin = "";
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.client_id = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.session = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.nonce.len--;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.expires_at = -1;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
    bound = example();
    bound.redirect_uri = NULL;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
}

static void fields_may_be_as_long_as_the_limit(void **state)
{
    char text[BOUND_FIELD_MAX + 2];
    struct bound bound = example();
    struct digest digest;

    (void)state;
    memset(text, 'a', sizeof text);
    text[BOUND_FIELD_MAX] = 0;
    bound.redirect_uri = text;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    text[BOUND_FIELD_MAX] = 'a';
    text[BOUND_FIELD_MAX + 1] = 0;
    assert_int_equal(bound_digest(&bound, &digest, NULL), -ERR_INPUT);
}

/*
 * The expected value was made from design 5, F3 with another tool:
 * each field as printf of its big-endian length and bytes, piped into sha256sum.
 */
static void the_encoding_is_the_documented_one(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct bound bound = example();
    struct digest digest;
    const char *hex;

    (void)state;
    assert_int_equal(bound_digest(&bound, &digest, NULL), 0);
    assert_int_equal(hex_append(&text, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&text, &hex, NULL), 0);
    assert_string_equal(hex, "470eef5cbb7159d2354c5766550b531f"
                             "5513c8540eb65cd15d096715de05b2dd");
}

static void every_field_counts_and_none_can_lend_to_its_neighbour(void **state)
{
    struct bound variants[8];
    struct digest digests[8];
    static const uint8_t other_nonce[BOUND_NONCE_SIZE] = {1};

    (void)state;
    for (size_t i = 0; i < 8; i++)
        variants[i] = example();
    variants[1].origin = "https://login.openjpki.test:443";
    variants[2].client_id = "bank2";
    variants[3].redirect_uri = NULL;
    variants[4].session = "session-2";
    variants[5].nonce = BYTES_ARRAY(other_nonce);
    variants[6].expires_at++;
    variants[7].client_id = "bankh";
    variants[7].redirect_uri = "ttps://bank.example/cb";
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(bound_digest(&variants[i], &digests[i], NULL), 0);
        for (size_t j = 0; j < i; j++)
            assert_false(bytes_equal(digest_bytes(&digests[i]), digest_bytes(&digests[j])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_login_is_refused),
        cmocka_unit_test(fields_may_be_as_long_as_the_limit),
        cmocka_unit_test(the_encoding_is_the_documented_one),
        cmocka_unit_test(every_field_counts_and_none_can_lend_to_its_neighbour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
