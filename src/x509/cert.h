/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates (RFC 5280, 4.1): a TBSCertificate, its public key and the signature over it. */
#pragma once

#include "crypto/pubkey.h"
#include "x509/tbs.h"

struct x509_cert;

/*
 * Parse a copy of der: one certificate in DER, at most X509_CERT_MAX bytes, nothing behind it.
 * The algorithm outside must equal the one inside (RFC 5280, 4.1.1.2). The signature is not
 * checked. Keys that pubkey.h refuses are ERR_INPUT.
 */
MUST_CHECK int x509_cert_parse(struct bytes der, struct x509_cert **ret, struct err *err);
/* The same from a file in DER or PEM ("BEGIN CERTIFICATE", exactly one). */
MUST_CHECK int x509_cert_parse_file(struct bytes contents, struct x509_cert **ret, struct err *err);
/*
 * What is remembered of a certificate that was seen and not kept: enough to ask whether it is
 * revoked (verify/status.h), and for nothing else. It has no DER and no key.
 */
struct x509_reference {
    struct bytes serial;
    struct bytes distribution_point, ocsp_url; /* empty: none */
};
MUST_CHECK int x509_cert_refer(const struct x509_reference *reference, struct x509_cert **ret,
                               struct err *err);
/* Another holder of the same, who frees it, too; from any thread. */
struct x509_cert *x509_cert_share(struct x509_cert *cert);
/*
 * Take a certificate apart where it lies, without its key: what x509_cert_parse refuses for its key
 * alone is taken here.
 */
MUST_CHECK int x509_cert_read(struct bytes der, struct tbs *ret, struct bytes *ret_signature,
                              struct err *err);
void x509_cert_free(struct x509_cert *cert);
void x509_cert_freep(struct x509_cert **cert);

/* All of these live as long as the certificate. */
struct bytes x509_cert_der(const struct x509_cert *cert);
const struct tbs *x509_cert_tbs(const struct x509_cert *cert);
const struct pubkey *x509_cert_pubkey(const struct x509_cert *cert);
struct bytes x509_cert_signature(const struct x509_cert *cert);

/*
 * ERR_UNTRUSTED unless this key made the signature. Says nothing about whether the issuer may
 * issue; SHA-1 signatures are refused.
 */
MUST_CHECK int x509_cert_is_signed_by(const struct x509_cert *cert, const struct pubkey *key,
                                      struct err *err);
/*
 * ERR_UNTRUSTED unless issuer is a CA that signed it: key identifiers match, keyCertSign, and the
 * signature. The names must match too but are never what decides; nor does the serial number that
 * the certificate may name its issuer's by.
 */
MUST_CHECK int x509_cert_is_issued_by(const struct x509_cert *cert, const struct x509_cert *issuer,
                                      struct err *err);
/* "-----BEGIN CERTIFICATE-----" and so on, with a final line feed; appended. */
MUST_CHECK int x509_cert_append_pem(struct buf *buf, const struct x509_cert *cert, struct err *err);

/* Second phase: a TBSCertificate and the signature over it become a certificate. */
MUST_CHECK int cert_assemble(struct bytes tbs, struct bytes signature, struct buf *ret,
                             struct err *err);
