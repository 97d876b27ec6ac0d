/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/feed_bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void bits_that_end_too_early_are_refused(void **state)
{
    static const uint8_t ones[3] = {0xff, 0xff, 0xff};
    static const uint8_t zeros[8] = {0};
    struct bit_reader reader = {.rest = BYTES_ARRAY(ones)};
    uint32_t serials[2];
    uint32_t number;

    (void)state;
    assert_int_equal(bits_take(&reader, 25, &number, NULL), -ERR_INPUT);
    reader = (struct bit_reader){.rest = {NULL, 0}};
    assert_int_equal(bits_take(&reader, 1, &number, NULL), -ERR_INPUT);
    assert_int_equal(bits_take_gamma(&reader, &number, NULL), -ERR_INPUT);
    /* 64 zeros: no gamma code has so many, and here they do not end at all. */
    reader = (struct bit_reader){.rest = BYTES_ARRAY(zeros)};
    assert_int_equal(bits_take_gamma(&reader, &number, NULL), -ERR_INPUT);
    /* Five ones say 31 low bits; the ones of the first distance do not end. */
    reader = (struct bit_reader){.rest = BYTES_ARRAY(ones)};
    assert_int_equal(bits_take_serials(&reader, 0, UINT32_MAX, serials, 2, NULL), -ERR_INPUT);
}

static void a_gamma_code_of_more_than_32_bits_is_refused(void **state)
{
    static const uint8_t code[9] = {0, 0, 0, 0, 0x80, 0, 0, 0, 0};
    static const uint8_t largest[8] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe};
    struct bit_reader reader = {.rest = BYTES_ARRAY(code)};
    uint32_t number = 0;

    (void)state;
    assert_int_equal(bits_take_gamma(&reader, &number, NULL), -ERR_INPUT);
    reader = (struct bit_reader){.rest = BYTES_ARRAY(largest)};
    assert_int_equal(bits_take_gamma(&reader, &number, NULL), 0);
    assert_int_equal(number, UINT32_MAX);
}

static void serial_numbers_out_of_range_are_refused(void **state)
{
    const uint32_t serials[] = {5, 9, 10};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bit_writer writer = {.out = &out};
    struct bit_reader reader;
    uint32_t read[3];

    (void)state;
    assert_int_equal(bits_put_serials(&writer, 1, serials, 3, NULL), 0);
    assert_int_equal(bits_finish(&writer, NULL), 0);
    reader = (struct bit_reader){.rest = buf_bytes(&out)};
    assert_int_equal(bits_take_serials(&reader, 1, 9, read, 3, NULL), -ERR_INPUT);
    reader = (struct bit_reader){.rest = buf_bytes(&out)};
    assert_int_equal(bits_take_serials(&reader, 1, 10, read, 3, NULL), 0);
    assert_memory_equal(read, serials, sizeof serials);
    reader = (struct bit_reader){.rest = buf_bytes(&out)};
    assert_int_equal(bits_take_serials(&reader, UINT32_MAX - 1, UINT32_MAX, read, 3, NULL),
                     -ERR_INPUT);
}

static void serial_numbers_in_disorder_are_not_written(void **state)
{
    static const uint32_t rows[][2] = {{5, 5}, {5, 4}, {0, 3}};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bit_writer writer = {.out = &out};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(bits_put_serials(&writer, 1, rows[i], 2, NULL), -ERR_USAGE);
    assert_int_equal(bits_put_gamma(&writer, 0, NULL), -ERR_USAGE);
}

static void only_zeros_of_less_than_a_byte_may_be_left(void **state)
{
    static const uint8_t bytes[] = {0x81, 0x00};
    struct bit_reader reader = {.rest = BYTES_ARRAY(bytes)};
    uint32_t number;

    (void)state;
    assert_int_equal(bits_take(&reader, 7, &number, NULL), 0);
    assert_int_equal(bits_left(&reader), 9);
    assert_int_equal(bits_end(&reader, NULL), -ERR_INPUT);
    assert_int_equal(bits_take(&reader, 1, &number, NULL), 0);
    assert_int_equal(bits_end(&reader, NULL), -ERR_INPUT); /* a whole byte of zeros */
    assert_int_equal(bits_take(&reader, 1, &number, NULL), 0);
    assert_int_equal(bits_end(&reader, NULL), 0);
    reader = (struct bit_reader){.rest = bytes_of(bytes, 1)};
    assert_int_equal(bits_take(&reader, 4, &number, NULL), 0);
    assert_int_equal(bits_end(&reader, NULL), -ERR_INPUT); /* a one behind the end */
}

static void what_was_written_is_read_again(void **state)
{
    static const uint32_t numbers[] = {1,   2,     3,          7,          8,
                                       255, 65536, 0x7fffffff, 0x80000000, UINT32_MAX};
    static const uint32_t lists[][4] = {
        {1, 2, 3, 4},
        {1, 65535, 65536, UINT32_MAX},
        {UINT32_MAX - 3, UINT32_MAX - 2, UINT32_MAX - 1, UINT32_MAX},
        {100, 120, 141, 159}};
    enum { NUMBERS = sizeof numbers / sizeof numbers[0], LISTS = sizeof lists / sizeof lists[0] };
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bit_writer writer = {.out = &out};
    struct bit_reader reader;
    uint32_t read[4];

    (void)state;
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(bits_put_gamma(&writer, numbers[i], NULL), 0);
        assert_int_equal(bits_put(&writer, numbers[i], 32, NULL), 0);
    }
    for (size_t i = 0; i < LISTS; i++)
        assert_int_equal(bits_put_serials(&writer, 1, lists[i], 4, NULL), 0);
    assert_int_equal(bits_put_serials(&writer, 1, lists[0], 0, NULL), 0);
    assert_int_equal(bits_finish(&writer, NULL), 0);
    reader = (struct bit_reader){.rest = buf_bytes(&out)};
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(bits_take_gamma(&reader, &read[0], NULL), 0);
        assert_int_equal(read[0], numbers[i]);
        assert_int_equal(bits_take(&reader, 32, &read[0], NULL), 0);
        assert_int_equal(read[0], numbers[i]);
    }
    for (size_t i = 0; i < LISTS; i++) {
        assert_int_equal(bits_take_serials(&reader, 1, UINT32_MAX, read, 4, NULL), 0);
        assert_memory_equal(read, lists[i], sizeof read);
    }
    assert_int_equal(bits_end(&reader, NULL), 0);
}

/* One far number must not become four thousand million ones. */
static void a_single_far_number_takes_few_bits(void **state)
{
    const uint32_t far = UINT32_MAX;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bit_writer writer = {.out = &out};

    (void)state;
    assert_int_equal(bits_put_serials(&writer, 0, &far, 1, NULL), 0);
    assert_int_equal(bits_finish(&writer, NULL), 0);
    assert_true(out.len <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_that_end_too_early_are_refused),
        cmocka_unit_test(a_gamma_code_of_more_than_32_bits_is_refused),
        cmocka_unit_test(serial_numbers_out_of_range_are_refused),
        cmocka_unit_test(serial_numbers_in_disorder_are_not_written),
        cmocka_unit_test(only_zeros_of_less_than_a_byte_may_be_left),
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(a_single_far_number_takes_few_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
