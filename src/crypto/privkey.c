/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys, at rest as PKCS#8 under PBES2 (crypto/pbes2.h). */
#include "crypto/privkey.h"

#include "crypto/agree.h"
#include "crypto/evp.h"
#include "crypto/openssl.h"
#include "crypto/pbes2.h"

#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PADDING_MIN = 11, PLACES = 4 };

/*
 * Contexts that sign SHA-256 digests by PKCS #1 v1.5, which is what keys do all day. Places are
 * swapped atomically: an idle context is in one thread's hands or in one place, never both.
 */
struct idle {
    _Atomic(EVP_PKEY_CTX *) places[PLACES];
};

struct privkey {
    EVP_PKEY *evp;
    struct idle *idle;
};

void privkey_free(struct privkey *key)
{
    if (key == NULL)
        return;
    for (size_t i = 0; key->idle != NULL && i < PLACES; i++)
        EVP_PKEY_CTX_free(atomic_load(&key->idle->places[i]));
    free(key->idle);
    EVP_PKEY_free(key->evp);
    free(key);
}

void privkey_freep(struct privkey **key)
{
    privkey_free(*key);
    *key = NULL;
}

/* Takes evp, also on failure. */
static int wrap(EVP_PKEY *evp, struct privkey **ret, struct err *err)
{
    CLEANUP(privkey_freep) struct privkey *key = calloc(1, sizeof *key);

    if (key == NULL) {
        EVP_PKEY_free(evp);
        return FAIL_NOMEM(err);
    }
    key->evp = evp;
    key->idle = calloc(1, sizeof *key->idle);
    if (key->idle == NULL)
        return FAIL_NOMEM(err);
    *ret = key;
    key = NULL;
    return 0;
}

int privkey_generate(unsigned bits, struct privkey **ret, struct err *err)
{
    EVP_PKEY *evp;

    if (bits != 2048 && bits != 3072 && bits != 4096)
        return FAIL(err, ERR_USAGE, "RSA keys are made with 2048, 3072 or 4096 bits, not %u", bits);
    evp = EVP_RSA_gen(bits);
    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no RSA key could be made");
    return wrap(evp, ret, err);
}

int privkey_generate_p384(struct privkey **ret, struct err *err)
{
    EVP_PKEY *evp = EVP_EC_gen("P-384");

    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no P-384 key could be made");
    return wrap(evp, ret, err);
}

int privkey_generate_p256(struct privkey **ret, struct err *err)
{
    EVP_PKEY *evp = EVP_EC_gen("P-256");

    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no P-256 key could be made");
    return wrap(evp, ret, err);
}

int privkey_generate_ed25519(struct privkey **ret, struct err *err)
{
    EVP_PKEY *evp = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no Ed25519 key could be made");
    return wrap(evp, ret, err);
}

enum key_kind privkey_kind(const struct privkey *key)
{
    if (EVP_PKEY_get_base_id(key->evp) == EVP_PKEY_ED25519)
        return KEY_ED25519;
    if (EVP_PKEY_get_base_id(key->evp) != EVP_PKEY_EC)
        return KEY_RSA;
    return EVP_PKEY_get_bits(key->evp) == (int)curve_bits(KEY_P256) ? KEY_P256 : KEY_P384;
}

static void pkcs8_freep(PKCS8_PRIV_KEY_INFO **info)
{
    PKCS8_PRIV_KEY_INFO_free(*info); /* wipes the key in it */
}

int privkey_seal(const struct privkey *key, const struct secret *passphrase, struct buf *ret_der,
                 struct err *err)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;

    TRY(privkey_export(key, &plain, err));
    return pbes2_close(passphrase, secret_bytes(&plain), ret_der, err);
}

int privkey_open(struct bytes der, const struct secret *passphrase, struct privkey **ret,
                 struct err *err)
{
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    CLEANUP(pkcs8_freep) PKCS8_PRIV_KEY_INFO *info = NULL;
    CLEANUP(evp_pkey_freep) EVP_PKEY *evp = NULL;
    EVP_PKEY *opened;
    const unsigned char *p;

    TRY(pbes2_open(der, passphrase, &plain, err));
    p = plain.ptr;
    info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)plain.len);
    if (info == NULL)
        return FAIL_OPENSSL(err, ERR_DENIED, "the passphrase does not open this key");
    evp = EVP_PKCS82PKEY(info);
    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "the key file holds no private key that we know");
    if (!curve_is(evp, KEY_P256) && EVP_PKEY_get_base_id(evp) != EVP_PKEY_ED25519)
        TRY(rsa_check(evp, err));
    opened = evp;
    evp = NULL;
    return wrap(opened, ret, err);
}

