/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pbes2.h"

#include "base/rand.h"
#include "crypto/limits.h"
#include "crypto/openssl.h"

#include <openssl/pkcs12.h>
#include <openssl/x509.h>

enum {
    PBKDF2_SALT_SIZE = 16,
    CBC_IV_SIZE = 16,
};

static void algor_freep(X509_ALGOR **algorithm)
{
    X509_ALGOR_free(*algorithm);
}

static void sig_freep(X509_SIG **sig)
{
    X509_SIG_free(*sig);
}

static void pbe2_freep(PBE2PARAM **param)
{
    PBE2PARAM_free(*param);
}

static void pbkdf2_freep(PBKDF2PARAM **param)
{
    PBKDF2PARAM_free(*param);
}

static int check_passphrase(const struct secret *passphrase, struct err *err)
{
    if (passphrase->len == 0 || passphrase->len > PASSPHRASE_MAX)
        return FAIL(err, ERR_USAGE, "a passphrase has 1 to %d bytes", PASSPHRASE_MAX);
    return 0;
}

static X509_ALGOR *new_algorithm(struct err *err)
{
    uint8_t salt[PBKDF2_SALT_SIZE];
    uint8_t iv[CBC_IV_SIZE];

    if (rand_fill(salt, sizeof salt, err) < 0 || rand_fill(iv, sizeof iv, err) < 0)
        return NULL;
    return PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), pbes2_iterations, salt, sizeof salt, iv,
                             NID_hmacWithSHA256);
}

/* Encrypts, or with encrypt 0 decrypts; release *ret with OPENSSL_clear_free. */
static bool crypt(const X509_ALGOR *algorithm, const struct secret *passphrase, struct bytes in,
                  int encrypt, unsigned char **ret, int *ret_len)
{
    return PKCS12_pbe_crypt(algorithm, (const char *)passphrase->ptr, (int)passphrase->len, in.ptr,
                            (int)in.len, ret, ret_len, encrypt) != NULL;
}

static int encode(X509_ALGOR *algorithm, struct bytes encrypted, struct buf *ret, struct err *err)
{
    CLEANUP(sig_freep) X509_SIG *sealed = X509_SIG_new();
    X509_ALGOR *kind = NULL;
    ASN1_OCTET_STRING *octets = NULL;
    unsigned char *der = NULL;
    int len = -1;
    int rc;

    if (sealed != NULL)
        X509_SIG_getm(sealed, &kind, &octets);
    if (sealed != NULL && X509_ALGOR_copy(kind, algorithm) == 1 &&
        ASN1_OCTET_STRING_set(octets, encrypted.ptr, (int)encrypted.len) == 1)
        len = i2d_X509_SIG(sealed, &der);
    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "what was encrypted could not be encoded");
    rc = buf_copy(bytes_of(der, (size_t)len), ret, err);
    OPENSSL_free(der);
    return rc;
}

int pbes2_close(const struct secret *passphrase, struct bytes plain, struct buf *ret_der,
                struct err *err)
{
    CLEANUP(algor_freep) X509_ALGOR *algorithm = NULL;
    unsigned char *encrypted = NULL;
    int len = 0;
    int rc;

    TRY(check_passphrase(passphrase, err));
    if (plain.len == 0 || plain.len > PBES2_PLAIN_MAX)
        return FAIL(err, ERR_USAGE, "1 to %d bytes can be encrypted", PBES2_PLAIN_MAX);
    algorithm = new_algorithm(err);
    if (algorithm == NULL || !crypt(algorithm, passphrase, plain, 1, &encrypted, &len))
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the passphrase could not be used to encrypt");
    rc = encode(algorithm, bytes_of(encrypted, (size_t)len), ret_der, err);
    OPENSSL_free(encrypted);
    return rc;
}

static int algorithm_nid(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object = NULL;

    if (algorithm == NULL)
        return NID_undef;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return OBJ_obj2nid(object);
}

/* The parameters of an algorithm that must be a SEQUENCE, or NULL. */
static const ASN1_STRING *sequence_parameters(const X509_ALGOR *algorithm)
{
    const void *value = NULL;
    int type = V_ASN1_UNDEF;

    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    return type == V_ASN1_SEQUENCE ? (const ASN1_STRING *)value : NULL;
}

static bool is_our_count(const ASN1_INTEGER *iterations)
{
    long count = ASN1_INTEGER_get(iterations);

    return count == PBES2_ITERATIONS || count == pbes2_iterations;
}

static bool is_our_kdf(const X509_ALGOR *kdf)
{
    CLEANUP(pbkdf2_freep) PBKDF2PARAM *param = NULL;
    const ASN1_STRING *der = sequence_parameters(kdf);

    if (algorithm_nid(kdf) != NID_id_pbkdf2 || der == NULL)
        return false;
    param = ASN1_item_unpack(der, ASN1_ITEM_rptr(PBKDF2PARAM));
    return param != NULL && param->prf != NULL && algorithm_nid(param->prf) == NID_hmacWithSHA256 &&
           is_our_count(param->iter);
}

/* PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018, A.4). */
static bool is_ours(const X509_ALGOR *algorithm)
{
    CLEANUP(pbe2_freep) PBE2PARAM *param = NULL;
    const ASN1_STRING *der = sequence_parameters(algorithm);

    if (algorithm_nid(algorithm) == NID_pbes2 && der != NULL)
        param = ASN1_item_unpack(der, ASN1_ITEM_rptr(PBE2PARAM));
    return param != NULL && algorithm_nid(param->encryption) == NID_aes_256_cbc &&
           is_our_kdf(param->keyfunc);
}

int pbes2_open(struct bytes der, const struct secret *passphrase, struct secret *ret,
               struct err *err)
{
    CLEANUP(sig_freep) X509_SIG *sealed = NULL;
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *octets = NULL;
    const unsigned char *p = der.ptr;
    unsigned char *plain = NULL;
    int len = 0;
    int rc;

    TRY(check_passphrase(passphrase, err));
    if (der.len > 0 && der.len <= LONG_MAX)
        sealed = d2i_X509_SIG(NULL, &p, (long)der.len);
    if (sealed == NULL || p != der.ptr + der.len)
        return FAIL_OPENSSL(err, ERR_INPUT, "not data under a passphrase (RFC 5958, 3)");
    X509_SIG_get0(sealed, &algorithm, &octets);
    if (!is_ours(algorithm))
        return FAIL_OPENSSL(err, ERR_INPUT,
                            "it is not encrypted as ours is (PBES2, PBKDF2 with HMAC-SHA-256, "
                            "AES-256-CBC)");
    if (!crypt(algorithm, passphrase,
               bytes_of(ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets)), 0,
               &plain, &len))
        return FAIL_OPENSSL(err, ERR_DENIED, "the passphrase does not open it");
    rc = len > 0 ? secret_copy(bytes_of(plain, (size_t)len), ret, err)
                 : FAIL(err, ERR_DENIED, "the passphrase does not open it");
    OPENSSL_clear_free(plain, (size_t)len);
    return rc;
}
