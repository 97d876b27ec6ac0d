/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything of a document stands, before any of it is drawn: pieces, page by page. Inside
 * this room only. Lengths are points (1/72 inch), from the upper left corner.
 */
#pragma once

#include "paper/glyph.h"

#define SHEETS_PAGE_WIDTH  595.28 /* A4 */
#define SHEETS_PAGE_HEIGHT 841.89
#define SHEETS_LEFT        56.7 /* 2 cm */
#define SHEETS_WIDTH       (SHEETS_PAGE_WIDTH - 2 * SHEETS_LEFT)
#define SHEETS_TOP         80.0
#define SHEETS_BOTTOM      (SHEETS_PAGE_HEIGHT - 70.0)

struct span {
    size_t first, count; /* of the sheets' glyphs */
};

struct piece {
    unsigned page; /* from 0 on */
    double x, y;   /* of the base line */
    double size;   /* of the font; 0: it is a rule over the whole width */
    struct span glyphs;
    bool is_seal; /* then: size is its width, and x and y its upper left corner */
};

struct sheets {
    struct paper_font *font;
    struct buf glyphs; /* of struct glyph */
    struct buf pieces; /* of struct piece, in the order of pages */
    unsigned pages;
    double y; /* how far the last page is used */
    unsigned replaced;
};

#define SHEETS_INIT(the_font)                                                                      \
    {                                                                                              \
        .font = (the_font), .glyphs = BUF_INIT, .pieces = BUF_INIT, .pages = 1, .y = SHEETS_TOP    \
    }

/* A kind of text. */
struct style {
    double size, leading; /* leading: from line to line */
};
/* Where lines of it stand. */
struct column {
    const struct style *style;
    double x, width;
};

void sheets_done(struct sheets *sheets);
const struct glyph *sheets_glyphs(const struct sheets *sheets, struct span span);
const struct piece *sheets_pieces(const struct sheets *sheets, size_t *ret_count);
double sheets_text_width(const struct sheets *sheets, struct span span, double size);

/* Glyphs of a text; newlines among them. ERR_INPUT as paper.h says. */
MUST_CHECK int sheets_read(struct sheets *sheets, const char *text, struct span *ret,
                           struct err *err);
/* Take the next line off *rest, without the blanks or the newline behind it. */
struct span sheets_next_line(const struct sheets *sheets, const struct column *column,
                             struct span *rest);
/* Of a text; an empty one has a line too. */
size_t sheets_count_lines(const struct sheets *sheets, const struct column *column,
                          struct span text);

/* The next page, unless so much is free on this one. */
MUST_CHECK int sheets_reserve(struct sheets *sheets, double height, struct err *err);
/* A line on the current page, its base line by leading below what is used; nothing moves. */
MUST_CHECK int sheets_put(struct sheets *sheets, const struct column *column, struct span line,
                          struct err *err);
/* A rule where the page is used up to. */
MUST_CHECK int sheets_rule(struct sheets *sheets, struct err *err);
/* A seal of this width at the left, where the page is used up to; nothing moves. */
MUST_CHECK int sheets_seal(struct sheets *sheets, struct span letters, double width,
                           struct err *err);
