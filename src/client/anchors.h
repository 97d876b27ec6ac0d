/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of real cards, so that "the chain holds up to a published root" can be said of one:
 * fingerprints of the JPKI's CA certificates, and the keys that vouch for the data on cards. Both
 * are pinned here; roots of card data of others can be added from a directory. Something that is
 * not known is unknown, never wrong.
 */
#pragma once

#include "crypto/pubkey.h"

/* A CA of the real JPKI. */
struct known_ca {
    bool is_sign;   /* else of certificates for authentication */
    int generation; /* 1 to 3 */
};

/* By the whole certificate in DER, as on the card. ERR_ABSENT if it is not one of those. */
MUST_CHECK int known_ca_find(struct bytes ca_der, struct known_ca *ret, struct err *err);
/* The same by SHA-256 of that. */
MUST_CHECK int known_ca_by_fingerprint(const struct digest *fingerprint, struct known_ca *ret,
                                       struct err *err);

enum { DATA_KEY_ID_SIZE = 16 }; /* card.md 3.2, EF 0004 */

/* Keys that sign the CV certificates on cards, found by their identifiers. */
struct data_roots;

/* With those of the production system in it (card.md 3.2). */
MUST_CHECK int data_roots_new(struct data_roots **ret, struct err *err);
void data_roots_free(struct data_roots *roots); /* accepts NULL */
void data_roots_freep(struct data_roots **roots);
/*
 * Add each file "cv-IDENTIFIER.pem" of a directory: 32 hexadecimal digits, a SubjectPublicKeyInfo
 * in PEM. Other files are left alone. ERR_ABSENT if there is no such directory, ERR_INPUT for a bad
 * file, ERR_UNTRUSTED for another key under an identifier that is known already.
 */
MUST_CHECK int data_roots_load(struct data_roots *roots, const char *directory, struct err *err);
MUST_CHECK int data_roots_add(struct data_roots *roots, struct bytes key_id, struct bytes spki,
                              struct err *err);
/* NULL if the identifier is not known; lives as long as the roots. */
const struct pubkey *data_roots_find(const struct data_roots *roots, struct bytes key_id);
