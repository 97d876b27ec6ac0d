/* SPDX-License-Identifier: Apache-2.0 */
/* Card-verifiable certificates: who vouches for the key that signed a card's data (card.md 3.2). */
#pragma once

#include "client/anchors.h"

struct data_cert {
    struct bytes issuer; /* key identifier, DATA_KEY_ID_SIZE bytes */
    struct bytes body;   /* what is signed */
    struct bytes key;    /* as data_key_parse takes it */
    struct bytes signature;
};

/* One such certificate and nothing behind it; everything points into object. ERR_INPUT. */
MUST_CHECK int data_cert_parse(struct bytes object, struct data_cert *ret, struct err *err);

/* A public key as the cards write it: exponent 90, modulus 91. ERR_INPUT. */
MUST_CHECK int data_key_parse(struct bytes value, struct pubkey **ret, struct err *err);
enum { DATA_KEY_SIZE = 265, DATA_SIGNATURE_SIZE = 256 }; /* bytes: RSA-2048, e = 65537 */
