/* SPDX-License-Identifier: Apache-2.0 */
/* Text in a font as a picture. Inside this room only. */
#pragma once

#include "carddata/font.h"
#include "carddata/raster.h"

/*
 * UTF-8 text in black on white without greys, in lines of height pixels of which none is wider
 * than max_width. ERR_INPUT if it is empty or malformed.
 */
MUST_CHECK int font_render(struct font *font, struct bytes text, unsigned height,
                           unsigned max_width, struct raster *ret, struct err *err);
