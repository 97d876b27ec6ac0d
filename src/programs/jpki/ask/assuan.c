/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/ask/assuan.h"

#include "base/hex.h"

#include <string.h>

enum { ERROR_CODE_MASK = 0xFFFF };

static const struct {
    const char *word;
    enum assuan_kind kind;
} words[] = {
    {"OK", ASSUAN_OK},           {"ERR", ASSUAN_ERR},   {"D", ASSUAN_DATA},
    {"INQUIRE", ASSUAN_INQUIRE}, {"S", ASSUAN_IGNORED},
};

static unsigned number_of(struct bytes digits)
{
    uint32_t number = 0;

    for (size_t i = 0; i < digits.len && digits.ptr[i] >= '0' && digits.ptr[i] <= '9'; i++)
        number = number * 10 + (uint32_t)(digits.ptr[i] - '0'); /* wraps, as nonsense may */
    return number & ERROR_CODE_MASK;
}

int assuan_parse(struct bytes line, struct assuan_line *ret, struct err *err)
{
    size_t len = 0;

    if (line.len > ASSUAN_LINE_MAX)
        return FAIL(err, ERR_INPUT, "a line of more than %d bytes", ASSUAN_LINE_MAX);
    if (line.len == 0 || line.ptr[0] == '#') {
        *ret = (struct assuan_line){.kind = ASSUAN_IGNORED};
        return 0;
    }
    while (len < line.len && line.ptr[len] != ' ')
        len++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!bytes_equal(bytes_part(line, 0, len), bytes_text(words[i].word)))
            continue;
        *ret = (struct assuan_line){words[i].kind, bytes_part(line, len + 1, line.len), 0};
        if (ret->kind == ASSUAN_ERR)
            ret->error_code = number_of(ret->rest);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "a line that is not of the Assuan protocol");
}

int assuan_decode(struct bytes escaped, struct secret *to, size_t *len, struct err *err)
{
    size_t at = *len;

    for (size_t i = 0; i < escaped.len; i++) {
        uint8_t byte = escaped.ptr[i];

        if (byte == '%') {
            int high = escaped.len - i > 2 ? hex_digit((char)escaped.ptr[i + 1]) : -1;
            int low = escaped.len - i > 2 ? hex_digit((char)escaped.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return FAIL(err, ERR_INPUT, "an escape that is none");
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (at == to->len)
            return FAIL(err, ERR_DENIED,
                        "no PIN is longer than %zu characters; nothing was sent to the card",
                        to->len);
        to->ptr[at++] = byte;
    }
    *len = at;
    return 0;
}

int assuan_append(struct buf *buf, const char *text, struct err *err)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n')
            TRY(buf_append_format(buf, err, "%%%02X", (unsigned)*text));
        else
            TRY(buf_append_byte(buf, (uint8_t)*text, err));
    }
    return 0;
}
