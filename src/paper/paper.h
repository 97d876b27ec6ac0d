/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents for people, in Japanese or English, as PDF on A4: a title, headings, paragraphs, tables
 * of labels and values. Each page has its number, the document's number, the time of issue, and
 * says TEST 試験用 across it. Lines are broken by a simple form of the Japanese rules (breaking.h).
 * Text can be extracted, and of the font only what is used is embedded. The same calls make the
 * same octets.
 *
 * A document is laid out as it is told and drawn at its end, so a failure leaves nothing. Text is
 * UTF-8; "\n" in it ends a line. What moves a cursor or is invisible otherwise is ERR_INPUT with
 * the position of the character from 1 on. A character that the font lacks is shown as 〓, and the
 * document says so at its end. More than paper/limits.h has is ERR_INPUT.
 */
#pragma once

#include "base/caltime.h"
#include "paper/font.h"

struct paper;

enum paper_language { PAPER_JAPANESE, PAPER_ENGLISH }; /* of what this room says itself */

struct paper_head {
    const char *title;  /* at most PAPER_TITLE_MAX characters */
    const char *number; /* of the document, in ASCII: on each page */
    int64_t issued_at;  /* UTC seconds; shown as Japan's time */
    enum paper_language language;
};

/* The font has to outlive the document; what head points to has not. */
MUST_CHECK int paper_new(struct paper_font *font, const struct paper_head *head, struct paper **ret,
                         struct err *err);
void paper_free(struct paper *paper); /* accepts NULL */
void paper_freep(struct paper **paper);

/* It stays on a page with the line that follows. */
MUST_CHECK int paper_heading(struct paper *paper, const char *text, struct err *err);
/* A paragraph; "" is an empty line. */
MUST_CHECK int paper_line(struct paper *paper, const char *text, struct err *err);

struct paper_row {
    const char *label, *value;
};
/* Rows between rules. One that fits on a page is not parted. */
MUST_CHECK int paper_table(struct paper *paper, const struct paper_row *rows, size_t count,
                           struct err *err);

/*
 * The imprint of a seal: 1 to PAPER_SEAL_MAX characters, from top to bottom in a ring. The ring is
 * broken as no seal's is, so nobody takes it for one. It is a shape: no text is found there.
 */
MUST_CHECK int paper_seal(struct paper *paper, const char *letters, struct err *err);

/* How many characters are shown as 〓 so far. */
unsigned paper_replaced(const struct paper *paper);

/* "2026年11月26日", "26 November 2026". */
enum { PAPER_DAY_SIZE = 64 };
void paper_day(struct caldate day, enum paper_language language, char ret[PAPER_DAY_SIZE]);
/* The month of a day: 2026年5月, May 2026. */
void paper_month(struct caldate day, enum paper_language language, char ret[PAPER_DAY_SIZE]);

/* The document; paper takes no more after it. */
MUST_CHECK int paper_finish(struct paper *paper, struct buf *ret, struct err *err);
