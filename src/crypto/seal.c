/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM: nonce, ciphertext, tag. The context is additional data, not stored. */
#include "crypto/seal.h"

#include "base/rand.h"
#include "crypto/evp.h"
#include "crypto/limits.h"
#include "crypto/openssl.h"

#include <string.h>

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

static int check(const struct secret *key, struct bytes context, struct err *err)
{
    if (key->len != SEAL_KEY_SIZE)
        return FAIL(err, ERR_USAGE, "a sealing key has %d bytes", SEAL_KEY_SIZE);
    if (context.len > SEAL_CONTEXT_MAX)
        return FAIL(err, ERR_USAGE, "a sealing context of more than %d bytes", SEAL_CONTEXT_MAX);
    return 0;
}

/* Key, nonce and context; 1 is encryption, 0 decryption. */
static int begin(EVP_CIPHER_CTX *ctx, const struct secret *key, const uint8_t *nonce,
                 struct bytes context, int encrypt, struct err *err)
{
    int len = 0;

    if (ctx == NULL ||
        EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->ptr, nonce, encrypt) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-256-GCM could not be started");
    if (context.len > 0 && EVP_CipherUpdate(ctx, NULL, &len, context.ptr, (int)context.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-256-GCM did not take the context");
    return 0;
}

int seal_close(const struct secret *key, struct bytes context, struct bytes plain, struct buf *ret,
               struct err *err)
{
    CLEANUP(evp_cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    uint8_t *cipher;
    int len = 0;
    int rest = 0;

    TRY(check(key, context, err));
    if (plain.len == 0 || plain.len > SEAL_PLAIN_MAX)
        return FAIL(err, ERR_USAGE, "1 to %d bytes can be sealed", SEAL_PLAIN_MAX);
    TRY(buf_reserve(&out, plain.len + SEAL_OVERHEAD, err));
    TRY(rand_fill(out.ptr, NONCE_SIZE, err));
    cipher = out.ptr + NONCE_SIZE;
    TRY(begin(ctx, key, out.ptr, context, 1, err));
    if (EVP_CipherUpdate(ctx, cipher, &len, plain.ptr, (int)plain.len) != 1 ||
        EVP_CipherFinal_ex(ctx, cipher + len, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, cipher + plain.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-256-GCM could not encrypt");
    out.len = plain.len + SEAL_OVERHEAD;
    buf_move(ret, &out);
    return 0;
}

int seal_open(const struct secret *key, struct bytes context, struct bytes sealed,
              struct secret *ret, struct err *err)
{
    CLEANUP(evp_cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    uint8_t tag[TAG_SIZE];
    int len = 0;
    int rest = 0;

    TRY(check(key, context, err));
    if (sealed.len <= SEAL_OVERHEAD || sealed.len > SEAL_PLAIN_MAX + SEAL_OVERHEAD)
        return FAIL(err, ERR_UNTRUSTED, "sealed data of an impossible length");
    TRY(secret_new(sealed.len - SEAL_OVERHEAD, &plain, err));
    memcpy(tag, sealed.ptr + sealed.len - TAG_SIZE, TAG_SIZE);
    TRY(begin(ctx, key, sealed.ptr, context, 0, err));
    if (EVP_CipherUpdate(ctx, plain.ptr, &len, sealed.ptr + NONCE_SIZE, (int)plain.len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-256-GCM could not decrypt");
    if (EVP_CipherFinal_ex(ctx, plain.ptr + len, &rest) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED,
                            "sealed data that was changed, or sealed for another use");
    *ret = plain;
    plain = (struct secret)SECRET_INIT;
    return 0;
}
