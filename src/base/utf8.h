/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

#include "base/bytes.h"

/* Take one character off *rest. ERR_INPUT if it is malformed, ERR_ABSENT at the end. */
MUST_CHECK int utf8_next(struct bytes *rest, uint32_t *ret, struct err *err);
bool utf8_is_valid(struct bytes text);
/*
 * Whether it is well-formed and nothing in it moves the cursor, is invisible, or turns the
 * direction of what stands beside it: for names from outside that are put before people.
 */
bool utf8_is_shown(struct bytes text);
/* Whether there is nothing in it but blanks and ends of lines, or nothing at all. */
bool utf8_is_blank(struct bytes text);
/* Number of characters; 0 for malformed text. */
size_t utf8_count(struct bytes text);
/* Append it; malformed bytes, and characters that are unwanted (NULL: none), become U+FFFD. */
MUST_CHECK int utf8_append_mended(struct buf *buf, struct bytes text,
                                  bool (*is_unwanted)(uint32_t c), struct err *err);
