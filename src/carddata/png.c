/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libpng's short interface reads, but writes no pictures of one bit; its long one does, and leaves
 * by longjmp when it fails. That jump is caught in the one function that it can leave, which holds
 * nothing.
 */
#include "carddata/png.h"

#include "carddata/limits.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

enum { BITS_PER_BYTE = 8, LIGHT = 128 };

struct writer {
    png_structp png;
    png_infop info;
    struct buf *out;
    struct err failure; /* why out could not take more */
};

static void writer_done(struct writer *writer)
{
    png_destroy_write_struct(&writer->png, &writer->info);
}

/* libpng prints on stderr unless it is given these. */
static void on_error(png_structp png, png_const_charp message)
{
    (void)message;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void on_bytes(png_structp png, png_bytep data, png_size_t len)
{
    struct writer *writer = png_get_io_ptr(png);

    if (buf_append(writer->out, bytes_of(data, len), &writer->failure) < 0)
        png_longjmp(png, 1);
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void pack(const uint8_t *pixels, unsigned width, uint8_t *row)
{
    for (unsigned x = 0; x < width; x++) {
        uint8_t bit = (uint8_t)(0x80 >> x % BITS_PER_BYTE);

        if (pixels[x] >= LIGHT)
            row[x / BITS_PER_BYTE] |= bit;
        else
            row[x / BITS_PER_BYTE] &= (uint8_t)~bit;
    }
}

/* row has room for one line. False if libpng has left. */
static bool write_all(const struct writer *writer, const struct raster *raster, uint8_t *row)
{
    if (setjmp(png_jmpbuf(writer->png)) != 0)
        return false;
    png_set_IHDR(writer->png, writer->info, raster->width, raster->height, 1, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer->png, writer->info);
    for (unsigned y = 0; y < raster->height; y++) {
        pack(raster->pixels + (size_t)y * raster->width, raster->width, row);
        png_write_row(writer->png, row);
    }
    png_write_end(writer->png, NULL);
    return true;
}

int png_write_bilevel(const struct raster *raster, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    CLEANUP(buf_done) struct buf row = BUF_INIT;
    CLEANUP(writer_done) struct writer writer = {.out = &out};

    TRY(buf_reserve(&row, raster->width / BITS_PER_BYTE + 1, err));
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    if (writer.png != NULL)
        writer.info = png_create_info_struct(writer.png);
    if (writer.info == NULL)
        return FAIL_NOMEM(err);
    png_set_write_fn(writer.png, &writer, on_bytes, on_flush);
    if (!write_all(&writer, raster, row.ptr))
        return writer.failure.kind != ERR_NONE ? err_copy(err, &writer.failure) : FAIL_NOMEM(err);
    buf_move(ret, &out);
    return 0;
}

static void image_done(png_image *image)
{
    png_image_free(image);
}

int png_parse(struct bytes png, struct raster *ret, struct err *err)
{
    CLEANUP(image_done) png_image image = {.version = PNG_IMAGE_VERSION};
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
    png_color white = {RASTER_WHITE, RASTER_WHITE, RASTER_WHITE};

    if (png.len == 0 || png.len > CARDDATA_PNG_MAX)
        return FAIL(err, ERR_INPUT, "a photo of %zu bytes, not 1 to %d", png.len, CARDDATA_PNG_MAX);
    if (png_image_begin_read_from_memory(&image, png.ptr, png.len) == 0)
        return FAIL(err, ERR_INPUT, "not a picture in PNG");
    if (image.width > CARDDATA_PIXELS_MAX || image.height > CARDDATA_PIXELS_MAX)
        return FAIL(err, ERR_INPUT, "a picture of %ux%u pixels; %d are accepted", image.width,
                    image.height, CARDDATA_PIXELS_MAX);
    image.format = PNG_FORMAT_GRAY;
    TRY(raster_new(image.width, image.height, RASTER_WHITE, &raster, err));
    if (png_image_finish_read(&image, &white, raster.pixels, 0, NULL) == 0)
        return FAIL(err, ERR_INPUT, "a picture in PNG that is damaged");
    *ret = raster;
    raster.pixels = NULL;
    return 0;
}
