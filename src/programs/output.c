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

int append_shown(struct buf *buf, struct bytes utf8, struct err *err)
{
    return utf8_append_mended(buf, utf8, is_unsafe, err);
}

const char *text_shown(const char *text, struct buf *room)
{
    if (append_shown(room, bytes_text(text), NULL) < 0 || buf_append_byte(room, 0, NULL) < 0)
        return "";
    return (const char *)room->ptr;
}

int output_put_name(struct json *object, const char *key, const char *name, struct err *err)
{
    CLEANUP(buf_done) struct buf mended = BUF_INIT;
    const char *text;

    TRY(utf8_append_mended(&mended, bytes_text(name), NULL, err)); /* JSON escapes controls */
    TRY(buf_text(&mended, &text, err));
    return json_put_text(object, key, text, err);
}
