/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A personalised card whose storage is memory, for tests of what it answers. Its certificates are
 * no certificates but bytes of the right shape; its keys are real and made once per process.
 */
#pragma once

#include "card/card.h"

#define MEMORY_CARD_AUTH_PIN "1234"
#define MEMORY_CARD_SIGN_PIN "ABC123"

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
/* Byte at offset of the contents of a certificate file. */
uint8_t memory_card_cert_byte(enum card_data which, size_t offset);
