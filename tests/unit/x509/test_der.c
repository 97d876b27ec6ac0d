/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The element is refused and the input stays where it was. */
static void assert_refused(struct bytes input)
{
    struct bytes rest = input;
    struct der element = {.tag = 0xee};

    assert_int_equal(der_next(&rest, &element, NULL), -ERR_INPUT);
    assert_int_equal(element.tag, 0xee);
    assert_ptr_equal(rest.ptr, input.ptr);
    assert_int_equal(rest.len, input.len);
}

static void other_lengths_than_the_shortest_are_refused(void **state)
{
    (void)state;
    assert_refused(BYTES_LITERAL("\x04\x80\x00\x00"));              /* X.690, 10.1: indefinite */
    assert_refused(BYTES_LITERAL("\x04\x81\x01x"));                 /* fits into the short form */
    assert_refused(BYTES_LITERAL("\x04\x82\x00\x01x"));             /* a leading zero */
    assert_refused(BYTES_LITERAL("\x04\x85\x00\x00\x00\x00\x01x")); /* five octets */
    assert_refused(BYTES_LITERAL("\x04\xff"));                      /* reserved */
}

/* Other spellings of what DER has one of; what is no spelling of anything has no such name. */
static void what_ber_alone_has_is_named(void **state)
{
    static const struct {
        struct bytes input;
        bool is_ber;
    } rows[] = {
        {BYTES_LITERAL("\x04\x80\x00\x00"), true},
        {BYTES_LITERAL("\x04\x81\x01x"), true},
        {BYTES_LITERAL("\x04\x82\x00\x01x"), true},
        {BYTES_LITERAL("\x24\x03\x04\x01x"), true}, /* in pieces, of which there is one */
        {BYTES_LITERAL("\x04\x02x"), false},
        {BYTES_LITERAL("\x30\x03\x04\x01x"), false},
        {BYTES_LITERAL(""), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes rest = rows[i].input;
        struct err err = {0};
        struct der element;

        assert_int_equal(der_take(&rest, DER_OCTET_STRING, "x", &element, &err), -ERR_INPUT);
        assert_int_equal(err.detail == DER_IS_BER, rows[i].is_ber);
    }
}

static void elements_that_are_cut_off_are_refused(void **state)
{
    (void)state;
    assert_refused(BYTES_LITERAL("\x04"));
    assert_refused(BYTES_LITERAL("\x04\x01"));
    assert_refused(BYTES_LITERAL("\x04\x81"));
    assert_refused(BYTES_LITERAL("\x04\x84\xff\xff\xff\xff"));
}

static void tags_of_several_bytes_are_refused(void **state)
{
    (void)state;
    assert_refused(BYTES_LITERAL("\x1f\x1f\x00"));
    assert_refused(BYTES_LITERAL("\xbf\x81\x01\x00"));
}

static void nothing_left_is_absent(void **state)
{
    struct bytes rest = {NULL, 0};
    struct der element;

    (void)state;
    assert_int_equal(der_next(&rest, &element, NULL), -ERR_ABSENT);
    assert_int_equal(der_take(&rest, DER_OID, "x", &element, NULL), -ERR_INPUT);
}

static void another_tag_and_trailing_bytes_are_refused_by_name(void **state)
{
    struct bytes rest = BYTES_LITERAL("\x05\x00");
    struct der element;
    struct err err = {0};

    (void)state;
    assert_int_equal(der_take(&rest, DER_OID, "extnID", &element, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "extnID"));
    assert_int_equal(der_only(BYTES_LITERAL("\x05\x00\x00"), DER_NULL, "NULL", &element, &err),
                     -ERR_INPUT);
    assert_non_null(strstr(err.text, "1 bytes too many"));
}

/* X.690, 8.3.2 */
static void integers_that_are_negative_zero_or_padded_are_refused(void **state)
{
    static const struct bytes bad[] = {
        {(const uint8_t *)"\x02\x00", 2},         {(const uint8_t *)"\x02\x01\x00", 3},
        {(const uint8_t *)"\x02\x01\x80", 3},     {(const uint8_t *)"\x02\x02\xff\x80", 4},
        {(const uint8_t *)"\x02\x02\x00\x7f", 4}, {(const uint8_t *)"\x02\x02\x00\x00", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes rest = bad[i];
        struct bytes octets;

        assert_int_equal(der_take_positive(&rest, DER_INTEGER, "x", &octets, NULL), -ERR_INPUT);
        assert_int_equal(rest.len, bad[i].len);
    }
}

static void small_integers_end_at_127(void **state)
{
    struct bytes good = BYTES_LITERAL("\x02\x01\x7f");
    struct bytes bad = BYTES_LITERAL("\x02\x02\x00\x80");
    unsigned number = 0;

    (void)state;
    assert_int_equal(der_take_small(&bad, "x", &number, NULL), -ERR_INPUT);
    assert_int_equal(der_take_small(&good, "x", &number, NULL), 0);
    assert_int_equal(number, 127);
}

/* X.690, 11.1 and 11.5 */
static void booleans_other_than_ff_are_refused(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0xfe};

    (void)state;
    for (size_t i = 0; i < sizeof values; i++) {
        uint8_t der[] = {DER_BOOLEAN, 1, values[i]};
        struct bytes rest = BYTES_ARRAY(der);

        assert_int_equal(der_take_true(&rest, "x", NULL), -ERR_INPUT);
    }
}

/* X.690, 11.2.1 and 11.2.2 */
static void named_bits_with_trailing_zeros_are_refused(void **state)
{
    static const struct bytes bad[] = {
        {(const uint8_t *)"\x03\x01\x00", 3},             /* no bits at all */
        {(const uint8_t *)"\x03\x02\x00\x06", 4},         /* the last bit is zero */
        {(const uint8_t *)"\x03\x02\x01\x07", 4},         /* an unused bit is set */
        {(const uint8_t *)"\x03\x02\x08\x80", 4},         /* eight unused bits */
        {(const uint8_t *)"\x03\x03\x00\x80\x00", 5},     /* a zero byte at the end */
        {(const uint8_t *)"\x03\x04\x00\x01\x01\x01", 6}, /* 24 bits */
    };
    unsigned mask;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes rest = bad[i];

        assert_int_equal(der_take_named_bits(&rest, "x", &mask, NULL), -ERR_INPUT);
    }
}

