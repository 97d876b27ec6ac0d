/* SPDX-License-Identifier: Apache-2.0 */
/* Many key pairs at once, in threads: making them is all that takes time when a card is made. */
#pragma once

#include "crypto/privkey.h"

enum { KEYGEN_SIZE = 8 };

/*
 * A key of each kind, RSA having 2048 bits; at most KEYGEN_SIZE. All of them or none: on failure
 * *ret is untouched.
 */
MUST_CHECK int keygen(const enum key_kind kinds[], struct privkey *ret[], size_t count,
                      struct err *err);
