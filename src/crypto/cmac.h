/* SPDX-License-Identifier: Apache-2.0 */
/* CMAC with AES (NIST SP 800-38B), and keys derived with it. */
#pragma once

#include "base/secret.h"

enum { CMAC_SIZE = 16 };

/* Over the pieces one behind the other. ERR_USAGE unless the key has 16, 24 or 32 bytes. */
MUST_CHECK int cmac_compute(const struct secret *key, const struct bytes pieces[], size_t count,
                            uint8_t ret[CMAC_SIZE], struct err *err);

/*
 * NIST SP 800-108, 5.1, counter mode, with the fixed input data in two parts and a counter of eight
 * bits between them. len bytes, 1 to 255 blocks.
 */
MUST_CHECK int cmac_derive(const struct secret *key, struct bytes before, struct bytes after,
                           size_t len, struct secret *ret, struct err *err);
