/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests for certificates (PKCS#10) of as many RSA-2048 keys as wanted, for jpki-bench issue:
 *
 *     issue_requests COUNT FILE
 *
 * FILE becomes the requests, DER, each behind its length in four bytes. Making thousands of keys
 * would take half an hour, so each modulus is a product of two of few primes: good enough to be
 * measured with, and for nothing else.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRIME_BITS = 1024, PRIMES_MAX = 512 };

static BIGNUM *primes[PRIMES_MAX];
static BN_CTX *bn;

static void must(int is_good, const char *what)
{
    if (is_good)
        return;
    (void)fprintf(stderr, "issue_requests: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

/* Whether 65537 can be its public exponent's part. */
static int suits(const BIGNUM *prime)
{
    return BN_mod_word(prime, 65537) != 1;
}

/* The two highest bits are set, so that a product has twice as many. */
static BIGNUM *make_prime(void)
{
    BIGNUM *prime = BN_new();

    do {
        must(BN_generate_prime_ex(prime, PRIME_BITS, 0, NULL, NULL, NULL) == 1, "no prime");
    } while (!suits(prime));
    must(BN_is_bit_set(prime, PRIME_BITS - 1) && BN_is_bit_set(prime, PRIME_BITS - 2), "short");
    return prime;
}

/* d and the parts that make signing fast, of p > q (RFC 8017, 3.2). */
static EVP_PKEY *make_key(const BIGNUM *p, const BIGNUM *q)
{
    BIGNUM *part[8]; /* n, e, d, p - 1, q - 1, dp, dq, qinv */
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *phi = BN_new();
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params;

    for (int i = 0; i < 8; i++)
        part[i] = BN_new();
    must(BN_mul(part[0], p, q, bn) && BN_set_word(part[1], 65537) &&
             BN_sub(part[3], p, BN_value_one()) && BN_sub(part[4], q, BN_value_one()) &&
             BN_mul(phi, part[3], part[4], bn) &&
             BN_mod_inverse(part[2], part[1], phi, bn) != NULL &&
             BN_mod(part[5], part[2], part[3], bn) && BN_mod(part[6], part[2], part[4], bn) &&
             BN_mod_inverse(part[7], q, p, bn) != NULL,
         "no key");
    must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, part[0]) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, part[1]) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, part[2]) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, p) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, q) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, part[5]) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, part[6]) &&
             OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, part[7]),
         "no parameters");
    params = OSSL_PARAM_BLD_to_param(build);
    must(params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
             EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1,
         "not a key");
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_free(phi);
    for (int i = 0; i < 8; i++)
        BN_free(part[i]);
    return key;
}

static void write_request(EVP_PKEY *key, FILE *out)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    X509_NAME *name = X509_NAME_new();
    unsigned char length[4];
    int len;

    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"card", -1,
                                    -1, 0) == 1 &&
             X509_REQ_set_version(request, 0) == 1 &&
             X509_REQ_set_subject_name(request, name) == 1 &&
             X509_REQ_set_pubkey(request, key) == 1 &&
             X509_REQ_sign(request, key, EVP_sha256()) > 0,
         "no request");
    len = i2d_X509_REQ(request, &der);
    must(len > 0, "no request");
    for (int i = 0; i < 4; i++)
        length[i] = (unsigned char)((unsigned)len >> (24 - 8 * i));
    must(fwrite(length, 1, 4, out) == 4 && fwrite(der, 1, (size_t)len, out) == (size_t)len,
         "cannot write");
    OPENSSL_free(der);
    X509_NAME_free(name);
    X509_REQ_free(request);
}

int main(int argc, char *argv[])
{
    long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    FILE *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
    int made = 0;

    must(count > 0 && out != NULL, "usage: issue_requests COUNT FILE");
    bn = BN_CTX_new();
    /* Each prime with all before it. */
    for (int i = 0; made < count && i < PRIMES_MAX; i++) {
        primes[i] = make_prime();
        for (int j = 0; made < count && j < i; j++, made++) {
            int is_larger = BN_cmp(primes[i], primes[j]) > 0;
            EVP_PKEY *key = make_key(primes[is_larger ? i : j], primes[is_larger ? j : i]);

            write_request(key, out);
            EVP_PKEY_free(key);
        }
    }
    must(made == count && fclose(out) == 0, "cannot make as many");
    return 0;
}
