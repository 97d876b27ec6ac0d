/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/paper.h"

#include "base/caltime.h"
#include "base/utf8.h"
#include "paper/draw.h"
#include "paper/limits.h"

#include <stdio.h>
#include <stdlib.h>

static const struct style title_style = {18, 30};
static const struct style heading_style = {12.5, 20};
static const struct style body_style = {10.5, 16};
static const struct style label_style = {9.5, 16};
static const struct column title_column = {&title_style, LAYOUT_LEFT, LAYOUT_WIDTH};
static const struct column heading_column = {&heading_style, LAYOUT_LEFT, LAYOUT_WIDTH};
static const struct column body_column = {&body_style, LAYOUT_LEFT, LAYOUT_WIDTH};
static const struct column label_column = {&label_style, LAYOUT_LEFT + 4, 142};
static const struct column value_column = {&body_style, LAYOUT_LEFT + 154, LAYOUT_WIDTH - 158};
static const double gap = 10, padding = 4;
static const char banner_text[] = "TEST 試験用・非公式　公の証明にはなりません";
static const char mark_text[] = "TEST 試験用";
static const char replaced_text[] = "〓は、この書類の字体にない文字を表します。";

struct paper {
    struct layout layout;
    struct frame frame;
    struct span page_numbers[PAPER_PAGES_MAX];
    size_t told; /* characters */
    char title[4 * PAPER_TITLE_MAX + 1];
};

void paper_free(struct paper *paper)
{
    if (paper == NULL)
        return;
    layout_done(&paper->layout);
    wipe(paper, sizeof *paper);
    free(paper);
}

void paper_freep(struct paper **paper)
{
    paper_free(*paper);
    *paper = NULL;
}

static int read_told(struct paper *paper, const char *text, struct span *ret, struct err *err)
{
    struct span span;

    TRY(layout_read(&paper->layout, text, &span, err));
    if (paper->told + span.count > PAPER_CHARACTERS_MAX)
        return FAIL(err, ERR_INPUT, "a document has at most %d characters", PAPER_CHARACTERS_MAX);
    paper->told += span.count;
    *ret = span;
    return 0;
}

/* ---- what is on each page ---- */

