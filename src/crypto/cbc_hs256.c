/* SPDX-License-Identifier: Apache-2.0 */
/* The first half of the key authenticates, the second encrypts (RFC 7518, 5.2.2.1). */
#include "crypto/cbc_hs256.h"

#include "crypto/evp.h"
#include "crypto/mac.h"
#include "crypto/openssl.h"

#include <string.h>

enum { MAC_KEY_SIZE = 16, BLOCK_SIZE = 16, LENGTH_SIZE = 8 };

/* HMAC over additional, iv, ciphertext and the bit length of additional; its first half. */
static int authenticate(const struct cbc_hs256 *with, struct bytes cipher,
                        uint8_t ret[CBC_HS256_TAG_SIZE], struct err *err)
{
    uint64_t bits = (uint64_t)with->additional.len * 8;
    uint8_t length[LENGTH_SIZE];
    const struct bytes pieces[] = {with->additional, with->iv, cipher, BYTES_ARRAY(length)};
    struct digest mac;

    for (size_t i = 0; i < LENGTH_SIZE; i++)
        length[i] = (uint8_t)(bits >> (8 * (LENGTH_SIZE - 1 - i)));
    TRY(mac_joined(bytes_of(with->key->ptr, MAC_KEY_SIZE), pieces, sizeof pieces / sizeof pieces[0],
                   &mac, err));
    memcpy(ret, mac.value, CBC_HS256_TAG_SIZE);
    return 0;
}

int cbc_hs256_encrypt(const struct cbc_hs256 *with, struct bytes plain, struct buf *ret_cipher,
                      uint8_t ret_tag[CBC_HS256_TAG_SIZE], struct err *err)
{
    CLEANUP(evp_cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int len = 0;
    int rest = 0;

    if (with->key->len != CBC_HS256_KEY_SIZE || with->iv.len != CBC_HS256_IV_SIZE ||
        plain.len > INT_MAX - BLOCK_SIZE)
        return FAIL(err, ERR_USAGE, "A128CBC-HS256 with a key, iv or text of another size");
    TRY(buf_reserve(&out, plain.len + BLOCK_SIZE, err));
    if (ctx == NULL ||
        EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, with->key->ptr + MAC_KEY_SIZE,
                           with->iv.ptr) != 1 ||
        EVP_EncryptUpdate(ctx, out.ptr, &len, plain.ptr, (int)plain.len) != 1 ||
        EVP_EncryptFinal_ex(ctx, out.ptr + len, &rest) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-128-CBC could not encrypt");
    out.len = (size_t)len + (size_t)rest;
    TRY(authenticate(with, buf_bytes(&out), ret_tag, err));
    buf_move(ret_cipher, &out);
    return 0;
}

static int decrypt(const struct cbc_hs256 *with, struct bytes cipher, struct buf *ret,
                   struct err *err)
{
    CLEANUP(evp_cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int len = 0;
    int rest = 0;

    TRY(buf_reserve(&out, cipher.len + BLOCK_SIZE, err));
    if (ctx == NULL ||
        EVP_DecryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, with->key->ptr + MAC_KEY_SIZE,
                           with->iv.ptr) != 1 ||
        EVP_DecryptUpdate(ctx, out.ptr, &len, cipher.ptr, (int)cipher.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "AES-128-CBC could not decrypt");
    if (EVP_DecryptFinal_ex(ctx, out.ptr + len, &rest) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED, "encrypted for another key, or changed");
    out.len = (size_t)len + (size_t)rest;
    buf_move(ret, &out);
    return 0;
}

int cbc_hs256_decrypt(const struct cbc_hs256 *with, struct bytes cipher, struct bytes tag,
                      struct buf *ret_plain, struct err *err)
{
    uint8_t expected[CBC_HS256_TAG_SIZE];

    if (with->iv.len != CBC_HS256_IV_SIZE || tag.len != CBC_HS256_TAG_SIZE || cipher.len == 0 ||
        cipher.len % BLOCK_SIZE != 0 || cipher.len > INT_MAX - BLOCK_SIZE)
        return FAIL(err, ERR_INPUT, "A128CBC-HS256 with iv, text or tag of an impossible size");
    if (with->key->len != CBC_HS256_KEY_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "encrypted for another key, or changed");
    TRY(authenticate(with, cipher, expected, err));
    if (!bytes_equal_secret(BYTES_ARRAY(expected), tag))
        return FAIL(err, ERR_UNTRUSTED, "encrypted for another key, or changed");
    return decrypt(with, cipher, ret_plain, err);
}
