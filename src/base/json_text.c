/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "base/utf8.h"

#include <string.h>

enum { WORD = sizeof(uint64_t), NUMBER_SIZE = sizeof "-9223372036854775808" };

/* Whether one of eight bytes is below a number up to 128, or is another one (S. Anderson, Bit
 * Twiddling Hacks, "haszero", "hasless"). */
#define EACH(byte)             (UINT64_C(0x0101010101010101) * (byte))
#define HAS_LESS(word, number) (((word)-EACH(number)) & ~(word)&EACH(0x80))
#define HAS(word, byte)        HAS_LESS((word) ^ EACH(byte), 1)

/* Whether each of eight bytes stands in a text as it is; other than ASCII's may. */
static bool is_plain_word(uint64_t word)
{
    return (HAS_LESS(word, ' ') | HAS(word, '"') | HAS(word, '\\')) == 0;
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte != '"' && byte != '\\';
}

static uint64_t word_at(const uint8_t *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return word;
}

/* The length of what stands in a text as it is. */
static size_t plain_length(struct bytes text)
{
    size_t i = 0;

    while (text.len - i >= WORD && is_plain_word(word_at(text.ptr + i)))
        i += WORD;
    while (i < text.len && is_plain(text.ptr[i]))
        i++;
    return i;
}

static bool is_plain_ascii_word(uint64_t word)
{
    return (word & EACH(0x80)) == 0 && is_plain_word(word);
}

/* Whether all of it is ASCII that stands as it is. The last word overlaps the one before. */
static bool is_plain_ascii(struct bytes text)
{
    if (text.len < WORD) {
        for (size_t i = 0; i < text.len; i++)
            if (text.ptr[i] >= 0x80 || !is_plain(text.ptr[i]))
                return false;
        return true;
    }
    for (size_t i = 0; i + WORD < text.len; i += WORD)
        if (!is_plain_ascii_word(word_at(text.ptr + i)))
            return false;
    return is_plain_ascii_word(word_at(text.ptr + text.len - WORD));
}

static int append_escape(struct buf *to, uint8_t byte, struct err *err)
{
    static const char letters[] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                   ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};

    if (letters[byte] == 0)
        return buf_append_format(to, err, "\\u%04X", byte);
    TRY(buf_append_byte(to, '\\', err));
    return buf_append_byte(to, (uint8_t)letters[byte], err);
}

static int append_escaped(struct buf *to, struct bytes text, struct err *err)
{
    for (;;) {
        const size_t plain = plain_length(text);

        TRY(buf_append(to, bytes_of(text.ptr, plain), err));
        if (plain == text.len)
            return 0;
        TRY(append_escape(to, text.ptr[plain], err));
        text = bytes_part(text, plain + 1, text.len);
    }
}

int json_append_text(struct buf *to, struct bytes text, struct err *err)
{
    TRY(buf_append_byte(to, '"', err));
    TRY(append_escaped(to, text, err));
    return buf_append_byte(to, '"', err);
}

int json_append_checked(struct buf *to, struct bytes text, struct err *err)
{
    if (is_plain_ascii(text))
        return buf_append(to, text, err);
    if (!utf8_is_valid(text))
        return FAIL(err, ERR_INPUT, "not UTF-8");
    return append_escaped(to, text, err);
}

int json_append_int(struct buf *to, int64_t number, struct err *err)
{
    char text[NUMBER_SIZE];
    char *at = text + sizeof text;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        *--at = '-';
    return buf_append(to, bytes_of(at, (size_t)(text + sizeof text - at)), err);
}
