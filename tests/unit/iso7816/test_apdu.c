/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "iso7816/apdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct apdu parse(const char *hex, struct buf *bytes)
{
    struct apdu apdu;

    assert_int_equal(hex_decode(hex, bytes, NULL), 0);
    assert_int_equal(apdu_parse(buf_bytes(bytes), &apdu, NULL), 0);
    return apdu;
}

static void assert_refused(const char *hex)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct apdu apdu = {.ne = 4711};

    assert_int_equal(hex_decode(hex, &bytes, NULL), 0);
    assert_int_equal(apdu_parse(buf_bytes(&bytes), &apdu, NULL), -ERR_INPUT);
    assert_int_equal(apdu.ne, 4711);
}

static void lengths_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    assert_refused("");
    assert_refused("00A404");
    assert_refused("00A4040003AABB");         /* one byte short */
    assert_refused("00A4040001AABBCC");       /* two bytes behind Lc */
    assert_refused("00B000000000");           /* extended Le cut off */
    assert_refused("00A404000000000000");     /* extended Lc of zero */
    assert_refused("00A40400000002AA");       /* extended Lc, one byte short */
    assert_refused("00A40400000001AA00");     /* extended Le of one byte */
    assert_refused("00A40400000001AA000000"); /* of three */
}

static void a_command_longer_than_any_is_refused(void **state)
{
    uint8_t *big = test_calloc(1, APDU_COMMAND_MAX + 1);
    struct apdu apdu;

    (void)state;
    big[5] = 0xff; /* Lc FFFF */
    big[6] = 0xff;
    assert_int_equal(apdu_parse(bytes_of(big, APDU_COMMAND_MAX + 1), &apdu, NULL), -ERR_INPUT);
    assert_int_equal(apdu_parse(bytes_of(big, APDU_COMMAND_MAX), &apdu, NULL), 0);
    assert_int_equal(apdu.data.len, APDU_DATA_MAX);
    assert_int_equal(apdu.ne, APDU_NE_MAX);
    test_free(big);
}

static void each_of_the_seven_forms_is_understood(void **state)
{
    static const struct {
        const char *hex;
        size_t data, ne;
        bool is_extended;
    } forms[] = {
        {"00200080", 0, 0, false},                     /* case 1 */
        {"00B0000004", 0, 4, false},                   /* case 2, short */
        {"00B0000000", 0, 256, false},                 /* Le 00 is 256 */
        {"00B00000000400", 0, 1024, true},             /* case 2, extended */
        {"00B00000000000", 0, 65536, true},            /* Le 0000 is 65536 */
        {"002000800431323334", 4, 0, false},           /* case 3, short */
        {"0020008000000431323334", 4, 0, true},        /* case 3, extended */
        {"00A4040C07A000000079010000", 7, 256, false}, /* case 4 with P2=0C (card.md 9.1) */
        {"00CB3FFF035C017E08", 3, 8, false},           /* case 4 */
        {"802A00800000023132"
         "0100",
         2, 256, true}, /* case 4, extended */
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        CLEANUP(buf_done) struct buf bytes = BUF_INIT;
        struct apdu apdu = parse(forms[i].hex, &bytes);

        assert_int_equal(apdu.data.len, forms[i].data);
        assert_int_equal(apdu.ne, forms[i].ne);
        assert_int_equal(apdu.is_extended, forms[i].is_extended);
    }
}

static void the_header_and_the_data_come_out_as_they_went_in(void **state)
{
    CLEANUP(buf_done) struct buf bytes = BUF_INIT;
    struct apdu apdu = parse("80A2069A02BEEF", &bytes);

    (void)state;
    assert_int_equal(apdu.cla, 0x80);
    assert_int_equal(apdu.ins, 0xa2);
    assert_int_equal(apdu.p1, 0x06);
    assert_int_equal(apdu.p2, 0x9a);
    assert_int_equal(apdu.data.len, 2);
    assert_int_equal(apdu.data.ptr[0], 0xbe);
    assert_int_equal(apdu.data.ptr[1], 0xef);
}

