/* SPDX-License-Identifier: Apache-2.0 */
/* Members of what a service answered, as texts that are shown or sent on. */
#pragma once

#include "base/json.h"

/* A text of 1 to size - 1 bytes; ERR_INPUT for anything else. */
MUST_CHECK int answer_take_text(const struct json *answer, const char *key, char *ret, size_t size,
                                struct err *err);
/* The same for what goes into paths and back to the service (remote_is_name). */
MUST_CHECK int answer_take_name(const struct json *answer, const char *key, char *ret, size_t size,
                                struct err *err);
