/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A modulus becomes a key by EVP_PKEY_fromdata: OpenSSL's decoder takes about fifty times as long
 * for the same. Setting up a context takes a third of the time of a verification, so contexts wait
 * in a few places for their next use; who finds all of them taken makes another. Places are
 * swapped atomically, and an idle context is in one thread's hands or in one place, never both.
 */
#include "crypto/evp_key.h"

#include "crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES = 4, RSA_EXPONENT = 65537 };

struct evp_key {
    struct bytes modulus; /* empty if evp was there from the beginning */
    _Atomic(EVP_PKEY *) evp;
    _Atomic(EVP_PKEY_CTX *) idle[PLACES]; /* ready for the raw public operation */
};

static struct evp_key *make(struct bytes modulus)
{
    struct evp_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return NULL;
    key->modulus = modulus;
    atomic_init(&key->evp, NULL);
    for (size_t i = 0; i < PLACES; i++)
        atomic_init(&key->idle[i], NULL);
    return key;
}

int evp_key_of(EVP_PKEY *evp, struct evp_key **ret, struct err *err)
{
    struct evp_key *key = make((struct bytes){NULL, 0});

    if (key == NULL) {
        EVP_PKEY_free(evp);
        return FAIL_NOMEM(err);
    }
    atomic_init(&key->evp, evp);
    *ret = key;
    return 0;
}

int evp_key_of_modulus(struct bytes modulus, struct evp_key **ret, struct err *err)
{
    struct evp_key *key = make(modulus);

    if (key == NULL)
        return FAIL_NOMEM(err);
    *ret = key;
    return 0;
}

void evp_key_free(struct evp_key *key)
{
    if (key == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        EVP_PKEY_CTX_free(atomic_load(&key->idle[i]));
    EVP_PKEY_free(atomic_load(&key->evp));
    free(key);
}

static void bn_freep(BIGNUM **number)
{
    BN_free(*number);
}

static int import(struct bytes modulus, EVP_PKEY **ret, struct err *err)
{
    uint8_t native[RSA_BYTES_MAX];
    unsigned long exponent = RSA_EXPONENT;
    CLEANUP(bn_freep) BIGNUM *number = BN_bin2bn(modulus.ptr, (int)modulus.len, NULL);
    CLEANUP(evp_pkey_ctx_freep)
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

    if (number == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        BN_bn2nativepad(number, native, (int)modulus.len) < 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the public key could not be put together");
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native, modulus.len),
        OSSL_PARAM_construct_ulong(OSSL_PKEY_PARAM_RSA_E, &exponent),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT, "not the modulus of an RSA key");
    return 0;
}

int evp_key_get(struct evp_key *key, EVP_PKEY **ret, struct err *err)
{
    EVP_PKEY *there = atomic_load(&key->evp);
    EVP_PKEY *made = NULL;

    if (there == NULL) {
        TRY(import(key->modulus, &made, err));
        if (atomic_compare_exchange_strong(&key->evp, &there, made))
            there = made;
        else
            EVP_PKEY_free(made); /* another thread was faster */
    }
    *ret = there;
    return 0;
}

static int take_context(struct evp_key *key, EVP_PKEY_CTX **ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    EVP_PKEY *evp;

    for (size_t i = 0; i < PLACES && ctx == NULL; i++)
        ctx = atomic_exchange(&key->idle[i], NULL);
    if (ctx == NULL) {
        TRY(evp_key_get(key, &evp, err));
        ctx = EVP_PKEY_CTX_new(evp, NULL);
        if (ctx == NULL || EVP_PKEY_verify_recover_init(ctx) != 1 ||
            EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1)
            return FAIL_OPENSSL(err, ERR_SYSTEM, "the signature check could not be started");
    }
    *ret = ctx;
    ctx = NULL;
    return 0;
}

static void put_back(struct evp_key *key, EVP_PKEY_CTX *ctx)
{
    for (size_t i = 0; i < PLACES; i++) {
        EVP_PKEY_CTX *none = NULL;

        if (atomic_compare_exchange_strong(&key->idle[i], &none, ctx))
            return;
    }
    EVP_PKEY_CTX_free(ctx);
}

int evp_key_recover(struct evp_key *key, struct bytes signature, uint8_t *ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    size_t len = RSA_BYTES_MAX;

    TRY(take_context(key, &ctx, err));
    if (EVP_PKEY_verify_recover(ctx, ret, &len, signature.ptr, signature.len) != 1 ||
        len != signature.len)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED, "the signature is not one of this key");
    put_back(key, ctx);
    ctx = NULL;
    return 0;
}
