/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written on a card beside its certificates: the personal files and the codes that open
 * them. The register knows what stands in them, signerd (zone card) has the keys that sign it.
 *
 * This is what an individual number is read for here; each time leaves a record.
 */
#pragma once

#include "carddata/files.h"
#include "register/counter.h"

struct personal;

struct personal_setup {
    const char *signer;                         /* path of signerd's socket */
    const char *certificate[CARDDATA_APPLETS_]; /* files with the CV certificates of its keys */
    const char *font;                           /* NULL: carddata/font.h's */
};

/* Reads font and certificates and does not connect; ERR_INPUT for files that are not such. */
MUST_CHECK int personal_open(const struct personal_setup *setup, struct personal **ret,
                             struct err *err);
void personal_free(struct personal *personal);
void personal_freep(struct personal **personal);
/* Whether signerd answers. */
MUST_CHECK int personal_ping(const struct personal *personal, struct err *err);

/* A card whose files are to be made: SubjectPublicKeyInfo of the keys that were made in it. */
struct personal_order {
    const char *serial;
    struct bytes key[CARDDATA_APPLETS_];
    const struct audit_origin *by;
};

/* Wiped by personal_card_done. */
struct personal_card {
    struct carddata_files files;
    struct secret code_a; /* the number itself (card.md 3.4) */
    char code_b[CARDHOLDER_CODE_B_SIZE + 1];
    char code_birth[CARDHOLDER_CODE_BIRTH_SIZE + 1];
};

/*
 * Make the files of a card for its resident. As often as it is asked for, until the card is handed
 * over; from then on ERR_CONFLICT, unless an act has changed since then what stands on it, and for
 * a card that is over or was stopped. ERR_INPUT for keys a card cannot have; ERR_REMOTE while
 * signerd cannot be asked, and if this register has no keys for card data at all.
 */
MUST_CHECK int counter_personal_files(const struct counter *counter,
                                      const struct personal_order *order, struct personal_card *ret,
                                      struct err *err);
void personal_card_done(struct personal_card *card);
