/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG 2000 of this room's pictures. Inside this room only. */
#pragma once

#include "carddata/raster.h"

/* A JP2 file in greyscale of at most max bytes, as good as fits; max is at least 1024. */
MUST_CHECK int jp2_write(const struct raster *raster, size_t max, struct buf *ret, struct err *err);
