/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FreeType draws from memory. A face has one glyph at a time, so that threads take turns.
 */
#include "carddata/font.h"

#include "base/file.h"
#include "base/utf8.h"
#include "carddata/font_render.h"
#include "carddata/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include <ft2build.h>
#include FT_FREETYPE_H

enum { GETA_MARK = 0x3013, UNITS_PER_PIXEL = 64, BITS_PER_BYTE = 8 };

struct font {
    pthread_mutex_t lock;
    struct buf file; /* FreeType reads from it as long as the face lives */
    FT_Library library;
    FT_Face face;
};

void font_free(struct font *font)
{
    if (font == NULL)
        return;
    if (font->face != NULL)
        (void)FT_Done_Face(font->face);
    if (font->library != NULL)
        (void)FT_Done_FreeType(font->library);
    buf_done(&font->file);
    (void)pthread_mutex_destroy(&font->lock);
    free(font);
}

void font_freep(struct font **font)
{
    font_free(*font);
    *font = NULL;
}

static int read_file(const char *path, struct buf *ret, struct err *err)
{
    struct err failure = {.kind = ERR_NONE};

    if (file_read(path, CARDDATA_FONT_MAX, ret, &failure) == 0)
        return 0;
    if (failure.kind == ERR_ABSENT)
        return FAIL(err, ERR_ABSENT,
                    "there is no font %s to draw the card's texts with (Debian: "
                    "fonts-vlgothic)",
                    path);
    return err_copy(err, &failure);
}

int font_open(const char *path, struct font **ret, struct err *err)
{
    CLEANUP(font_freep) struct font *font = calloc(1, sizeof *font);

    if (font == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&font->lock, NULL); /* with these attributes it cannot fail */
    if (path == NULL)
        path = FONT_PATH;
    TRY(read_file(path, &font->file, err));
    if (FT_Init_FreeType(&font->library) != 0)
        return FAIL_NOMEM(err);
    if (FT_New_Memory_Face(font->library, font->file.ptr, (FT_Long)font->file.len, 0,
                           &font->face) != 0 ||
        !FT_IS_SCALABLE(font->face))
        return FAIL(err, ERR_INPUT, "%s is no font that can be drawn with", path);
    *ret = font;
    font = NULL;
    return 0;
}

static int load_glyph(const struct font *font, uint32_t character, FT_GlyphSlot *ret,
                      struct err *err)
{
    FT_UInt index = FT_Get_Char_Index(font->face, character);

    if (index == 0)
        index = FT_Get_Char_Index(font->face, GETA_MARK);
    if (FT_Load_Glyph(font->face, index, FT_LOAD_RENDER | FT_LOAD_TARGET_MONO) != 0)
        return FAIL(err, ERR_SYSTEM, "the font cannot draw a character");
    *ret = font->face->glyph;
    return 0;
}

struct setting {
    const struct font *font;
    unsigned height, max_width;
};

/* Where the next glyph goes, and how far the lines have come. */
struct pen {
    unsigned x, lines, widest;
};

/* Whether the glyph begins a line because it does not fit into the one before. */
static void advance(struct pen *pen, unsigned width, unsigned max_width, unsigned *ret_x)
{
    if (pen->lines == 0 || pen->x + width > max_width) {
        pen->lines++;
        pen->x = 0;
    }
    *ret_x = pen->x;
    pen->x += width;
    if (pen->x > pen->widest)
        pen->widest = pen->x;
}

/* What sticks out of the picture is cut off. */
static void put_glyph(const FT_Bitmap *bitmap, long left, long top, struct raster *raster)
{
    for (unsigned row = 0; row < bitmap->rows; row++) {
        const uint8_t *line = bitmap->buffer + (long)row * bitmap->pitch;
        long y = top + (long)row;

        for (unsigned column = 0; column < bitmap->width; column++) {
            long x = left + (long)column;
            bool is_ink = (line[column / BITS_PER_BYTE] & (0x80 >> column % BITS_PER_BYTE)) != 0;

            if (is_ink && x >= 0 && x < raster->width && y >= 0 && y < raster->height)
                raster->pixels[y * raster->width + x] = 0;
        }
    }
}

/* How far below the top of a line its letters stand. */
static long baseline(const struct font *font, unsigned height)
{
    long ascender = font->face->ascender;

    return height * ascender / (ascender - font->face->descender);
}

/* raster may have no pixels: then only the pen moves, which measures the text. */
static int draw(const struct setting *setting, struct bytes text, struct pen *pen,
                struct raster *raster, struct err *err)
{
    long base = baseline(setting->font, setting->height);

    while (text.len > 0) {
        FT_GlyphSlot glyph;
        uint32_t character;
        unsigned x;

        TRY(utf8_next(&text, &character, err));
        TRY(load_glyph(setting->font, character, &glyph, err));
        advance(pen, (unsigned)(glyph->advance.x / UNITS_PER_PIXEL), setting->max_width, &x);
        if (raster->pixels != NULL)
            put_glyph(&glyph->bitmap, (long)x + glyph->bitmap_left,
                      (long)(pen->lines - 1) * setting->height + base - glyph->bitmap_top, raster);
    }
    return 0;
}

static int render(const struct setting *setting, struct bytes text, struct raster *ret,
                  struct err *err)
{
    CLEANUP(raster_done) struct raster raster = {0, 0, NULL};
    struct pen measured = {0, 0, 0};
    struct pen pen = {0, 0, 0};

    if (FT_Set_Pixel_Sizes(setting->font->face, 0, setting->height) != 0)
        return FAIL(err, ERR_SYSTEM, "the font has no size of %u pixels", setting->height);
    TRY(draw(setting, text, &measured, &raster, err));
    if (measured.widest == 0)
        return FAIL(err, ERR_INPUT, "a text without characters cannot be drawn");
    TRY(raster_new(measured.widest, measured.lines * setting->height, RASTER_WHITE, &raster, err));
    TRY(draw(setting, text, &pen, &raster, err));
    *ret = raster;
    raster.pixels = NULL;
    return 0;
}

int font_render(struct font *font, struct bytes text, unsigned height, unsigned max_width,
                struct raster *ret, struct err *err)
{
    const struct setting setting = {font, height, max_width};
    int rc;

    (void)pthread_mutex_lock(&font->lock);
    rc = render(&setting, text, ret, err);
    (void)pthread_mutex_unlock(&font->lock);
    return rc;
}
