/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where everything of a document stands, before any of it is drawn: pieces, page by page. Inside
 * this room only. Lengths are points (1/72 inch), from the upper left corner.
 */
#pragma once

#include "paper/glyph.h"

#define LAYOUT_PAGE_WIDTH  595.28 /* A4 */
#define LAYOUT_PAGE_HEIGHT 841.89
#define LAYOUT_LEFT        56.7 /* 2 cm */
#define LAYOUT_WIDTH       (LAYOUT_PAGE_WIDTH - 2 * LAYOUT_LEFT)
#define LAYOUT_TOP         80.0
#define LAYOUT_BOTTOM      (LAYOUT_PAGE_HEIGHT - 70.0)

struct span {
    size_t first, count; /* of the layout's glyphs */
};

struct piece {
    unsigned page; /* from 0 on */
    double x, y;   /* of the base line */
    double size;   /* of the font; 0: it is a rule over the whole width */
    struct span glyphs;
};

struct layout {
    struct paper_font *font;
    struct buf glyphs; /* of struct glyph */
    struct buf pieces; /* of struct piece, in the order of pages */
    unsigned pages;
    double y; /* how far the last page is used */
    unsigned replaced;
};

#define LAYOUT_INIT(the_font)                                                                      \
    {                                                                                              \
        .font = (the_font), .glyphs = BUF_INIT, .pieces = BUF_INIT, .pages = 1, .y = LAYOUT_TOP    \
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

void layout_done(struct layout *layout);
const struct glyph *layout_glyphs(const struct layout *layout, struct span span);
const struct piece *layout_pieces(const struct layout *layout, size_t *ret_count);
double layout_text_width(const struct layout *layout, struct span span, double size);

/* Glyphs of a text; newlines among them. ERR_INPUT as paper.h says. */
MUST_CHECK int layout_read(struct layout *layout, const char *text, struct span *ret,
                           struct err *err);
/* Take the next line off *rest, without the blanks or the newline behind it. */
struct span layout_next_line(const struct layout *layout, const struct column *column,
                             struct span *rest);
/* Of a text; an empty one has a line too. */
size_t layout_count_lines(const struct layout *layout, const struct column *column,
                          struct span text);

/* The next page, unless so much is free on this one. */
MUST_CHECK int layout_reserve(struct layout *layout, double height, struct err *err);
/* A line on the current page, its base line by leading below what is used; nothing moves. */
MUST_CHECK int layout_put(struct layout *layout, const struct column *column, struct span line,
                          struct err *err);
/* A rule where the page is used up to. */
MUST_CHECK int layout_rule(struct layout *layout, struct err *err);
