/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything is checked once in mo_parse, so that mo_find is a plain binary search. The printf
 * check matters most: translations are used as formats, and "%n" or one "%s" too many in a
 * translation would be a way into the program.
 */
#include "base/mo.h"

#include "base/utf8.h"

#include <string.h>

enum { MO_MAGIC = 0x950412de, MO_HEADER_SIZE = 28, MO_ROW_SIZE = 8 };

static uint32_t read_u32(const struct mo *mo, size_t at)
{
    const uint8_t *p = mo->file.ptr + at;

    if (mo->swapped)
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The index-th string of a table that was checked to lie inside the file. */
static int string_at(const struct mo *mo, uint32_t table, uint32_t index, struct bytes *ret,
                     struct err *err)
{
    size_t row = (size_t)table + (size_t)index * MO_ROW_SIZE;
    size_t len = read_u32(mo, row);
    size_t offset = read_u32(mo, row + 4);
    struct bytes text;

    if (offset >= mo->file.len || len >= mo->file.len - offset)
        return FAIL(err, ERR_INPUT, "message %u lies outside the catalogue", (unsigned)index);
    text = bytes_of(mo->file.ptr + offset, len);
    if (text.ptr[len] != '\0' || memchr(text.ptr, '\0', len) != NULL)
        return FAIL(err, ERR_INPUT, "message %u of the catalogue is no plain text",
                    (unsigned)index);
    if (!utf8_is_valid(text))
        return FAIL(err, ERR_INPUT, "message %u of the catalogue is not UTF-8", (unsigned)index);
    *ret = text;
    return 0;
}

/* One printf argument: length modifier and conversion, "zu"; empty if no argument is there. */
struct argument {
    char type[4];
};

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Reads a conversion that starts behind '%'; returns its end, NULL if we do not allow it. */
static const char *read_conversion(const char *at, struct argument arguments[], size_t *next)
{
    size_t slot = *next;
    size_t len = 0;

    if (at[0] >= '1' && at[0] <= '9' && at[1] == '$') {
        slot = (size_t)(at[0] - '1');
        at += 2;
    } else {
        (*next)++;
    }
    while (is_one_of(*at, "-+ #0123456789."))
        at++;
    if (slot >= MO_ARGUMENTS_MAX)
        return NULL;
    memset(&arguments[slot], 0, sizeof arguments[slot]);
    while (is_one_of(*at, "hljztL") && len < 2)
        arguments[slot].type[len++] = *at++;
    if (!is_one_of(*at, "diouxXfcsp"))
        return NULL;
    arguments[slot].type[len] = *at;
    return at + 1;
}

static bool read_arguments(const char *format, struct argument arguments[])
{
    size_t next = 0;

    while ((format = strchr(format, '%')) != NULL) {
        format++;
        if (*format == '%')
            format++;
        else if ((format = read_conversion(format, arguments, &next)) == NULL)
            return false;
    }
    return true;
}

/* A message that is no format ("100 % sure") can have any translation without conversions. */
static bool takes_same_arguments(const char *message, const char *translation)
{
    struct argument wanted[MO_ARGUMENTS_MAX] = {0};
    struct argument given[MO_ARGUMENTS_MAX] = {0};

    if (!read_arguments(message, wanted))
        memset(wanted, 0, sizeof wanted);
    return read_arguments(translation, given) && memcmp(wanted, given, sizeof wanted) == 0;
}

static int check_header(struct mo *mo, struct err *err)
{
    if (mo->file.len < MO_HEADER_SIZE)
        return FAIL(err, ERR_INPUT, "the catalogue is cut off");
    if (mo->file.len > MO_FILE_MAX)
        return FAIL(err, ERR_INPUT, "the catalogue is larger than %d bytes", MO_FILE_MAX);
    if (read_u32(mo, 0) != MO_MAGIC) {
        mo->swapped = true;
        if (read_u32(mo, 0) != MO_MAGIC)
            return FAIL(err, ERR_INPUT, "this is no message catalogue");
    }
    if (read_u32(mo, 4) >> 16 != 0)
        return FAIL(err, ERR_INPUT, "the catalogue has an unknown revision");
    mo->count = read_u32(mo, 8);
    mo->messages = read_u32(mo, 12);
    mo->translations = read_u32(mo, 16);
    if (mo->count > mo->file.len / MO_ROW_SIZE ||
        mo->messages > mo->file.len - (size_t)mo->count * MO_ROW_SIZE ||
        mo->translations > mo->file.len - (size_t)mo->count * MO_ROW_SIZE)
        return FAIL(err, ERR_INPUT, "the catalogue's tables lie outside the file");
    return 0;
}

int mo_parse(struct bytes file, struct mo *ret, struct err *err)
{
    struct mo mo = {.file = file};
    const char *before = NULL;

    TRY(check_header(&mo, err));
    for (uint32_t i = 0; i < mo.count; i++) {
        struct bytes message, translation;

        TRY(string_at(&mo, mo.messages, i, &message, err));
        TRY(string_at(&mo, mo.translations, i, &translation, err));
        if (before != NULL && strcmp(before, (const char *)message.ptr) >= 0)
            return FAIL(err, ERR_INPUT, "message %u of the catalogue is not in order", (unsigned)i);
        /* The empty message stands for the catalogue's own header, which is never printed. */
        if (message.len > 0 &&
            !takes_same_arguments((const char *)message.ptr, (const char *)translation.ptr))
            return FAIL(err, ERR_INPUT, "translation %u takes other arguments than its message",
                        (unsigned)i);
        before = (const char *)message.ptr;
    }
    *ret = mo;
    return 0;
}

const char *mo_find(const struct mo *mo, const char *message)
{
    uint32_t low = 0;
    uint32_t high = mo->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        size_t row = (size_t)middle * MO_ROW_SIZE + 4;
        int order = strcmp(message, (const char *)mo->file.ptr + read_u32(mo, mo->messages + row));

        if (order == 0)
            return (const char *)mo->file.ptr + read_u32(mo, mo->translations + row);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
