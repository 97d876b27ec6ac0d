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

/* What a character stands for, and in which forms; 0: in none. */
enum { VALUE = 0x3f, IN_URL = 0x40, IN_PADDED = 0x80, IN_BOTH = IN_URL | IN_PADDED };

#define DIGITS_4(first, value)                                                                     \
    [(first)] = IN_BOTH | (value), [(first) + 1] = IN_BOTH | ((value) + 1),                        \
    [(first) + 2] = IN_BOTH | ((value) + 2), [(first) + 3] = IN_BOTH | ((value) + 3)
#define DIGITS_24(first, value)                                                                    \
    DIGITS_4((first), (value)), DIGITS_4((first) + 4, (value) + 4),                                \
        DIGITS_4((first) + 8, (value) + 8), DIGITS_4((first) + 12, (value) + 12),                  \
        DIGITS_4((first) + 16, (value) + 16), DIGITS_4((first) + 20, (value) + 20)
static const uint8_t
    digits_of[UINT8_MAX + 1] =
        {
            DIGITS_24('A', 0),      ['Y'] = IN_BOTH | 24,   ['Z'] = IN_BOTH | 25,
            DIGITS_24('a', 26),     ['y'] = IN_BOTH | 50,   ['z'] = IN_BOTH | 51,
            DIGITS_4('0', 52),      DIGITS_4('4', 56),      ['8'] = IN_BOTH | 60,
            ['9'] = IN_BOTH | 61,   ['-'] = IN_URL | 62,    ['_'] = IN_URL | 63,
            ['+'] = IN_PADDED | 62, ['/'] = IN_PADDED | 63,
};

/*
 * A group of 2 to 4 digits into 1 to 3 octets, as one number; what is no digit of the form clears
 * its bit in *allowed.
 */
static uint32_t read_group(const uint8_t *digits, size_t count, uint8_t *allowed)
{
    uint32_t group = 0;

    for (size_t i = 0; i < count; i++) {
        uint8_t digit = digits_of[digits[i]];

        *allowed &= digit;
        group |= (uint32_t)(digit & VALUE) << (18 - 6 * i);
    }
    return group;
}

static void write_group(uint32_t group, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++)
        out->ptr[out->len++] = (uint8_t)(group >> (16 - 8 * i));
}

/* Digits without padding; there is room for what they stand for. */
static int decode(enum base64_form form, struct bytes digits, struct buf *out, struct err *err)
{
    const size_t whole = digits.len / 4 * 4;
    const size_t rest = digits.len - whole;
    uint8_t allowed = form == BASE64_URL ? IN_URL : IN_PADDED;
    uint32_t group = 0;

    for (size_t i = 0; i < whole; i += 4)
        write_group(read_group(digits.ptr + i, 4, &allowed), 3, out);
    if (rest > 0) {
        group = read_group(digits.ptr + whole, rest, &allowed);
        write_group(group, rest - 1, out);
    }
    if (allowed == 0)
        return FAIL(err, ERR_INPUT, "not a base64 digit");
    if (rest > 0 && (group & (rest == 2 ? 0xffffU : 0xffU)) != 0)
        return FAIL(err, ERR_INPUT, "base64 with bits set behind its last byte");
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
    TRY(decode(form, bytes_part(text, 0, len), &out, err));
    buf_move(ret, &out);
    return 0;
}
