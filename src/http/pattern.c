/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost is linear in the text: a run outside of groups sees each character once; a group sees at
 * most as many as its runs may have, a number of the pattern, before it takes at least one or ends.
 */
#include "http/pattern.h"

#include "base/utf8.h"

#include <limits.h>
#include <string.h>

enum { RANGES_MAX = 8, REPEAT_MAX = 100000 };

struct range {
    uint32_t first, last;
};

/* Characters that may stand at one place. */
struct set {
    struct range ranges[RANGES_MAX];
    size_t count;
    uint64_t ascii[2]; /* the same up to U+007F, as bits */
};

struct times {
    size_t least, most;
};

/* One character of a text that ends with NUL; NULL at its end. */
static const char *read_char(const char *at, uint32_t *ret)
{
    const unsigned char first = (unsigned char)*at;
    struct bytes rest;

    if (first > 0 && first < 0x80) {
        *ret = first;
        return at + 1;
    }
    rest = bytes_of(at, strnlen(at, 4));
    return utf8_next(&rest, ret, NULL) < 0 ? NULL : (const char *)rest.ptr;
}

static bool add_range(struct set *set, uint32_t first, uint32_t last)
{
    if (set->count == RANGES_MAX || first > last)
        return false;
    set->ranges[set->count++] = (struct range){first, last};
    for (uint32_t half = 0; half < 2; half++) {
        uint32_t low = half * 64, from = first > low ? first - low : 0;

        if (from < 64 && last >= low)
            set->ascii[half] |= (UINT64_MAX << from) &
                                (UINT64_MAX >> (last - low < 63 ? 63 - (last - low) : 0));
    }
    return true;
}

/* A character of a pattern that stands for itself: behind "\" only signs do. */
static const char *read_literal(const char *at, const char *special, uint32_t *ret)
{
    static const char signs[] = "^$\\.*+?()[]{}|/-";

    if (*at == '\\')
        return at[1] != '\0' && strchr(signs, at[1]) != NULL ? read_char(at + 1, ret) : NULL;
    return *at != '\0' && strchr(special, *at) != NULL ? NULL : read_char(at, ret);
}

/* Behind "[". */
static const char *read_class(const char *at, struct set *ret)
{
    uint32_t first, last;

    do {
        at = read_literal(at, "[]^", &first);
        last = first;
        if (at != NULL && at[0] == '-' && at[1] != ']')
            at = read_literal(at + 1, "[]^", &last);
        if (at == NULL || !add_range(ret, first, last))
            return NULL;
    } while (*at != ']');
    return at + 1;
}

/* "." is all but the ends of lines (ECMA-262, 22.2.2.7). */
static const char *read_set(const char *at, struct set *ret)
{
    uint32_t c;

    *ret = (struct set){.count = 0};
    if (*at == '[')
        return read_class(at + 1, ret);
    if (*at == '.')
        return add_range(ret, 1, '\n' - 1) && add_range(ret, '\n' + 1, '\r' - 1) &&
                       add_range(ret, '\r' + 1, 0x2027) && add_range(ret, 0x202A, 0x10FFFF)
                   ? at + 1
                   : NULL;
    at = read_literal(at, "^$*+?()[]{}|", &c);
    return at != NULL && add_range(ret, c, c) ? at : NULL;
}

static const char *read_number(const char *at, size_t *ret)
{
    size_t number = 0;

    if (*at < '0' || *at > '9')
        return NULL;
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (size_t)(*at - '0');
        if (number > REPEAT_MAX)
            return NULL;
    }
    *ret = number;
    return at;
}

/* Behind "{". */
static const char *read_braces(const char *at, struct times *ret)
{
    at = read_number(at, &ret->least);
    if (at == NULL)
        return NULL;
    ret->most = ret->least;
    if (*at == ',') {
        at++;
        ret->most = SIZE_MAX;
        if (*at != '}')
            at = read_number(at, &ret->most);
    }
    return at != NULL && *at == '}' && ret->least <= ret->most ? at + 1 : NULL;
}

