/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/output.h"

#include "base/utf8.h"

#include <stdio.h>

int output_json(const struct json *value, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_write(value, &text, err));
    (void)fwrite(text.ptr, 1, text.len, stdout);
    (void)fputc('\n', stdout); /* a full disk is noticed by cli_main */
    return 0;
}

/* C0, DEL, C1 and the bidirectional controls (Unicode Standard, 23.2). */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Malformed bytes, and characters that are not wanted, become U+FFFD. */
static int append_mended(struct buf *buf, struct bytes utf8, bool (*is_unwanted)(uint32_t c),
                         struct err *err)
{
    while (utf8.len > 0) {
        struct bytes before = utf8;
        uint32_t c = 0;
        bool is_wanted = utf8_next(&utf8, &c, NULL) == 0;

        if (!is_wanted)
            utf8 = bytes_part(before, 1, before.len);
        if (is_wanted && !is_unwanted(c))
            TRY(buf_append(buf, bytes_of(before.ptr, before.len - utf8.len), err));
        else
            TRY(buf_append_text(buf, "\xef\xbf\xbd", err));
    }
    return 0;
}

int append_shown(struct buf *buf, struct bytes utf8, struct err *err)
{
    return append_mended(buf, utf8, is_unsafe, err);
}

const char *text_shown(const char *text, struct buf *room)
{
    if (append_shown(room, bytes_text(text), NULL) < 0 || buf_append_byte(room, 0, NULL) < 0)
        return "";
    return (const char *)room->ptr;
}

/* JSON has escapes for control characters. */
static bool is_none(uint32_t c)
{
    (void)c;
    return false;
}

int output_put_name(struct json *object, const char *key, const char *name, struct err *err)
{
    CLEANUP(buf_done) struct buf mended = BUF_INIT;
    const char *text;

    TRY(append_mended(&mended, bytes_text(name), is_none, err));
    TRY(buf_text(&mended, &text, err));
    return json_put_text(object, key, text, err);
}
