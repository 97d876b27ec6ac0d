/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson takes texts character by character and copies them twice, which for a request of 4 kB is
 * as long as a verification of RSA-2048. Here a text is looked through once and taken as a whole.
 * Nothing is decided: whoever is in doubt gives up, and jansson reads all of it again.
 */
#include "base/json_plain.h"

#include "base/json_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 63, DIGITS_MAX = 15 };

struct cursor {
    const uint8_t *at, *end;
    unsigned depth;
};

static json_t *read_value(struct cursor *cursor);

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
                                        *cursor->at == '\n' || *cursor->at == '\r'))
        cursor->at++;
}

/* Whether that is next, behind blanks; it is then behind us. */
static bool take(struct cursor *cursor, char c)
{
    skip_blanks(cursor);
    if (cursor->at == cursor->end || *cursor->at != (uint8_t)c)
        return false;
    cursor->at++;
    return true;
}

/* What stands between two quotation marks; whether it is ASCII. False if it is not plain. */
static bool take_text(struct cursor *cursor, struct bytes *ret, bool *ret_ascii)
{
    const uint8_t *start;
    uint8_t seen = 0;

    if (!take(cursor, '"'))
        return false;
    start = cursor->at;
    for (; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++) {
        if (*cursor->at == '\\' || *cursor->at < ' ')
            return false;
        seen |= *cursor->at;
    }
    *ret = bytes_of(start, (size_t)(cursor->at - start));
    *ret_ascii = seen < 0x80;
    return cursor->at < cursor->end && *cursor->at++ == '"';
}

static json_t *read_text(struct cursor *cursor)
{
    struct bytes text;
    bool is_ascii;

    if (!take_text(cursor, &text, &is_ascii))
        return NULL;
    /* The second looks at its UTF-8. */
    return is_ascii ? json_stringn_nocheck((const char *)text.ptr, text.len)
                    : json_stringn((const char *)text.ptr, text.len);
}

/* Whether a number or a word ends here. */
static bool is_end(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at != '\0' &&
           strchr(",]} \t\r\n", *cursor->at) != NULL;
}

/* 0, or up to DIGITS_MAX digits without zeros in front, and nothing that would go on. */
static json_t *read_number(struct cursor *cursor)
{
    const uint8_t *start = cursor->at;
    json_int_t number = 0;

    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' &&
           cursor->at - start <= DIGITS_MAX)
        number = number * 10 + (*cursor->at++ - '0');
    if (cursor->at - start > DIGITS_MAX || (*start == '0' && cursor->at - start > 1))
        return NULL;
    return is_end(cursor) ? json_integer(number) : NULL;
}

static json_t *read_word(struct cursor *cursor)
{
    static const char words[][6] = {"true", "false", "null"};
    json_t *const values[] = {json_true(), json_false(), json_null()};
    const struct bytes rest = bytes_of(cursor->at, (size_t)(cursor->end - cursor->at));

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (!bytes_start_with(rest, bytes_text(words[i])))
            continue;
        cursor->at += strlen(words[i]);
        return is_end(cursor) ? values[i] : NULL;
    }
    return NULL;
}

static bool read_member(struct cursor *cursor, json_t *object)
{
    char key[KEY_MAX + 1];
    struct bytes name;
    bool is_ascii;
    json_t *value;

    if (!take_text(cursor, &name, &is_ascii) || !is_ascii || name.len > KEY_MAX ||
        !take(cursor, ':'))
        return false;
    memcpy(key, name.ptr, name.len);
    key[name.len] = '\0';
    value = json_object_get(object, key) == NULL ? read_value(cursor) : NULL;
    return value != NULL && json_object_set_new_nocheck(object, key, value) == 0;
}

static bool read_item(struct cursor *cursor, json_t *array)
{
    json_t *value = read_value(cursor);

    return value != NULL && json_array_append_new(array, value) == 0;
}

