/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of what is believed of a card. */
#pragma once

enum {
    ICC_OBJECT_MAX = 8192,     /* bytes of a certificate; real ones have 1100 to 1900 */
    ICC_DATA_MAX = 32768,      /* bytes of a file with data: READ BINARY has 15 bits of offset */
    ICC_GET_DATA_MAX = 4096,   /* bytes of an object of GET DATA */
    ICC_SIGNATURE_MAX = 512,   /* bytes of a signature: RSA-4096 */
    ICC_SIGNATURE_MIN = 64,    /* shorter ones are no signature of any key we know */
    ICC_PIN_MAX = 16,          /* characters of the longest PIN (card.md 5) */
    ICC_CARDS_MAX = 8,         /* My Number Cards looked at in readers at once */
    DATA_ROOTS_MAX = 32,       /* keys that vouch for card data */
    DATA_ROOT_FILE_MAX = 2048, /* bytes of a file with one of them */
    ICC_AREAS_MAX = 32,        /* areas in a card's free area */
};
