/* SPDX-License-Identifier: Apache-2.0 */
/* The photo that somebody brings for a card. */
#include "carddata/limits.h"
#include "carddata/png.h"
#include "fuzz.h"

FUZZ_TARGET(data, size)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
    CLEANUP(raster_done) struct raster small = {0, 0, NULL};
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    if (png_parse(bytes_of(data, size), &raster, NULL) < 0)
        return 0;
    FUZZ_CHECK(raster.width >= 1 && raster.width <= CARDDATA_PIXELS_MAX);
    FUZZ_CHECK(raster.height >= 1 && raster.height <= CARDDATA_PIXELS_MAX);
    FUZZ_CHECK(raster_fit(&raster, 24, 31, &small, NULL) == 0);
    FUZZ_CHECK(png_write_bilevel(&small, &again, NULL) == 0 && again.len > 0);
    return 0;
}
