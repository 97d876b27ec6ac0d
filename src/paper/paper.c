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
static const struct column title_column = {&title_style, SHEETS_LEFT, SHEETS_WIDTH};
static const struct column heading_column = {&heading_style, SHEETS_LEFT, SHEETS_WIDTH};
static const struct column body_column = {&body_style, SHEETS_LEFT, SHEETS_WIDTH};
static const struct column label_column = {&label_style, SHEETS_LEFT + 4, 132};
/* As wide as the hexadecimal digits of SHA-256. */
static const struct column value_column = {&body_style, SHEETS_LEFT + 140, SHEETS_WIDTH - 140};
static const double gap = 10, padding = 4, seal_width = 48; /* 17 mm */
static const char mark_text[] = "TEST 試験用";              /* for whoever reads one of the two */

/* What is said on every page, or at the end. */
static const struct {
    const char *banner, *number, *issued, *zone, *replaced;
} said[] = {
    [PAPER_JAPANESE] = {"TEST 試験用・非公式　公の証明にはなりません", "番号", "発行", "",
                        "〓は、この書類の字体にない文字を表します。"},
    [PAPER_ENGLISH] = {"TEST, unofficial: this certifies nothing", "No.", "Issued", " JST",
                       "〓 stands for a character that the font of this document lacks."},
};

struct paper {
    struct sheets sheets;
    struct frame frame;
    struct span page_numbers[PAPER_PAGES_MAX];
    size_t told; /* characters */
    enum paper_language language;
    char title[4 * PAPER_TITLE_MAX + 1];
};

void paper_free(struct paper *paper)
{
    if (paper == NULL)
        return;
    sheets_done(&paper->sheets);
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

    TRY(sheets_read(&paper->sheets, text, &span, err));
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
    char day[PAPER_DAY_SIZE], issued[PAPER_DAY_SIZE + 64], number[4 * PAPER_NUMBER_MAX + 32];

    paper->language = head->language;
    paper_day(at.date, head->language, day);
    (void)snprintf(number, sizeof number, "%s %s", said[head->language].number, head->number);
    (void)snprintf(issued, sizeof issued, "%s %s %02d:%02d%s", said[head->language].issued, day,
                   at.hour, at.minute, said[head->language].zone);
    (void)snprintf(paper->title, sizeof paper->title, "%s", head->title);
    frame->title = paper->title;
    frame->issued_at = head->issued_at;
    frame->page_numbers = paper->page_numbers;
    TRY(sheets_read(&paper->sheets, said[head->language].banner, &frame->banner, err));
    TRY(sheets_read(&paper->sheets, mark_text, &frame->mark, err));
    TRY(sheets_read(&paper->sheets, number, &frame->number, err));
    return sheets_read(&paper->sheets, issued, &frame->issued, err);
}

static int put_title(struct paper *paper, struct err *err)
{
    struct column centred = title_column;
    struct span title;

    TRY(read_told(paper, paper->title, &title, err));
    centred.x = (SHEETS_PAGE_WIDTH - sheets_text_width(&paper->sheets, title, title_style.size)) /
                2;
    TRY(sheets_put(&paper->sheets, &centred, title, err));
    paper->sheets.y += title_style.leading + gap;
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
    paper->sheets = (struct sheets)SHEETS_INIT(font);
    TRY(read_frame(paper, head, err));
    TRY(put_title(paper, err));
    *ret = paper;
    paper = NULL;
    return 0;
}

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

void paper_month(struct caldate day, enum paper_language language, char ret[PAPER_DAY_SIZE])
{
    if (language == PAPER_ENGLISH)
        (void)snprintf(ret, PAPER_DAY_SIZE, "%s %d", months[(day.month + 11) % 12], day.year);
    else
        (void)snprintf(ret, PAPER_DAY_SIZE, "%d年%d月", day.year, day.month);
}

void paper_day(struct caldate day, enum paper_language language, char ret[PAPER_DAY_SIZE])
{
    if (language == PAPER_ENGLISH)
        (void)snprintf(ret, PAPER_DAY_SIZE, "%d %s %d", day.day, months[(day.month + 11) % 12],
                       day.year);
    else
        (void)snprintf(ret, PAPER_DAY_SIZE, "%d年%d月%d日", day.year, day.month, day.day);
}

