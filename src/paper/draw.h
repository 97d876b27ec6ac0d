/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces as octets of a PDF. Inside this room only. */
#pragma once

#include "paper/sheets.h"

/* What stands on each page. */
struct frame {
    struct span banner, mark, number, issued; /* mark: across the page */
    const struct span *page_numbers;          /* one for each page */
    const char *title;
    int64_t issued_at;
};

/* The font's lock is taken here. ERR_NOMEM is all that cairo may fail with. */
MUST_CHECK int draw_pdf(const struct sheets *sheets, const struct frame *frame, struct buf *ret,
                        struct err *err);
