/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aes_cbc.h"

#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <limits.h>

static const EVP_CIPHER *cipher_for(size_t key_len)
{
    switch (key_len) {
    case 16:
        return EVP_aes_128_cbc();
    case 24:
        return EVP_aes_192_cbc();
    case 32:
        return EVP_aes_256_cbc();
    default:
        return NULL;
    }
}

static int run(const struct secret *key, const uint8_t iv[AES_BLOCK], struct bytes in,
               bool encrypts, struct buf *ret, struct err *err)
{
    CLEANUP(evp_cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *cipher = cipher_for(key->len);
    int len = 0;
    int rest = 0;

    if (cipher == NULL || in.len % AES_BLOCK != 0 || in.len > INT_MAX - AES_BLOCK)
        return FAIL(err, ERR_USAGE, "%zu bytes with a key of %zu are nothing for AES-CBC", in.len,
                    key->len);
    TRY(buf_reserve(ret, in.len + AES_BLOCK, err));
    if (ctx == NULL || EVP_CipherInit_ex(ctx, cipher, NULL, key->ptr, iv, encrypts ? 1 : 0) != 1 ||
        EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
        EVP_CipherUpdate(ctx, ret->ptr + ret->len, &len, in.ptr, (int)in.len) != 1 ||
        EVP_CipherFinal_ex(ctx, ret->ptr + ret->len + len, &rest) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute AES-CBC");
    ret->len += (size_t)len + (size_t)rest;
    return 0;
}

int aes_cbc_encrypt(const struct secret *key, const uint8_t iv[AES_BLOCK], struct bytes plain,
                    struct buf *ret, struct err *err)
{
    return run(key, iv, plain, true, ret, err);
}

int aes_cbc_decrypt(const struct secret *key, const uint8_t iv[AES_BLOCK], struct bytes cipher,
                    struct buf *ret, struct err *err)
{
    return run(key, iv, cipher, false, ret, err);
}
