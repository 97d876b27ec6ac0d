/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cmac.h"

#include "crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

static void mac_freep(EVP_MAC **mac)
{
    EVP_MAC_free(*mac);
}

static void mac_ctx_freep(EVP_MAC_CTX **ctx)
{
    EVP_MAC_CTX_free(*ctx);
}

/* "AES-128-CBC" and its sisters; a copy, because OSSL_PARAM asks for one that may be written. */
enum { CIPHER_NAME_SIZE = sizeof "AES-128-CBC" };

static int cipher_for(size_t key_len, char ret[CIPHER_NAME_SIZE], struct err *err)
{
    if (key_len != 16 && key_len != 24 && key_len != 32)
        return FAIL(err, ERR_USAGE, "a key of %zu bytes is none of AES", key_len);
    (void)snprintf(ret, CIPHER_NAME_SIZE, "AES-%u-CBC", (unsigned)key_len * 8 % 1000);
    return 0;
}

static int fail(struct err *err)
{
    return FAIL_OPENSSL(err, ERR_SYSTEM, "OpenSSL cannot compute a CMAC");
}

int cmac_compute(const struct secret *key, const struct bytes pieces[], size_t count,
                 uint8_t ret[CMAC_SIZE], struct err *err)
{
    char name[CIPHER_NAME_SIZE];
    CLEANUP(mac_freep) EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    CLEANUP(mac_ctx_freep) EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    size_t len;

    TRY(cipher_for(key->len, name, err));
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0);
    if (ctx == NULL || EVP_MAC_init(ctx, key->ptr, key->len, params) != 1)
        return fail(err);
    for (size_t i = 0; i < count; i++) {
        if (EVP_MAC_update(ctx, pieces[i].ptr, pieces[i].len) != 1)
            return fail(err);
    }
    if (EVP_MAC_final(ctx, ret, &len, CMAC_SIZE) != 1 || len != CMAC_SIZE)
        return fail(err);
    return 0;
}

int cmac_derive(const struct secret *key, struct bytes before, struct bytes after, size_t len,
                struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret derived = SECRET_INIT;
    size_t blocks = (len + CMAC_SIZE - 1) / CMAC_SIZE;

    if (blocks == 0 || blocks > UINT8_MAX)
        return FAIL(err, ERR_USAGE, "%zu bytes cannot be derived", len);
    TRY(secret_new(blocks * CMAC_SIZE, &derived, err));
    for (size_t i = 0; i < blocks; i++) {
        const uint8_t counter = (uint8_t)(i + 1);
        const struct bytes pieces[] = {before, {&counter, 1}, after};

        TRY(cmac_compute(key, pieces, 3, derived.ptr + i * CMAC_SIZE, err));
    }
    secret_cut(&derived, len);
    *ret = derived;
    derived = (struct secret)SECRET_INIT;
    return 0;
}
