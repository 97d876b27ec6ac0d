/* SPDX-License-Identifier: Apache-2.0 */
/* A picture in grey, eight bits a pixel, row by row. Inside this room only. */
#pragma once

#include "base/bytes.h"

struct raster {
    unsigned width, height;
    uint8_t *pixels; /* width * height; 0 black, 255 white */
};

enum { RASTER_WHITE = 255 };

/* All pixels in one shade. Both sides are at least 1 and at most CARDDATA_PIXELS_MAX. */
MUST_CHECK int raster_new(unsigned width, unsigned height, uint8_t shade, struct raster *ret,
                          struct err *err);
void raster_done(struct raster *raster);
/*
 * The largest part in the middle that has the proportions of width by height, in that size: each
 * pixel is the average of those it stands for.
 */
MUST_CHECK int raster_fit(const struct raster *from, unsigned width, unsigned height,
                          struct raster *ret, struct err *err);
