/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA-256 (RFC 2104, FIPS 180-4): names that only the holder of a key can derive. */
#pragma once

#include "base/secret.h"
#include "crypto/digest.h"

enum { MAC_SIZE = 32 };

/* Over several pieces, ended by one whose ptr is NULL, each behind its four-byte length. */
MUST_CHECK int mac_compute(const struct secret *key, const struct bytes pieces[],
                           struct digest *ret, struct err *err);
/* The same under a salt: a key that lies beside the result, and need not be kept from swapping. */
MUST_CHECK int mac_salted(struct bytes salt, const struct bytes pieces[], struct digest *ret,
                          struct err *err);
/* The same, for a key derived from a key. */
MUST_CHECK int mac_derive(const struct secret *key, const struct bytes pieces[], struct secret *ret,
                          struct err *err);
/* Over the octets as they are, for protocols that say what is signed (RFC 2104). */
MUST_CHECK int mac_plain(const struct secret *key, struct bytes data, struct digest *ret,
                         struct err *err);
/* The same over count pieces, one behind the other, under a key that is part of a secret. */
MUST_CHECK int mac_joined(struct bytes key, const struct bytes pieces[], size_t count,
                          struct digest *ret, struct err *err);
