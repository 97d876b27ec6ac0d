/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A face is a list of ellipses, painted one over the other from back to front at twice the size
 * and then halved, which smooths the edges. All in whole numbers: machines agree about them.
 */
#include "carddata/image_photo.h"

#include "carddata/font_render.h"
#include "carddata/jp2.h"
#include "carddata/limits.h"
#include "carddata/png.h"
#include "crypto/digest.h"

enum {
    SCALE = 2,
    WIDTH = SCALE * IMAGE_PHOTO_WIDTH,
    HEIGHT = SCALE * IMAGE_PHOTO_HEIGHT,
    MIDDLE = WIDTH / 2,
    EYES = 270, /* how far down the eyes are */
    CHIN = 400,
    MARK_HEIGHT = 150,
    MARK_TOP = HEIGHT - MARK_HEIGHT - 20,
};

/* An ellipse, of which only the rows from top to before bottom are painted. */
struct shape {
    int x, y, rx, ry;
    int top, bottom;
    int shade;
};

/* What differs from face to face, from the bytes of a hash. */
struct features {
    int skin, hair, clothes, background;
    int face_width, hairline, hair_length;
    int eye_distance, eye_size, brow_height, mouth_width, smile, nose;
    int glasses; /* shade of the rims; the skin's if there are none */
};

static int between(uint8_t byte, int low, int high)
{
    return low + (high - low) * byte / 255;
}

static int choose(struct bytes seed, struct features *ret, struct err *err)
{
    struct digest hash;
    const uint8_t *b = hash.value;

    TRY(digest_compute(DIGEST_SHA256, seed, &hash, err));
    ret->skin = between(b[0], 178, 222);
    ret->hair = between(b[1], 18, 110);
    ret->clothes = between(b[2], 40, 150);
    ret->background = between(b[3], 228, 248);
    ret->face_width = between(b[4], 98, 124);
    ret->hairline = between(b[5], 178, 222);
    ret->hair_length = between(b[6], 250, 460);
    ret->eye_distance = between(b[7], 40, 54);
    ret->eye_size = between(b[8], 8, 14);
    ret->brow_height = between(b[9], 26, 38);
    ret->mouth_width = between(b[10], 26, 44);
    ret->smile = between(b[11], 4, 16);
    ret->nose = between(b[12], 8, 16);
    ret->glasses = b[13] % 4 == 0 ? between(b[14], 30, 90) : ret->skin;
    return 0;
}

static void paint(const struct raster *raster, const struct shape *shape)
{
    int64_t rx2 = (int64_t)shape->rx * shape->rx;
    int64_t ry2 = (int64_t)shape->ry * shape->ry;
    int top = shape->top > 0 ? shape->top : 0;
    int bottom = shape->bottom < HEIGHT ? shape->bottom : HEIGHT;

    for (int y = top; y < bottom; y++)
        for (int x = 0; x < WIDTH; x++) {
            int64_t dx = x - shape->x;
            int64_t dy = y - shape->y;

            if (dx * dx * ry2 + dy * dy * rx2 <= rx2 * ry2)
                raster->pixels[y * WIDTH + x] = (uint8_t)shape->shade;
        }
}

