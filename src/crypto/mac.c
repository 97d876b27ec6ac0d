/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC with SHA-256. Looking it up and setting it up takes longer than computing a short one, so
 * that is done once, without a key; each use has a copy of that.
 */
#include "crypto/mac.h"

#include "crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdatomic.h>

static void mac_ctx_freep(EVP_MAC_CTX **ctx)
{
    EVP_MAC_CTX_free(*ctx);
}

static EVP_MAC_CTX *set_up(void)
{
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    CLEANUP(mac_ctx_freep) EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    EVP_MAC_CTX *made;

    EVP_MAC_free(mac); /* the context has its own hold of it */
    if (ctx == NULL || EVP_MAC_CTX_set_params(ctx, params) != 1)
        return NULL;
    made = ctx;
    ctx = NULL;
    return made;
}

/* NULL if OpenSSL has no memory or no HMAC. */
static const EVP_MAC_CTX *keyless(void)
{
    static _Atomic(EVP_MAC_CTX *) kept;
    EVP_MAC_CTX *there = atomic_load(&kept);
    EVP_MAC_CTX *made;

    if (there != NULL)
        return there;
    made = set_up();
    if (made == NULL || atomic_compare_exchange_strong(&kept, &there, made))
        return made;
    EVP_MAC_CTX_free(made); /* another thread was faster */
    return there;
}

static int add_piece(EVP_MAC_CTX *ctx, struct bytes piece, struct err *err)
{
    const uint8_t length[] = {(uint8_t)(piece.len >> 24), (uint8_t)(piece.len >> 16),
                              (uint8_t)(piece.len >> 8), (uint8_t)piece.len};

    if (EVP_MAC_update(ctx, length, sizeof length) != 1 ||
        EVP_MAC_update(ctx, piece.ptr, piece.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute an HMAC");
    return 0;
}

static int begin(struct bytes key, EVP_MAC_CTX **ret, struct err *err)
{
    const EVP_MAC_CTX *template = keyless();
    CLEANUP(mac_ctx_freep) EVP_MAC_CTX *ctx = template == NULL ? NULL : EVP_MAC_CTX_dup(template);

    if (key.len == 0)
        return FAIL(err, ERR_USAGE, "an HMAC without a key");
    if (ctx == NULL || EVP_MAC_init(ctx, key.ptr, key.len, NULL) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute an HMAC");
    *ret = ctx;
    ctx = NULL;
    return 0;
}

static int end(EVP_MAC_CTX *ctx, uint8_t ret[MAC_SIZE], struct err *err)
{
    size_t len;

    if (EVP_MAC_final(ctx, ret, &len, MAC_SIZE) != 1 || len != MAC_SIZE)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute an HMAC");
    return 0;
}

static int compute(struct bytes key, const struct bytes pieces[], uint8_t ret[MAC_SIZE],
                   struct err *err)
{
    CLEANUP(mac_ctx_freep) EVP_MAC_CTX *ctx = NULL;

    TRY(begin(key, &ctx, err));
    for (size_t i = 0; pieces[i].ptr != NULL; i++)
        TRY(add_piece(ctx, pieces[i], err));
    return end(ctx, ret, err);
}

int mac_joined(struct bytes key, const struct bytes pieces[], size_t count, struct digest *ret,
               struct err *err)
{
    CLEANUP(mac_ctx_freep) EVP_MAC_CTX *ctx = NULL;
    struct digest mac = {.alg = DIGEST_SHA256, .len = MAC_SIZE};

    TRY(begin(key, &ctx, err));
    for (size_t i = 0; i < count; i++) {
        if (EVP_MAC_update(ctx, pieces[i].ptr, pieces[i].len) != 1)
            return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute an HMAC");
    }
    TRY(end(ctx, mac.value, err));
    *ret = mac;
    return 0;
}

int mac_plain(const struct secret *key, struct bytes data, struct digest *ret, struct err *err)
{
    return mac_joined(secret_bytes(key), &data, 1, ret, err);
}

int mac_salted(struct bytes salt, const struct bytes pieces[], struct digest *ret, struct err *err)
{
    struct digest mac = {.alg = DIGEST_SHA256, .len = MAC_SIZE};

    TRY(compute(salt, pieces, mac.value, err));
    *ret = mac;
    return 0;
}

int mac_compute(const struct secret *key, const struct bytes pieces[], struct digest *ret,
                struct err *err)
{
    return mac_salted(secret_bytes(key), pieces, ret, err);
}

int mac_derive(const struct secret *key, const struct bytes pieces[], struct secret *ret,
               struct err *err)
{
    CLEANUP(secret_done) struct secret derived = SECRET_INIT;

    TRY(secret_new(MAC_SIZE, &derived, err));
    TRY(compute(secret_bytes(key), pieces, derived.ptr, err));
    *ret = derived;
    derived = (struct secret)SECRET_INIT;
    return 0;
}