/* Behind the opening bracket: nothing, or items with commas between, and the closing one. */
static json_t *read_items(struct cursor *cursor, json_t *container, char closing,
                          bool (*read)(struct cursor *cursor, json_t *container))
{
    bool is_good = container != NULL && cursor->depth < JSON_DEPTH_MAX;

    cursor->depth++;
    if (is_good && !take(cursor, closing)) {
        do
            is_good = read(cursor, container);
        while (is_good && take(cursor, ','));
        is_good = is_good && take(cursor, closing);
    }
    cursor->depth--;
    if (is_good)
        return container;
    json_decref(container);
    return NULL;
}

static json_t *read_value(struct cursor *cursor)
{
    if (take(cursor, '{'))
        return read_items(cursor, json_object(), '}', read_member);
    if (take(cursor, '['))
        return read_items(cursor, json_array(), ']', read_item);
    if (cursor->at == cursor->end)
        return NULL;
    if (*cursor->at == '"')
        return read_text(cursor);
    return *cursor->at >= '0' && *cursor->at <= '9' ? read_number(cursor) : read_word(cursor);
}

struct json *json_read_plain(struct bytes text)
{
    struct cursor cursor = {text.ptr, text.ptr + text.len, 0};
    json_t *value;

    if (text.len == 0)
        return NULL;
    skip_blanks(&cursor);
    if (cursor.at == cursor.end || (*cursor.at != '{' && *cursor.at != '['))
        return NULL;
    value = read_value(&cursor);
    skip_blanks(&cursor);
    if (value != NULL && cursor.at == cursor.end)
        return (struct json *)(void *)value; /* as json.c has it */
    json_decref(value);
    return NULL;
}

/* ---- writing ---- */

/* Most of what is written has room in the first block. */
enum { WRITE_FIRST = 1024 };
enum { DEPTH_MAX = JSON_DEPTH_MAX };

static int write_value(const json_t *value, int depth, struct buf *ret);

static int write_members(const json_t *object, int depth, struct buf *ret)
{
    json_t *from = (json_t *)(uintptr_t)object; /* jansson iterates over what it could change */
    uint8_t before = '{';

    for (void *at = json_object_iter(from); at != NULL; at = json_object_iter_next(from, at)) {
        TRY(buf_append_byte(ret, before, NULL));
        TRY(json_append_text(ret, bytes_of(json_object_iter_key(at), json_object_iter_key_len(at)),
                             NULL));
        TRY(buf_append_byte(ret, ':', NULL));
        TRY(write_value(json_object_iter_value(at), depth, ret));
        before = ',';
    }
    return buf_append_text(ret, before == '{' ? "{}" : "}", NULL);
}

static int write_items(const json_t *array, int depth, struct buf *ret)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        TRY(buf_append_byte(ret, i == 0 ? '[' : ',', NULL));
        TRY(write_value(json_array_get(array, i), depth, ret));
    }
    return buf_append_text(ret, json_array_size(array) == 0 ? "[]" : "]", NULL);
}

static int write_value(const json_t *value, int depth, struct buf *ret)
{
    if (depth == DEPTH_MAX)
        return -ERR_USAGE;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_members(value, depth + 1, ret);
    case JSON_ARRAY:
        return write_items(value, depth + 1, ret);
    case JSON_STRING:
        return json_append_text(ret, bytes_of(json_string_value(value), json_string_length(value)),
                                NULL);
    case JSON_INTEGER:
        return json_append_int(ret, json_integer_value(value), NULL);
    case JSON_TRUE:
        return buf_append_text(ret, "true", NULL);
    case JSON_FALSE:
        return buf_append_text(ret, "false", NULL);
    case JSON_NULL:
        return buf_append_text(ret, "null", NULL);
    case JSON_REAL:
        break;
    }
    return -ERR_USAGE;
}

int json_write_plain(const struct json *value, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const json_t *root = (const json_t *)(const void *)value;

    int rc = -ERR_USAGE;

    TRY(buf_reserve(&text, WRITE_FIRST, err));
    if (json_is_object(root) || json_is_array(root))
        rc = write_value(root, 0, &text);
    if (rc == -ERR_NOMEM)
        return FAIL_NOMEM(err);
    if (rc < 0)
        return FAIL(err, ERR_USAGE, "this is not plain JSON");
    buf_move(ret, &text);
    return 0;
}