static void paint_all(const struct raster *raster, const struct shape *shapes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        paint(raster, &shapes[i]);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void paint_bust(const struct raster *raster, const struct features *f)
{
    const struct shape shapes[] = {
        /* hair behind, shoulders, neck and its shadow, collar */
        {MIDDLE, 250, f->face_width + 26, 165, 0, f->hair_length, f->hair},
        {MIDDLE, HEIGHT + 20, 222, 168, 0, HEIGHT, f->clothes},
        {MIDDLE, 440, 74, 60, 0, HEIGHT, f->clothes + 60},
        {MIDDLE, 420, 46, 70, 0, HEIGHT, f->skin - 22},
        /* ears, head, hair above */
        {MIDDLE - f->face_width, EYES + 12, 16, 28, 0, HEIGHT, f->skin - 14},
        {MIDDLE + f->face_width, EYES + 12, 16, 28, 0, HEIGHT, f->skin - 14},
        {MIDDLE, 262, f->face_width, CHIN - 262, 0, HEIGHT, f->skin},
        {MIDDLE, 250, f->face_width + 8, 158, 0, f->hairline, f->hair},
        {MIDDLE - 30, f->hairline - 6, f->face_width - 34, 22, 0, HEIGHT, f->hair},
    };

    paint_all(raster, shapes, COUNT(shapes));
}

static void paint_eye(const struct raster *raster, const struct features *f, int x)
{
    const struct shape shapes[] = {
        /* rim of the glasses and what is seen through it, brow, white, iris, light in it, lid */
        {x, EYES, 38, 30, 0, HEIGHT, f->glasses},
        {x, EYES, 34, 26, 0, HEIGHT, f->skin},
        {x, EYES - f->brow_height, 30, 6, 0, HEIGHT, f->hair},
        {x, EYES, f->eye_size + 14, f->eye_size, 0, HEIGHT, 250},
        {x, EYES, f->eye_size, f->eye_size, 0, HEIGHT, 35},
        {x + 3, EYES - 3, 3, 3, 0, HEIGHT, 240},
        {x, EYES - f->eye_size, f->eye_size + 15, 4, 0, HEIGHT, f->hair / 2},
    };

    paint_all(raster, shapes, COUNT(shapes));
}

static void paint_features(const struct raster *raster, const struct features *f)
{
    const struct shape shapes[] = {
        /* bridge of the glasses; nose; mouth, whose lower rim is a smile */
        {MIDDLE, EYES - 4, 14, 3, 0, HEIGHT, f->glasses},
        {MIDDLE, 318, f->nose, 9, 318, HEIGHT, f->skin - 40},
        {MIDDLE, 352, f->mouth_width, f->smile + 5, 352, HEIGHT, f->skin - 100},
        {MIDDLE, 350, f->mouth_width - 2, f->smile, 350, HEIGHT, f->skin},
    };

    paint_eye(raster, f, MIDDLE - f->eye_distance);
    paint_eye(raster, f, MIDDLE + f->eye_distance);
    paint_all(raster, shapes, COUNT(shapes));
}

/* Dark letters with a light rim below the chin: nobody takes this for somebody's photo. */
static int paint_mark(struct font *font, const struct raster *raster, struct err *err)
{
    CLEANUP(raster_done) struct raster mark = {0, 0, NULL};

    TRY(font_render(font, BYTES_LITERAL("見本"), MARK_HEIGHT, WIDTH, &mark, err));
    for (unsigned y = 0; y < mark.height; y++)
        for (unsigned x = 0; x < mark.width; x++) {
            size_t at = (MARK_TOP + y) * WIDTH + (WIDTH - mark.width) / 2 + x;

            if (mark.pixels[y * mark.width + x] != 0)
                continue;
            raster->pixels[at] = 20;
            if (raster->pixels[at + 3 * WIDTH + 3] > 20)
                raster->pixels[at + 3 * WIDTH + 3] = 250;
        }
    return 0;
}

static int encode(const struct raster *large, struct buf *ret_jp2, struct err *err)
{
    CLEANUP(raster_done) struct raster photo = {0, 0, NULL};

    TRY(raster_fit(large, IMAGE_PHOTO_WIDTH, IMAGE_PHOTO_HEIGHT, &photo, err));
    return jp2_write(&photo, CARDDATA_PHOTO_MAX, ret_jp2, err);
}

int image_photo_draw(struct font *font, struct bytes seed, struct buf *ret_jp2, struct err *err)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
    struct features features;

    TRY(choose(seed, &features, err));
    TRY(raster_new(WIDTH, HEIGHT, (uint8_t)features.background, &raster, err));
    paint_bust(&raster, &features);
    paint_features(&raster, &features);
    TRY(paint_mark(font, &raster, err));
    return encode(&raster, ret_jp2, err);
}

int image_photo_from_png(struct bytes png, struct buf *ret_jp2, struct err *err)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};

    TRY(png_parse(png, &raster, err));
    return encode(&raster, ret_jp2, err);
}
