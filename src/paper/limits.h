/* SPDX-License-Identifier: Apache-2.0 */
/* What a document may have at most; each has a test at the limit and one past it. */
#pragma once

enum {
    PAPER_FONT_MAX = 67108864,     /* bytes of a font file */
    PAPER_TITLE_MAX = 40,          /* characters of a title; it stands in one line */
    PAPER_NUMBER_MAX = 64,         /* characters of a document's number */
    PAPER_TEXT_MAX = 20000,        /* characters of one paragraph or cell */
    PAPER_CHARACTERS_MAX = 200000, /* characters of a document */
    PAPER_PAGES_MAX = 200,
    PAPER_SEAL_MAX = 8, /* characters of a seal */
};