int privkey_export(const struct privkey *key, struct secret *ret_der, struct err *err)
{
    CLEANUP(pkcs8_freep) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->evp);
    unsigned char *der = NULL;
    int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    int rc;

    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the key could not be encoded");
    rc = secret_copy(bytes_of(der, (size_t)len), ret_der, err);
    OPENSSL_clear_free(der, (size_t)len);
    return rc;
}

/* Exactly one such structure. */
static int read_pkcs8(struct bytes der, EVP_PKEY **ret, struct err *err)
{
    CLEANUP(pkcs8_freep) PKCS8_PRIV_KEY_INFO *info = NULL;
    const unsigned char *p = der.ptr;

    if (der.len > 0 && der.len <= LONG_MAX)
        info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.len);
    if (info == NULL || p != der.ptr + der.len)
        return FAIL_OPENSSL(err, ERR_INPUT, "not a private key (RFC 5958, 2)");
    *ret = EVP_PKCS82PKEY(info);
    if (*ret == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "not a private key that we know");
    return 0;
}

int privkey_import(struct bytes der, struct privkey **ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *evp = NULL;
    EVP_PKEY *imported;

    TRY(read_pkcs8(der, &evp, err));
    if (!curve_is(evp, KEY_P384))
        TRY(rsa_check(evp, err));
    imported = evp;
    evp = NULL;
    return wrap(imported, ret, err);
}

int privkey_import_p256(struct bytes der, struct privkey **ret, struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *evp = NULL;
    EVP_PKEY *imported;

    TRY(read_pkcs8(der, &evp, err));
    if (!curve_is(evp, KEY_P256))
        return FAIL(err, ERR_INPUT, "not a key on P-256");
    imported = evp;
    evp = NULL;
    return wrap(imported, ret, err);
}

int privkey_spki(const struct privkey *key, struct buf *ret, struct err *err)
{
    return evp_spki(key->evp, ret, err);
}

size_t privkey_signature_size(const struct privkey *key)
{
    return (size_t)EVP_PKEY_get_size(key->evp);
}

static int begin(const struct privkey *key, int padding, EVP_PKEY_CTX **ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;

    if (privkey_kind(key) != KEY_RSA)
        return FAIL(err, ERR_USAGE, "not a way in which this key signs");
    ctx = EVP_PKEY_CTX_new(key->evp, NULL);
    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "signing could not be started");
    *ret = ctx;
    ctx = NULL;
    return 0;
}

static int finish(const struct privkey *key, EVP_PKEY_CTX *ctx, struct bytes data, struct buf *ret,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t len = privkey_signature_size(key);

    TRY(buf_reserve(&out, len, err));
    if (EVP_PKEY_sign(ctx, out.ptr, &len, data.ptr, data.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the key could not sign");
    out.len = len;
    buf_move(ret, &out);
    return 0;
}

static int sign_ecdsa(const struct privkey *key, const struct digest *digest, struct buf *ret,
                      struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    enum key_kind kind = privkey_kind(key);

    if (digest->alg != key_kind_digest(kind))
        return FAIL(err, ERR_USAGE, "a %s key signs %s digests", key_kind_name(kind),
                    digest_name(key_kind_digest(kind)));
    ctx = EVP_PKEY_CTX_new(key->evp, NULL);
    if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "signing could not be started");
    return finish(key, ctx, digest_bytes(digest), ret, err);
}

static int take_context(const struct privkey *key, enum digest_alg alg, EVP_PKEY_CTX **ret,
                        struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;

    for (size_t i = 0; alg == DIGEST_SHA256 && ctx == NULL && i < PLACES; i++)
        ctx = atomic_exchange(&key->idle->places[i], NULL);
    if (ctx == NULL) {
        TRY(begin(key, RSA_PKCS1_PADDING, &ctx, err));
        if (EVP_PKEY_CTX_set_signature_md(ctx, digest_md(alg)) != 1)
            return FAIL_OPENSSL(err, ERR_SYSTEM, "signing could not be started");
    }
    *ret = ctx;
    ctx = NULL;
    return 0;
}

static void put_back(const struct privkey *key, enum digest_alg alg, EVP_PKEY_CTX **ctx)
{
    for (size_t i = 0; alg == DIGEST_SHA256 && *ctx != NULL && i < PLACES; i++) {
        EVP_PKEY_CTX *none = NULL;

        if (atomic_compare_exchange_strong(&key->idle->places[i], &none, *ctx))
            *ctx = NULL;
    }
}

int privkey_sign(const struct privkey *key, const struct digest *digest, struct buf *ret,
                 struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;

    if (digest->len != digest_size(digest->alg))
        return FAIL(err, ERR_USAGE, "a digest of the wrong length");
    if (privkey_kind(key) == KEY_ED25519)
        return FAIL(err, ERR_USAGE, "an Ed25519 key signs messages, not digests");
    if (privkey_kind(key) != KEY_RSA)
        return sign_ecdsa(key, digest, ret, err);
    TRY(take_context(key, digest->alg, &ctx, err));
    TRY(finish(key, ctx, digest_bytes(digest), ret, err));
    put_back(key, digest->alg, &ctx);
    return 0;
}

int privkey_sign_jws(const struct privkey *key, const struct digest *digest, struct buf *ret,
                     struct err *err)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf raw = BUF_INIT;

    if (privkey_kind(key) == KEY_RSA)
        return privkey_sign(key, digest, ret, err);
    TRY(privkey_sign(key, digest, &der, err));
    TRY(ecdsa_der_to_raw(privkey_kind(key), buf_bytes(&der), &raw, err));
    buf_move(ret, &raw);
    return 0;
}

