/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our reader beside libcrypto's: a certificate that we take is one to libcrypto, too, and says the
 * same to both of us in every field on which a verdict depends.
 */
#include "fuzz.h"
#include "x509/cert.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static struct bytes octets_of(const ASN1_STRING *string)
{
    return string == NULL
               ? bytes_of(NULL, 0)
               : bytes_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

static bool is_time(const ASN1_TIME *judge, int64_t ours)
{
    time_t at = (time_t)ours;

    return ASN1_TIME_cmp_time_t(judge, at) == 0;
}

static bool is_name(const X509_NAME *judge, struct bytes ours)
{
    const unsigned char *der = NULL;
    size_t len = 0;

    return X509_NAME_get0_der((X509_NAME *)(uintptr_t)judge, &der, &len) == 1 &&
           bytes_equal(bytes_of(der, len), ours);
}

/* The key as we make it of the modulus, and as libcrypto decodes it. */
static void compare_keys(const X509 *judge, const struct x509_cert *cert)
{
    EVP_PKEY *decoded = X509_get_pubkey((X509 *)(uintptr_t)judge);
    unsigned char *der = NULL;
    int len;

    FUZZ_CHECK(decoded != NULL);
    FUZZ_CHECK((EVP_PKEY_get_base_id(decoded) == EVP_PKEY_EC) ==
               (pubkey_kind(x509_cert_pubkey(cert)) == KEY_P384));
    FUZZ_CHECK((size_t)EVP_PKEY_get_bits(decoded) == pubkey_bits(x509_cert_pubkey(cert)));
    FUZZ_CHECK((size_t)EVP_PKEY_get_size(decoded) == pubkey_signature_size(x509_cert_pubkey(cert)));
    len = i2d_PUBKEY(decoded, &der);
    FUZZ_CHECK(len > 0 &&
               bytes_equal(bytes_of(der, (size_t)len), pubkey_spki(x509_cert_pubkey(cert))));
    OPENSSL_free(der);
    EVP_PKEY_free(decoded);
}

static void compare_key_ids(X509 *judge, const struct x509_cert *cert)
{
    uint8_t ours[20];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    FUZZ_CHECK(pubkey_key_id(x509_cert_pubkey(cert), ours, NULL) == 0);
    FUZZ_CHECK(X509_pubkey_digest(judge, EVP_sha1(), digest, &len) == 1);
    FUZZ_CHECK(bytes_equal(BYTES_ARRAY(ours), bytes_of(digest, len)));
}

/* What libcrypto finds wrong in the extensions themselves; then it says nothing about them. */
static void compare_extensions(X509 *judge, const struct tbs *tbs)
{
    uint32_t flags = X509_get_extension_flags(judge);

    if ((flags & EXFLAG_INVALID) != 0)
        return;
    FUZZ_CHECK(((flags & EXFLAG_CA) != 0) == tbs->is_ca);
    FUZZ_CHECK(((flags & EXFLAG_KUSAGE) != 0) == tbs->has_key_usage);
    FUZZ_CHECK(bytes_equal(octets_of(X509_get0_subject_key_id(judge)), tbs->subject_key_id));
    FUZZ_CHECK(bytes_equal(octets_of(X509_get0_authority_key_id(judge)), tbs->authority_key_id));
    FUZZ_CHECK(X509_get_pathlen(judge) == (tbs->is_ca ? tbs->path_len : -1));
    if (tbs->unknown_critical.len == 0)
        FUZZ_CHECK((flags & EXFLAG_CRITICAL) == 0);
    for (unsigned bit = 0; tbs->has_key_usage && bit < 8; bit++)
        FUZZ_CHECK(((X509_get_key_usage(judge) >> (7 - bit) & 1) != 0) ==
                   ((tbs->key_usage >> bit & 1) != 0));
}

static void compare(X509 *judge, const struct x509_cert *cert)
{
    const struct tbs *tbs = x509_cert_tbs(cert);
    const ASN1_BIT_STRING *signature = NULL;

    FUZZ_CHECK(X509_get_version(judge) == 2);
    FUZZ_CHECK(bytes_equal(octets_of(X509_get0_serialNumber(judge)), tbs->serial));
    FUZZ_CHECK(is_time(X509_get0_notBefore(judge), tbs->not_before));
    FUZZ_CHECK(is_time(X509_get0_notAfter(judge), tbs->not_after));
    FUZZ_CHECK(is_name(X509_get_issuer_name(judge), tbs->issuer));
    FUZZ_CHECK(is_name(X509_get_subject_name(judge), tbs->subject));
    X509_get0_signature(&signature, NULL, judge);
    FUZZ_CHECK(bytes_equal(octets_of(signature), x509_cert_signature(cert)));
    FUZZ_CHECK(X509_get_ext_count(judge) == (int)tbs->extension_count);
    compare_keys(judge, cert);
    compare_key_ids(judge, cert);
    compare_extensions(judge, tbs);
}

FUZZ_TARGET(data, size)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    const unsigned char *p = data;
    struct bytes signature;
    struct tbs tbs;
    X509 *judge;

    if (x509_cert_parse(bytes_of(data, size), &cert, NULL) == 0) {
        judge = d2i_X509(NULL, &p, (long)size);
        FUZZ_CHECK(judge != NULL && p == data + size);
        compare(judge, cert);
        X509_free(judge);
        /* Taken apart in place, it is the same. */
        FUZZ_CHECK(x509_cert_read(bytes_of(data, size), &tbs, &signature, NULL) == 0);
        FUZZ_CHECK(fuzz_is_inside(tbs.der, data, size) && fuzz_is_inside(signature, data, size));
        FUZZ_CHECK(bytes_equal(tbs.der, x509_cert_tbs(cert)->der));
    }
    ERR_clear_error();
    return 0;
}
