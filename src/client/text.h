/* SPDX-License-Identifier: Apache-2.0 */
/* The text application: number and four attributes as text, signed by the issuer (card.md 3.2). */
#pragma once

#include "base/secret.h"
#include "client/proof.h"

/* What to read. Check code A opens the number, B the attributes, the PIN both. */
enum text_part { TEXT_NUMBER = 1, TEXT_ATTRIBUTES = 2 };
enum { TEXT_NUMBER_SIZE = 12 }; /* digits */

/* UTF-8; the birth date is eight digits, which need not be a date; one digit for the sex. */
struct text_attributes {
    struct bytes name, address, birth, sex;
    struct bytes signed_part; /* what the issuer's digest is over */
};

/* The objects in the files as they were read. Empty: not asked for, or the card does not show it.
 */
struct text_files {
    struct buf number; /* wiped when it is released */
    struct buf attributes, digests, certificate, card_key;
    struct card_proof proof;
};

struct text_data {
    struct text_files files;
    struct secret number;              /* 12 digits; empty unless asked for */
    struct text_attributes attributes; /* points into files; empty unless asked for */
    struct authenticity authenticity;
};

/*
 * Read the parts and judge them. In a transaction of the application in which a PIN or code for
 * them was verified, else ERR_DENIED. ERR_REMOTE if the card gives something else. *ret is empty
 * before.
 */
MUST_CHECK int text_read(struct icc *icc, unsigned parts, const struct data_roots *roots,
                         struct text_data *ret, struct err *err);
void text_data_done(struct text_data *data);

/* What text_read does with the files: pure, into *data, which has the files. ERR_INPUT. */
MUST_CHECK int text_judge(struct text_data *data, unsigned parts, const struct data_roots *roots,
                          struct err *err);
