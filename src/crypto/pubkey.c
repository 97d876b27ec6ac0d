/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys.
 *
 * Verification with RSA recovers the encoded message with the raw public operation and compares all
 * of it with the one message that a signer may have made. Nothing of what was recovered is parsed,
 * so there is no padding, length or parameter to be lenient about (RFC 8017, 8.2.2).
 */
#include "crypto/pubkey.h"

#include "base/base64.h"
#include "base/secret.h"
#include "crypto/agree.h"
#include "crypto/evp_key.h"
#include "crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum {
    PADDING_MIN = 11,
    ECDSA_OVERHEAD = 8, /* of DER around two numbers: four headers at most, two leading zeros */
    ECDSA_SIGNATURE_MAX = 104,
    RSA_BIT_STRING_AT = 24, /* where the contents of subjectPublicKey begin in the one spelling */
};

struct pubkey {
    enum key_kind kind;
    size_t bits;
    struct buf spki;
    struct evp_key *evp;
};

void pubkey_free(struct pubkey *key)
{
    if (key == NULL)
        return;
    evp_key_free(key->evp);
    buf_done(&key->spki);
    free(key);
}

void pubkey_freep(struct pubkey **key)
{
    pubkey_free(*key);
    *key = NULL;
}

/* As libcrypto decodes it; whatever it is, there is one spelling of it. On that curve, if on one.
 */
static int decode(struct bytes der, enum key_kind curve, struct pubkey *key, struct err *err)
{
    const unsigned char *p = der.ptr;
    EVP_PKEY *evp;

    if (der.len == 0 || der.len > LONG_MAX)
        return FAIL(err, ERR_INPUT, "an empty public key");
    evp = d2i_PUBKEY(NULL, &p, (long)der.len);
    if (evp == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "not a public key (RFC 5280, 4.1.2.7)");
    TRY(evp_key_of(evp, &key->evp, err));
    TRY(EVP_PKEY_get_base_id(evp) == EVP_PKEY_EC ? curve_check(evp, curve, der, err)
                                                 : rsa_check(evp, err));
    TRY(evp_spki(evp, &key->spki, err));
    /* One spelling: no trailing bytes, no BER, no other parameters (RFC 3279, 2.3.1). */
    if (!bytes_equal(buf_bytes(&key->spki), der))
        return FAIL(err, ERR_INPUT, "a public key that is not in DER or has bytes behind it");
    key->kind = EVP_PKEY_get_base_id(evp) == EVP_PKEY_EC ? curve : KEY_RSA;
    key->bits = (size_t)EVP_PKEY_get_bits(evp);
    return 0;
}

/* The modulus in the one spelling of an RSA key that is taken; ours is the copy. */
static int import(struct bytes der, size_t bits, struct pubkey *key, struct err *err)
{
    TRY(buf_copy(der, &key->spki, err));
    key->kind = KEY_RSA;
    key->bits = bits;
    return evp_key_of_modulus(rsa_spki_modulus(buf_bytes(&key->spki), bits), &key->evp, err);
}

/* A point in the one spelling of its curve. */
static int import_point(struct bytes der, enum key_kind curve, struct pubkey *key, struct err *err)
{
    EVP_PKEY *evp = NULL;

    TRY(curve_import(curve, der, &evp, err));
    TRY(evp_key_of(evp, &key->evp, err));
    key->kind = curve;
    key->bits = curve_bits(curve);
    return buf_copy(der, &key->spki, err);
}

static int from_spki(struct bytes der, enum key_kind curve, struct pubkey **ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = calloc(1, sizeof *key);
    size_t bits = rsa_spki_bits(der);

    if (key == NULL)
        return FAIL_NOMEM(err);
    if (bits > 0)
        TRY(import(der, bits, key, err));
    else if (curve_spells(curve, der))
        TRY(import_point(der, curve, key, err));
    else
        TRY(decode(der, curve, key, err));
    *ret = key;
    key = NULL;
    return 0;
}

int pubkey_from_spki(struct bytes der, struct pubkey **ret, struct err *err)
{
    return from_spki(der, KEY_P384, ret, err);
}

