/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <string.h>

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int hex_append(struct buf *buf, struct bytes data, struct err *err)
{
    static const char digits[] = "0123456789abcdef";

    TRY(buf_reserve(buf, data.len * 2, err));
    for (size_t i = 0; i < data.len; i++) {
        buf->ptr[buf->len++] = (uint8_t)digits[data.ptr[i] >> 4];
        buf->ptr[buf->len++] = (uint8_t)digits[data.ptr[i] & 15];
    }
    return 0;
}

int hex_decode(const char *text, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t len = strlen(text);

    if (len % 2 != 0)
        return FAIL(err, ERR_INPUT, "an odd number of hexadecimal digits");
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_digit(text[i]);
        int low = hex_digit(text[i + 1]);

        if (high < 0 || low < 0)
            return FAIL(err, ERR_INPUT, "not a hexadecimal digit at position %zu",
                        high < 0 ? i : i + 1);
        TRY(buf_append_byte(&out, (uint8_t)(high << 4 | low), err));
    }
    buf_move(ret, &out);
    return 0;
}
