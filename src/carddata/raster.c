/* SPDX-License-Identifier: Apache-2.0 */
#include "carddata/raster.h"

#include <stdlib.h>
#include <string.h>

int raster_new(unsigned width, unsigned height, uint8_t shade, struct raster *ret, struct err *err)
{
    struct raster raster = {width, height, malloc((size_t)width * height)};

    if (raster.pixels == NULL)
        return FAIL_NOMEM(err);
    memset(raster.pixels, shade, (size_t)width * height);
    *ret = raster;
    return 0;
}

void raster_done(struct raster *raster)
{
    if (raster->pixels != NULL)
        wipe(raster->pixels, (size_t)raster->width * raster->height);
    free(raster->pixels);
    raster->pixels = NULL;
}

struct area {
    unsigned x, y, width, height;
};

/* What of a picture goes into one pixel: at least one of its own. */
static struct area share(const struct area *part, unsigned width, unsigned height, unsigned x,
                         unsigned y)
{
    unsigned left = part->x + x * part->width / width;
    unsigned top = part->y + y * part->height / height;
    unsigned right = part->x + (x + 1) * part->width / width;
    unsigned bottom = part->y + (y + 1) * part->height / height;

    return (struct area){left, top, right > left ? right - left : 1,
                         bottom > top ? bottom - top : 1};
}

static uint8_t average(const struct raster *raster, struct area area)
{
    uint64_t sum = 0;

    for (unsigned y = area.y; y < area.y + area.height; y++)
        for (unsigned x = area.x; x < area.x + area.width; x++)
            sum += raster->pixels[(size_t)y * raster->width + x];
    return (uint8_t)(sum / ((uint64_t)area.width * area.height));
}

static struct area middle(const struct raster *from, unsigned width, unsigned height)
{
    unsigned cut_width = (unsigned)((uint64_t)from->height * width / height);
    unsigned cut_height = (unsigned)((uint64_t)from->width * height / width);

    if (cut_width == 0 || cut_width > from->width)
        cut_width = from->width;
    if (cut_height == 0 || cut_height > from->height)
        cut_height = from->height;
    return (struct area){(from->width - cut_width) / 2, (from->height - cut_height) / 2, cut_width,
                         cut_height};
}

int raster_fit(const struct raster *from, unsigned width, unsigned height, struct raster *ret,
               struct err *err)
{
    struct area part = middle(from, width, height);
    struct raster to;

    TRY(raster_new(width, height, RASTER_WHITE, &to, err));
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++)
            to.pixels[(size_t)y * width + x] = average(from, share(&part, width, height, x, y));
    *ret = to;
    return 0;
}
