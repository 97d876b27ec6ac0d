/* SPDX-License-Identifier: Apache-2.0 */
/* Names and secrets that nobody can guess, as text. Inside this room only. */
#pragma once

#include "base/bytes.h"

enum {
    AUTHAPP_ID_SIZE = 23,     /* 16 random octets in base64url and a NUL */
    AUTHAPP_SECRET_SIZE = 44, /* 32 */
};

/* One of the two sizes. */
MUST_CHECK int authapp_random(char *ret, size_t size, struct err *err);
