/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    X509_CERT_MAX = 8192,        /* bytes of a certificate or TBSCertificate */
    X509_PEM_MAX = 32768,        /* bytes of a file with a certificate in PEM */
    X509_CSR_MAX = 4096,         /* bytes of a certification request */
    X509_SERIAL_MAX = 20,        /* octets; RFC 5280, 4.1.2.2 */
    X509_EXTENSIONS_MAX = 16,    /* extensions in one certificate */
    X509_POLICIES_MAX = 4,       /* certificatePolicies */
    X509_PURPOSES_MAX = 4,       /* extKeyUsage */
    X509_RDNS_MAX = 16,          /* attributes in a distinguished name */
    X509_ATTRIBUTE_MAX = 256,    /* bytes of an attribute value */
    X509_KEY_ID_MAX = 64,        /* bytes of a key identifier */
    X509_OID_MAX = 32,           /* content octets of an object identifier */
    PROFILE_PARTS_MAX = 6,       /* parts of a name in a profile */
    PROFILE_EXTENSIONS_MAX = 12, /* extensions of a profile */
    ROMAJI_MAX = 64,             /* characters of a place name in romaji */
    HOLDER_NAME_MAX = 100,       /* characters of a name */
    HOLDER_ADDRESS_MAX = 200,    /* characters of an address; pki.md 1.4 */
    OCSP_REQUEST_MAX = 16384,    /* bytes of a request */
    OCSP_RESPONSE_MAX = 65536,   /* bytes of a response */
    OCSP_SINGLES_MAX = 16,       /* certificates asked for or answered at once */
    OCSP_CERTS_MAX = 4,          /* certificates in a request or response */
    SHOWN_MAX = 5120,            /* characters of a certificate as a proxy passes it on */
    OCSP_NONCE_MAX = 128,        /* octets; RFC 9654, 2.1 */
};
