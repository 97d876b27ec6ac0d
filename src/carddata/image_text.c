/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/image_text.h"

#include "carddata/font_render.h"
#include "carddata/png.h"

static int image(struct font *font, struct bytes text, unsigned height, unsigned max_width,
                 struct buf *ret_png, struct err *err)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

    TRY(font_render(font, text, height, max_width, &raster, err));
    return png_write_bilevel(&raster, ret_png, err);
}

int image_text(struct font *font, struct bytes text, struct buf *ret_png, struct err *err)
{
    return image(font, text, IMAGE_TEXT_HEIGHT, IMAGE_TEXT_COLUMNS * IMAGE_TEXT_HEIGHT, ret_png,
                 err);
}

int image_digits(struct font *font, struct bytes digits, struct buf *ret_png, struct err *err)
{
    return image(font, digits, IMAGE_DIGITS_HEIGHT, (unsigned)digits.len * IMAGE_DIGITS_WIDTH,
                 ret_png, err);
}
