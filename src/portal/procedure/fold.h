/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Japanese text made comparable, for searching: what people write in several ways is one way
 * afterwards. Full-width letters and digits become ASCII, small ones (as NFKC does and case folding
 * besides); half-width kana become full-width with their marks, hiragana become katakana; all kinds
 * of hyphens are one; spaces and punctuation become one space. Kanji stay as they are.
 *
 * A gram is two characters that follow each other in a word, or its last character alone: a number
 * that an ordinary table of integers can be searched by. There are no words to be found in Japanese
 * without a dictionary; with grams none is needed.
 */
#pragma once

#include "base/bytes.h"

/* Append the folded text, without spaces at its ends. ERR_INPUT for malformed UTF-8. */
MUST_CHECK int fold_text(struct bytes text, struct buf *ret, struct err *err);

/* Numbers in ascending order, each once. */
struct grams {
    int64_t *at;
    size_t count;
};

void grams_done(struct grams *grams);
/* Those of a folded text. */
MUST_CHECK int grams_of(struct bytes folded, struct grams *ret, struct err *err);
/*
 * The first and the last gram of which each text with this folded word must have one, from the
 * word's place on; false behind the last place. A word of one character asks for a range.
 */
MUST_CHECK bool grams_take(struct bytes *rest, bool is_first, int64_t *ret_first,
                           int64_t *ret_last);