int pubkey_from_spki_jws(struct bytes der, struct pubkey **ret, struct err *err)
{
    return from_spki(der, KEY_P256, ret, err);
}

int pubkey_from_point(struct bytes coordinates, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(curve_spki_of_point(KEY_P256, coordinates, &spki, err));
    return pubkey_from_spki_jws(buf_bytes(&spki), ret, err);
}

int pubkey_point(const struct pubkey *key, struct buf *ret, struct err *err)
{
    if (key->kind != KEY_P256)
        return FAIL(err, ERR_INPUT, "not a P-256 key");
    return buf_copy(bytes_part(buf_bytes(&key->spki), curve_point_at(KEY_P256) + 1, key->spki.len),
                    ret, err);
}

int pubkey_from_spki_rsa(struct bytes der, struct pubkey **ret, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    TRY(pubkey_from_spki(der, &key, err));
    if (pubkey_kind(key) != KEY_RSA)
        return FAIL(err, ERR_INPUT, "a %s key where only RSA keys are used",
                    key_kind_name(pubkey_kind(key)));
    *ret = key;
    key = NULL;
    return 0;
}

int pubkey_from_modulus(struct bytes modulus, struct pubkey **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    TRY(rsa_spki_of_modulus(modulus, &spki, err));
    return pubkey_from_spki(buf_bytes(&spki), ret, err);
}

int pubkey_modulus(const struct pubkey *key, struct buf *ret, struct err *err)
{
    if (key->kind != KEY_RSA)
        return FAIL(err, ERR_INPUT, "a %s key has no modulus", key_kind_name(key->kind));
    return buf_copy(rsa_spki_modulus(buf_bytes(&key->spki), key->bits), ret, err);
}

enum key_kind pubkey_kind(const struct pubkey *key)
{
    return key->kind;
}

struct bytes pubkey_spki(const struct pubkey *key)
{
    return buf_bytes(&key->spki);
}

size_t pubkey_bits(const struct pubkey *key)
{
    return key->bits;
}

size_t pubkey_signature_size(const struct pubkey *key)
{
    return key->kind == KEY_RSA ? key->bits / 8 : key->bits / 4 + ECDSA_OVERHEAD;
}

int pubkey_key_id(const struct pubkey *key, uint8_t ret[20], struct err *err)
{
    size_t at = key->kind == KEY_RSA ? RSA_BIT_STRING_AT : curve_point_at(key->kind);
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA1, bytes_part(buf_bytes(&key->spki), at, key->spki.len), &digest,
                       err));
    memcpy(ret, digest.value, digest.len);
    return 0;
}

static int check_kind(const struct pubkey *key, enum key_kind kind, struct err *err)
{
    if (pubkey_kind(key) != kind)
        return FAIL(err, ERR_UNTRUSTED, "a %s signature under a %s key", key_kind_name(kind),
                    key_kind_name(pubkey_kind(key)));
    return 0;
}

/* s^e mod n into exactly k bytes (RFC 8017, 8.2.2, steps 1 and 2). */
static int recover(const struct pubkey *key, struct bytes signature, uint8_t *em, struct err *err)
{
    if (signature.len != pubkey_signature_size(key))
        return FAIL(err, ERR_UNTRUSTED, "the signature has %zu bytes, the key makes %zu",
                    signature.len, pubkey_signature_size(key));
    return evp_key_recover(key->evp, signature, em, err);
}

/* EM = 00 01 FF..FF 00 T, k bytes (RFC 8017, 9.2); whatever T is here. */
static int verify_message(const struct pubkey *key, struct bytes message, struct bytes signature,
                          struct err *err)
{
    uint8_t expected[RSA_BYTES_MAX];
    uint8_t em[RSA_BYTES_MAX];
    size_t k = pubkey_signature_size(key);

