/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cairo keeps scaled fonts after their last use, and those the face. So what FreeType needs belongs
 * to cairo's face and is released when that is.
 */
#include "paper/font.h"

#include "base/file.h"
#include "paper/glyph.h"
#include "paper/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include <ft2build.h>
#include FT_FREETYPE_H

#include <cairo-ft.h>

struct source {
    struct buf file; /* FreeType reads from it as long as the face lives */
    FT_Library library;
    FT_Face face;
};

struct paper_font {
    pthread_mutex_t lock;
    struct source *source; /* cairo's, once there is a face */
    cairo_font_face_t *face;
};

static void source_free(void *context)
{
    struct source *source = context;

    if (source->face != NULL)
        (void)FT_Done_Face(source->face);
    if (source->library != NULL)
        (void)FT_Done_FreeType(source->library);
    buf_done(&source->file);
    free(source);
}

static void source_freep(struct source **source)
{
    if (*source != NULL)
        source_free(*source);
}

void paper_font_free(struct paper_font *font)
{
    if (font == NULL)
        return;
    if (font->face != NULL)
        cairo_font_face_destroy(font->face);
    (void)pthread_mutex_destroy(&font->lock);
    free(font);
}

void paper_font_freep(struct paper_font **font)
{
    paper_font_free(*font);
    *font = NULL;
}

static int read_file(const char *path, struct buf *ret, struct err *err)
{
    struct err failure = {.kind = ERR_NONE};

    if (file_read(path, PAPER_FONT_MAX, ret, &failure) == 0)
        return 0;
    if (failure.kind == ERR_ABSENT)
        return FAIL(err, ERR_ABSENT,
                    "there is no font %s to write documents with (Debian: fonts-vlgothic)", path);
    return err_copy(err, &failure);
}

static int open_source(const char *path, struct source **ret, struct err *err)
{
    CLEANUP(source_freep) struct source *source = calloc(1, sizeof *source);

    if (source == NULL)
        return FAIL_NOMEM(err);
    TRY(read_file(path, &source->file, err));
    if (FT_Init_FreeType(&source->library) != 0)
        return FAIL_NOMEM(err);
    if (FT_New_Memory_Face(source->library, source->file.ptr, (FT_Long)source->file.len, 0,
                           &source->face) != 0 ||
        !FT_IS_SCALABLE(source->face) || FT_Get_Char_Index(source->face, GETA_MARK) == 0)
        return FAIL(err, ERR_INPUT, "%s is no font that documents can be written with", path);
    *ret = source;
    source = NULL;
    return 0;
}

/* Hand the source over to a new face of cairo's. */
static int make_face(struct paper_font *font, struct source **source, struct err *err)
{
    static const cairo_user_data_key_t key;

    font->face = cairo_ft_font_face_create_for_ft_face((*source)->face, 0);
    if (cairo_font_face_status(font->face) != CAIRO_STATUS_SUCCESS ||
        cairo_font_face_set_user_data(font->face, &key, *source, source_free) !=
            CAIRO_STATUS_SUCCESS)
        return FAIL_NOMEM(err);
    font->source = *source;
    *source = NULL;
    return 0;
}

int paper_font_open(const char *path, struct paper_font **ret, struct err *err)
{
    CLEANUP(source_freep) struct source *source = NULL;
    CLEANUP(paper_font_freep) struct paper_font *font = calloc(1, sizeof *font);

    if (font == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&font->lock, NULL); /* with these attributes it cannot fail */
    TRY(open_source(path == NULL ? PAPER_FONT_PATH : path, &source, err));
    TRY(make_face(font, &source, err));
    *ret = font;
    font = NULL;
    return 0;
}

int paper_font_glyph(const struct paper_font *font, uint32_t character, struct glyph *ret,
                     struct err *err)
{
    FT_Face face = font->source->face;
    FT_UInt index = FT_Get_Char_Index(face, character);

    if (index == 0) {
        character = GETA_MARK;
        index = FT_Get_Char_Index(face, character);
    }
    if (FT_Load_Glyph(face, index, FT_LOAD_NO_SCALE) != 0)
        return FAIL(err, ERR_SYSTEM, "the font cannot draw a character");
    *ret = (struct glyph){character, index,
                          (double)face->glyph->metrics.horiAdvance / face->units_per_EM};
    return 0;
}

struct _cairo_font_face *paper_font_face(const struct paper_font *font)
{
    return font->face;
}

void paper_font_lock(struct paper_font *font)
{
    (void)pthread_mutex_lock(&font->lock);
}

void paper_font_unlock(struct paper_font *font)
{
    (void)pthread_mutex_unlock(&font->lock);
}
