/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which characters certificates and cards can carry: JIS X 0208 and JIS X 0212, about 13,000
 * (pki.md 1.4), and ASCII. Others are replaced, each by one that is in it, and flagged.
 */
#pragma once

#include "base/bytes.h"

enum { REPERTOIRE_WORDS = 0x10000 / 32 };
/* A bit for each code point of the first plane; made by scripts/embed-repertoire. */
extern const uint32_t repertoire_bits[REPERTOIRE_WORDS];

bool repertoire_has(uint32_t character);
/*
 * ERR_INPUT, with the position of the first one from 1 on, if a text has characters outside of it;
 * what is the text's name.
 */
MUST_CHECK int repertoire_check(const char *what, const char *text, struct err *err);
/*
 * A digit for each character of text: 1 where it stands for another one in registered, 0 where it
 * is the same. Both are valid UTF-8. ERR_INPUT if they have not as many characters, or differ where
 * nothing needs to be replaced. flags has room for a digit each and the end.
 */
MUST_CHECK int repertoire_flags(const char *what, const char *registered, const char *text,
                                char *flags, struct err *err);
