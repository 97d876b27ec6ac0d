/* SPDX-License-Identifier: Apache-2.0 */
/* The card face application: what is printed, as signed images and dates (card.md 3.3). */
#pragma once

#include "base/caltime.h"
#include "client/proof.h"

/* What to read, with the code that opens it: A or B, the birth date, A alone. */
enum visual_part { VISUAL_FACE, VISUAL_AGE, VISUAL_NUMBER };

/* Dates are eight digits, which need not be a date. Empty: not in what was read. */
struct visual_contents {
    struct bytes birth;
    struct bytes sex;           /* one digit */
    struct bytes name, address; /* images, PNG */
    struct bytes photo;         /* JPEG 2000; none for infants */
    struct bytes expiry;        /* not signed, so it says nothing that can be relied on */
    struct bytes security_code; /* image, PNG; not signed either */
    struct bytes number;        /* image, PNG, of the individual number */
};

struct visual_files {
    struct buf object, certificate;
    struct card_proof proof;
};

struct visual_data {
    struct visual_files files;
    struct visual_contents contents; /* points into files */
    struct authenticity authenticity;
};

/*
 * Read one part and judge it. In a transaction of the application in which its code was verified,
 * else ERR_DENIED. ERR_REMOTE if the card gives something else. *ret is empty before.
 */
MUST_CHECK int visual_read(struct icc *icc, enum visual_part part, const struct data_roots *roots,
                           struct visual_data *ret, struct err *err);
void visual_data_done(struct visual_data *data);

/* What visual_read does with the files: pure, into *data, which has the files. ERR_INPUT. */
MUST_CHECK int visual_judge(struct visual_data *data, enum visual_part part,
                            const struct data_roots *roots, struct err *err);