    TRY(check_kind(key, KEY_RSA, err));
    if (message.len + PADDING_MIN > k)
        return FAIL(err, ERR_USAGE, "a message too long for the key");
    TRY(recover(key, signature, em, err));
    memset(expected, 0xff, k);
    expected[0] = 0x00;
    expected[1] = 0x01;
    expected[k - message.len - 1] = 0x00;
    memcpy(expected + k - message.len, message.ptr, message.len);
    /* Nothing is secret here: signature, key and content are the sender's. */
    if (!bytes_equal(bytes_of(em, k), bytes_of(expected, k)))
        return FAIL(err, ERR_UNTRUSTED, "the signature is not by this key over this content");
    return 0;
}

int pubkey_verify(const struct pubkey *key, const struct digest *digest, struct bytes signature,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    TRY(digestinfo_build(digest, &message, err));
    return verify_message(key, buf_bytes(&message), signature, err);
}

static void ecdsa_sig_freep(ECDSA_SIG **sig)
{
    ECDSA_SIG_free(*sig);
}

/* One spelling, whatever the OpenSSL at hand is strict about. */
static bool is_ecdsa_der(struct bytes signature)
{
    CLEANUP(ecdsa_sig_freep) ECDSA_SIG *sig = NULL;
    const unsigned char *p = signature.ptr;
    unsigned char *der = NULL;
    bool is_same;
    int len;

    if (signature.len == 0 || signature.len > ECDSA_SIGNATURE_MAX)
        return false;
    sig = d2i_ECDSA_SIG(NULL, &p, (long)signature.len);
    len = sig == NULL ? -1 : i2d_ECDSA_SIG(sig, &der);
    is_same = len > 0 && bytes_equal(bytes_of(der, (size_t)len), signature);
    OPENSSL_free(der);
    ERR_clear_error();
    return is_same;
}

static int verify_ecdsa(const struct pubkey *key, const struct digest *digest,
                        struct bytes signature, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    enum digest_alg alg = key_kind_digest(key->kind);
    EVP_PKEY *evp;

    if (digest->alg != alg || digest->len != digest_size(alg))
        return FAIL(err, ERR_UNTRUSTED, "a %s signature over something else than %s",
                    key_kind_name(key->kind), digest_name(alg));
    if (!is_ecdsa_der(signature))
        return FAIL(err, ERR_UNTRUSTED, "not an Ecdsa-Sig-Value in DER (RFC 5480, 2.2.3)");
    TRY(evp_key_get(key->evp, &evp, err));
    ctx = EVP_PKEY_CTX_new(evp, NULL);
    if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the signature check could not be started");
    if (EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest->value, digest->len) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED,
                            "the signature is not by this key over this content");
    return 0;
}

int pubkey_verify_kind(const struct pubkey *key, enum key_kind kind, const struct digest *digest,
                       struct bytes signature, struct err *err)
{
    TRY(check_kind(key, kind, err));
    return kind == KEY_RSA ? pubkey_verify(key, digest, signature, err)
                           : verify_ecdsa(key, digest, signature, err);
}

static bool set_pss(EVP_PKEY_CTX *ctx, enum digest_alg alg)
{
    const EVP_MD *md = digest_md(alg);

    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

int pubkey_verify_pss(const struct pubkey *key, const struct digest *digest, struct bytes signature,
                      struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    EVP_PKEY *evp;

    TRY(check_kind(key, KEY_RSA, err));
    if (digest->len != digest_size(digest->alg))
        return FAIL(err, ERR_USAGE, "a digest of the wrong length");
    if (signature.len != pubkey_signature_size(key))
        return FAIL(err, ERR_UNTRUSTED, "the signature has %zu bytes, the key makes %zu",
                    signature.len, pubkey_signature_size(key));
    TRY(evp_key_get(key->evp, &evp, err));
    ctx = EVP_PKEY_CTX_new(evp, NULL);
    if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 || !set_pss(ctx, digest->alg))
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the signature check could not be started");
    if (EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest->value, digest->len) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED,
                            "the signature is not by this key over this content");
    return 0;
}

