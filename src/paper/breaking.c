/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/breaking.h"

#include <stdbool.h>
#include <wchar.h>

/* JIS X 4051 calls them 行頭禁則 and 行末禁則; these are the usual ones. */
static const wchar_t never_first[] =
    L"。、，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】°′″℃％‰"
    L"ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
    L"!%),.:;?]}｡｣､･ｧｨｩｪｫｬｭｮｯｰﾞﾟ";
static const wchar_t never_last[] = L"‘“（〔［｛〈《「『【￥＄£([{｢$\\";

static bool is_in(const wchar_t *set, uint32_t character)
{
    return wcschr(set, (wchar_t)character) != NULL;
}

static bool is_of_a_word(uint32_t character)
{
    return character > ' ' && character < 0x250; /* Latin, with its extensions */
}

static bool may_break(uint32_t before, uint32_t after)
{
    if (is_in(never_first, after) || is_in(never_last, before))
        return false;
    return !(is_of_a_word(before) && is_of_a_word(after));
}

static size_t count_fitting(const struct glyph *glyphs, size_t count, double width)
{
    const double tolerance = 1e-6; /* sums of widths are not exact */
    double used = 0;

    for (size_t i = 0; i < count; i++) {
        used += glyphs[i].width;
        if (used > width + tolerance)
            return i == 0 ? 1 : i;
    }
    return count;
}

size_t breaking_line(const struct glyph *glyphs, size_t count, double width)
{
    size_t fitting = count_fitting(glyphs, count, width);

    if (fitting == count)
        return count;
    for (size_t end = fitting; end > 0; end--)
        if (may_break(glyphs[end - 1].character, glyphs[end].character))
            return end;
    return fitting;
}
