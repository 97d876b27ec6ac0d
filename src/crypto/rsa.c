/* SPDX-License-Identifier: Apache-2.0 */
/* What public and private RSA keys have in common. */
#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { RSA_EXPONENT = 65537 };

/* A signature under e = 3 can be forged where padding is read loosely (RFC 8017, 8.2.2). */
static int check_exponent(const EVP_PKEY *key, struct err *err)
{
    BIGNUM *e = NULL;
    bool is_good;

    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT, "an RSA key without a public exponent");
    is_good = BN_is_word(e, RSA_EXPONENT) == 1;
    BN_free(e);
    if (!is_good)
        return FAIL(err, ERR_INPUT, "an RSA key whose public exponent is not 65537");
    return 0;
}

int rsa_check(const EVP_PKEY *key, struct err *err)
{
    int bits = EVP_PKEY_get_bits(key);

    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return FAIL(err, ERR_INPUT, "not an RSA key");
    if (bits != 2048 && bits != 3072 && bits != 4096)
        return FAIL(err, ERR_INPUT, "an RSA key of %d bits; 2048, 3072 and 4096 are accepted",
                    bits);
    return check_exponent(key, err);
}

int evp_spki(const EVP_PKEY *key, struct buf *ret, struct err *err)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    int rc;

    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the public key could not be encoded");
    rc = buf_copy(bytes_of(der, (size_t)len), ret, err);
    OPENSSL_free(der);
    return rc;
}

int rsa_set_oaep(EVP_PKEY_CTX *ctx, struct err *err)
{
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "RSA-OAEP could not be set up");
    return 0;
}
