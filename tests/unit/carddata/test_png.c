/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/limits.h"
#include "carddata/png.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_png(unsigned width, unsigned height, struct buf *ret)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

    assert_int_equal(raster_new(width, height, RASTER_WHITE, &raster, NULL), 0);
    raster.pixels[0] = 0;
    raster.pixels[(size_t)width * height - 1] = 0;
    assert_int_equal(png_write_bilevel(&raster, ret, NULL), 0);
}

static void what_is_no_png_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf png = BUF_INIT;
    struct raster raster = {0, 0, NULL};

    (void)state;
    assert_int_equal(png_parse(bytes_text("no picture"), &raster, NULL), -ERR_INPUT);
    assert_int_equal(png_parse(bytes_of(NULL, 0), &raster, NULL), -ERR_INPUT);
    write_png(9, 3, &png);
    for (size_t len = 0; len + 12 < png.len; len++) /* all but the end marker, which says nothing */
        assert_int_equal(png_parse(bytes_of(png.ptr, len), &raster, NULL), -ERR_INPUT);
    png.ptr[png.len - 16] ^= 1; /* the check sum of the pixels */
    assert_int_equal(png_parse(buf_bytes(&png), &raster, NULL), -ERR_INPUT);
    assert_null(raster.pixels);
}

static void widths_that_are_no_multiple_of_eight_come_back(void **state)
{
    (void)state;
    for (unsigned width = 1; width < 20; width++) {
        CLEANUP(buf_done) struct buf png = BUF_INIT;
        CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

        write_png(width, 3, &png);
        assert_int_equal(png_parse(buf_bytes(&png), &raster, NULL), 0);
        assert_int_equal(raster.width, width);
        assert_int_equal(raster.height, 3);
        assert_int_equal(raster.pixels[0], 0);
        assert_int_equal(raster.pixels[(size_t)width * 3 - 1], 0);
    }
}

static void a_picture_may_be_so_wide_and_high(void **state)
{
    static const unsigned sizes[][2] = {{CARDDATA_PIXELS_MAX + 1, 1}, {1, CARDDATA_PIXELS_MAX + 1}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf png = BUF_INIT;
        CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

        write_png(sizes[i][0], sizes[i][1], &png);
        assert_int_equal(png_parse(buf_bytes(&png), &raster, NULL), -ERR_INPUT);
        assert_null(raster.pixels);
        buf_clear(&png);
        buf_done(&png);
        write_png(sizes[i][0] > 1 ? CARDDATA_PIXELS_MAX : 1,
                  sizes[i][1] > 1 ? CARDDATA_PIXELS_MAX : 1, &png);
        assert_int_equal(png_parse(buf_bytes(&png), &raster, NULL), 0);
    }
}

/* What comes behind a picture is not looked at, but counts. */
static void a_png_may_be_so_large(void **state)
{
    CLEANUP(buf_done) struct buf png = BUF_INIT;
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
    uint8_t *large = calloc(1, CARDDATA_PNG_MAX + 1);

    (void)state;
    assert_non_null(large);
    write_png(9, 3, &png);
    memcpy(large, png.ptr, png.len);
    assert_int_equal(png_parse(bytes_of(large, CARDDATA_PNG_MAX + 1), &raster, NULL), -ERR_INPUT);
    assert_int_equal(png_parse(bytes_of(large, CARDDATA_PNG_MAX), &raster, NULL), 0);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_png_is_refused),
        cmocka_unit_test(widths_that_are_no_multiple_of_eight_come_back),
        cmocka_unit_test(a_picture_may_be_so_wide_and_high),
        cmocka_unit_test(a_png_may_be_so_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