int pubkey_verify_scheme(const struct pubkey *key, enum signature_scheme scheme,
                         const struct digest *digest, struct bytes signature, struct err *err)
{
    if (scheme == SCHEME_PSS)
        return pubkey_verify_pss(key, digest, signature, err);
    return pubkey_verify_kind(key, scheme == SCHEME_ECDSA ? KEY_P384 : KEY_RSA, digest, signature,
                              err);
}

static bool is_hash_size(size_t len)
{
    return len == digest_size(DIGEST_SHA1) || len == digest_size(DIGEST_SHA256) ||
           len == digest_size(DIGEST_SHA384) || len == digest_size(DIGEST_SHA512);
}

int pubkey_verify_bare(const struct pubkey *key, struct bytes hash, struct bytes signature,
                       struct err *err)
{
    /* Otherwise a DigestInfo could be passed off as a hash. */
    if (!is_hash_size(hash.len))
        return FAIL(err, ERR_USAGE, "%zu bytes are no hash", hash.len);
    return verify_message(key, hash, signature, err);
}

int pubkey_verify_encoded(const struct pubkey *key, struct bytes message, struct bytes signature,
                          struct err *err)
{
    return verify_message(key, message, signature, err);
}

int pubkey_wrap(const struct pubkey *key, const struct secret *secret, struct buf *ret,
                struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    EVP_PKEY *evp;
    size_t len = pubkey_signature_size(key);

    if (pubkey_kind(key) != KEY_RSA)
        return FAIL(err, ERR_USAGE, "nothing is encrypted to a %s key",
                    key_kind_name(pubkey_kind(key)));
    if (secret->len == 0 || secret->len + RSA_OAEP_OVERHEAD > len)
        return FAIL(err, ERR_USAGE, "%zu bytes cannot be encrypted to this key", secret->len);
    TRY(evp_key_get(key->evp, &evp, err));
    ctx = EVP_PKEY_CTX_new(evp, NULL);
    if (ctx == NULL || EVP_PKEY_encrypt_init(ctx) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "encryption could not be started");
    TRY(rsa_set_oaep(ctx, err));
    TRY(buf_reserve(&out, len, err));
    if (EVP_PKEY_encrypt(ctx, out.ptr, &len, secret->ptr, secret->len) != 1)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the secret could not be encrypted");
    out.len = len;
    buf_move(ret, &out);
    return 0;
}

int pubkey_agree(const struct pubkey *key, struct secret *ret, struct buf *ret_point,
                 struct err *err)
{
    CLEANUP(evp_pkey_freep) EVP_PKEY *once = NULL;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    CLEANUP(buf_done) struct buf theirs = BUF_INIT;

    if (pubkey_kind(key) != KEY_P256)
        return FAIL(err, ERR_USAGE, "nothing is agreed on with a %s key",
                    key_kind_name(pubkey_kind(key)));
    once = EVP_EC_gen("P-256");
    if (once == NULL)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "no P-256 key could be made");
    TRY(agree_point(once, &point, err));
    TRY(pubkey_point(key, &theirs, err));
    TRY(agree_derive(once, buf_bytes(&theirs), &agreement_of_jwe, ret, err));
    buf_move(ret_point, &point);
    return 0;
}

static const char pem_begin[] = "-----BEGIN PUBLIC KEY-----\n";
static const char pem_end[] = "-----END PUBLIC KEY-----";

int pubkey_spki_from_pem(struct buf *pem, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf digits = BUF_INIT;
    const char *text, *end;

    TRY(buf_text(pem, &text, err));
    end = strstr(text, pem_end);
    if (strncmp(text, pem_begin, sizeof pem_begin - 1) != 0 || end == NULL)
        return FAIL(err, ERR_INPUT, "no public key in PEM");
    for (const char *p = text + sizeof pem_begin - 1; p < end; p++)
        if (*p != '\n' && *p != '\r')
            TRY(buf_append_byte(&digits, (uint8_t)*p, err));
    if (strspn(end + sizeof pem_end - 1, "\r\n") != strlen(end + sizeof pem_end - 1))
        return FAIL(err, ERR_INPUT, "there is something behind the public key");
    return base64_decode(BASE64_PADDED, buf_bytes(&digits), ret, err);
}
