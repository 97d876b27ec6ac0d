/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/sheets.h"

#include "base/utf8.h"
#include "paper/breaking.h"
#include "paper/limits.h"

void sheets_done(struct sheets *sheets)
{
    buf_done(&sheets->glyphs);
    buf_done(&sheets->pieces);
}

static size_t glyph_count(const struct sheets *sheets)
{
    return sheets->glyphs.len / sizeof(struct glyph);
}

const struct glyph *sheets_glyphs(const struct sheets *sheets, struct span span)
{
    const void *all = sheets->glyphs.ptr;

    return span.count == 0 ? NULL : (const struct glyph *)all + span.first;
}

const struct piece *sheets_pieces(const struct sheets *sheets, size_t *ret_count)
{
    const void *all = sheets->pieces.ptr;

    *ret_count = sheets->pieces.len / sizeof(struct piece);
    return all;
}

double sheets_text_width(const struct sheets *sheets, struct span span, double size)
{
    const struct glyph *glyphs = sheets_glyphs(sheets, span);
    double width = 0;

    for (size_t i = 0; i < span.count; i++)
        width += glyphs[i].width;
    return width * size;
}

static int add_glyph(struct sheets *sheets, struct bytes encoded, uint32_t character,
                     struct err *err)
{
    struct glyph glyph = {.character = character};

    if (character != '\n') {
        if (!utf8_is_shown(encoded))
            return FAIL(err, ERR_INPUT, "it cannot be shown");
        TRY(paper_font_glyph(sheets->font, character, &glyph, err));
    }
    if (glyph.character != character)
        sheets->replaced++;
    return buf_append(&sheets->glyphs, bytes_of(&glyph, sizeof glyph), err);
}

static int read_characters(struct sheets *sheets, struct bytes rest, struct err *err)
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
            rc = add_glyph(sheets, bytes_of(start, (size_t)(rest.ptr - start)), character, err);
        TRY(err_prefix(err, rc, "character %d", position));
    }
    return 0;
}

int sheets_read(struct sheets *sheets, const char *text, struct span *ret, struct err *err)
{
    const size_t first = glyph_count(sheets);
    int rc;

    paper_font_lock(sheets->font);
    rc = read_characters(sheets, bytes_text(text), err);
    paper_font_unlock(sheets->font);
    TRY(rc);
    *ret = (struct span){first, glyph_count(sheets) - first};
    return 0;
}

static size_t to_newline(const struct glyph *glyphs, size_t count)
{
    size_t len = 0;

    while (len < count && glyphs[len].character != '\n')
        len++;
    return len;
}

struct span sheets_next_line(const struct sheets *sheets, const struct column *column,
                             struct span *rest)
{
    const struct glyph *glyphs = sheets_glyphs(sheets, *rest);
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

size_t sheets_count_lines(const struct sheets *sheets, const struct column *column,
                          struct span text)
{
    size_t count = 0;

    do {
        (void)sheets_next_line(sheets, column, &text);
        count++;
    } while (text.count > 0);
    return count;
}

int sheets_reserve(struct sheets *sheets, double height, struct err *err)
{
    if (sheets->y + height <= SHEETS_BOTTOM)
        return 0;
    if (sheets->pages >= PAPER_PAGES_MAX)
        return FAIL(err, ERR_INPUT, "a document has at most %d pages", PAPER_PAGES_MAX);
    sheets->pages++;
    sheets->y = SHEETS_TOP;
    return 0;
}

static int add_piece(struct sheets *sheets, const struct piece *piece, struct err *err)
{
    return buf_append(&sheets->pieces, bytes_of(piece, sizeof *piece), err);
}

int sheets_put(struct sheets *sheets, const struct column *column, struct span line,
               struct err *err)
{
    const double y = sheets->y + column->style->leading;
    const struct piece piece = {sheets->pages - 1, column->x, y, column->style->size, line};

    return line.count == 0 ? 0 : add_piece(sheets, &piece, err);
}

int sheets_rule(struct sheets *sheets, struct err *err)
{
    const struct piece piece = {sheets->pages - 1, SHEETS_LEFT, sheets->y, 0, {0, 0}};

    return add_piece(sheets, &piece, err);
}

int sheets_seal(struct sheets *sheets, struct span letters, double width, struct err *err)
{
    const struct piece piece = {.page = sheets->pages - 1,
                                .x = SHEETS_LEFT,
                                .y = sheets->y,
                                .size = width,
                                .glyphs = letters,
                                .is_seal = true};

    return add_piece(sheets, &piece, err);
}
