/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a line ends. Japanese breaks between any two characters, except that no line begins with
 * what ends something (。、」ー and small kana) and none ends with what begins something (「（);
 * words and numbers in Latin letters stay whole. A rule gives way where a line would have nothing
 * else.
 */
#pragma once

#include "paper/glyph.h"

/*
 * How many of the glyphs stand in the first line if at most width (in sizes of the font) fits; at
 * least one of count > 0.
 */
size_t breaking_line(const struct glyph *glyphs, size_t count, double width);
