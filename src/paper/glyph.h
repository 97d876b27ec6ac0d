/* SPDX-License-Identifier: Apache-2.0 */
/* What the room itself needs of the font. */
#pragma once

#include "paper/font.h"

struct _cairo_font_face; /* cairo's name for it */

enum { GETA_MARK = 0x3013 };

struct glyph {
    uint32_t character; /* as it is shown: GETA_MARK for those that the font lacks */
    uint32_t index;     /* in the font */
    double width;       /* of its advance, in sizes of the font */
};

/* ERR_SYSTEM if the font is broken there. The caller holds the lock. */
MUST_CHECK int paper_font_glyph(const struct paper_font *font, uint32_t character,
                                struct glyph *ret, struct err *err);
struct _cairo_font_face *paper_font_face(const struct paper_font *font);
/* One document at a time measures or draws. */
void paper_font_lock(struct paper_font *font);
void paper_font_unlock(struct paper_font *font);
