/* SPDX-License-Identifier: Apache-2.0 */
#include "docsign/pdf_syntax.h"

#include "docsign/limits.h"

/* Where reading is, and what is open there. */
struct walk {
    struct bytes file;
    size_t at, end;
    char open[PDF_DEPTH_MAX]; /* '[' or '<' */
    size_t depth;
};

bool pdf_is_space(uint8_t byte)
{
    return byte == 0 || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r' || byte == ' ';
}

static bool pdf_is_delimiter(uint8_t byte)
{
    return byte != 0 && strchr("()<>[]{}/%", byte) != NULL;
}

static bool is_regular(uint8_t byte)
{
    return !pdf_is_space(byte) && !pdf_is_delimiter(byte);
}

size_t pdf_skip_space(struct bytes file, size_t at)
{
    while (at < file.len && (pdf_is_space(file.ptr[at]) || file.ptr[at] == '%')) {
        if (file.ptr[at] == '%')
            while (at < file.len && file.ptr[at] != '\n' && file.ptr[at] != '\r')
                at++;
        else
            at++;
    }
    return at;
}

static void skip_regular(struct walk *walk)
{
    while (walk->at < walk->end && is_regular(walk->file.ptr[walk->at]))
        walk->at++;
}

/* 7.3.4.2: brackets pair up inside it, unless they are escaped. */
static bool skip_string(struct walk *walk)
{
    size_t depth = 0;

    for (; walk->at < walk->end; walk->at++) {
        uint8_t byte = walk->file.ptr[walk->at];

        if (byte == '\\')
            walk->at++;
        else if (byte == '(')
            depth++;
        else if (byte == ')' && --depth == 0) {
            walk->at++;
            return walk->at <= walk->end;
        }
    }
    return false;
}

/* 7.3.4.3 */
static bool skip_hex(struct walk *walk)
{
    while (walk->at < walk->end && walk->file.ptr[walk->at] != '>') {
        uint8_t byte = walk->file.ptr[walk->at++];

        if (!pdf_is_space(byte) && (byte == 0 || strchr("0123456789abcdefABCDEF", byte) == NULL))
            return false;
    }
    return walk->at++ < walk->end;
}

static bool is_pair(const struct walk *walk, uint8_t byte)
{
    return walk->at + 1 < walk->end && walk->file.ptr[walk->at] == byte &&
           walk->file.ptr[walk->at + 1] == byte;
}

static bool enter(struct walk *walk, char bracket, size_t octets)
{
    if (walk->depth == PDF_DEPTH_MAX)
        return false;
    walk->open[walk->depth++] = bracket;
    walk->at += octets;
    return true;
}

static bool leave(struct walk *walk, char bracket, size_t octets)
{
    if (walk->depth == 0 || walk->open[walk->depth - 1] != bracket)
        return false;
    walk->depth--;
    walk->at += octets;
    return true;
}

/* Numbers, and the words that are objects or refer to one; "obj", "stream" and others end it. */
static bool skip_word(struct walk *walk)
{
    static const char *const words[] = {"true", "false", "null", "R"};
    size_t from = walk->at;
    struct bytes word;

    skip_regular(walk);
    word = bytes_part(walk->file, from, walk->at - from);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (bytes_equal(word, bytes_text(words[i])))
            return true;
    for (size_t i = 0; i < word.len; i++)
        if (strchr("0123456789+-.", word.ptr[i]) == NULL || word.ptr[i] == 0)
            return false;
    return word.len > 0;
}

static bool skip_one(struct walk *walk)
{
    uint8_t byte = walk->file.ptr[walk->at];

    if (is_pair(walk, '<'))
        return enter(walk, '<', 2);
    if (is_pair(walk, '>'))
        return leave(walk, '<', 2);
    switch (byte) {
    case '[':
        return enter(walk, '[', 1);
    case ']':
        return leave(walk, '[', 1);
    case '(':
        return skip_string(walk);
    case '<':
        walk->at++;
        return skip_hex(walk);
    case '/':
        walk->at++;
        skip_regular(walk);
        return true;
    default:
        return skip_word(walk);
    }
}

bool pdf_is_objects(struct bytes file, size_t from, size_t to)
{
    struct walk walk = {.file = file, .at = from, .end = to};

    if (to > file.len || from > to)
        return false;
    for (;;) {
        walk.at = pdf_skip_space(bytes_part(file, 0, to), walk.at);
        if (walk.at >= to)
            return walk.at == to && walk.depth == 0;
        if (!skip_one(&walk))
            return false;
    }
}

bool pdf_take_number(struct bytes file, size_t *at, size_t *ret)
{
    size_t from = pdf_skip_space(file, *at);
    size_t number = 0;
    size_t i = from;

    for (; i < file.len && file.ptr[i] >= '0' && file.ptr[i] <= '9'; i++) {
        number = number * 10 + (size_t)(file.ptr[i] - '0');
        if (number > INT32_MAX)
            return false;
    }
    if (i == from)
        return false;
    *at = i;
    *ret = number;
    return true;
}
