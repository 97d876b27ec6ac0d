/* SPDX-License-Identifier: Apache-2.0 */
/* Names and secrets that nobody can guess, as text. */
#pragma once

#include "base/bytes.h"

/* octets random octets in base64url; size must be their length and a NUL. */
MUST_CHECK int random_text(size_t octets, char *ret, size_t size, struct err *err);
