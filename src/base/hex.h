/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text, both ways. */
#pragma once

#include "base/bytes.h"

/* Append lower-case digits. */
MUST_CHECK int hex_append(struct buf *buf, struct bytes data, struct err *err);
/* Decode digits of either case; nothing else is allowed. ERR_INPUT names the position. */
MUST_CHECK int hex_decode(const char *text, struct buf *ret, struct err *err);
/* The value of one digit, or -1. */
int hex_digit(char c);
