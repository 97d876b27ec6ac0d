/* SPDX-License-Identifier: Apache-2.0 */
#include "jose.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum { POINT = 1 + 2 * JOSE_OCTETS, SIGNATURE = 2 * JOSE_OCTETS, DER_MAX = 80 };

char *jose_base64(const void *data, size_t size)
{
    char *text = malloc(4 * ((size + 2) / 3) + 1);

    if (text != NULL)
        EVP_EncodeBlock((unsigned char *)text, data, (int)size);
    return text;
}

static char *base64url(const void *data, size_t size)
{
    char *text = jose_base64(data, size);

    for (char *c = text; c != NULL && *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
    return text;
}

static unsigned char *unbase64(const char *text, size_t *ret_size)
{
    size_t len = strlen(text);
    unsigned char *data = malloc(len + 1);
    int size = data == NULL ? -1 : EVP_DecodeBlock(data, (const unsigned char *)text, (int)len);

    if (size < 0 || len == 0) {
        free(data);
        return NULL;
    }
    /* EVP_DecodeBlock takes the padding for zeros. */
    *ret_size = (size_t)size - (text[len - 1] == '=') - (len > 1 && text[len - 2] == '=');
    return data;
}

/* len characters of base64url. */
static unsigned char *unbase64url(const char *from, size_t len, size_t *ret_size)
{
    char *text = malloc(len + 4);
    unsigned char *data;

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(from[i] == '-' ? '+' : from[i] == '_' ? '/' : from[i]);
    while (len % 4 != 0)
        text[len++] = '=';
    text[len] = '\0';
    data = unbase64(text, ret_size);
    free(text);
    return data;
}

/* What a function above has made, into an array. */
static void move(char *made, char *ret)
{
    if (made == NULL)
        abort();
    strcpy(ret, made);
    free(made);
}

void jose_random(char ret[JOSE_TEXT])
{
    unsigned char octets[JOSE_OCTETS];

    if (RAND_bytes(octets, sizeof octets) != 1)
        abort();
    move(base64url(octets, sizeof octets), ret);
}

static void digest_of(const char *text, unsigned char ret[JOSE_OCTETS])
{
    if (EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text), ret, NULL) != 1)
        abort();
}

void jose_sha256url(const char *text, char ret[JOSE_TEXT])
{
    unsigned char digest[JOSE_OCTETS];

    digest_of(text, digest);
    move(base64url(digest, sizeof digest), ret);
}

void jose_sha256(const char *text, char ret[JOSE_TEXT + 1])
{
    unsigned char digest[JOSE_OCTETS];

    digest_of(text, digest);
    move(jose_base64(digest, sizeof digest), ret);
}

int jose_is_hmac(const char *secret, const char *text, const char *sent)
{
    unsigned char mac[JOSE_OCTETS];
    char due[sizeof "v1," + JOSE_TEXT] = "v1,";
    size_t size = 0;
    unsigned char *key = unbase64(secret, &size);

    if (key == NULL || HMAC(EVP_sha256(), key, (int)size, (const unsigned char *)text, strlen(text),
                            mac, NULL) == NULL)
        abort();
    free(key);
    move(jose_base64(mac, sizeof mac), due + strlen(due));
    return strlen(sent) == strlen(due) && CRYPTO_memcmp(sent, due, strlen(due)) == 0;
}

/* A number of a JWK, 32 octets. */
static int number_of(const json_t *jwk, const char *name, unsigned char ret[JOSE_OCTETS])
{
    const char *text = json_string_value(json_object_get(jwk, name));
    size_t size = 0;
    unsigned char *data = text == NULL ? NULL : unbase64url(text, strlen(text), &size);
    int is_right = data != NULL && size == JOSE_OCTETS;

    if (is_right)
        memcpy(ret, data, JOSE_OCTETS);
    free(data);
    return is_right;
}

/* The key of a JWK on P-256, private if it has a "d". */
static EVP_PKEY *key_of(const json_t *jwk)
{
    unsigned char point[POINT] = {4}, secret[JOSE_OCTETS];
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    int is_private = number_of(jwk, "d", secret);
    BIGNUM *number = is_private ? BN_bin2bn(secret, sizeof secret, NULL) : NULL;
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (number_of(jwk, "x", point + 1) && number_of(jwk, "y", point + 1 + JOSE_OCTETS) &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) &&
        (!is_private || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number)) &&
        (params = OSSL_PARAM_BLD_to_param(builder)) != NULL && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_clear_free(number);
    OPENSSL_cleanse(secret, sizeof secret);
    return key;
}

