/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cairo embeds a subset of the font with a table of the characters, so that text can be found and
 * copied; for that each glyph is told together with its character.
 */
#include "paper/draw.h"

#include "base/caltime.h"

#include <cairo-pdf.h>
#include <stdio.h>

enum { RUN_MAX = 128, UTF8_MAX = 4 };

static const struct style small = {8, 12};
static const double full_turn = 6.283185307179586;
static const double mark_size = 96, mark_angle = -0.9; /* radians: from the lower left upwards */

/* Glyphs in cairo's words. */
struct run {
    cairo_glyph_t glyphs[RUN_MAX];
    cairo_text_cluster_t clusters[RUN_MAX];
    char text[RUN_MAX * UTF8_MAX];
    int count, text_len;
};

struct drawing {
    const struct sheets *sheets;
    const struct frame *frame;
    cairo_t *cr;
};

static int encode(uint32_t c, char ret[UTF8_MAX])
{
    const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char first[UTF8_MAX] = {0, 0xc0, 0xe0, 0xf0};

    ret[0] = (char)(first[more] | c >> 6 * more);
    for (int i = 1; i <= more; i++)
        ret[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* Returns where the next run begins. */
static double fill_run(const struct glyph *glyphs, size_t count, double x, double size,
                       struct run *run)
{
    run->count = (int)count;
    run->text_len = 0;
    for (size_t i = 0; i < count; i++) {
        const int len = encode(glyphs[i].character, run->text + run->text_len);

        run->glyphs[i] = (cairo_glyph_t){glyphs[i].index, x, 0};
        run->clusters[i] = (cairo_text_cluster_t){len, 1};
        run->text_len += len;
        x += glyphs[i].width * size;
    }
    return x;
}

/* From the current origin to the right. */
static void show(const struct drawing *drawing, struct span span, double size, bool as_path)
{
    const struct glyph *glyphs = sheets_glyphs(drawing->sheets, span);
    struct run run;
    double x = 0;

    cairo_set_font_size(drawing->cr, size);
    for (size_t done = 0; done < span.count; done += (size_t)run.count) {
        const size_t left = span.count - done;

        x = fill_run(glyphs + done, left > RUN_MAX ? RUN_MAX : left, x, size, &run);
        if (as_path)
            cairo_glyph_path(drawing->cr, run.glyphs, run.count);
        else
            cairo_show_text_glyphs(drawing->cr, run.text, run.text_len, run.glyphs, run.count,
                                   run.clusters, run.count, 0);
    }
}

static void show_at(const struct drawing *drawing, struct span span, double size, double x,
                    double y)
{
    cairo_save(drawing->cr);
    cairo_translate(drawing->cr, x, y);
    show(drawing, span, size, false);
    cairo_restore(drawing->cr);
}

/* The mark is a shape, so that it does not mix with the words of a page that are extracted. */
static void draw_mark(const struct drawing *drawing)
{
    const struct span mark = drawing->frame->mark;
    cairo_t *cr = drawing->cr;

    cairo_save(cr);
    cairo_set_source_rgb(cr, 0.93, 0.93, 0.93);
    cairo_translate(cr, SHEETS_PAGE_WIDTH / 2, SHEETS_PAGE_HEIGHT / 2);
    cairo_rotate(cr, mark_angle);
    cairo_translate(cr, -sheets_text_width(drawing->sheets, mark, mark_size) / 2, mark_size / 3);
    show(drawing, mark, mark_size, true);
    cairo_fill(cr);
    cairo_restore(cr);
}

static void draw_rule(cairo_t *cr, double y)
{
    cairo_set_line_width(cr, 0.5);
    cairo_move_to(cr, SHEETS_LEFT, y);
    cairo_line_to(cr, SHEETS_LEFT + SHEETS_WIDTH, y);
    cairo_stroke(cr);
}

static void draw_banner(const struct drawing *drawing)
{
    const struct span banner = drawing->frame->banner;
    const double width = sheets_text_width(drawing->sheets, banner, small.size);
    cairo_t *cr = drawing->cr;

    cairo_save(cr);
    cairo_set_source_rgb(cr, 0.7, 0, 0);
    show_at(drawing, banner, small.size, (SHEETS_PAGE_WIDTH - width) / 2, 40);
    cairo_restore(cr);
}

static void draw_foot(const struct drawing *drawing, unsigned page)
{
    const struct frame *frame = drawing->frame;
    const struct span shown = frame->page_numbers[page];
    const double y = SHEETS_PAGE_HEIGHT - 40;
    const double right = SHEETS_LEFT + SHEETS_WIDTH;

    draw_rule(drawing->cr, y - small.leading);
    show_at(drawing, frame->number, small.size, SHEETS_LEFT, y);
    show_at(drawing, frame->issued, small.size,
            SHEETS_PAGE_WIDTH / 2 -
                sheets_text_width(drawing->sheets, frame->issued, small.size) / 2,
            y);
    show_at(drawing, shown, small.size,
            right - sheets_text_width(drawing->sheets, shown, small.size), y);
}

/* Letters in columns from the right, each from top to bottom, as shapes; around them a ring. */
static void draw_letters(const struct drawing *drawing, const struct piece *piece)
{
    const size_t columns = piece->glyphs.count > 4 ? 2 : 1;
    const size_t rows = (piece->glyphs.count + columns - 1) / columns;
    const double cell = piece->size * 0.72 / (double)(rows > columns ? rows : columns);
    cairo_t *cr = drawing->cr;

    for (size_t i = 0; i < piece->glyphs.count; i++) {
        const struct span letter = {piece->glyphs.first + i, 1};
        const double column = (double)(i / rows) - (double)columns / 2;
        const double row = (double)(i % rows) - (double)rows / 2;

        cairo_save(cr);
        cairo_translate(cr, -(column + 0.5) * cell, (row + 0.85) * cell);
        cairo_translate(cr, -sheets_text_width(drawing->sheets, letter, cell) / 2, 0);
        show(drawing, letter, cell, true);
        cairo_fill(cr);
        cairo_restore(cr);
    }
}

static void draw_seal(const struct drawing *drawing, const struct piece *piece)
{
    static const double dashes[] = {6, 2};
    const double radius = piece->size / 2;
    cairo_t *cr = drawing->cr;

    cairo_save(cr);
    cairo_set_source_rgb(cr, 0.8, 0.1, 0.1);
    cairo_translate(cr, piece->x + radius, piece->y + radius);
    draw_letters(drawing, piece);
    cairo_set_line_width(cr, 1.5);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_arc(cr, 0, 0, radius - 1, 0, full_turn);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_piece(const struct drawing *drawing, const struct piece *piece)
{
    if (piece->is_seal)
        draw_seal(drawing, piece);
    else if (piece->size == 0)
        draw_rule(drawing->cr, piece->y);
    else
        show_at(drawing, piece->glyphs, piece->size, piece->x, piece->y);
}

static void draw_pages(const struct drawing *drawing)
{
    size_t count, next = 0;
    const struct piece *pieces = sheets_pieces(drawing->sheets, &count);

    for (unsigned page = 0; page < drawing->sheets->pages; page++) {
        draw_mark(drawing);
        draw_banner(drawing);
        while (next < count && pieces[next].page == page)
            draw_piece(drawing, &pieces[next++]);
        draw_foot(drawing, page);
        cairo_show_page(drawing->cr);
    }
}

/* Where octets go. cairo does not hand up a failure of the last ones, so it is kept here. */
struct sink {
    struct buf octets;
    int rc;
};

static cairo_status_t take_octets(void *context, const unsigned char *data, unsigned len)
{
    struct sink *sink = context;

    if (sink->rc == 0)
        sink->rc = buf_append(&sink->octets, bytes_of(data, len), NULL);
    return sink->rc == 0 ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void sink_done(struct sink *sink)
{
    buf_done(&sink->octets);
}

static void describe(cairo_surface_t *surface, const struct frame *frame)
{
    char made[CALTIME_TEXT_SIZE];

    caltime_format(frame->issued_at, JST_OFFSET_SECONDS, made);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, frame->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "OpenJPKI TEST");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
}

/* Hints would move glyphs to the pixels of some screen. */
static void set_font(cairo_t *cr, const struct paper_font *font)
{
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    cairo_set_font_face(cr, paper_font_face(font));
}

/* A failure of cairo's stays in what it failed for, and all later calls do nothing. */
static int draw_on(cairo_surface_t *surface, const struct sheets *sheets, const struct frame *frame,
                   struct err *err)
{
    cairo_t *cr = cairo_create(surface);
    const struct drawing drawing = {sheets, frame, cr};
    cairo_status_t status;

    describe(surface, frame);
    set_font(cr, sheets->font);
    draw_pages(&drawing);
    status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    return status == CAIRO_STATUS_SUCCESS ? 0 : FAIL_NOMEM(err);
}

int draw_pdf(const struct sheets *sheets, const struct frame *frame, struct buf *ret,
             struct err *err)
{
    CLEANUP(sink_done) struct sink sink = {BUF_INIT, 0};
    cairo_surface_t *surface;
    int rc;

    paper_font_lock(sheets->font);
    surface = cairo_pdf_surface_create_for_stream(take_octets, &sink, SHEETS_PAGE_WIDTH,
                                                  SHEETS_PAGE_HEIGHT);
    rc = draw_on(surface, sheets, frame, err);
    cairo_surface_destroy(surface);
    paper_font_unlock(sheets->font);
    TRY(rc);
    if (sink.rc < 0)
        return FAIL_NOMEM(err);
    buf_move(ret, &sink.octets);
    return 0;
}
