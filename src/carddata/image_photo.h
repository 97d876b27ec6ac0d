/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The photo of a card: JPEG 2000 in a JP2 file, greyscale, IMAGE_PHOTO_WIDTH by
 * IMAGE_PHOTO_HEIGHT pixels, at most CARDDATA_PHOTO_MAX bytes.
 */
#pragma once

#include "carddata/font.h"

enum { IMAGE_PHOTO_WIDTH = 240, IMAGE_PHOTO_HEIGHT = 308 };

/*
 * A drawn face that belongs to nobody and says so: 見本 stands across it. The same seed gives the
 * same face, on every machine.
 */
MUST_CHECK int image_photo_draw(struct font *font, struct bytes seed, struct buf *ret_jp2,
                                struct err *err);
/*
 * A photo in PNG that somebody brings, cut to the card's proportions from the middle, scaled and
 * in grey. ERR_INPUT if it is no PNG, or more than CARDDATA_PNG_MAX bytes or CARDDATA_PIXELS_MAX
 * pixels wide or high.
 */
MUST_CHECK int image_photo_from_png(struct bytes png, struct buf *ret_jp2, struct err *err);
