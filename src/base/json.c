/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/base64.h"
#include "base/json_plain.h"
#include "base/utf8.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* PINs, keys and individual numbers come as JSON to some of us, so nothing of a value stays. */
static void release(void *block)
{
    if (block != NULL)
        wipe(block, malloc_usable_size(block));
    free(block);
}

__attribute__((constructor)) static void wipe_what_is_released(void)
{
    json_malloc_t allocate;
    json_free_t ignored;

    json_get_alloc_funcs(&allocate, &ignored);
    json_set_alloc_funcs(allocate, release);
}

/* struct json is never defined: it is jansson's json_t under a name of ours. */
static json_t *inside(struct json *value)
{
    return (json_t *)(void *)value;
}

static const json_t *inside_const(const struct json *value)
{
    return (const json_t *)(const void *)value;
}

static struct json *outside(json_t *value)
{
    return (struct json *)(void *)value;
}

/* jansson stops at 2048 levels; a limit of ours keeps recursion small. */
static int check_depth(struct bytes text, struct err *err)
{
    int depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < text.len; i++) {
        if (in_text && text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            in_text = !in_text;
        else if (!in_text && (text.ptr[i] == '{' || text.ptr[i] == '['))
            depth++;
        else if (!in_text && (text.ptr[i] == '}' || text.ptr[i] == ']'))
            depth--;
        if (depth > JSON_DEPTH_MAX)
            return FAIL(err, ERR_INPUT, "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
    }
    return 0;
}

int json_parse(struct bytes text, struct json **ret, struct err *err)
{
    json_error_t why;
    struct json *plain = json_read_plain(text);
    json_t *value;

    if (plain != NULL) {
        *ret = plain;
        return 0;
    }
    TRY(check_depth(text, err));
    value = json_loadb(text.len == 0 ? "" : (const char *)text.ptr, text.len,
                       JSON_REJECT_DUPLICATES, &why);
    if (value == NULL && json_error_code(&why) == json_error_out_of_memory)
        return FAIL_NOMEM(err);
    if (value == NULL)
        return FAIL(err, ERR_INPUT, "not JSON: line %d, column %d", why.line, why.column);
    *ret = outside(value);
    return 0;
}

/* jansson goes on behind a name of a member that could not be taken, so a failure is kept. */
struct dump {
    struct buf out;
    int rc;
};

static int append_piece(const char *piece, size_t len, void *to)
{
    struct dump *dump = to;

    if (dump->rc == 0)
        dump->rc = buf_append(&dump->out, bytes_of(piece, len), NULL);
    return dump->rc < 0 ? -1 : 0;
}

int json_write(const struct json *value, struct buf *ret, struct err *err)
{
    struct dump dump = {.out = BUF_INIT};
    int rc = value == NULL ? -ERR_USAGE : json_write_plain(value, ret, err);

    if (rc != -ERR_USAGE)
        return rc;
    rc = value == NULL ? -1
                       : json_dump_callback(inside_const(value), append_piece, &dump,
                                            JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS));
    if (rc == 0 && dump.rc == 0) {
        buf_move(ret, &dump.out);
        return 0;
    }
    buf_done(&dump.out);
    return FAIL_NOMEM(err);
}

void json_free(struct json *value)
{
    json_decref(inside(value));
}

void json_freep(struct json **value)
{
    json_free(*value);
    *value = NULL;
}

struct json *json_steal(struct json **value)
{
    struct json *moved = *value;

    *value = NULL;
    return moved;
}

int json_duplicate(const struct json *value, struct json **ret, struct err *err)
{
    json_t *copy = json_deep_copy(inside_const(value));

    if (copy == NULL)
        return FAIL_NOMEM(err);
    *ret = outside(copy);
    return 0;
}

struct json *json_object_new(void)
{
    return outside(json_object());
}

struct json *json_array_new(void)
{
    return outside(json_array());
}

/* jansson looks at UTF-8 character by character, so names and texts are looked at here. */
static int put(struct json *object, const char *key, json_t *child, struct err *err)
{
    if (child == NULL)
        return FAIL_NOMEM(err);
    if (object == NULL || !utf8_is_valid(bytes_text(key))) {
        json_decref(child);
        return FAIL_NOMEM(err);
    }
    return json_object_set_new_nocheck(inside(object), key, child) == 0 ? 0 : FAIL_NOMEM(err);
}

/* A text; NULL when out of memory and for what is not UTF-8. */
static struct json *json_text_new(struct bytes utf8)
{
    if (!utf8_is_valid(utf8))
        return NULL;
    return outside(json_stringn_nocheck(utf8.len == 0 ? "" : (const char *)utf8.ptr, utf8.len));
}

int json_put_bytes(struct json *object, const char *key, struct bytes utf8, struct err *err)
{
    json_t *text = inside(json_text_new(utf8));

    if (text == NULL)
        return FAIL(err, ERR_INPUT, "%s: not UTF-8", key);
    return put(object, key, text, err);
}

int json_put_text(struct json *object, const char *key, const char *text, struct err *err)
{
    return json_put_bytes(object, key, bytes_text(text), err);
}

int json_put_optional(struct json *object, const char *key, const char *text, struct err *err)
{
    return text == NULL ? json_put_null(object, key, err) : json_put_text(object, key, text, err);
}

int json_put_base64(struct json *object, const char *key, struct bytes data, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(base64_append(&text, BASE64_PADDED, data, err));
    return json_put_bytes(object, key, buf_bytes(&text), err);
}

int json_put_int(struct json *object, const char *key, int64_t number, struct err *err)
{
    return put(object, key, json_integer(number), err);
}