static const char *read_times(const char *at, struct times *ret)
{
    switch (*at) {
    case '{':
        return read_braces(at + 1, ret);
    case '*':
        *ret = (struct times){0, SIZE_MAX};
        return at + 1;
    case '+':
        *ret = (struct times){1, SIZE_MAX};
        return at + 1;
    case '?':
        *ret = (struct times){0, 1};
        return at + 1;
    default:
        *ret = (struct times){1, 1};
        return at;
    }
}

static bool ends_runs(char c)
{
    return c == '\0' || strchr("()|$", c) != NULL;
}

static const char *check_runs(const char *at, size_t most)
{
    struct set set;
    struct times times = {0};

    while (at != NULL && !ends_runs(*at)) {
        at = read_set(at, &set);
        if (at != NULL)
            at = read_times(at, &times);
        if (times.most > most)
            return NULL;
    }
    return at;
}

/* From "(" on. */
static const char *check_group(const char *at)
{
    struct times times;

    do
        at = check_runs(at + 1, HTTP_PATTERN_GROUP_MAX);
    while (at != NULL && *at == '|');
    return at != NULL && *at == ')' ? read_times(at + 1, &times) : NULL;
}

bool http_pattern_is_valid(const char *pattern)
{
    const char *at = *pattern == '^' ? check_runs(pattern + 1, SIZE_MAX) : NULL;

    while (at != NULL && *at == '(') {
        at = check_group(at);
        if (at != NULL)
            at = check_runs(at, SIZE_MAX);
    }
    return at != NULL && strcmp(at, "$") == 0;
}

/* One character that may stand there, and where the text goes on; or NULL. */
static const char *take_one(const struct set *set, const char *text)
{
    uint32_t c = (unsigned char)*text;

    if (c < 0x80)
        return (set->ascii[c / 64] >> (c % 64) & 1) != 0 ? text + 1 : NULL;
    text = read_char(text, &c);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < set->count; i++) {
        if (c >= set->ranges[i].first && c <= set->ranges[i].last)
            return text;
    }
    return NULL;
}

/* The end of what fits of the text, or NULL. */
static const char *take_run(const struct set *set, const struct times *times, const char *text)
{
    for (size_t count = 0; count < times->most; count++) {
        const char *next = take_one(set, text);

        if (next == NULL)
            return count >= times->least ? text : NULL;
        text = next;
    }
    return text;
}

/* Moves *pattern behind the runs also when they do not fit, or to NULL. */
static const char *take_runs(const char **pattern, const char *text)
{
    const char *at = *pattern;
    struct set set;
    struct times times;

    while (at != NULL && !ends_runs(*at)) {
        at = read_set(at, &set);
        if (at != NULL)
            at = read_times(at, &times);
        if (at != NULL && text != NULL)
            text = take_run(&set, &times, text);
    }
    *pattern = at;
    return text;
}

/* From "(" on: once. *pattern moves to ")", or to NULL. */
static const char *take_way(const char **pattern, const char *text)
{
    const char *end = NULL;

    do {
        const char *tried;

        *pattern += 1;
        tried = take_runs(pattern, text);
        if (end == NULL)
            end = tried;
    } while (*pattern != NULL && **pattern == '|');
    return end;
}

static const char *take_group(const char **pattern, const char *text)
{
    const char *at = *pattern;
    const char *end = take_way(&at, text);
    struct times times = {0};

    if (at != NULL)
        at = *at == ')' ? read_times(at + 1, &times) : NULL;
    for (size_t count = 0; at != NULL && count < times.most && end != text; count++) {
        const char *again = *pattern;

        if (end == NULL) {
            text = count >= times.least ? text : NULL;
            break;
        }
        text = end;
        end = count + 1 < times.most ? take_way(&again, text) : text;
    }
    *pattern = at;
    return text;
}

bool http_pattern_fits(const char *pattern, const char *text)
{
    const char *at = pattern + 1;

    if (*pattern != '^')
        return false;
    text = take_runs(&at, text);
    while (at != NULL && text != NULL && *at == '(') {
        text = take_group(&at, text);
        if (at != NULL && text != NULL)
            text = take_runs(&at, text);
    }
    return at != NULL && text != NULL && strcmp(at, "$") == 0 && *text == '\0';
}
