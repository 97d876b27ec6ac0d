/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints. */
#pragma once

#include "base/json.h"
#include "base/shown.h"

/* One line of JSON on standard output. */
MUST_CHECK int output_json(const struct json *value, struct err *err);
/* A file's name, or a message with one, which need not be UTF-8: what is not becomes U+FFFD. */
MUST_CHECK int output_put_name(struct json *object, const char *key, const char *name,
                               struct err *err);
