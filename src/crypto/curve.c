/* SPDX-License-Identifier: Apache-2.0 */
/* What public and private keys on the two curves have in common. */
#include "crypto/evp.h"

#include "crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

enum { GROUP_NAME_SIZE = 64, HEAD_MAX = 27, COORDINATE_MAX = 48 };

/*
 * AlgorithmIdentifier with id-ecPublicKey and the curve, and the beginning of an uncompressed point
 * (RFC 5480, 2).
 */
static const struct curve {
    enum key_kind kind;
    const char *group;
    size_t bits, head_len;
    uint8_t head[HEAD_MAX];
} curves[] = {
    {KEY_P384, "secp384r1", 384, 24, {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                      0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04}},
    {KEY_P256, "prime256v1", 256, 27, {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                       0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                       0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04}},
};

static const struct curve *curve_of(enum key_kind kind)
{
    return kind == KEY_P384 ? &curves[0] : &curves[1];
}

/* Left as it is if the curve has none that is known. */
static void name_group(const EVP_PKEY *key, char ret[GROUP_NAME_SIZE])
{
    char group[GROUP_NAME_SIZE] = "";
    size_t len;

    if (EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1)
        memcpy(ret, group, sizeof group);
    ERR_clear_error();
}

bool curve_is(const EVP_PKEY *key, enum key_kind kind)
{
    char group[GROUP_NAME_SIZE] = "";

    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
        return false;
    name_group(key, group);
    return strcmp(group, curve_of(kind)->group) == 0;
}

int curve_check(const EVP_PKEY *key, enum key_kind kind, struct bytes spki, struct err *err)
{
    char group[GROUP_NAME_SIZE] = "without a name";

    name_group(key, group);
    if (!curve_is(key, kind))
        return FAIL(err, ERR_INPUT, "an EC key on the curve \"%s\"; %s is accepted", group,
                    key_kind_name(kind));
    if (!curve_spells(kind, spki))
        return FAIL(err, ERR_INPUT,
                    "a %s key whose curve is not named or whose point is not written in full",
                    key_kind_name(kind));
    return 0;
}

bool curve_spells(enum key_kind kind, struct bytes spki)
{
    const struct curve *curve = curve_of(kind);

    return spki.len == curve_spki_size(kind) &&
           bytes_start_with(spki, bytes_of(curve->head, curve->head_len));
}

int curve_import(enum key_kind kind, struct bytes spki, EVP_PKEY **ret, struct err *err)
{
    CLEANUP(evp_pkey_ctx_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    struct bytes point = bytes_part(spki, curve_point_at(kind), spki.len);
    char group[GROUP_NAME_SIZE] = "";
    uint8_t encoded[1 + 2 * COORDINATE_MAX];

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 || point.len > sizeof encoded)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "the public key could not be put together");
    /* OSSL_PARAM has no const. */
    memcpy(encoded, point.ptr, point.len);
    memcpy(group, curve_of(kind)->group, strlen(curve_of(kind)->group));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, point.len),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return FAIL_OPENSSL(err, ERR_INPUT, "not a point on the curve of the public key");
    return 0;
}

size_t curve_bits(enum key_kind kind)
{
    return curve_of(kind)->bits;
}

size_t curve_spki_size(enum key_kind kind)
{
    return curve_of(kind)->head_len + curve_bits(kind) / 4;
}

size_t curve_point_at(enum key_kind kind)
{
    return curve_of(kind)->head_len - 1;
}

int curve_spki_of_point(enum key_kind kind, struct bytes coordinates, struct buf *ret,
                        struct err *err)
{
    const struct curve *curve = curve_of(kind);

    if (coordinates.len != curve->bits / 4)
        return FAIL(err, ERR_INPUT, "not the two coordinates of a point on %s",
                    key_kind_name(kind));
    TRY(buf_append(ret, bytes_of(curve->head, curve->head_len), err));
    return buf_append(ret, coordinates, err);
}

static void ecdsa_sig_freep(ECDSA_SIG **sig)
{
    ECDSA_SIG_free(*sig);
}

static void bn_freep(BIGNUM **number)
{
    BN_free(*number);
}

static void der_freep(unsigned char **der)
{
    OPENSSL_free(*der);
}

int ecdsa_raw_to_der(struct bytes raw, struct buf *ret, struct err *err)
{
    CLEANUP(ecdsa_sig_freep) ECDSA_SIG *sig = ECDSA_SIG_new();
    CLEANUP(bn_freep) BIGNUM *r = BN_bin2bn(raw.ptr, (int)(raw.len / 2), NULL);
    CLEANUP(bn_freep)
    BIGNUM *s = BN_bin2bn(raw.ptr + raw.len / 2, (int)(raw.len - raw.len / 2), NULL);
    CLEANUP(der_freep) unsigned char *der = NULL;
    int len;

    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1)
        return FAIL_OPENSSL(err, ERR_NOMEM, "no memory for a signature");
    r = NULL; /* both are the signature's now */
    s = NULL;
    len = i2d_ECDSA_SIG(sig, &der);
    if (len <= 0)
        return FAIL_OPENSSL(err, ERR_NOMEM, "no memory for a signature");
    return buf_append(ret, bytes_of(der, (size_t)len), err);
}

int ecdsa_der_to_raw(enum key_kind kind, struct bytes der, struct buf *ret, struct err *err)
{
    const unsigned char *p = der.ptr;
    CLEANUP(ecdsa_sig_freep) ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
    uint8_t raw[2 * 48];
    int half = (int)(curve_bits(kind) / 8);

    if (sig == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, half) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, half) < 0)
        return FAIL_OPENSSL(err, ERR_SYSTEM, "a signature that is none");
    return buf_append(ret, bytes_of(raw, 2 * (size_t)half), err);
}
