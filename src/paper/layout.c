/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/layout.h"

#include "base/utf8.h"
#include "paper/breaking.h"
#include "paper/limits.h"

void layout_done(struct layout *layout)
{
    buf_done(&layout->glyphs);
    buf_done(&layout->pieces);
}

static size_t glyph_count(const struct layout *layout)
{
    return layout->glyphs.len / sizeof(struct glyph);
}

const struct glyph *layout_glyphs(const struct layout *layout, struct span span)
{
    const void *all = layout->glyphs.ptr;

    return span.count == 0 ? NULL : (const struct glyph *)all + span.first;
}

const struct piece *layout_pieces(const struct layout *layout, size_t *ret_count)
{
    const void *all = layout->pieces.ptr;

    *ret_count = layout->pieces.len / sizeof(struct piece);
    return all;
}

double layout_text_width(const struct layout *layout, struct span span, double size)
{
    const struct glyph *glyphs = layout_glyphs(layout, span);
    double width = 0;

    for (size_t i = 0; i < span.count; i++)
        width += glyphs[i].width;
    return width * size;
}

static int add_glyph(struct layout *layout, struct bytes encoded, uint32_t character,
                     struct err *err)
{
    struct glyph glyph = {.character = character};

    if (character != '\n') {
        if (!utf8_is_shown(encoded))
            return FAIL(err, ERR_INPUT, "it cannot be shown");
        TRY(paper_font_glyph(layout->font, character, &glyph, err));
    }
    if (glyph.character != character)
        layout->replaced++;
    return buf_append(&layout->glyphs, bytes_of(&glyph, sizeof glyph), err);
}

static int read_characters(struct layout *layout, struct bytes rest, struct err *err)
{
    for (int position = 1; rest.len > 0; position++) {
        const uint8_t *start = rest.ptr;
        uint32_t character;
        int rc;

        if (position > PAPER_TEXT_MAX)
            return FAIL(err, ERR_INPUT, "a text of a document has at most %d characters",
                        PAPER_TEXT_MAX);
        rc = utf8_next(&rest, &character, err);
        if (rc == 0)
            rc = add_glyph(layout, bytes_of(start, (size_t)(rest.ptr - start)), character, err);
        TRY(err_prefix(err, rc, "character %d", position));
    }
    return 0;
}

int layout_read(struct layout *layout, const char *text, struct span *ret, struct err *err)
{
    const size_t first = glyph_count(layout);
    int rc;

    paper_font_lock(layout->font);
    rc = read_characters(layout, bytes_text(text), err);
    paper_font_unlock(layout->font);
    TRY(rc);
    *ret = (struct span){first, glyph_count(layout) - first};
    return 0;
}

static size_t to_newline(const struct glyph *glyphs, size_t count)
{
    size_t len = 0;

    while (len < count && glyphs[len].character != '\n')
        len++;
    return len;
}

struct span layout_next_line(const struct layout *layout, const struct column *column,
                             struct span *rest)
{
    const struct glyph *glyphs = layout_glyphs(layout, *rest);
    const size_t end = to_newline(glyphs, rest->count);
    size_t len = breaking_line(glyphs, end, column->width / column->style->size);
    const struct span line = {rest->first, len};

    while (len < end && glyphs[len].character == ' ')
        len++;
    if (len == end && end < rest->count)
        len++;
    *rest = (struct span){rest->first + len, rest->count - len};
    return line;
}

size_t layout_count_lines(const struct layout *layout, const struct column *column,
                          struct span text)
{
    size_t count = 0;

    do {
        (void)layout_next_line(layout, column, &text);
        count++;
    } while (text.count > 0);
    return count;
}

int layout_reserve(struct layout *layout, double height, struct err *err)
{
    if (layout->y + height <= LAYOUT_BOTTOM)
        return 0;
    if (layout->pages >= PAPER_PAGES_MAX)
        return FAIL(err, ERR_INPUT, "a document has at most %d pages", PAPER_PAGES_MAX);
    layout->pages++;
    layout->y = LAYOUT_TOP;
    return 0;
}

static int add_piece(struct layout *layout, const struct piece *piece, struct err *err)
{
    return buf_append(&layout->pieces, bytes_of(piece, sizeof *piece), err);
}

int layout_put(struct layout *layout, const struct column *column, struct span line,
               struct err *err)
{
    const double y = layout->y + column->style->leading;
    const struct piece piece = {layout->pages - 1, column->x, y, column->style->size, line};

    return line.count == 0 ? 0 : add_piece(layout, &piece, err);
}

int layout_rule(struct layout *layout, struct err *err)
{
    const struct piece piece = {layout->pages - 1, LAYOUT_LEFT, layout->y, 0, {0, 0}};

    return add_piece(layout, &piece, err);
}
