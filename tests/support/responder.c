/* SPDX-License-Identifier: Apache-2.0 */
#include "support/responder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static EVP_PKEY *evp_of(const struct privkey *key)
{
    CLEANUP(secret_done) struct secret der = SECRET_INIT;
    const unsigned char *at;
    EVP_PKEY *evp;

    assert_int_equal(privkey_export(key, &der, NULL), 0);
    at = der.ptr;
    evp = d2i_AutoPrivateKey(NULL, &at, (long)der.len);
    assert_non_null(evp);
    return evp;
}

static X509 *x509_of(const struct x509_cert *cert)
{
    struct bytes der = x509_cert_der(cert);
    const unsigned char *at = der.ptr;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.len);

    assert_non_null(x509);
    return x509;
}

static void add(X509 *cert, X509 *issuer, const char *name, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf(NULL, &ctx, name, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_extensions(X509 *cert, X509 *issuer, enum responder_flaw flaw)
{
    if (flaw != RESPONDER_WITHOUT_USAGE)
        add(cert, issuer, "keyUsage", "critical,digitalSignature");
    if (flaw != RESPONDER_WITHOUT_PURPOSE)
        add(cert, issuer, "extendedKeyUsage", "OCSPSigning");
    if (flaw != RESPONDER_WITHOUT_NOCHECK)
        add(cert, issuer, "noCheck", "ignored");
    if (flaw == RESPONDER_UNKNOWN_CRITICAL)
        add(cert, issuer, "1.2.3.4", "critical,ASN1:NULL");
    if (flaw == RESPONDER_THAT_IS_A_CA)
        add(cert, issuer, "basicConstraints", "critical,CA:TRUE");
    add(cert, issuer, "authorityKeyIdentifier", "keyid");
    add(cert, issuer, "subjectKeyIdentifier", "hash");
}

void test_responder_make(const struct test_pki *pki, const struct privkey *key,
                         enum responder_flaw flaw, struct x509_cert **ret)
{
    const time_t now = TEST_PKI_NOW;
    X509 *cert = X509_new();
    X509 *issuer = x509_of(pki->certs[PROFILE_SIGN_CA]);
    EVP_PKEY *own = evp_of(key);
    EVP_PKEY *ca = evp_of(pki->keys[PROFILE_SIGN_CA]);
    unsigned char *der = NULL;
    int len;

    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 9), 1);
    assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(issuer)), 1);
    assert_int_equal(X509_set_subject_name(cert, X509_get_subject_name(issuer)), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert),
                                  flaw == RESPONDER_OF_FUTURE ? now + 1 : now - 86400));
    assert_non_null(
        ASN1_TIME_set(X509_getm_notAfter(cert), flaw == RESPONDER_EXPIRED ? now - 1 : now + 86400));
    assert_int_equal(X509_set_pubkey(cert, own), 1);
    add_extensions(cert, issuer, flaw);
    assert_true(X509_sign(cert, ca, EVP_sha256()) > 0);
    len = i2d_X509(cert, &der);
    assert_int_equal(x509_cert_parse(bytes_of(der, (size_t)len), ret, NULL), 0);
    OPENSSL_free(der);
    EVP_PKEY_free(ca);
    EVP_PKEY_free(own);
    X509_free(issuer);
    X509_free(cert);
}
