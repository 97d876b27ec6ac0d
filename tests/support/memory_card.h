/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A personalised card whose storage is memory, for tests of what it answers. Its certificates and
 * personal files are bytes of the right shape; its keys are real and made once per process.
 */
#pragma once

#include "card/card.h"

#define MEMORY_CARD_AUTH_PIN  "1234"
#define MEMORY_CARD_SIGN_PIN  "ABC123"
#define MEMORY_CARD_TEXT_PIN  "2345"
#define MEMORY_CARD_JUKI_PIN  "3456" /* of juki and common applet */
#define MEMORY_CARD_CODE_A    "123456789018"
#define MEMORY_CARD_CODE_B    "55021720352285"
#define MEMORY_CARD_BIRTH_PIN "550217"
#define MEMORY_CARD_RECORD                                                                         \
    "\x01\x1c"                                                                                     \
    "1234567890123451310120350217"
#define MEMORY_CARD_KEYREF                                                                         \
    "\x01\x10"                                                                                     \
    "0123456789ABCDEF"

enum { MEMORY_CARD_CERT_SIZE = 1200, MEMORY_CARD_CA_CERT_SIZE = 1301 };

struct memory_storage {
    struct card_storage storage;
    unsigned tries[CARD_PINS_]; /* as they would be on disk */
    unsigned saved_tries;       /* how often */
    unsigned saved_images;
    bool is_broken; /* every save fails */
};

/* storage must outlive the card. Aborts where it cannot be made. */
struct card *memory_card_new(struct memory_storage *storage);
/* The same card as it is in stock: no certificates, no PINs, no keys. */
struct card *memory_card_new_blank(struct memory_storage *storage);
/* The same with its keys made: those of memory_card_key(). */
struct card *memory_card_new_keyed(struct memory_storage *storage);
/* Its contents, to be stored elsewhere; *ret is released by image_done. */
void memory_card_image(struct image *ret);
const struct privkey *memory_card_key(enum card_key key);
void memory_card_release_keys(void);
/* What PIN opens with; NULL for the one that is never set. */
const char *memory_card_pin(enum card_pin pin);
/* Byte at offset of the contents of a certificate file. */
uint8_t memory_card_cert_byte(enum card_data which, size_t offset);
