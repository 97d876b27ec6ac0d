/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char *alphabet(enum base64_form form)
{
    return form == BASE64_URL ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                              : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

int base64_append(struct buf *buf, enum base64_form form, struct bytes data, struct err *err)
{
    const char *digits = alphabet(form);

    TRY(buf_reserve(buf, (data.len + 2) / 3 * 4, err));
    for (size_t i = 0; i < data.len; i += 3) {
        size_t have = data.len - i < 3 ? data.len - i : 3;
        uint32_t group = (uint32_t)data.ptr[i] << 16;

        if (have > 1)
            group |= (uint32_t)data.ptr[i + 1] << 8;
        if (have > 2)
            group |= data.ptr[i + 2];
        for (size_t d = 0; d < have + 1; d++)
            buf->ptr[buf->len++] = (uint8_t)digits[group >> (18 - 6 * d) & 63];
        for (size_t d = have; d < 3 && form == BASE64_PADDED; d++)
            buf->ptr[buf->len++] = '=';
    }
    return 0;
}

static int digit_value(enum base64_form form, uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (form == BASE64_URL ? '-' : '+'))
        return 62;
    if (c == (form == BASE64_URL ? '_' : '/'))
        return 63;
    return -1;
}

/* One group of 2 to 4 digits into 1 to 3 bytes. */
static int decode_group(enum base64_form form, struct bytes digits, struct buf *out,
                        struct err *err)
{
    uint32_t group = 0;
    uint32_t unused_bits = digits.len == 2 ? 0xffff : digits.len == 3 ? 0xff : 0;

    for (size_t i = 0; i < digits.len; i++) {
        int value = digit_value(form, digits.ptr[i]);

        if (value < 0)
            return FAIL(err, ERR_INPUT, "not a base64 digit");
        group |= (uint32_t)value << (18 - 6 * i);
    }
    if ((group & unused_bits) != 0)
        return FAIL(err, ERR_INPUT, "base64 with bits set behind its last byte");
    for (size_t i = 0; i + 1 < digits.len; i++)
        TRY(buf_append_byte(out, (uint8_t)(group >> (16 - 8 * i)), err));
    return 0;
}

int base64_decode(enum base64_form form, struct bytes text, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t len = text.len;

    if (form == BASE64_PADDED) {
        if (len % 4 != 0)
            return FAIL(err, ERR_INPUT, "base64 whose length is not a multiple of four");
        for (int i = 0; i < 2 && len > 0 && text.ptr[len - 1] == '='; i++)
            len--;
    }
    if (len % 4 == 1)
        return FAIL(err, ERR_INPUT, "base64 that is cut off");
    TRY(buf_reserve(&out, len / 4 * 3 + 3, err));
    for (size_t i = 0; i < len; i += 4)
        TRY(decode_group(form, bytes_part(bytes_of(text.ptr, len), i, 4), &out, err));
    buf_move(ret, &out);
    return 0;
}
