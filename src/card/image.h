/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lasting contents of a card except the PIN counters, and their spelling in the card file
 * before it is sealed: BER-TLV, things named by applet and FID.
 */
#pragma once

#include "base/secret.h"
#include "card/applet.h"
#include "card/free.h"
#include "card/kind.h"
#include "card/limits.h"
#include "card/options.h"
#include "card/pin.h"
#include "crypto/privkey.h"

struct image {
    char serial[CARD_SERIAL_MAX + 1];
    enum card_kind kind;
    bool is_dead; /* tampered with: nothing works any more, and nothing else is there */
    struct card_options options;
    struct buf data[CARD_DATA_]; /* without filler; empty: nothing in the file */
    struct pin_verifier pins[CARD_PINS_];
    struct privkey *keys[CARD_KEYS_];     /* NULL: none */
    struct privkey *new_keys[CARD_KEYS_]; /* sign and auth, waiting for certificates; NULL: none */
    struct gp_keys issuer;                /* the issuer's, of the ISD */
    struct free_areas areas;              /* in the free area */
};

/* A blank card. ERR_INPUT for a serial as below. */
MUST_CHECK int image_init(struct image *image, const char *serial, struct err *err);
/* ERR_INPUT unless it is 1 to CARD_SERIAL_MAX letters and digits. */
MUST_CHECK int image_check_serial(const char *serial, struct err *err);
/* The holder's auth certificate is what makes a card in stock somebody's card. */
bool image_is_personalised(const struct image *image);
/* Whether another key can take the place of this one on a card that is somebody's. */
bool image_key_is_replaceable(enum card_key key);
/* Whether there is something in this file, PIN or key. */
bool image_has(const struct image *image, const struct node *node);
/* How many tries a PIN has at most. */
unsigned image_tries(const struct image *image, const struct node *pin);

/* Phones have none, and nothing is on a card that is nobody's. */
bool image_has_free_area(const struct image *image);
/* ERR_INPUT if the last day of an area is after the card's, where the card knows its own. */
MUST_CHECK int image_check_expiry(const struct image *image, struct caldate last, struct err *err);

MUST_CHECK int image_write(const struct image *image, struct secret *ret_body, struct err *err);
/*
 * ERR_INPUT for anything image_write would not write: unknown, repeated, too long or misplaced
 * things, and bytes behind the last.
 */
MUST_CHECK int image_read(struct bytes body, struct image *ret, struct err *err);
void image_done(struct image *image);