static void strings_of_broken_bytes_are_refused(void **state)
{
    struct bytes bad = BYTES_LITERAL("\x03\x02\x01\x80");
    struct bytes none = BYTES_LITERAL("\x03\x00");
    struct bytes value;

    (void)state;
    assert_int_equal(der_take_bits(&bad, "x", &value, NULL), -ERR_INPUT);
    assert_int_equal(der_take_bits(&none, "x", &value, NULL), -ERR_INPUT);
}

/* RFC 5280, 4.1.2.5 */
static void times_in_other_spellings_are_refused(void **state)
{
    static const char *const bad[][2] = {
        {"\x17", "2611230900Z"},     {"\x17", "261123090000"},      {"\x17", "261123090000+0900"},
        {"\x17", "261323090000Z"},   {"\x17", "260229090000Z"},     {"\x17", "261123240000Z"},
        {"\x17", "261123096000Z"},   {"\x17", "261123090060Z"},     {"\x17", "2611230900 0Z"},
        {"\x17", "20261123090000Z"}, {"\x18", "20500101000000.5Z"}, {"\x18", "20491231235959Z"},
        {"\x18", "500101000000Z"},   {"\x18", "2050010100000Z"},    {"\x18", "205x0101000000Z"},
        {"\x16", "261123090000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct bytes rest;
        int64_t time;

        assert_int_equal(der_put(&der, (uint8_t)bad[i][0][0], bytes_text(bad[i][1]), NULL), 0);
        rest = buf_bytes(&der);
        assert_int_equal(der_take_time(&rest, "x", &time, NULL), -ERR_INPUT);
    }
}

static void times_that_certificates_cannot_hold_are_refused(void **state)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_int_equal(der_put_time(&der, -631152001, NULL), -ERR_USAGE);   /* 1949-12-31T23:59:59Z */
    assert_int_equal(der_put_time(&der, 253402300800, NULL), -ERR_USAGE); /* the year 10000 */
    assert_int_equal(der.len, 0);
}

