/* SPDX-License-Identifier: Apache-2.0 */
/* PNG of this room's pictures. Inside this room only, but for the tests of what it reads. */
#pragma once

#include "carddata/raster.h"

/* Greyscale of one bit a pixel: 128 and above is white. */
MUST_CHECK int png_write_bilevel(const struct raster *raster, struct buf *ret, struct err *err);
/*
 * Any PNG in grey, on white where it is transparent. ERR_INPUT if it is none, or larger than
 * limits.h says.
 */
MUST_CHECK int png_parse(struct bytes png, struct raster *ret, struct err *err);
