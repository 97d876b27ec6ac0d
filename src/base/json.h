/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values (RFC 8259) over jansson; the only header that knows the library besides crypto/jose.
 *
 * Reading is strict: duplicate members, trailing bytes, malformed UTF-8, NUL characters and
 * integers that overflow are refused. json_get_* give ERR_INPUT with the member's name when it is
 * missing or of another type; what they return lives as long as the value it came from.
 */
#pragma once

#include "base/bytes.h"

struct json;

enum { JSON_DEPTH_MAX = 64, JSON_DIGITS = 6 };

MUST_CHECK int json_parse(struct bytes text, struct json **ret, struct err *err);
/* Compact, members in the order they were put. */
MUST_CHECK int json_write(const struct json *value, struct buf *ret, struct err *err);
/* Release one reference; accepts NULL. */
void json_free(struct json *value);
void json_freep(struct json **value); /* CLEANUP(json_freep) struct json *v = NULL; */

/* Moves the reference out: json_put(parent, "key", json_steal(&child), err). */
struct json *json_steal(struct json **value);

/* A value of its own, which belongs to the caller. */
MUST_CHECK int json_duplicate(const struct json *value, struct json **ret, struct err *err);

/* Empty containers; NULL when out of memory, which every json_put below reports. */
struct json *json_object_new(void);
struct json *json_array_new(void);

MUST_CHECK int json_put_text(struct json *object, const char *key, const char *text,
                             struct err *err);
/* NULL text becomes null. */
MUST_CHECK int json_put_optional(struct json *object, const char *key, const char *text,
                                 struct err *err);
MUST_CHECK int json_put_bytes(struct json *object, const char *key, struct bytes utf8,
                              struct err *err);
MUST_CHECK int json_put_base64(struct json *object, const char *key, struct bytes data,
                               struct err *err);
MUST_CHECK int json_put_int(struct json *object, const char *key, int64_t number, struct err *err);
/* Written with six significant digits: for measurements only. ERR_NOMEM also if not finite. */
MUST_CHECK int json_put_real(struct json *object, const char *key, double number, struct err *err);
MUST_CHECK int json_put_bool(struct json *object, const char *key, bool flag, struct err *err);
MUST_CHECK int json_put_null(struct json *object, const char *key, struct err *err);
/* Takes child, also on failure. */
MUST_CHECK int json_put(struct json *object, const char *key, struct json *child, struct err *err);
/* Takes item, also on failure. */
MUST_CHECK int json_add(struct json *array, struct json *item, struct err *err);
MUST_CHECK int json_add_text(struct json *array, const char *text, struct err *err);
MUST_CHECK int json_add_int(struct json *array, int64_t number, struct err *err);

/* The member, as long as the object is there; NULL if it has none of that name. */
const struct json *json_member(const struct json *object, const char *key);
bool json_has(const struct json *object, const char *key);
/* Whether the member is there, as null. */
bool json_is_null_member(const struct json *object, const char *key);
MUST_CHECK int json_get_text(const struct json *object, const char *key, const char **ret,
                             struct err *err);
/* The same as a text of its own, of less than size bytes; ERR_INPUT, and ret as it was, for more.
 */
MUST_CHECK int json_copy_text(const struct json *object, const char *key, char *ret, size_t size,
                              struct err *err);
MUST_CHECK int json_get_base64(const struct json *object, const char *key, struct buf *ret,
                               struct err *err);
MUST_CHECK int json_get_int(const struct json *object, const char *key, int64_t *ret,
                            struct err *err);
MUST_CHECK int json_get_bool(const struct json *object, const char *key, bool *ret,
                             struct err *err);
MUST_CHECK int json_get_object(const struct json *object, const char *key, const struct json **ret,
                               struct err *err);
MUST_CHECK int json_get_array(const struct json *object, const char *key, const struct json **ret,
                              struct err *err);
/* Refuse members that are not in the NULL-terminated list, and anything but an object. */
MUST_CHECK int json_only(const struct json *object, const char *const keys[], struct err *err);

size_t json_count(const struct json *array);                        /* 0 if it is no array */
const struct json *json_at(const struct json *array, size_t index); /* NULL past the end */
const char *json_text(const struct json *value);                    /* NULL if it is no text */