int json_put_real(struct json *object, const char *key, double number, struct err *err)
{
    return put(object, key, json_real(number), err);
}

int json_put_bool(struct json *object, const char *key, bool flag, struct err *err)
{
    return put(object, key, json_boolean(flag), err);
}

int json_put_null(struct json *object, const char *key, struct err *err)
{
    return put(object, key, json_null(), err);
}

int json_put(struct json *object, const char *key, struct json *child, struct err *err)
{
    return put(object, key, inside(child), err);
}

int json_add(struct json *array, struct json *item, struct err *err)
{
    if (array == NULL || item == NULL || json_array_append_new(inside(array), inside(item)) != 0) {
        if (array == NULL)
            json_free(item);
        return FAIL_NOMEM(err);
    }
    return 0;
}

int json_add_int(struct json *array, int64_t number, struct err *err)
{
    return json_add(array, outside(json_integer(number)), err);
}

int json_add_text(struct json *array, const char *text, struct err *err)
{
    return json_add(array, outside(json_string(text)), err);
}

const struct json *json_member(const struct json *object, const char *key)
{
    return outside(json_object_get(inside_const(object), key));
}

bool json_has(const struct json *object, const char *key)
{
    return json_member(object, key) != NULL;
}

/* The member, of the wanted type; the text says which type was expected. */
static int member(const struct json *object, const char *key, json_type type, const char *expected,
                  json_t **ret, struct err *err)
{
    json_t *found = json_object_get(inside_const(object), key);

    if (found == NULL)
        return FAIL(err, ERR_INPUT, "member \"%s\" is missing", key);
    if (json_typeof(found) != type)
        return FAIL(err, ERR_INPUT, "member \"%s\" is not %s", key, expected);
    *ret = found;
    return 0;
}

bool json_is_null_member(const struct json *object, const char *key)
{
    return json_is_null(json_object_get(inside_const(object), key));
}

int json_get_text(const struct json *object, const char *key, const char **ret, struct err *err)
{
    json_t *found;

    TRY(member(object, key, JSON_STRING, "a string", &found, err));
    *ret = json_string_value(found);
    return 0;
}

int json_copy_text(const struct json *object, const char *key, char *ret, size_t size,
                   struct err *err)
{
    const char *text;
    size_t len;

    TRY(json_get_text(object, key, &text, err));
    len = strlen(text);
    if (len >= size)
        return FAIL(err, ERR_INPUT, "the member \"%s\" has more than %zu bytes", key, size - 1);
    memcpy(ret, text, len + 1);
    return 0;
}

int json_get_base64(const struct json *object, const char *key, struct buf *ret, struct err *err)
{
    const char *text;

    TRY(json_get_text(object, key, &text, err));
    return err_prefix(err, base64_decode(BASE64_PADDED, bytes_text(text), ret, err),
                      "member \"%s\"", key);
}

int json_get_int(const struct json *object, const char *key, int64_t *ret, struct err *err)
{
    json_t *found;

    TRY(member(object, key, JSON_INTEGER, "an integer", &found, err));
    *ret = json_integer_value(found);
    return 0;
}

int json_get_bool(const struct json *object, const char *key, bool *ret, struct err *err)
{
    json_t *found = json_object_get(inside_const(object), key);

    if (found == NULL)
        return FAIL(err, ERR_INPUT, "member \"%s\" is missing", key);
    if (!json_is_boolean(found))
        return FAIL(err, ERR_INPUT, "member \"%s\" is not true or false", key);
    *ret = json_is_true(found);
    return 0;
}

int json_get_object(const struct json *object, const char *key, const struct json **ret,
                    struct err *err)
{
    json_t *found;

    TRY(member(object, key, JSON_OBJECT, "an object", &found, err));
    *ret = outside(found);
    return 0;
}

int json_get_array(const struct json *object, const char *key, const struct json **ret,
                   struct err *err)
{
    json_t *found;

    TRY(member(object, key, JSON_ARRAY, "an array", &found, err));
    *ret = outside(found);
    return 0;
}

/* Objects are made in the order of the list most of the time, so it is gone on with from *place. */
static bool is_listed(const char *key, const char *const keys[], size_t *place)
{
    for (size_t i = *place; keys[i] != NULL; i++) {
        if (strcmp(key, keys[i]) == 0) {
            *place = i + 1;
            return true;
        }
    }
    for (size_t i = 0; i < *place; i++) {
        if (strcmp(key, keys[i]) == 0) {
            *place = i + 1;
            return true;
        }
    }
    return false;
}

int json_only(const struct json *object, const char *const keys[], struct err *err)
{
    /* Iterating does not change the value; jansson's iterator merely lacks the const. */
    union {
        const struct json *in;
        json_t *out;
    } same = {.in = object};

    size_t place = 0;

    if (!json_is_object(inside_const(object)))
        return FAIL(err, ERR_INPUT, "not a JSON object");
    for (void *at = json_object_iter(same.out); at != NULL;
         at = json_object_iter_next(same.out, at)) {
        const char *key = json_object_iter_key(at);

        if (!is_listed(key, keys, &place))
            return FAIL(err, ERR_INPUT, "unknown member \"%.40s\"", key);
    }
    return 0;
}

size_t json_count(const struct json *array)
{
    return json_array_size(inside_const(array));
}

const struct json *json_at(const struct json *array, size_t index)
{
    return outside(json_array_get(inside_const(array), index));
}

const char *json_text(const struct json *value)
{
    return json_string_value(inside_const(value));
}
