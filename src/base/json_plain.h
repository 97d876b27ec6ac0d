/* SPDX-License-Identifier: Apache-2.0 */
/* The quick halves of json_parse and json_write. For json.c and its tests only. */
#pragma once

#include "base/json.h"

/*
 * An array or an object as most are: texts without escapes, numbers that are short and whole, no
 * member twice. What it reads it reads as jansson does. NULL for everything else, JSON or not, also
 * without memory: jansson decides then.
 */
struct json *json_read_plain(struct bytes text);

/*
 * An array or an object without real numbers, as jansson writes it, octet for octet. ERR_USAGE, and
 * ret untouched, for everything else: jansson decides then. ERR_NOMEM without memory.
 */
MUST_CHECK int json_write_plain(const struct json *value, struct buf *ret, struct err *err);
