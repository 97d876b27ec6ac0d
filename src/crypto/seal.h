/* SPDX-License-Identifier: Apache-2.0 */
/* Data at rest: AES-256-GCM with a random 96-bit nonce in front, bound to a context string. */
#pragma once

#include "base/secret.h"

enum { SEAL_KEY_SIZE = 32, SEAL_OVERHEAD = 12 + 16 };

MUST_CHECK int seal_close(const struct secret *key, struct bytes context, struct bytes plain,
                          struct buf *ret, struct err *err);
/* ERR_UNTRUSTED if key, context or a byte of the data is another. */
MUST_CHECK int seal_open(const struct secret *key, struct bytes context, struct bytes sealed,
                         struct secret *ret, struct err *err);
