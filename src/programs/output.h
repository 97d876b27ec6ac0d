/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints. */
#pragma once

#include "base/json.h"

/* One line of JSON on standard output. */
MUST_CHECK int output_json(const struct json *value, struct err *err);
/* A file's name, or a message with one, which need not be UTF-8: what is not becomes U+FFFD. */
MUST_CHECK int output_put_name(struct json *object, const char *key, const char *name,
                               struct err *err);

/*
 * Text from outside, for a terminal: control characters and those that turn the direction of
 * writing become U+FFFD, so that no certificate and no file's name can paint over what we say.
 */
MUST_CHECK int append_shown(struct buf *buf, struct bytes utf8, struct err *err);
/* The same of a file's name or a message, in room, which the caller releases; "" without memory. */
const char *text_shown(const char *text, struct buf *room);