static int check_short(const char *what, const char *text, size_t max, struct err *err)
{
    const size_t count = utf8_count(bytes_text(text));

    if (count == 0 || count > max || !utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s of a document: 1 to %zu characters", what, max);
    return 0;
}

static int read_frame(struct paper *paper, const struct paper_head *head, struct err *err)
{
    const struct caltime at = caltime_at(head->issued_at, JST_OFFSET_SECONDS);
    struct frame *frame = &paper->frame;
    char issued[96], number[4 * PAPER_NUMBER_MAX + 32];

    (void)snprintf(number, sizeof number, "番号 %s", head->number);
    (void)snprintf(issued, sizeof issued, "発行 %d年%d月%d日 %02d:%02d", at.date.year,
                   at.date.month, at.date.day, at.hour, at.minute);
    (void)snprintf(paper->title, sizeof paper->title, "%s", head->title);
    frame->title = paper->title;
    frame->issued_at = head->issued_at;
    frame->page_numbers = paper->page_numbers;
    TRY(layout_read(&paper->layout, banner_text, &frame->banner, err));
    TRY(layout_read(&paper->layout, mark_text, &frame->mark, err));
    TRY(layout_read(&paper->layout, number, &frame->number, err));
    return layout_read(&paper->layout, issued, &frame->issued, err);
}

static int put_title(struct paper *paper, struct err *err)
{
    struct column centred = title_column;
    struct span title;

    TRY(read_told(paper, paper->title, &title, err));
    centred.x = (LAYOUT_PAGE_WIDTH - layout_text_width(&paper->layout, title, title_style.size)) /
                2;
    TRY(layout_put(&paper->layout, &centred, title, err));
    paper->layout.y += title_style.leading + gap;
    return 0;
}

int paper_new(struct paper_font *font, const struct paper_head *head, struct paper **ret,
              struct err *err)
{
    CLEANUP(paper_freep) struct paper *paper = NULL;

    TRY(check_short("title", head->title, PAPER_TITLE_MAX, err));
    TRY(check_short("number", head->number, PAPER_NUMBER_MAX, err));
    paper = calloc(1, sizeof *paper);
    if (paper == NULL)
        return FAIL_NOMEM(err);
    paper->layout = (struct layout)LAYOUT_INIT(font);
    TRY(read_frame(paper, head, err));
    TRY(put_title(paper, err));
    *ret = paper;
    paper = NULL;
    return 0;
}

/* ---- what is told ---- */

static int put_lines(struct layout *layout, const struct column *column, struct span text,
                     struct err *err)
{
    do {
        const struct span line = layout_next_line(layout, column, &text);

        TRY(layout_reserve(layout, column->style->leading, err));
        TRY(layout_put(layout, column, line, err));
        layout->y += column->style->leading;
    } while (text.count > 0);
    return 0;
}

int paper_heading(struct paper *paper, const char *text, struct err *err)
{
    struct layout *layout = &paper->layout;
    struct span span;
    double height;

    TRY(read_told(paper, text, &span, err));
    height = (double)layout_count_lines(layout, &heading_column, span) * heading_style.leading;
    TRY(layout_reserve(layout, gap + height + 2 * body_style.leading, err));
    layout->y += gap;
    TRY(put_lines(layout, &heading_column, span, err));
    layout->y += padding;
    return 0;
}

int paper_line(struct paper *paper, const char *text, struct err *err)
{
    struct span span;

    TRY(read_told(paper, text, &span, err));
    return put_lines(&paper->layout, &body_column, span, err);
}

/* A line of label and value side by side, either of which may have ended. */
static int put_row_line(struct layout *layout, struct span *label, struct span *value,
                        struct err *err)
{
    TRY(layout_reserve(layout, body_style.leading, err));
    TRY(layout_put(layout, &label_column, layout_next_line(layout, &label_column, label), err));
    TRY(layout_put(layout, &value_column, layout_next_line(layout, &value_column, value), err));
    layout->y += body_style.leading;
    return 0;
}

static double row_height(const struct layout *layout, struct span label, struct span value)
{
    const size_t labels = layout_count_lines(layout, &label_column, label);
    const size_t values = layout_count_lines(layout, &value_column, value);

    return (double)(labels > values ? labels : values) * body_style.leading + 2 * padding;
}

static int put_row(struct paper *paper, const struct paper_row *row, struct err *err)
{
    struct layout *layout = &paper->layout;
    struct span label, value;
    double height;

    TRY(read_told(paper, row->label, &label, err));
    TRY(read_told(paper, row->value, &value, err));
    height = row_height(layout, label, value);
    if (height <= LAYOUT_BOTTOM - LAYOUT_TOP)
        TRY(layout_reserve(layout, height, err));
    TRY(layout_rule(layout, err));
    do
        TRY(put_row_line(layout, &label, &value, err));
    while (label.count > 0 || value.count > 0);
    layout->y += padding;
    return 0;
}

int paper_table(struct paper *paper, const struct paper_row *rows, size_t count, struct err *err)
{
    paper->layout.y += padding;
    for (size_t i = 0; i < count; i++)
        TRY(put_row(paper, &rows[i], err));
    if (count > 0)
        TRY(layout_rule(&paper->layout, err));
    paper->layout.y += gap;
    return 0;
}

unsigned paper_replaced(const struct paper *paper)
{
    return paper->layout.replaced;
}

static int read_page_numbers(struct paper *paper, struct err *err)
{
    for (unsigned i = 0; i < paper->layout.pages; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%u / %u", i + 1, paper->layout.pages);
        TRY(layout_read(&paper->layout, text, &paper->page_numbers[i], err));
    }
    return 0;
}

int paper_finish(struct paper *paper, struct buf *ret, struct err *err)
{
    if (paper->layout.replaced > 0)
        TRY(paper_line(paper, replaced_text, err));
    TRY(read_page_numbers(paper, err));
    return draw_pdf(&paper->layout, &paper->frame, ret, err);
}
