/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

/* Length of a sequence by its first byte, 0 if none starts so. */
static size_t sequence_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if ((first & 0xf0) == 0xe0)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

int utf8_next(struct bytes *rest, uint32_t *ret, struct err *err)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;
    uint32_t c;

    if (rest->len == 0)
        return FAIL(err, ERR_ABSENT, "end of text");
    len = sequence_len(rest->ptr[0]);
    if (len == 0 || len > rest->len)
        return FAIL(err, ERR_INPUT, "malformed UTF-8");
    c = len == 1 ? rest->ptr[0] : rest->ptr[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((rest->ptr[i] & 0xc0) != 0x80)
            return FAIL(err, ERR_INPUT, "malformed UTF-8");
        c = c << 6 | (rest->ptr[i] & 0x3f);
    }
    if (c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return FAIL(err, ERR_INPUT, "malformed UTF-8");
    *rest = (struct bytes){rest->ptr + len, rest->len - len};
    *ret = c;
    return 0;
}

size_t utf8_count(struct bytes text)
{
    size_t count = 0;
    uint32_t c;

    for (; text.len > 0; count++) {
        if (text.ptr[0] < 0x80) /* most of what is in certificates */
            text = (struct bytes){text.ptr + 1, text.len - 1};
        else if (utf8_next(&text, &c, NULL) < 0)
            return 0;
    }
    return count;
}

/* How many bytes at the beginning are ASCII, at least; looked at eight by eight. */
static size_t ascii_length(struct bytes text)
{
    size_t i = 0;
    uint64_t word;

    for (; text.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, text.ptr + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < text.len && text.ptr[i] < 0x80)
        i++;
    return i;
}

/* Whether a character of three bytes is next, as most in Japanese are. */
static bool is_of_three(struct bytes text)
{
    const uint8_t *c = text.ptr;

    if (text.len < 3 || (c[0] & 0xf0) != 0xe0 || (c[1] & 0xc0) != 0x80 || (c[2] & 0xc0) != 0x80)
        return false;
    /* Of two bytes, and surrogates. */
    return !(c[0] == 0xe0 && c[1] < 0xa0) && !(c[0] == 0xed && c[1] >= 0xa0);
}

bool utf8_is_valid(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c;

        if (text.ptr[0] < 0x80) {
            const size_t ascii = ascii_length(text);

            text = (struct bytes){text.ptr + ascii, text.len - ascii};
        } else if (is_of_three(text)) {
            text = (struct bytes){text.ptr + 3, text.len - 3};
        } else if (utf8_next(&text, &c, NULL) < 0) {
            return false;
        }
    }
    return true;
}

/*
 * Controls, what is not seen or changes the direction (Default_Ignorable_Code_Point without the
 * variation selectors, which tell forms of kanji apart), and what is no character.
 */
static bool is_hidden(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {{0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
                  {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
                  {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
                  {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
                  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff}};

    if ((c & 0xfffe) == 0xfffe)
        return true;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return true;
    return false;
}

bool utf8_is_shown(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c;

        if (utf8_next(&text, &c, NULL) < 0 || is_hidden(c))
            return false;
    }
    return true;
}

static bool is_blank(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } blanks[] = {{0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},
                  {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
                  {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000}};

    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
        if (c >= blanks[i].first && c <= blanks[i].last)
            return true;
    return false;
}

bool utf8_is_blank(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c;

        if (utf8_next(&text, &c, NULL) < 0 || !is_blank(c))
            return false;
    }
    return true;
}

int utf8_append_mended(struct buf *buf, struct bytes text, bool (*is_unwanted)(uint32_t c),
                       struct err *err)
{
    while (text.len > 0) {
        struct bytes before = text;
        uint32_t c = 0;
        bool is_wanted = utf8_next(&text, &c, NULL) == 0;

        if (!is_wanted)
            text = bytes_part(before, 1, before.len);
        if (is_wanted && (is_unwanted == NULL || !is_unwanted(c)))
            TRY(buf_append(buf, bytes_of(before.ptr, before.len - text.len), err));
        else
            TRY(buf_append_text(buf, "\xef\xbf\xbd", err));
    }
    return 0;
}
