/* SPDX-License-Identifier: Apache-2.0 */
/* A128CBC-HS256 (RFC 7518, 5.2.3): encrypt, then authenticate. For jwe.c and its tests only. */
#pragma once

#include "base/secret.h"

enum { CBC_HS256_KEY_SIZE = 32, CBC_HS256_IV_SIZE = 16, CBC_HS256_TAG_SIZE = 16 };

/* What is known besides the key: the iv, and what is authenticated without being encrypted. */
struct cbc_hs256 {
    const struct secret *key;
    struct bytes iv;
    struct bytes additional;
};

/* Ciphertext and tag of plain, which may be empty; ERR_USAGE for other sizes of key or iv. */
MUST_CHECK int cbc_hs256_encrypt(const struct cbc_hs256 *with, struct bytes plain,
                                 struct buf *ret_cipher, uint8_t ret_tag[CBC_HS256_TAG_SIZE],
                                 struct err *err);
/*
 * ERR_UNTRUSTED, always in the same words, for a key of another size, a tag that does not fit and
 * padding that is wrong: nothing is decrypted before the tag was compared (RFC 7518, 5.2.2.2).
 */
MUST_CHECK int cbc_hs256_decrypt(const struct cbc_hs256 *with, struct bytes cipher,
                                 struct bytes tag, struct buf *ret_plain, struct err *err);
