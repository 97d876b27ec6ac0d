/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "iso7816/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_refused(const char *hex)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct tlv tlv = {.tag = 4711};
    struct bytes rest;

    assert_int_equal(hex_decode(hex, &bytes, NULL), 0);
    rest = buf_bytes(&bytes);
    assert_int_equal(tlv_next(&rest, &tlv, NULL), -ERR_INPUT);
    assert_int_equal(rest.len, bytes.len);
    assert_int_equal(tlv.tag, 4711);
}

static void malformed_elements_are_refused(void **state)
{
    (void)state;
    assert_refused("30");           /* no length */
    assert_refused("5F");           /* half a tag */
    assert_refused("DF81");         /* two thirds of a tag */
    assert_refused("DF818101AA");   /* a tag of four bytes */
    assert_refused("FFFFFF");       /* filler */
    assert_refused("0000");         /* filler */
    assert_refused("3080AA0000");   /* indefinite length */
    assert_refused("3083000001AA"); /* a length of three bytes */
    assert_refused("308401000000"); /* of four */
    assert_refused("3002AA");       /* value one byte short */
    assert_refused("3082");         /* length cut off */
    assert_refused("308200");
    assert_refused("3081");
}

static void nothing_left_is_told_apart_from_malformed(void **state)
{
    struct bytes rest = {NULL, 0};
    struct tlv tlv;
    size_t total;

    (void)state;
    assert_int_equal(tlv_next(&rest, &tlv, NULL), -ERR_ABSENT);
    assert_int_equal(tlv_total(rest, &total, NULL), -ERR_ABSENT);
}

static void assert_next(struct bytes *rest, uint32_t tag, size_t len)
{
    struct tlv tlv;

    assert_int_equal(tlv_next(rest, &tlv, NULL), 0);
    assert_int_equal(tlv.tag, tag);
    assert_int_equal(tlv.value.len, len);
}

static void tags_of_one_to_three_bytes_are_kept_as_written(void **state)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct bytes rest;

    (void)state;
    assert_int_equal(hex_decode("3001AA"
                                "5F2002BBCC"
                                "DF810100"
                                "FF200101",
                                &bytes, NULL),
                     0);
    rest = buf_bytes(&bytes);
    assert_next(&rest, 0x30, 1);
    assert_next(&rest, 0x5f20, 2);
    assert_int_equal(TLV_TAG_MAX, 3); /* one more: DF818101 above */
    assert_next(&rest, 0xdf8101, 0);
    assert_next(&rest, 0xff20, 1);
    assert_int_equal(rest.len, 0);
}

/* card.md 3: text EF 0005 begins FF 40 82 00 9F. */
static void lengths_need_not_be_minimal(void **state)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct bytes rest;

    (void)state;
    assert_int_equal(hex_decode("FF40820002AABB"
                                "308101CC"
                                "04820000",
                                &bytes, NULL),
                     0);
    rest = buf_bytes(&bytes);
    assert_next(&rest, 0xff40, 2);
    assert_next(&rest, 0x30, 1);
    assert_next(&rest, 0x04, 0);
    assert_int_equal(rest.len, 0);
}

static void an_element_is_found_by_its_tag(void **state)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct tlv tlv;

    (void)state;
    assert_int_equal(hex_decode("DF2101AA"
                                "DF2202BBCC"
                                "DF2203DDDDDD",
                                &bytes, NULL),
                     0);
    assert_int_equal(tlv_find(buf_bytes(&bytes), 0xdf23, &tlv, NULL), -ERR_ABSENT);
    assert_int_equal(tlv_find(buf_bytes(&bytes), 0xdf22, &tlv, NULL), 0);
    assert_int_equal(tlv.value.len, 2);
    assert_int_equal(tlv_find(bytes_part(buf_bytes(&bytes), 0, 6), 0xdf22, &tlv, NULL), -ERR_INPUT);
}

static void the_total_follows_from_the_header_alone(void **state)
{
    static const uint8_t certificate[] = {0x30, 0x82, 0x05, 0x11};
    static const uint8_t longest[] = {0xdf, 0x81, 0x01, 0x82, 0xff, 0xff};
    size_t total = 0;

    (void)state;
    assert_int_equal(tlv_total(bytes_of(certificate, 3), &total, NULL), -ERR_INPUT);
    assert_int_equal(total, 0);
    assert_int_equal(tlv_total(BYTES_ARRAY(certificate), &total, NULL), 0);
    assert_int_equal(total, 4 + 0x511);
    assert_int_equal(tlv_total(BYTES_ARRAY(longest), &total, NULL), 0);
    assert_int_equal(total, TLV_HEADER_MAX + TLV_VALUE_MAX);
}

static void writing_takes_the_shortest_length_and_reads_back(void **state)
{
    static const size_t lengths[] = {0, 127, 128, 255, 256, TLV_VALUE_MAX};
    static const size_t headers[] = {2, 2, 3, 3, 4, 4};
    uint8_t *value = test_calloc(1, TLV_VALUE_MAX + 1);

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct bytes rest;

        assert_int_equal(tlv_append(&out, 0x30, bytes_of(value, lengths[i]), NULL), 0);
        assert_int_equal(out.len, headers[i] + lengths[i]);
        rest = buf_bytes(&out);
        assert_next(&rest, 0x30, lengths[i]);
    }
    test_free(value);
}

static void what_is_no_element_is_not_written(void **state)
{
    uint8_t *value = test_calloc(1, TLV_VALUE_MAX + 1);
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    (void)state;
    assert_int_equal(tlv_append(&out, 0, bytes_of(value, 1), NULL), -ERR_USAGE);
    assert_int_equal(tlv_append(&out, 0xdf818101, bytes_of(value, 1), NULL), -ERR_USAGE);
    assert_int_equal(tlv_append(&out, 0x30, bytes_of(value, TLV_VALUE_MAX + 1), NULL), -ERR_USAGE);
    assert_null(out.ptr);
    test_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_elements_are_refused),
        cmocka_unit_test(nothing_left_is_told_apart_from_malformed),
        cmocka_unit_test(tags_of_one_to_three_bytes_are_kept_as_written),
        cmocka_unit_test(lengths_need_not_be_minimal),
        cmocka_unit_test(an_element_is_found_by_its_tag),
        cmocka_unit_test(the_total_follows_from_the_header_alone),
        cmocka_unit_test(writing_takes_the_shortest_length_and_reads_back),
        cmocka_unit_test(what_is_no_element_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
