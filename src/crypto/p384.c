/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/p384.h"

#include "crypto/evp.h"
#include "crypto/openssl.h"

#include <openssl/x509.h>
#include <string.h>

static void x509_freep(X509 **cert)
{
    X509_free(*cert);
}

bool p384_is(const EVP_PKEY *key)
{
    char group[sizeof "secp384r1"] = "";
    size_t len;

    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
           strcmp(group, "secp384r1") == 0;
}

static int parse(struct bytes der, X509 **ret, struct err *err)
{
    const unsigned char *p = der.ptr;
    X509 *cert = der.len == 0 || der.len > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)der.len);

    if (cert == NULL || p != der.ptr + der.len) {
        X509_free(cert);
        return FAIL_OPENSSL(err, ERR_INPUT, "not a certificate (RFC 5280, 4.1)");
    }
    *ret = cert;
    return 0;
}

int p384_check_certificate(struct bytes cert, struct bytes spki, struct bytes ca, struct err *err)
{
    CLEANUP(x509_freep) X509 *subject = NULL;
    CLEANUP(x509_freep) X509 *issuer = NULL;
    CLEANUP(buf_done) struct buf key = BUF_INIT;

    TRY(parse(cert, &subject, err));
    TRY(parse(ca, &issuer, err));
    if (X509_get0_pubkey(subject) == NULL || X509_get0_pubkey(issuer) == NULL)
        return FAIL_OPENSSL(err, ERR_INPUT, "a certificate over a key that nobody knows");
    TRY(evp_spki(X509_get0_pubkey(subject), &key, err));
    if (!bytes_equal(buf_bytes(&key), spki))
        return FAIL(err, ERR_UNTRUSTED, "over another key than the card's");
    if (X509_verify(subject, X509_get0_pubkey(issuer)) != 1)
        return FAIL_OPENSSL(err, ERR_UNTRUSTED, "not signed by the CA given with it");
    return 0;
}

int p384_check_ca(struct bytes ca, struct err *err)
{
    CLEANUP(x509_freep) X509 *cert = NULL;

    return parse(ca, &cert, err);
}
