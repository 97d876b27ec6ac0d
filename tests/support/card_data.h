/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contents of a card's text and face files with keys of this run, written down from card.md
 * 3.2 and 3.3 for tests of who reads them. Nobody of these exists; the images are none.
 */
#pragma once

#include "client/text.h"
#include "client/visual.h"
#include "crypto/privkey.h"

#define TEST_CARD_NUMBER  "123456789018"
#define TEST_CARD_NAME    "見本　花子"
#define TEST_CARD_ADDRESS "見本県見本市１丁目２番３号"
#define TEST_CARD_ROOT_ID                                                                          \
    "9000033\x08\x05"                                                                              \
    "001\0\0\0\0"

struct test_card_data {
    struct privkey *root, *issuer, *card, *stranger;
    struct data_roots *roots; /* with the root above and those that are always there */
    struct buf number, attributes, digests, certificate, card_key;
    struct buf face, age, number_image;
};

/* Everything in here fails the running test instead of returning. */
void test_card_data_make(struct test_card_data *data);
void test_card_data_done(struct test_card_data *data);

/* RSASSA-PKCS1-v1_5 with SHA-256 over content. */
void test_card_sign(const struct privkey *key, struct bytes content, struct buf *ret);
/* What a card with this key answers to a challenge of its own choice. */
void test_card_prove(const struct privkey *key, struct card_proof *ret);

/* Copies into data that nothing was judged of, with a proof by key (NULL: the card refuses). */
void test_card_text(const struct test_card_data *data, const struct privkey *key,
                    struct text_data *ret);
void test_card_visual(const struct test_card_data *data, enum visual_part part,
                      const struct privkey *key, struct visual_data *ret);

/* The first byte of the value that element_value() finds. */
uint8_t *test_card_value(struct buf *object, uint16_t tag);
