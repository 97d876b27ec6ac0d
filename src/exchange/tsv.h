/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table as a file: UTF-8, a row a line, fields with a tab between, lines that begin with '#' left
 * out. No field is empty ("-" stands for nothing), and none holds what cannot be shown.
 */
#pragma once

#include "base/bytes.h"
#include "exchange/limits.h"

enum { TSV_COLUMNS_MAX = 8 };

struct tsv_row {
    size_t count;
    char *fields[TSV_COLUMNS_MAX]; /* inside the text that was cut */
};

/*
 * Cut a text in place and give each row to take, which may keep the fields as long as the text
 * lives. ERR_INPUT names the line, also for a failure of take.
 */
MUST_CHECK int tsv_cut(struct buf *text,
                       int (*take)(void *context, const struct tsv_row *row, struct err *err),
                       void *context, struct err *err);
/* ERR_INPUT unless the row has so many fields. */
MUST_CHECK int tsv_width(const struct tsv_row *row, size_t count, struct err *err);
/* The index of a word in a list ended by NULL; ERR_INPUT names what it is for. */
MUST_CHECK int tsv_word(const char *text, const char *const words[], const char *what,
                        unsigned *ret, struct err *err);
