/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that read a card's data have in common: the way in, the verdict, the values. */
#pragma once

#include "client/authenticity.h"
#include "programs/exit.h"
#include "programs/jpki/ask/pin.h"
#include "programs/jpki/common.h"

/* A row for a command whose option struct has a member "anchors" for it. */
#define CARD_ANCHORS_OPTION(type)                                                                  \
    {                                                                                              \
        0, "card-anchors", CLI_TEXT, offsetof(type, anchors), "DIR",                               \
            N_("trust the roots of card data in this directory too")                               \
    }

/* An open card, the code that was typed for it, and which roots its data is judged by. */
struct card_access {
    struct icc *icc;
    struct data_roots *roots;
    enum icc_pin which;
    struct secret code;
    bool last_try;
};
#define CARD_ACCESS_INIT                                                                           \
    {                                                                                              \
        .code = SECRET_INIT                                                                        \
    }

/* What a command was told, and the code that it needs in an application. */
struct card_request {
    const struct card_options *card;
    const struct pin_options *pin;
    const char *anchors; /* NULL: $JPKI_CARD_ANCHORS, if that is set */
    enum icc_pin which;
    enum icc_app app;
};

/* Where roots of card data are, besides the pinned ones: anchors, else $JPKI_CARD_ANCHORS, or NULL.
 */
const char *card_roots_place(const char *anchors);
/* Roots of card data: the pinned ones, and those in anchors (NULL: $JPKI_CARD_ANCHORS). */
MUST_CHECK int card_roots_load(const char *anchors, struct data_roots **ret, struct err *err);
/*
 * Open the card, see whether the code may be used, ask for it, and load the roots of card data:
 * those of anchors besides the pinned ones.
 */
MUST_CHECK int card_access_open(const struct card_request *request, struct card_access *ret,
                                struct err *err);
/* Begin a transaction for an application and verify the code in it. */
MUST_CHECK int card_access_begin(const struct card_access *access, enum icc_app app,
                                 struct icc_txn *ret, struct err *err);
void card_access_done(struct card_access *access);

enum exit_code authenticity_exit_code(const struct authenticity *authenticity);
/* The stable name of the verdict: "valid", "invalid", "indeterminate". */
const char *authenticity_verdict(const struct authenticity *authenticity);
/* The verdict and its reasons; the key identifier of an issuer that is not known. */
void print_authenticity(const struct authenticity *authenticity);
/* Members verdict, reasons and issuer_key_id of object. */
MUST_CHECK int put_authenticity(struct json *object, const struct authenticity *authenticity,
                                struct err *err);

/* Text from the card, harmless to a terminal. */
MUST_CHECK int print_outside(const char *label, struct bytes value, struct err *err);
MUST_CHECK int put_outside(struct json *object, const char *key, struct bytes value,
                           struct err *err);
/* Eight digits as 1990-04-15, or as they are if they are no date. */
MUST_CHECK int print_card_date(const char *label, struct bytes digits, struct err *err);
MUST_CHECK int put_card_date(struct json *object, const char *key, struct bytes digits,
                             struct err *err);
/* "male", "female", "other", "unknown": msgid, and stable for JSON (card.md 3.2). */
const char *card_sex(struct bytes digit);
