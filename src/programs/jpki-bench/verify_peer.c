/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/verify_peer.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

enum { HASH_SIZE = 32, MODULUS_MAX = 512, RSA_EXPONENT = 65537 };

struct openssl_store {
    X509_STORE *store;
    int64_t at;
};

static int unhappy(struct err *err, const char *what)
{
    ERR_clear_error();
    return FAIL(err, ERR_UNTRUSTED, "OpenSSL does not %s", what);
}

void openssl_store_freep(struct openssl_store **store)
{
    if (*store == NULL)
        return;
    X509_STORE_free((*store)->store);
    free(*store);
    *store = NULL;
}

static int believe(X509_STORE_CTX *ctx, X509_CRL *crl)
{
    (void)ctx, (void)crl;
    return 1;
}

static int add_ca(X509_STORE *store, struct bytes der, struct err *err)
{
    const unsigned char *at = der.ptr;
    X509 *cert = d2i_X509(NULL, &at, (long)der.len);
    bool is_added = cert != NULL && X509_STORE_add_cert(store, cert) == 1;

    X509_free(cert);
    return is_added ? 0 : unhappy(err, "take the CA");
}

static int add_crl(X509_STORE *store, struct bytes der, struct err *err)
{
    const unsigned char *at = der.ptr;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.len);
    bool is_added = crl != NULL && X509_STORE_add_crl(store, crl) == 1;

    X509_CRL_free(crl);
    return is_added ? 0 : unhappy(err, "take the list");
}

int openssl_store_new(struct bytes ca, struct bytes crl, int64_t at, bool is_proven,
                      struct openssl_store **ret, struct err *err)
{
    CLEANUP(openssl_store_freep) struct openssl_store *store = calloc(1, sizeof *store);

    if (store == NULL)
        return FAIL_NOMEM(err);
    store->at = at;
    store->store = X509_STORE_new();
    if (store->store == NULL)
        return FAIL_NOMEM(err);
    TRY(add_ca(store->store, ca, err));
    TRY(add_crl(store->store, crl, err));
    if (X509_STORE_set_flags(store->store, X509_V_FLAG_CRL_CHECK) != 1)
        return unhappy(err, "look at lists");
    if (is_proven)
        X509_STORE_set_check_crl(store->store, believe);
    *ret = store;
    store = NULL;
    return 0;
}

static bool verify_chain(const struct openssl_store *store, X509 *cert)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool holds = false;

    if (ctx != NULL && X509_STORE_CTX_init(ctx, store->store, cert, NULL) == 1) {
        X509_STORE_CTX_set_time(ctx, 0, (time_t)store->at);
        holds = X509_verify_cert(ctx) == 1;
    }
    X509_STORE_CTX_free(ctx);
    return holds;
}

static bool verify_document(X509 *cert, const struct signed_case *signed_case)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool holds = ctx != NULL &&
                 EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, X509_get0_pubkey(cert)) == 1 &&
                 EVP_DigestVerify(ctx, signed_case->signature.ptr, signed_case->signature.len,
                                  signed_case->document.ptr, signed_case->document.len) == 1;

    EVP_MD_CTX_free(ctx);
    return holds;
}

int openssl_store_verify(const struct openssl_store *store, const struct signed_case *signed_case,
                         struct err *err)
{
    const unsigned char *at = signed_case->cert.ptr;
    X509 *cert = d2i_X509(NULL, &at, (long)signed_case->cert.len);
    bool holds = cert != NULL && verify_chain(store, cert) && verify_document(cert, signed_case);

    X509_free(cert);
    return holds ? 0 : unhappy(err, "accept the document");
}

struct bare {
    EVP_PKEY *ca, *holder;
    EVP_PKEY_CTX *by_ca, *by_holder;
    uint8_t digest[HASH_SIZE]; /* that the holder signed */
    struct bytes signature;
};

void bare_freep(struct bare **bare)
{
    if (*bare == NULL)
        return;
    EVP_PKEY_CTX_free((*bare)->by_ca);
    EVP_PKEY_CTX_free((*bare)->by_holder);
    EVP_PKEY_free((*bare)->ca);
    EVP_PKEY_free((*bare)->holder);
    free(*bare);
    *bare = NULL;
}

/* What the machine counts in, from n and e. */
static EVP_PKEY *import(struct bytes modulus)
{
    uint8_t native[MODULUS_MAX];
    unsigned long exponent = RSA_EXPONENT;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native, modulus.len),
        OSSL_PARAM_construct_ulong(OSSL_PKEY_PARAM_RSA_E, &exponent),
        OSSL_PARAM_construct_end(),
    };

    for (size_t i = 0; i < modulus.len && i < sizeof native; i++)
        native[i] = modulus.ptr[modulus.len - 1 - i];
    if (ctx == NULL || modulus.len > sizeof native || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY_CTX *start(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);

    if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

static bool hash(struct bytes data, uint8_t ret[HASH_SIZE])
{
    return EVP_Digest(data.ptr, data.len, ret, NULL, EVP_sha256(), NULL) == 1;
}

static bool verify(EVP_PKEY_CTX *ctx, struct bytes signature, const uint8_t digest[HASH_SIZE])
{
    return ctx != NULL &&
           EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest, HASH_SIZE) == 1;
}

int bare_new(struct bytes ca_modulus, const struct signed_case *example, struct bare **ret,
             struct err *err)
{
    CLEANUP(bare_freep) struct bare *bare = calloc(1, sizeof *bare);

    if (bare == NULL)
        return FAIL_NOMEM(err);
    bare->ca = import(ca_modulus);
    bare->holder = import(example->modulus);
    bare->by_ca = start(bare->ca);
    bare->by_holder = start(bare->holder);
    bare->signature = example->signature;
    if (bare->by_ca == NULL || bare->by_holder == NULL || !hash(example->document, bare->digest))
        return unhappy(err, "take the keys");
    *ret = bare;
    bare = NULL;
    return 0;
}

int bare_parts(const struct bare *bare, const struct signed_case *signed_case, struct err *err)
{
    uint8_t of_document[HASH_SIZE];
    uint8_t of_tbs[HASH_SIZE];
    EVP_PKEY *key = import(signed_case->modulus);
    EVP_PKEY_CTX *fresh = start(key);
    bool holds = hash(signed_case->document, of_document) && hash(signed_case->tbs, of_tbs) &&
                 verify(bare->by_ca, signed_case->ca_value, of_tbs) &&
                 verify(fresh, signed_case->signature, of_document);

    EVP_PKEY_CTX_free(fresh);
    EVP_PKEY_free(key);
    return holds ? 0 : unhappy(err, "accept the parts");
}

int bare_raw(const struct bare *bare, struct err *err)
{
    return verify(bare->by_holder, bare->signature, bare->digest) ? 0 : unhappy(err, "accept one");
}
