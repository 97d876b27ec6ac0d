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

/*
 * SubjectPublicKeyInfo up to the modulus. Only lengths differ between the three sizes, and all of
 * them take two bytes.
 */
static const struct head {
    size_t bits;
    uint8_t octets[33];
} heads[] = {
#define HEAD(bits, whole, string, key, modulus)                                                    \
    {                                                                                              \
        (bits),                                                                                    \
        {                                                                                          \
            0x30, 0x82, (whole) >> 8, (whole)&0xff, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,      \
                0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, (string) >> 8,         \
                (string)&0xff, 0x00, 0x30, 0x82, (key) >> 8, (key)&0xff, 0x02, 0x82,               \
                (modulus) >> 8, (modulus)&0xff, 0x00                                               \
        }                                                                                          \
    }
#define HEAD_OF(bits)                                                                              \
    HEAD((bits), (bits) / 8 + 34, (bits) / 8 + 15, (bits) / 8 + 10, (bits) / 8 + 1)
    HEAD_OF(2048),
    HEAD_OF(3072),
    HEAD_OF(4096),
};

static const uint8_t tail[] = {0x02, 0x03, 0x01, 0x00, 0x01}; /* e = 65537 */

enum { HEADS = sizeof heads / sizeof heads[0], HEAD_SIZE = sizeof heads[0].octets };

size_t rsa_spki_bits(struct bytes spki)
{
    for (size_t i = 0; i < HEADS; i++) {
        size_t modulus = heads[i].bits / 8;

        if (spki.len == HEAD_SIZE + modulus + sizeof tail &&
            bytes_start_with(spki, BYTES_ARRAY(heads[i].octets)) &&
            (spki.ptr[HEAD_SIZE] & 0x80) != 0 &&
            bytes_equal(bytes_part(spki, HEAD_SIZE + modulus, sizeof tail), BYTES_ARRAY(tail)))
            return heads[i].bits;
    }
    return 0;
}

struct bytes rsa_spki_modulus(struct bytes spki, size_t bits)
{
    return bytes_part(spki, HEAD_SIZE, bits / 8);
}

int rsa_spki_of_modulus(struct bytes modulus, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    for (size_t i = 0; i < HEADS; i++) {
        if (modulus.len != heads[i].bits / 8 || (modulus.ptr[0] & 0x80) == 0)
            continue;
        TRY(buf_append(&out, BYTES_ARRAY(heads[i].octets), err));
        TRY(buf_append(&out, modulus, err));
        TRY(buf_append(&out, BYTES_ARRAY(tail), err));
        buf_move(ret, &out);
        return 0;
    }
    return FAIL(err, ERR_INPUT, "not the modulus of an RSA key of 2048, 3072 or 4096 bits");
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
