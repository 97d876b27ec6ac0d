/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's half of a public key, made as cheaply as it can be and when it is first needed. Several
 * threads may use one at the same time. Inside this room only.
 */
#pragma once

#include "crypto/evp.h"

struct evp_key;

enum { RSA_BYTES_MAX = 512 };

/* Of a key that is there already; takes evp, also on failure. */
MUST_CHECK int evp_key_of(EVP_PKEY *evp, struct evp_key **ret, struct err *err);
/* Of a modulus that must live as long; e = 65537. Nothing is computed yet. */
MUST_CHECK int evp_key_of_modulus(struct bytes modulus, struct evp_key **ret, struct err *err);
void evp_key_free(struct evp_key *key);

/* Lives as long as key. */
MUST_CHECK int evp_key_get(struct evp_key *key, EVP_PKEY **ret, struct err *err);
/*
 * s^e mod n into as many bytes as signature has (RFC 8017, 8.2.2, steps 1 and 2). ERR_UNTRUSTED if
 * it is no number below n, or n is even. ERR_USAGE for keys that were not made of a modulus.
 */
MUST_CHECK int evp_key_recover(struct evp_key *key, struct bytes signature, uint8_t *ret,
                               struct err *err);