static void what_does_not_fit_a_command_is_not_built(void **state)
{
    uint8_t *data = test_calloc(1, APDU_DATA_MAX + 1);
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct apdu apdu = {.data = {data, APDU_DATA_MAX + 1}};

    (void)state;
    assert_int_equal(apdu_build(&apdu, &out, NULL), -ERR_USAGE);
    apdu.data.len = APDU_DATA_MAX;
    apdu.ne = APDU_NE_MAX + 1;
    assert_int_equal(apdu_build(&apdu, &out, NULL), -ERR_USAGE);
    assert_null(out.ptr);
    apdu.ne = APDU_NE_MAX;
    assert_int_equal(apdu_build(&apdu, &out, NULL), 0);
    assert_int_equal(out.len, APDU_COMMAND_MAX);
    test_free(data);
}

static void building_undoes_parsing(void **state)
{
    static const uint8_t data[300] = {1, 2, 3};
    static const size_t lengths[] = {0, 1, APDU_SHORT_DATA_MAX, APDU_SHORT_DATA_MAX + 1, 300};
    static const size_t nes[] = {0,    1,     APDU_SHORT_NE_MAX, APDU_SHORT_NE_MAX + 1,
                                 1024, 65535, APDU_NE_MAX};

    (void)state;
    for (size_t i = 0; i < 5 * 7 * 2; i++) {
        CLEANUP(buf_done) struct buf out = BUF_INIT;
        struct apdu in = {0x80, 0x2a, 0x01, 0x9a, {data, lengths[i % 5]}, nes[i / 5 % 7], i >= 35};
        bool is_short = i < 35 && in.data.len <= APDU_SHORT_DATA_MAX && in.ne <= APDU_SHORT_NE_MAX;
        struct apdu back;

        assert_int_equal(apdu_build(&in, &out, NULL), 0);
        assert_int_equal(apdu_parse(buf_bytes(&out), &back, NULL), 0);
        assert_int_equal(back.ins, in.ins);
        assert_int_equal(back.p2, in.p2);
        assert_true(bytes_equal(back.data, in.data));
        assert_int_equal(back.ne, in.ne);
        if (in.data.len > 0 || in.ne > 0)
            assert_int_equal(back.is_extended, !is_short);
    }
}

static void an_answer_without_a_status_word_is_refused(void **state)
{
    static const uint8_t answer[] = {0x90, 0x00};
    uint8_t *big = test_calloc(1, APDU_RESPONSE_MAX + 1);
    struct bytes data;
    uint16_t sw;

    (void)state;
    assert_int_equal(apdu_split(bytes_of(answer, 0), &data, &sw, NULL), -ERR_INPUT);
    assert_int_equal(apdu_split(bytes_of(answer, 1), &data, &sw, NULL), -ERR_INPUT);
    assert_int_equal(apdu_split(bytes_of(big, APDU_RESPONSE_MAX + 1), &data, &sw, NULL),
                     -ERR_INPUT);
    assert_int_equal(apdu_split(bytes_of(big, APDU_RESPONSE_MAX), &data, &sw, NULL), 0);
    assert_int_equal(data.len, APDU_NE_MAX);
    test_free(big);
}

static void an_answer_is_data_and_then_the_status_word(void **state)
{
    static const uint8_t answer[] = {0xaa, 0xbb, 0x63, 0xc2};
    struct bytes data;
    uint16_t sw;

    (void)state;
    assert_int_equal(apdu_split(BYTES_ARRAY(answer), &data, &sw, NULL), 0);
    assert_int_equal(sw, 0x63c2);
    assert_int_equal(data.len, 2);
    assert_int_equal(apdu_split(bytes_of(answer + 2, 2), &data, &sw, NULL), 0);
    assert_int_equal(data.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_that_do_not_add_up_are_refused),
        cmocka_unit_test(a_command_longer_than_any_is_refused),
        cmocka_unit_test(each_of_the_seven_forms_is_understood),
        cmocka_unit_test(the_header_and_the_data_come_out_as_they_went_in),
        cmocka_unit_test(what_does_not_fit_a_command_is_not_built),
        cmocka_unit_test(building_undoes_parsing),
        cmocka_unit_test(an_answer_without_a_status_word_is_refused),
        cmocka_unit_test(an_answer_is_data_and_then_the_status_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
