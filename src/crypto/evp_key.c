/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A modulus becomes a key by EVP_PKEY_fromdata: OpenSSL's decoder takes about fifty times as long
 * for the same. Verifying needs not even that: of an RSA key it needs s^e mod n, which libcrypto's
 * numbers do without a key, a context and a provider, which take longer to set up for a key that
 * is used once than it takes to compute. What the modulus needs for the computation is kept with
 * it; scratch numbers wait in a few places for their next use by anybody. Places are swapped
 * atomically, so what is idle is in one thread's hands or in one place, never both.
 */
#include "crypto/evp_key.h"

#include "crypto/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES = 8, RSA_EXPONENT = 65537 };

/* As libcrypto computes with it. */
struct modulus {
    BIGNUM *n;
    BN_MONT_CTX *reduction;
};

struct evp_key {
    struct bytes octets; /* of the modulus; empty if evp was there from the beginning */
    _Atomic(EVP_PKEY *) evp;
    _Atomic(struct modulus *) modulus;
};

static void modulus_free(struct modulus *modulus)
{
    if (modulus == NULL)
        return;
    BN_free(modulus->n);
    BN_MONT_CTX_free(modulus->reduction);
    free(modulus);
}

static struct evp_key *make(struct bytes octets)
{
    struct evp_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return NULL;
    key->octets = octets;
    atomic_init(&key->evp, NULL);
    atomic_init(&key->modulus, NULL);
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
    modulus_free(atomic_load(&key->modulus));
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
        TRY(import(key->octets, &made, err));
        if (atomic_compare_exchange_strong(&key->evp, &there, made))
            there = made;
        else
            EVP_PKEY_free(made); /* another thread was faster */
    }
    *ret = there;
    return 0;
}

/* Numbers to compute with. */
struct scratch {
    BN_CTX *ctx;
    BIGNUM *e, *x;
};

static void scratch_free(struct scratch *scratch)
{
    if (scratch == NULL)
        return;
    BN_CTX_free(scratch->ctx);
    BN_free(scratch->e);
    BN_free(scratch->x);
    free(scratch);
}

static struct scratch *scratch_new(void)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);

    if (scratch == NULL)
        return NULL;
    *scratch = (struct scratch){BN_CTX_new(), BN_new(), BN_new()};
    if (scratch->ctx != NULL && scratch->x != NULL && scratch->e != NULL &&
        BN_set_word(scratch->e, RSA_EXPONENT) == 1)
        return scratch;
    scratch_free(scratch);
    return NULL;
}

static _Atomic(struct scratch *) idle[PLACES];

static struct scratch *scratch_take(void)
{
    struct scratch *scratch = NULL;

    for (size_t i = 0; i < PLACES && scratch == NULL; i++)
        scratch = atomic_exchange(&idle[i], NULL);
    return scratch == NULL ? scratch_new() : scratch;
}

static void scratch_give(struct scratch **scratch)
{
    for (size_t i = 0; i < PLACES && *scratch != NULL; i++) {
        struct scratch *none = NULL;

        if (atomic_compare_exchange_strong(&idle[i], &none, *scratch))
            return;
    }
    scratch_free(*scratch);
}

static struct modulus *modulus_make(struct bytes octets, BN_CTX *ctx)
{
    struct modulus *made = calloc(1, sizeof *made);

    if (made == NULL)
        return NULL;
    *made = (struct modulus){BN_bin2bn(octets.ptr, (int)octets.len, NULL), BN_MONT_CTX_new()};
    if (made->n != NULL && made->reduction != NULL &&
        BN_MONT_CTX_set(made->reduction, made->n, ctx) == 1)
        return made;
    modulus_free(made);
    return NULL;
}

static const struct modulus *modulus_of(struct evp_key *key, BN_CTX *ctx)
{
    struct modulus *there = atomic_load(&key->modulus);
    struct modulus *made;

    if (there != NULL)
        return there;
    made = modulus_make(key->octets, ctx);
    if (made == NULL || atomic_compare_exchange_strong(&key->modulus, &there, made))
        return made;
    modulus_free(made); /* another thread was faster */
    return there;
}

/* False without memory, which is all that this can lack: what is out of range was refused. */
static bool raise_to_e(const struct scratch *scratch, const struct modulus *by, size_t len,
                       uint8_t *ret)
{
    BIGNUM *x = scratch->x;

    return BN_mod_exp_mont(x, x, scratch->e, by->n, scratch->ctx, by->reduction) == 1 &&
           BN_bn2binpad(x, ret, (int)len) >= 0;
}

static int recover(struct evp_key *key, const struct scratch *scratch, struct bytes signature,
                   uint8_t *ret, struct err *err)
{
    const struct modulus *by = modulus_of(key, scratch->ctx);

    if (by == NULL || BN_bin2bn(signature.ptr, (int)signature.len, scratch->x) == NULL)
        return FAIL_OPENSSL(err, ERR_NOMEM, "no memory to check a signature");
    if (BN_ucmp(scratch->x, by->n) >= 0)
        return FAIL(err, ERR_UNTRUSTED, "the signature is not one of this key");
    if (!raise_to_e(scratch, by, signature.len, ret))
        return FAIL_OPENSSL(err, ERR_NOMEM, "no memory to check a signature");
    return 0;
}

int evp_key_recover(struct evp_key *key, struct bytes signature, uint8_t *ret, struct err *err)
{
    CLEANUP(scratch_give) struct scratch *scratch = NULL;
    int rc;

    if (key->octets.len == 0)
        return FAIL(err, ERR_USAGE, "a key without a modulus");
    /* Nothing can be reduced by it in libcrypto's way. */
    if ((key->octets.ptr[key->octets.len - 1] & 1) == 0)
        return FAIL(err, ERR_UNTRUSTED, "a key whose modulus is even");
    scratch = scratch_take();
    if (scratch == NULL)
        return FAIL_OPENSSL(err, ERR_NOMEM, "no memory to check a signature");
    rc = recover(key, scratch, signature, ret, err);
    if (rc == -ERR_NOMEM) {
        scratch_free(scratch); /* it is not known what state it is in */
        scratch = NULL;
    }
    return rc;
}