static void times_come_back_and_change_type_at_2050(void **state)
{
    static const struct {
        int64_t utc;
        const char *der;
    } rows[] = {
        {-631152000, "\x17\x0d"
                     "500101000000Z"},
        {0, "\x17\x0d"
            "700101000000Z"},
        {2524607999, "\x17\x0d"
                     "491231235959Z"},
        {2524608000, "\x18\x0f"
                     "20500101000000Z"},
        {253402300799, "\x18\x0f"
                       "99991231235959Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct bytes rest;
        int64_t back = 1;

        assert_int_equal(der_put_time(&der, rows[i].utc, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&der), bytes_text(rows[i].der)));
        rest = buf_bytes(&der);
        assert_int_equal(der_take_time(&rest, "x", &back, NULL), 0);
        assert_int_equal(back, rows[i].utc);
    }
}

static void assert_uint(uint64_t number, struct bytes expected)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    assert_int_equal(der_put_uint(&der, number, NULL), 0);
    assert_true(bytes_equal(buf_bytes(&der), expected));
}

static void numbers_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    assert_uint(0, BYTES_LITERAL("\x02\x01\x00"));
    assert_uint(0x7f, BYTES_LITERAL("\x02\x01\x7f"));
    assert_uint(0x80, BYTES_LITERAL("\x02\x02\x00\x80"));
    assert_uint(0x8000, BYTES_LITERAL("\x02\x03\x00\x80\x00"));
    assert_uint(UINT64_MAX, BYTES_LITERAL("\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff"));
}

static void every_mask_of_named_bits_comes_back(void **state)
{
    (void)state;
    for (unsigned mask = 1; mask <= UINT16_MAX; mask++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        struct bytes rest;
        unsigned back = 0;

        assert_int_equal(der_put_named_bits(&der, mask, NULL), 0);
        rest = buf_bytes(&der);
        assert_int_equal(der_take_named_bits(&rest, "x", &back, NULL), 0);
        assert_int_equal(back, mask);
    }
}

static void lengths_of_every_form_come_back(void **state)
{
    static const uint8_t zeros[70000];
    static const size_t lengths[] = {0, 127, 128, 255, 256, 65535, 65536, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        CLEANUP(buf_done) struct buf der = BUF_INIT;
        CLEANUP(buf_done) struct buf nested = BUF_INIT;
        struct bytes rest;
        struct der element;
        size_t mark;

        assert_int_equal(der_put(&der, DER_OCTET_STRING, bytes_of(zeros, lengths[i]), NULL), 0);
        rest = buf_bytes(&der);
        assert_int_equal(der_next(&rest, &element, NULL), 0);
        assert_int_equal(element.value.len, lengths[i]);
        assert_int_equal(element.whole.len, der.len);
        assert_int_equal(rest.len, 0);
        assert_int_equal(der_begin(&nested, DER_OCTET_STRING, &mark, NULL), 0);
        assert_int_equal(buf_append(&nested, bytes_of(zeros, lengths[i]), NULL), 0);
        assert_int_equal(der_finish(&nested, mark, NULL), 0);
        assert_true(bytes_equal(buf_bytes(&nested), buf_bytes(&der)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_lengths_than_the_shortest_are_refused),
        cmocka_unit_test(what_ber_alone_has_is_named),
        cmocka_unit_test(elements_that_are_cut_off_are_refused),
        cmocka_unit_test(tags_of_several_bytes_are_refused),
        cmocka_unit_test(nothing_left_is_absent),
        cmocka_unit_test(another_tag_and_trailing_bytes_are_refused_by_name),
        cmocka_unit_test(integers_that_are_negative_zero_or_padded_are_refused),
        cmocka_unit_test(small_integers_end_at_127),
        cmocka_unit_test(booleans_other_than_ff_are_refused),
        cmocka_unit_test(named_bits_with_trailing_zeros_are_refused),
        cmocka_unit_test(strings_of_broken_bytes_are_refused),
        cmocka_unit_test(times_in_other_spellings_are_refused),
        cmocka_unit_test(times_that_certificates_cannot_hold_are_refused),
        cmocka_unit_test(times_come_back_and_change_type_at_2050),
        cmocka_unit_test(numbers_are_written_in_their_shortest_form),
        cmocka_unit_test(every_mask_of_named_bits_comes_back),
        cmocka_unit_test(lengths_of_every_form_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
