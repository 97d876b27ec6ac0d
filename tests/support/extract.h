/* SPDX-License-Identifier: Apache-2.0 */
/* The words in a PDF, as poppler finds them; the test is skipped where pdftotext is missing. */
#pragma once

#include "base/bytes.h"

/* *ret is empty before. Lines as they stand on the page; a form feed ends each page. */
void extract_text(struct bytes pdf, struct buf *ret);
/* How often a part is in it. */
unsigned extract_count(const struct buf *text, const char *part);
