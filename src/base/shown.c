/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shown.h"

#include "base/utf8.h"

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
