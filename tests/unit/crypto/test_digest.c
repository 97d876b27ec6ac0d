/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_hex(struct bytes got, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    assert_int_equal(hex_append(&text, got, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&text), bytes_text(expected)));
}

static void assert_no_digestinfo(struct bytes der)
{
    struct digest digest = {.len = 99};

    assert_int_equal(digestinfo_parse(der, &digest, NULL), -ERR_INPUT);
    assert_int_equal(digest.len, 99);
}

/* RFC 8017, 9.2: the parameters are NULL, and the lengths in their shortest form. */
static void a_digestinfo_with_one_byte_changed_in_front_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("x"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &der, NULL), 0);
    for (size_t i = 0; i < der.len - digest.len; i++) {
        der.ptr[i] ^= 1;
        assert_no_digestinfo(buf_bytes(&der));
        der.ptr[i] ^= 1;
    }
}

static void a_digestinfo_that_is_cut_or_longer_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA512, bytes_text("x"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &der, NULL), 0);
    for (size_t len = 0; len < der.len; len++)
        assert_no_digestinfo(bytes_of(der.ptr, len));
    assert_int_equal(buf_append_byte(&der, 0, NULL), 0);
    assert_no_digestinfo(buf_bytes(&der));
}

static void a_digest_of_the_wrong_length_makes_no_digestinfo(void **state)
{
    struct buf der = BUF_INIT;
    struct digest digest = {.alg = DIGEST_SHA256, .len = 31};

    (void)state;
    assert_int_equal(digestinfo_build(&digest, &der, NULL), -ERR_USAGE);
    assert_null(der.ptr);
}

/* FIPS 180-4, examples for "abc" */
static void the_published_hashes_of_abc_come_out(void **state)
{
    static const char *const expected[] = {
        [DIGEST_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [DIGEST_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [DIGEST_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                          "8086072ba1e7cc2358baeca134c825a7",
        [DIGEST_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    };

    (void)state;
    for (int alg = DIGEST_SHA1; alg <= DIGEST_SHA512; alg++) {
        struct digest digest;

        assert_int_equal(digest_compute((enum digest_alg)alg, bytes_text("abc"), &digest, NULL), 0);
        assert_int_equal(digest.len, digest_size((enum digest_alg)alg));
        assert_hex(digest_bytes(&digest), expected[alg]);
    }
}

static void a_hash_in_pieces_is_the_hash_of_the_whole(void **state)
{
    CLEANUP(digest_stream_free) struct digest_stream *stream = NULL;
    struct digest whole;
    struct digest pieces;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA384, bytes_text("one two"), &whole, NULL), 0);
    assert_int_equal(digest_begin(DIGEST_SHA384, &stream, NULL), 0);
    assert_int_equal(digest_add(stream, bytes_text("one"), NULL), 0);
    assert_int_equal(digest_add(stream, bytes_text(""), NULL), 0);
    assert_int_equal(digest_add(stream, bytes_text(" two"), NULL), 0);
    assert_int_equal(digest_end(stream, &pieces, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&whole), digest_bytes(&pieces)));
}

static void every_digestinfo_comes_back(void **state)
{
    (void)state;
    for (int alg = DIGEST_SHA1; alg <= DIGEST_SHA512; alg++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct digest digest;
        struct digest back;

        assert_int_equal(digest_compute((enum digest_alg)alg, bytes_text("x"), &digest, NULL), 0);
        assert_int_equal(digestinfo_build(&digest, &der, NULL), 0);
        assert_int_equal(digestinfo_parse(buf_bytes(&der), &back, NULL), 0);
        assert_int_equal(back.alg, alg);
        assert_true(bytes_equal(digest_bytes(&digest), digest_bytes(&back)));
    }
}

/* RFC 8017, 9.2, note 1 */
static void the_digestinfo_of_sha_256_has_the_published_bytes(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct digest digest;

    (void)state;
    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("abc"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &der, NULL), 0);
    assert_hex(buf_bytes(&der), "3031300d060960864801650304020105000420"
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digestinfo_with_one_byte_changed_in_front_is_refused),
        cmocka_unit_test(a_digestinfo_that_is_cut_or_longer_is_refused),
        cmocka_unit_test(a_digest_of_the_wrong_length_makes_no_digestinfo),
        cmocka_unit_test(the_published_hashes_of_abc_come_out),
        cmocka_unit_test(a_hash_in_pieces_is_the_hash_of_the_whole),
        cmocka_unit_test(every_digestinfo_comes_back),
        cmocka_unit_test(the_digestinfo_of_sha_256_has_the_published_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