static void md_ctx_freep(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

int privkey_sign_message(const struct privkey *key, struct bytes message, struct buf *ret,
                         struct err *err)
{
    CLEANUP(md_ctx_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t len = privkey_signature_size(key);

    if (privkey_kind(key) != KEY_ED25519)
        return FAIL(err, ERR_USAGE, "a %s key signs digests", key_kind_name(privkey_kind(key)));
    TRY(buf_reserve(&out, len, err));
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->evp) != 1 ||
        EVP_DigestSign(ctx, out.ptr, &len, message.ptr, message.len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the key could not sign");
    out.len = len;
    buf_move(ret, &out);
    return 0;
}

int privkey_sign_raw(const struct privkey *key, struct bytes data, struct buf *ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    size_t max = privkey_signature_size(key) - PADDING_MIN;

    if (data.len == 0 || data.len > max)
        return FAIL(err, ERR_INPUT, "%zu bytes to be padded, not 1 to %zu (RFC 8017, 9.2)",
                    data.len, max);
    TRY(begin(key, RSA_PKCS1_PADDING, &ctx, err));
    return finish(key, ctx, data, ret, err);
}

int privkey_sign_pss(const struct privkey *key, const struct digest *digest, size_t salt_len,
                     struct buf *ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;

    if (digest->len != digest_size(digest->alg))
        return FAIL(err, ERR_USAGE, "a digest of the wrong length");
    if (salt_len > privkey_signature_size(key) - digest->len - 2)
        return FAIL(err, ERR_INPUT, "a salt of %zu bytes is too long (RFC 8017, 9.1.1)", salt_len);
    TRY(begin(key, RSA_PKCS1_PSS_PADDING, &ctx, err));
    if (EVP_PKEY_CTX_set_signature_md(ctx, digest_md(digest->alg)) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)salt_len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "signing could not be started");
    return finish(key, ctx, digest_bytes(digest), ret, err);
}

int privkey_unwrap(const struct privkey *key, struct bytes wrapped, struct secret *ret,
                   struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->evp, NULL);
    CLEANUP(secret_done) struct secret plain = SECRET_INIT;
    size_t len = privkey_signature_size(key);

    if (ctx == NULL || EVP_PKEY_decrypt_init(ctx) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "decryption could not be started");
    TRY(rsa_set_oaep(ctx, err));
    TRY(secret_new(len, &plain, err));
    if (wrapped.len != len ||
        EVP_PKEY_decrypt(ctx, plain.ptr, &len, wrapped.ptr, wrapped.len) != 1 || len == 0)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED, "not encrypted to this key");
    secret_cut(&plain, len);
    *ret = plain;
    plain = (struct secret)SECRET_INIT;
    return 0;
}

int privkey_agree(const struct privkey *key, struct bytes point, struct secret *ret,
                  struct err *err)
{
    if (privkey_kind(key) != KEY_P256)
        return FAIL(err, ERR_USAGE, "nothing is agreed on with a %s key",
                    key_kind_name(privkey_kind(key)));
    return agree_derive(key->evp, point, &agreement_of_jwe, ret, err);
}
