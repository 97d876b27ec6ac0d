/* SPDX-License-Identifier: Apache-2.0 */
/* Many key pairs at once, in threads: making them is all that takes time when a card is made. */
#pragma once

#include "crypto/privkey.h"

enum { KEYGEN_SIZE = 8 };

/* RSA-2048 keys, at most KEYGEN_SIZE. All of them or none: on failure *ret is untouched. */
MUST_CHECK int keygen(struct privkey *ret[], size_t count, struct err *err);
