/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what a card says about its holder was written by the issuer, and whether it is the card
 * that it was written for. What is found is collected: whoever shows the data shows it too.
 */
#pragma once

#include "client/data_cert.h"

enum data_fault {
    /* It cannot be told. */
    DATA_ISSUER_UNKNOWN,
    DATA_SIGNATURE_NOT_READABLE, /* the card does not show it after this code */
    DATA_CARD_NOT_PROVEN,        /* the card does not sign a challenge, or has no key for it */
    DATA_NOT_SIGNED,             /* by anybody: the record of the common application */
    /* It is forged. */
    DATA_CERTIFICATE_FORGED, /* names a known root, which did not sign it */
    DATA_SIGNATURE_BROKEN,
    DATA_NUMBER_CHANGED,
    DATA_ATTRIBUTES_CHANGED,
    DATA_CARD_KEY_FORGED,
    DATA_CARD_COPIED, /* genuine data on a card without the key that belongs to it */
    DATA_FAULTS_,     /* how many there are */
};

/* "issuer-unknown": stable, for JSON. */
const char *data_fault_name(enum data_fault fault);
/* One sentence for a person, English msgid. */
const char *data_fault_text(enum data_fault fault);

struct authenticity {
    bool has[DATA_FAULTS_];
    uint8_t issuer[DATA_KEY_ID_SIZE]; /* key identifier of who certified the signer */
};

/* Then nothing of the data may be believed. */
bool authenticity_is_forged(const struct authenticity *authenticity);
/* Nothing was found at all. */
bool authenticity_is_proven(const struct authenticity *authenticity);

/* The key that signs the data, out of an applet's CV certificate, which is judged by the roots. */
MUST_CHECK int authenticity_open(struct authenticity *authenticity, struct bytes cert_object,
                                 const struct data_roots *roots, struct pubkey **ret,
                                 struct err *err);
/* Add a fault unless key made this signature over these bytes (SHA-256). */
MUST_CHECK int authenticity_check(struct authenticity *authenticity, enum data_fault fault,
                                  const struct pubkey *key, struct bytes content,
                                  struct bytes signature, struct err *err);
/* Add a fault if rc is a signature that does not hold; every other failure is handed on. */
MUST_CHECK int authenticity_note(struct authenticity *authenticity, enum data_fault fault, int rc);
