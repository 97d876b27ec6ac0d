/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES in CBC mode without padding, for protocols that bring their own padding and authentication
 * (GlobalPlatform SCP03). With a block of zeros as iv, one block is AES as it is.
 */
#pragma once

#include "base/secret.h"

enum { AES_BLOCK = 16 };

/*
 * Append as many bytes as go in. ERR_USAGE unless the key has 16, 24 or 32 bytes and the data whole
 * blocks.
 */
MUST_CHECK int aes_cbc_encrypt(const struct secret *key, const uint8_t iv[AES_BLOCK],
                               struct bytes plain, struct buf *ret, struct err *err);
MUST_CHECK int aes_cbc_decrypt(const struct secret *key, const uint8_t iv[AES_BLOCK],
                               struct bytes cipher, struct buf *ret, struct err *err);
