/* SPDX-License-Identifier: Apache-2.0 */
/* Names and secrets that nobody can guess, as text. */
#pragma once

#include "base/bytes.h"

/* Fills size octets with base64url and a NUL: as many random octets as that text holds, 16 for a
 * size of 23, 32 for 44. ERR_USAGE where no whole octets have a text of this size, and above 64. */
MUST_CHECK int random_text(char *ret, size_t size, struct err *err);
