/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/procedure/fold.h"

#include "base/utf8.h"

#include <stdlib.h>

enum {
    GRAM_SHIFT = 21, /* bits of a character */
    SPACE = ' ',
    VOICED = 0xff9e, /* half-width marks */
    SEMIVOICED = 0xff9f,
    COMBINING_VOICED = 0x3099,
    COMBINING_SEMIVOICED = 0x309a,
    KATAKANA_U = 0x30a6,
    KATAKANA_VU = 0x30f4,
};

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* JIS X 0201 kana from U+FF66 on. */
static const uint16_t half_width[] = {
    0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30e3, 0x30e5, 0x30e7, 0x30c3, 0x30fc, 0x30a2,
    0x30a4, 0x30a6, 0x30a8, 0x30aa, 0x30ab, 0x30ad, 0x30af, 0x30b1, 0x30b3, 0x30b5, 0x30b7, 0x30b9,
    0x30bb, 0x30bd, 0x30bf, 0x30c1, 0x30c4, 0x30c6, 0x30c8, 0x30ca, 0x30cb, 0x30cc, 0x30cd, 0x30ce,
    0x30cf, 0x30d2, 0x30d5, 0x30d8, 0x30db, 0x30de, 0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4, 0x30e6,
    0x30e8, 0x30e9, 0x30ea, 0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3,
};
enum { HALF_WIDTH_FIRST = 0xff66, HALF_WIDTHS = sizeof half_width / sizeof half_width[0] };

/* Hyphens, dashes and minus signs, but not the mark of a long vowel. */
static bool is_hyphen(uint32_t c)
{
    static const struct range hyphens[] = {
        {'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xff0d, 0xff0d}};

    return is_in(c, hyphens, sizeof hyphens / sizeof hyphens[0]);
}

/* Whatever is no letter, digit, kana or kanji. */
static bool is_between(uint32_t c)
{
    static const struct range between[] = {
        {0x00, '/'},      {':', '@'},       {'[', '`'},       {'{', 0xbf},      {0x2000, 0x206f},
        {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0x30fb, 0x30fb}, {0xff5f, 0xff65}};

    return is_in(c, between, sizeof between / sizeof between[0]);
}

static uint32_t fold_one(uint32_t c)
{
    if (is_hyphen(c))
        return '-';
    if (c >= 0xff01 && c <= 0xff5e) /* full-width ASCII */
        c -= 0xff01 - '!';
    if (c >= HALF_WIDTH_FIRST && c < HALF_WIDTH_FIRST + HALF_WIDTHS)
        return half_width[c - HALF_WIDTH_FIRST];
    if ((c >= 0x3041 && c <= 0x3096) || c == 0x309d || c == 0x309e) /* hiragana */
        return c + 0x60;
    if (is_between(c))
        return SPACE;
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* The kana that a mark behind it makes of one, or 0. */
static uint32_t marked(uint32_t kana, uint32_t mark)
{
    static const struct range voiced[] = {{0x30ab, 0x30c2}, {0x30c4, 0x30c8}};
    bool is_voiced = mark == VOICED || mark == COMBINING_VOICED;
    bool is_plain = kana <= 0x30c2 ? kana % 2 == 1 : kana % 2 == 0;

    if (kana == KATAKANA_U && is_voiced)
        return KATAKANA_VU;
    if (kana >= 0x30cf && kana <= 0x30db && (kana - 0x30cf) % 3 == 0)
        return kana + (is_voiced ? 1 : 2);
    return is_voiced && is_plain && is_in(kana, voiced, 2) ? kana + 1 : 0;
}

static bool is_mark(uint32_t c)
{
    return c == VOICED || c == SEMIVOICED || c == COMBINING_VOICED || c == COMBINING_SEMIVOICED;
}

static int put(struct buf *out, uint32_t c, struct err *err)
{
    if (c < 0x80)
        return buf_append_byte(out, (uint8_t)c, err);
    if (c < 0x800)
        return buf_append_format(out, err, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
    if (c < 0x10000)
        return buf_append_format(out, err, "%c%c%c", (int)(0xe0 | c >> 12),
                                 (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
    return buf_append_format(out, err, "%c%c%c%c", (int)(0xf0 | c >> 18),
                             (int)(0x80 | (c >> 12 & 0x3f)), (int)(0x80 | (c >> 6 & 0x3f)),
                             (int)(0x80 | (c & 0x3f)));
}

/* A character is held back until it is known that no mark follows. */
struct folding {
    struct buf *out;
    size_t start;
    uint32_t held; /* 0: none */
    bool is_apart; /* a space is due before the next one */
};

static int flush(struct folding *folding, struct err *err)
{
    uint32_t held = folding->held;

    folding->held = 0;
    if (held == SPACE)
        folding->is_apart = folding->out->len > folding->start;
    if (held == SPACE || held == 0)
        return 0;
    if (folding->is_apart)
        TRY(buf_append_byte(folding->out, SPACE, err));
    folding->is_apart = false;
    return put(folding->out, held, err);
}

static int take(struct folding *folding, uint32_t c, struct err *err)
{
    uint32_t both = is_mark(c) ? marked(folding->held, c) : 0;

    if (both != 0) {
        folding->held = both;
        return 0;
    }
    TRY(flush(folding, err));
    folding->held = is_mark(c) ? SPACE : fold_one(c);
    return 0;
}

int fold_text(struct bytes text, struct buf *ret, struct err *err)
{
    struct folding folding = {.out = ret, .start = ret->len};
    uint32_t c;

    while (text.len > 0) {
        TRY(utf8_next(&text, &c, err));
        TRY(take(&folding, c, err));
    }
    return flush(&folding, err);
}

static int64_t gram_of(uint32_t first, uint32_t second)
{
    return (int64_t)first << GRAM_SHIFT | second;
}

/* The character at the start of a folded text without its spaces; 0 for one, and at the end. */
static uint32_t first_of(struct bytes *rest)
{
    uint32_t c = 0;

    if (rest->len == 0 || utf8_next(rest, &c, NULL) < 0)
        return 0;
    return c == SPACE ? 0 : c;
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static size_t sort_each_once(int64_t *at, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(at, count, sizeof *at, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || at[kept - 1] != at[i])
            at[kept++] = at[i];
    return kept;
}

void grams_done(struct grams *grams)
{
    free(grams->at);
    *grams = (struct grams){NULL, 0};
}

int grams_of(struct bytes folded, struct grams *ret, struct err *err)
{
    int64_t *at = calloc(folded.len + 1, sizeof *at);
    size_t count = 0;

    if (at == NULL)
        return FAIL_NOMEM(err);
    while (folded.len > 0) {
        uint32_t c = first_of(&folded);
        struct bytes ahead = folded;

        if (c != 0)
            at[count++] = gram_of(c, first_of(&ahead));
    }
    *ret = (struct grams){at, sort_each_once(at, count)};
    return 0;
}

bool grams_take(struct bytes *rest, bool is_first, int64_t *ret_first, int64_t *ret_last)
{
    uint32_t c = first_of(rest);
    struct bytes ahead = *rest;
    uint32_t next = first_of(&ahead);

    if (c == 0 || (next == 0 && !is_first))
        return false;
    *ret_first = gram_of(c, next);
    *ret_last = next == 0 ? gram_of(c, (1U << GRAM_SHIFT) - 1) : *ret_first;
    return true;
}
