/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card says about itself to anybody: the record of the common application, and the data
 * objects of the whole card (card.md 3.5, 3.7). Nothing of it is signed.
 */
#pragma once

#include "base/bytes.h"

struct icc;

enum { COMMON_NUMBER_SIZE = 15, COMMON_MUNICIPALITY_SIZE = 5, COMMON_EXPIRY_SIZE = 8 };

struct common_record {
    char manufacture_number[COMMON_NUMBER_SIZE + 1]; /* digits */
    char municipality[COMMON_MUNICIPALITY_SIZE + 1]; /* its code */
    char expiry[COMMON_EXPIRY_SIZE + 1];             /* YYYYMMDD, which need not be a date */
};

/* In a transaction of its own. ERR_ABSENT if the card has none, ERR_REMOTE if it is malformed. */
MUST_CHECK int common_read_record(struct icc *icc, struct common_record *ret, struct err *err);
/* One record as the card gave it. ERR_INPUT. */
MUST_CHECK int common_parse_record(struct bytes record, struct common_record *ret, struct err *err);

enum card_object {
    CARD_OBJECT_ISSUER,
    CARD_OBJECT_ID,
    CARD_OBJECT_RECOGNITION,
    CARD_OBJECT_MUNICIPALITY,
    CARD_OBJECT_EXPIRY,
    CARD_OBJECT_ATR, /* of the contacts, without its first byte */
    CARD_OBJECTS_,   /* how many there are */
};

/* "issuer_id": stable, for JSON. */
const char *card_object_name(enum card_object which);
/* What people call it, a msgid. */
const char *card_object_title(enum card_object which);

struct card_objects {
    struct buf objects[CARD_OBJECTS_]; /* empty: the card has none */
};

/* In a transaction of its own. What the card does not have stays empty. */
MUST_CHECK int common_read_objects(struct icc *icc, struct card_objects *ret, struct err *err);
void card_objects_done(struct card_objects *objects);
