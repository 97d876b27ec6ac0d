/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts and makes at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CARDDATA_NAME_MAX = 100,      /* characters of a name, as in a certificate (pki.md 1.4) */
    CARDDATA_ADDRESS_MAX = 200,   /* characters of an address; the same */
    CARDDATA_ATTRS_MAX = 1024,    /* bytes of text EF 0002 */
    CARDDATA_PHOTO_MAX = 9216,    /* bytes of a photo in JPEG 2000: see image_text.h */
    CARDDATA_FONT_MAX = 67108864, /* bytes of a font file */
    CARDDATA_PNG_MAX = 8388608,   /* bytes of a photo somebody brings, in PNG */
    CARDDATA_PIXELS_MAX = 4096,   /* its width and its height */
};
