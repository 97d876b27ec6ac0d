/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <string.h>

/* SEQUENCE, AlgorithmIdentifier with id-Ed25519 alone, and the beginning of the BIT STRING. */
static const uint8_t head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                               0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

int ed25519_from_spki(struct bytes spki, uint8_t ret[ED25519_KEY_SIZE], struct err *err)
{
    _Static_assert(sizeof head + ED25519_KEY_SIZE == ED25519_SPKI_SIZE, "it is as long as that");
    if (spki.len != ED25519_SPKI_SIZE || !bytes_start_with(spki, BYTES_ARRAY(head)))
        return FAIL(err, ERR_INPUT, "not a public key for Ed25519 (RFC 8410, 4)");
    memcpy(ret, spki.ptr + sizeof head, ED25519_KEY_SIZE);
    return 0;
}

static void md_ctx_freep(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

int ed25519_verify(const uint8_t key[ED25519_KEY_SIZE], struct bytes message,
                   struct bytes signature, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *evp = NULL;
    CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (signature.len != ED25519_SIGNATURE_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "the signature has %zu bytes, not %d", signature.len,
                    ED25519_SIGNATURE_SIZE);
    evp = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, ED25519_KEY_SIZE);
    if (ctx == NULL || evp == NULL || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, evp) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the signature check could not be started");
    if (EVP_DigestVerify(ctx, signature.ptr, signature.len, message.ptr, message.len) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED,
                            "the signature is not by this key over this content");
    return 0;
}