/* JWS has the two numbers of a signature one behind the other, OpenSSL as DER (RFC 7518, 3.4). */
static int sign_octets(EVP_PKEY *key, const char *text, unsigned char ret[SIGNATURE])
{
    unsigned char der[DER_MAX];
    const unsigned char *at = der;
    size_t size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ECDSA_SIG *numbers = NULL;
    int done = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestSign(context, der, &size, (const unsigned char *)text, strlen(text)) ==
                   1 &&
               (numbers = d2i_ECDSA_SIG(NULL, &at, (long)size)) != NULL &&
               BN_bn2binpad(ECDSA_SIG_get0_r(numbers), ret, JOSE_OCTETS) == JOSE_OCTETS &&
               BN_bn2binpad(ECDSA_SIG_get0_s(numbers), ret + JOSE_OCTETS, JOSE_OCTETS) ==
                   JOSE_OCTETS;

    ECDSA_SIG_free(numbers);
    EVP_MD_CTX_free(context);
    return done;
}

static int verify_octets(EVP_PKEY *key, const char *text, size_t len,
                         const unsigned char signature[SIGNATURE])
{
    unsigned char *der = NULL;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int size, is_valid;

    ECDSA_SIG_set0(numbers, BN_bin2bn(signature, JOSE_OCTETS, NULL),
                   BN_bin2bn(signature + JOSE_OCTETS, JOSE_OCTETS, NULL));
    size = i2d_ECDSA_SIG(numbers, &der);
    is_valid = size > 0 && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestVerify(context, der, (size_t)size, (const unsigned char *)text, len) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(numbers);
    EVP_MD_CTX_free(context);
    return is_valid;
}

char *jose_sign(const json_t *jwk, const json_t *claims)
{
    json_t *header = json_pack("{s:s, s:O}", "alg", "ES256", "kid", json_object_get(jwk, "kid"));
    char *parts[2] = {json_dumps(header, JSON_COMPACT), json_dumps(claims, JSON_COMPACT)};
    char *encoded[2] = {base64url(parts[0], strlen(parts[0])),
                        base64url(parts[1], strlen(parts[1]))};
    char *token = malloc(strlen(encoded[0]) + strlen(encoded[1]) + 2 + 2 * SIGNATURE);
    unsigned char signature[SIGNATURE];
    EVP_PKEY *key = key_of(jwk);

    sprintf(token, "%s.%s", encoded[0], encoded[1]);
    if (key != NULL && sign_octets(key, token, signature)) {
        char *last = base64url(signature, sizeof signature);

        strcat(strcat(token, "."), last);
        free(last);
    } else {
        free(token);
        token = NULL;
    }
    EVP_PKEY_free(key);
    json_decref(header);
    for (int i = 0; i < 2; i++) {
        free(parts[i]);
        free(encoded[i]);
    }
    return token;
}

static json_t *part_of(const char *text, size_t len)
{
    size_t size = 0;
    unsigned char *data = unbase64url(text, len, &size);
    json_t *part = data == NULL ? NULL
                                : json_loadb((char *)data, size, JSON_REJECT_DUPLICATES, NULL);

    free(data);
    return part;
}

json_t *jose_verify(const char *token, const json_t *jwks)
{
    const char *first = strchr(token, '.'), *second = first == NULL ? NULL : strchr(first + 1, '.');
    json_t *header = second == NULL ? NULL : part_of(token, (size_t)(first - token)),
           *claims = NULL, *jwk;
    const char *alg = json_string_value(json_object_get(header, "alg"));
    size_t size = 0, i;
    unsigned char *signature = second == NULL ? NULL
                                              : unbase64url(second + 1, strlen(second + 1), &size);

    /* The algorithm is ours to choose, never the token's. */
    if (alg != NULL && strcmp(alg, "ES256") == 0 && signature != NULL && size == SIGNATURE)
        json_array_foreach(json_object_get(jwks, "keys"), i, jwk)
        {
            EVP_PKEY *key = NULL;

            if (json_equal(json_object_get(jwk, "kid"), json_object_get(header, "kid")))
                key = key_of(jwk);
            if (claims == NULL && key != NULL &&
                verify_octets(key, token, (size_t)(second - token), signature))
                claims = part_of(first + 1, (size_t)(second - first - 1));
            EVP_PKEY_free(key);
        }
    free(signature);
    json_decref(header);
    return claims;
}
