/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures before opj_decompress: tests/system/test_carddata.py. */
#include "carddata/image_photo.h"
#include "carddata/limits.h"
#include "carddata/png.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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

/* ISO 15444-1, I.5.1: what every JP2 file begins with */
static void assert_jp2(const struct buf *photo)
{
    assert_true(
        bytes_start_with(buf_bytes(photo), BYTES_LITERAL("\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14"
                                                         "ftypjp2 ")));
    assert_in_range(photo->len, 500, CARDDATA_PHOTO_MAX);
}

static void what_is_no_png_is_no_photo(void **state)
{
    struct buf photo = BUF_INIT;

    (void)state;
    assert_int_equal(image_photo_from_png(bytes_text("no picture"), &photo, NULL), -ERR_INPUT);
    assert_null(photo.ptr);
}

static void a_seed_has_one_face_and_another_has_another(void **state)
{
    CLEANUP(buf_done) struct buf first = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    CLEANUP(buf_done) struct buf other = BUF_INIT;

    (void)state;
    assert_int_equal(image_photo_draw(font, bytes_text("hanako"), &first, NULL), 0);
    assert_int_equal(image_photo_draw(font, bytes_text("hanako"), &again, NULL), 0);
    assert_int_equal(image_photo_draw(font, bytes_text("john"), &other, NULL), 0);
    assert_jp2(&first);
    assert_jp2(&other);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&again)));
    assert_false(bytes_equal(buf_bytes(&first), buf_bytes(&other)));
}

/* Noise does not compress: the limit holds all the same. */
static void every_photo_is_small_enough(void **state)
{
    static const unsigned sizes[][2] = {{1, 1}, {7, 900}, {900, 7}, {480, 616}, {1000, 1000}};
    uint32_t noise = 1;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
        CLEANUP(buf_done) struct buf png = BUF_INIT;
        CLEANUP(buf_done) struct buf photo = BUF_INIT;

        assert_int_equal(raster_new(sizes[i][0], sizes[i][1], 0, &raster, NULL), 0);
        for (size_t j = 0; j < (size_t)raster.width * raster.height; j++) {
            noise = noise * 1664525 + 1013904223;
            raster.pixels[j] = (uint8_t)(noise >> 24);
        }
        assert_int_equal(png_write_bilevel(&raster, &png, NULL), 0);
        assert_int_equal(image_photo_from_png(buf_bytes(&png), &photo, NULL), 0);
        assert_true(photo.len <= CARDDATA_PHOTO_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_png_is_no_photo),
        cmocka_unit_test(a_seed_has_one_face_and_another_has_another),
        cmocka_unit_test(every_photo_is_small_enough),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
