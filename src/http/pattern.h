/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts against patterns: the part of ECMA-262's regular expressions that one pass from left to
 * right can decide, without memory and without going back. Patterns are the server's own; texts
 * come from anywhere.
 *
 * A pattern is "^", then runs and groups, then "$". A run is a character, "." or a set ("[a-z_-]",
 * no "[^"), and how often: "{n}", "{n,}", "{n,m}", "*", "+", "?" or once. A group is "(", runs,
 * maybe "|" and other runs, ")", and how often; its runs have at most HTTP_PATTERN_GROUP_MAX
 * characters, and no groups. "\" is before a sign that would mean something.
 *
 * A run takes as many characters as it may, and the first of a group's ways that fits is taken:
 * neither is tried again when what follows does not fit. Patterns are written so that this makes
 * no difference ("(64|48|32)", not "(32|48|64)"); tests/unit/http/judge_patterns.py holds all that
 * are in documents against another implementation.
 */
#pragma once

#include <stdbool.h>

enum { HTTP_PATTERN_GROUP_MAX = 64 };

/* Whether it is such a pattern. */
bool http_pattern_is_valid(const char *pattern);
/* Whether the whole text, of well-formed UTF-8, is as the pattern says; never for another pattern.
 */
bool http_pattern_fits(const char *pattern, const char *text);
