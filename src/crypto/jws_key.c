/* SPDX-License-Identifier: Apache-2.0 */
/* A private key as text, on its way to its owner. */
#include "crypto/jws.h"

#include "base/base64.h"
#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>

enum { SCALAR_SIZE = 32 };

static void bn_clear_freep(BIGNUM **number)
{
    BN_clear_free(*number);
}

static int append_scalar(const EVP_PKEY *key, struct buf *ret, struct err *err)
{
    CLEANUP(bn_clear_freep) BIGNUM *number = NULL;
    uint8_t octets[SCALAR_SIZE];
    int rc;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1 ||
        BN_bn2binpad(number, octets, sizeof octets) < 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the key could not be written");
    rc = base64_append(ret, BASE64_URL, BYTES_ARRAY(octets), err);
    wipe(octets, sizeof octets);
    return rc;
}

/* The public members, and "d" behind them. */
static int append_jwk(const EVP_PKEY *key, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;

    TRY(evp_spki(key, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &public, err));
    TRY(jwk_write(public, JWK_SIGNATURE, &jwk, err));
    TRY(json_write(jwk, ret, err));
    ret->len--; /* the brace; a buf wipes what it leaves */
    TRY(buf_append_text(ret, ",\"d\":\"", err));
    TRY(append_scalar(key, ret, err));
    return buf_append_text(ret, "\"}", err);
}

int jws_key_make(struct secret *ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *key = EVP_EC_gen("P-256");
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    if (key == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no P-256 key could be made");
    TRY(append_jwk(key, &text, err));
    return secret_copy(buf_bytes(&text), ret, err);
}
