/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/image_text.h"
#include "carddata/png.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct font *font;

static int setup(void **state)
{
    (void)state;
    return font_open(NULL, &font, NULL);
}

static int teardown(void **state)
{
    (void)state;
    font_freep(&font);
    return 0;
}

static void assert_size(const struct buf *png, unsigned width, unsigned height)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

    assert_int_equal(png_parse(buf_bytes(png), &raster, NULL), 0);
    assert_int_equal(raster.width, width);
    assert_int_equal(raster.height, height);
    assert_int_equal(png->ptr[24], 1); /* IHDR: bits a pixel */
    assert_int_equal(png->ptr[25], 0); /* and colour: greyscale */
}

static void digits_have_the_sizes_of_a_real_card(void **state)
{
    CLEANUP(buf_done) struct buf number = BUF_INIT;
    CLEANUP(buf_done) struct buf code = BUF_INIT;

    (void)state;
    assert_int_equal(image_digits(font, bytes_text("123456789018"), &number, NULL), 0);
    assert_size(&number, 72, 12);
    assert_int_equal(image_digits(font, bytes_text("2285"), &code, NULL), 0);
    assert_size(&code, 24, 12);
}

static void every_digit_looks_different(void **state)
{
    struct buf images[10] = {BUF_INIT};

    (void)state;
    for (char i = 0; i < 10; i++) {
        const char digit[] = {(char)('0' + i), 0};

        assert_int_equal(image_digits(font, bytes_text(digit), &images[(int)i], NULL), 0);
        for (int j = 0; j < i; j++)
            assert_false(bytes_equal(buf_bytes(&images[(int)i]), buf_bytes(&images[j])));
    }
    for (int i = 0; i < 10; i++)
        buf_done(&images[i]);
}

static void names_are_one_line_and_long_addresses_many(void **state)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf address = BUF_INIT;

    (void)state;
    assert_int_equal(image_text(font, bytes_text("番号　花子"), &name, NULL), 0);
    assert_size(&name, 5 * IMAGE_TEXT_HEIGHT, IMAGE_TEXT_HEIGHT);
    assert_int_equal(image_text(font, bytes_text("京都府京都市例示区見本通東入ル例示町２９番地"),
                                &address, NULL),
                     0);
    assert_size(&address, IMAGE_TEXT_COLUMNS * IMAGE_TEXT_HEIGHT, 2 * IMAGE_TEXT_HEIGHT);
}

static void nothing_cannot_be_drawn(void **state)
{
    struct buf png = BUF_INIT;

    (void)state;
    assert_int_equal(image_text(font, bytes_text(""), &png, NULL), -ERR_INPUT);
    assert_int_equal(image_digits(font, bytes_text(""), &png, NULL), -ERR_INPUT);
    assert_null(png.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_have_the_sizes_of_a_real_card),
        cmocka_unit_test(every_digit_looks_different),
        cmocka_unit_test(names_are_one_line_and_long_addresses_many),
        cmocka_unit_test(nothing_cannot_be_drawn),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
