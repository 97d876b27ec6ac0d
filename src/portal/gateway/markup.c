/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/markup.h"

#include "portal/procedure/content.h"

#include <string.h>

static int append_plain(struct buf *buf, const char *text, struct err *err)
{
    static const struct {
        char c;
        const char *wide;
    } marks[] = {{'|', "｜"}, {'<', "＜"}, {'^', "＾"}};

    for (; *text != '\0'; text++) {
        const char *wide = NULL;

        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            if (marks[i].c == *text)
                wide = marks[i].wide;
        if (wide != NULL)
            TRY(buf_append_text(buf, wide, err));
        else
            TRY(buf_append_byte(buf, (uint8_t)*text, err));
    }
    return 0;
}

static int append_place(struct buf *buf, const struct table_place *place, struct err *err)
{
    const char *text;

    if (place->kind == PLACE_FROM_ABOVE)
        return buf_append_byte(buf, '^', err);
    if (place->kind == PLACE_FROM_LEFT)
        return buf_append_byte(buf, '<', err);
    TRY(json_get_text(place->cell, "text", &text, err));
    return append_plain(buf, text, err);
}

static int append_table(struct buf *buf, const struct json *table, struct err *err)
{
    CLEANUP(table_shape_done) struct table_shape shape = {.at = NULL};

    TRY(table_shape_of(table, &shape, err));
    for (size_t row = 0; row < shape.rows; row++) {
        TRY(buf_append_text(buf, row == 0 ? "|" : "\n|", err));
        for (size_t column = 0; column < shape.columns; column++) {
            TRY(append_place(buf, &shape.at[row * shape.columns + column], err));
            TRY(buf_append_byte(buf, '|', err));
        }
    }
    return 0;
}

static int append_list(struct buf *buf, const struct json *list, struct err *err)
{
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(buf_append_text(buf, i == 0 ? "・" : "<br>・", err));
        TRY(append_plain(buf, json_text(json_at(list, i)), err));
    }
    return 0;
}

static int append_block(struct buf *buf, const struct json *block, struct err *err)
{
    const struct json *array;
    const char *text;

    if (json_has(block, "table")) {
        TRY(json_get_array(block, "table", &array, err));
        return append_table(buf, array, err);
    }
    if (json_has(block, "list")) {
        TRY(json_get_array(block, "list", &array, err));
        return append_list(buf, array, err);
    }
    TRY(json_get_text(block, "paragraph", &text, err));
    return append_plain(buf, text, err);
}

/* Lines of a table are lines; between anything else there is a break. */
static const char *between(const struct json *before, const struct json *block)
{
    return json_has(before, "table") || json_has(block, "table") ? "\n" : "<br>";
}

int markup_append(struct buf *buf, const struct json *blocks, struct err *err)
{
    for (size_t i = 0; i < json_count(blocks); i++) {
        const struct json *block = json_at(blocks, i);

        if (i > 0)
            TRY(buf_append_text(buf, between(json_at(blocks, i - 1), block), err));
        TRY(append_block(buf, block, err));
    }
    return 0;
}
