/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/tsv.h"

#include "base/utf8.h"

static int check_field(const char *field, size_t number, struct err *err)
{
    size_t len = strlen(field);

    if (len == 0)
        return FAIL(err, ERR_INPUT, "field %zu is empty", number);
    if (len > EXCHANGE_FIELD_MAX)
        return FAIL(err, ERR_INPUT, "field %zu is longer than %d bytes", number,
                    EXCHANGE_FIELD_MAX);
    if (!utf8_is_shown(bytes_of(field, len)))
        return FAIL(err, ERR_INPUT, "field %zu has something that cannot be shown", number);
    return 0;
}

static int cut_row(char *line, struct tsv_row *ret, struct err *err)
{
    ret->count = 0;
    while (line != NULL) {
        char *field = strsep(&line, "\t");

        if (ret->count == TSV_COLUMNS_MAX)
            return FAIL(err, ERR_INPUT, "more than %d fields", TSV_COLUMNS_MAX);
        TRY(check_field(field, ret->count + 1, err));
        ret->fields[ret->count++] = field;
    }
    return 0;
}

int tsv_cut(struct buf *text,
            int (*take)(void *context, const struct tsv_row *row, struct err *err), void *context,
            struct err *err)
{
    const char *whole;
    size_t rows = 0;
    char *rest;

    if (text->len > EXCHANGE_FILE_MAX)
        return FAIL(err, ERR_INPUT, "longer than %d bytes", EXCHANGE_FILE_MAX);
    TRY(buf_text(text, &whole, err));
    if (text->len > 0 && text->ptr[text->len - 1] != '\n')
        return FAIL(err, ERR_INPUT, "the last line does not end");
    rest = (char *)text->ptr;
    for (unsigned number = 1; rest != NULL && *rest != '\0'; number++) {
        char *line = strsep(&rest, "\n");
        struct tsv_row row;

        if (*line == '#')
            continue;
        if (rows++ == EXCHANGE_ROWS_MAX)
            return FAIL(err, ERR_INPUT, "more than %d rows", EXCHANGE_ROWS_MAX);
        TRY(err_prefix(err, cut_row(line, &row, err), "line %u", number));
        TRY(err_prefix(err, take(context, &row, err), "line %u", number));
    }
    return 0;
}

int tsv_width(const struct tsv_row *row, size_t count, struct err *err)
{
    if (row->count != count)
        return FAIL(err, ERR_INPUT, "%zu fields, not %zu", row->count, count);
    return 0;
}

int tsv_word(const char *text, const char *const words[], const char *what, unsigned *ret,
             struct err *err)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "%s is none of its words", what);
}
