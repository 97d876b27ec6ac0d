/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as the card has it printed (card.md 3.3): greyscale PNG of one bit, black on white. A
 * character that the font lacks is drawn as the geta mark (U+3013), as Japanese print shops do.
 *
 * The sizes are such that the longest name (5 lines), the longest address (10 lines) and the
 * largest photo stay below 32768 bytes together with the rest of the face, even if nothing could
 * be compressed: READ BINARY counts no further (card.md 4.1).
 */
#pragma once

#include "carddata/font.h"

enum {
    IMAGE_TEXT_HEIGHT = 24,   /* pixels of a line of a name or an address */
    IMAGE_TEXT_COLUMNS = 20,  /* full-width characters in a line, at most */
    IMAGE_DIGITS_HEIGHT = 12, /* pixels */
    IMAGE_DIGITS_WIDTH = 6,   /* pixels of one digit */
};

/* A name or an address (UTF-8), broken into as many lines as it takes. ERR_INPUT if it is empty. */
MUST_CHECK int image_text(struct font *font, struct bytes text, struct buf *ret_png,
                          struct err *err);
/* Digits in one line: 12 of them are 72x12 pixels, 4 are 24x12. */
MUST_CHECK int image_digits(struct font *font, struct bytes digits, struct buf *ret_png,
                            struct err *err);