/* ---- what is told ---- */

static int put_lines(struct sheets *sheets, const struct column *column, struct span text,
                     struct err *err)
{
    do {
        const struct span line = sheets_next_line(sheets, column, &text);

        TRY(sheets_reserve(sheets, column->style->leading, err));
        TRY(sheets_put(sheets, column, line, err));
        sheets->y += column->style->leading;
    } while (text.count > 0);
    return 0;
}

int paper_heading(struct paper *paper, const char *text, struct err *err)
{
    struct sheets *sheets = &paper->sheets;
    struct span span;
    double height;

    TRY(read_told(paper, text, &span, err));
    height = (double)sheets_count_lines(sheets, &heading_column, span) * heading_style.leading;
    TRY(sheets_reserve(sheets, gap + height + 2 * body_style.leading, err));
    sheets->y += gap;
    TRY(put_lines(sheets, &heading_column, span, err));
    sheets->y += padding;
    return 0;
}

int paper_line(struct paper *paper, const char *text, struct err *err)
{
    struct span span;

    TRY(read_told(paper, text, &span, err));
    return put_lines(&paper->sheets, &body_column, span, err);
}

/* A line of label and value side by side, either of which may have ended. */
static int put_row_line(struct sheets *sheets, struct span *label, struct span *value,
                        struct err *err)
{
    TRY(sheets_reserve(sheets, body_style.leading, err));
    TRY(sheets_put(sheets, &label_column, sheets_next_line(sheets, &label_column, label), err));
    TRY(sheets_put(sheets, &value_column, sheets_next_line(sheets, &value_column, value), err));
    sheets->y += body_style.leading;
    return 0;
}

static double row_height(const struct sheets *sheets, struct span label, struct span value)
{
    const size_t labels = sheets_count_lines(sheets, &label_column, label);
    const size_t values = sheets_count_lines(sheets, &value_column, value);

    return (double)(labels > values ? labels : values) * body_style.leading + 2 * padding;
}

static int put_row(struct paper *paper, const struct paper_row *row, struct err *err)
{
    struct sheets *sheets = &paper->sheets;
    struct span label, value;
    double height;

    TRY(read_told(paper, row->label, &label, err));
    TRY(read_told(paper, row->value, &value, err));
    height = row_height(sheets, label, value);
    if (height <= SHEETS_BOTTOM - SHEETS_TOP)
        TRY(sheets_reserve(sheets, height, err));
    TRY(sheets_rule(sheets, err));
    do
        TRY(put_row_line(sheets, &label, &value, err));
    while (label.count > 0 || value.count > 0);
    sheets->y += padding;
    return 0;
}

int paper_table(struct paper *paper, const struct paper_row *rows, size_t count, struct err *err)
{
    paper->sheets.y += padding;
    for (size_t i = 0; i < count; i++)
        TRY(put_row(paper, &rows[i], err));
    if (count > 0)
        TRY(sheets_rule(&paper->sheets, err));
    paper->sheets.y += gap;
    return 0;
}

int paper_seal(struct paper *paper, const char *letters, struct err *err)
{
    struct sheets *sheets = &paper->sheets;
    struct span span;

    TRY(check_short("seal", letters, PAPER_SEAL_MAX, err));
    TRY(read_told(paper, letters, &span, err));
    TRY(sheets_reserve(sheets, seal_width + 2 * gap, err));
    sheets->y += gap;
    TRY(sheets_seal(sheets, span, seal_width, err));
    sheets->y += seal_width + gap;
    return 0;
}

unsigned paper_replaced(const struct paper *paper)
{
    return paper->sheets.replaced;
}

static int read_page_numbers(struct paper *paper, struct err *err)
{
    for (unsigned i = 0; i < paper->sheets.pages; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%u / %u", i + 1, paper->sheets.pages);
        TRY(sheets_read(&paper->sheets, text, &paper->page_numbers[i], err));
    }
    return 0;
}

int paper_finish(struct paper *paper, struct buf *ret, struct err *err)
{
    if (paper->sheets.replaced > 0)
        TRY(paper_line(paper, said[paper->language].replaced, err));
    TRY(read_page_numbers(paper, err));
    return draw_pdf(&paper->sheets, &paper->frame, ret, err);
}
