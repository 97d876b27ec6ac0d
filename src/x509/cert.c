/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/cert.h"

#include "x509/algorithm.h"
#include "x509/name.h"

#include <stdatomic.h>
#include <stdlib.h>

struct x509_cert {
    atomic_size_t holders;
    struct buf der; /* everything below points into it */
    struct tbs tbs;
    struct bytes signature;
    struct pubkey *pubkey;
    struct buf reference; /* instead of der: what tbs points into */
};

void x509_cert_free(struct x509_cert *cert)
{
    if (cert == NULL || atomic_fetch_sub(&cert->holders, 1) > 1)
        return;
    pubkey_free(cert->pubkey);
    buf_done(&cert->der);
    buf_done(&cert->reference);
    free(cert);
}

struct x509_cert *x509_cert_share(struct x509_cert *cert)
{
    (void)atomic_fetch_add(&cert->holders, 1);
    return cert;
}

void x509_cert_freep(struct x509_cert **cert)
{
    x509_cert_free(*cert);
    *cert = NULL;
}

/* What they point to is filled on failure, too. */
static int read_cert(struct bytes der, struct tbs *ret, struct bytes *ret_signature,
                     struct err *err)
{
    struct algorithm_id algorithm;
    struct bytes signature;
    struct der whole;
    struct der tbs;

    if (der.len > X509_CERT_MAX)
        return FAIL(err, ERR_INPUT, "a certificate of more than %d bytes", X509_CERT_MAX);
    TRY(der_only(der, DER_SEQUENCE, "Certificate", &whole, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "TBSCertificate", &tbs, err));
    TRY(tbs_parse(tbs.whole, ret, err));
    TRY(algorithm_take_any_signature(&whole.value, "signatureAlgorithm", &algorithm, err));
    if (!bytes_equal(algorithm.whole, ret->algorithm))
        return FAIL(err, ERR_INPUT,
                    "a certificate with two signature algorithms (RFC 5280, 4.1.1.2)");
    TRY(der_take_bits(&whole.value, "signatureValue", &signature, err));
    TRY(der_end(whole.value, "Certificate", err));
    *ret_signature = signature;
    return 0;
}

int x509_cert_read(struct bytes der, struct tbs *ret, struct bytes *ret_signature, struct err *err)
{
    struct tbs tbs;

    TRY(read_cert(der, &tbs, ret_signature, err));
    *ret = tbs;
    return 0;
}

int x509_cert_parse(struct bytes der, struct x509_cert **ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = calloc(1, sizeof *cert);

    if (cert == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&cert->holders, 1);
    if (der.len > X509_CERT_MAX)
        return FAIL(err, ERR_INPUT, "a certificate of more than %d bytes", X509_CERT_MAX);
    TRY(buf_copy(der, &cert->der, err));
    TRY(read_cert(buf_bytes(&cert->der), &cert->tbs, &cert->signature, err));
    TRY(pubkey_from_spki(cert->tbs.spki, &cert->pubkey, err));
    *ret = cert;
    cert = NULL;
    return 0;
}

int x509_cert_refer(const struct x509_reference *reference, struct x509_cert **ret, struct err *err)
{
    const struct bytes parts[] = {reference->serial, reference->distribution_point,
                                  reference->ocsp_url};
    CLEANUP(x509_cert_freep) struct x509_cert *cert = calloc(1, sizeof *cert);
    size_t at = 0;

    if (cert == NULL)
        return FAIL_NOMEM(err);
    atomic_init(&cert->holders, 1);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        TRY(buf_append(&cert->reference, parts[i], err));
    struct bytes *const places[] = {&cert->tbs.serial, &cert->tbs.distribution_point,
                                    &cert->tbs.ocsp_url};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *places[i] = bytes_part(buf_bytes(&cert->reference), at, at + parts[i].len);
        at += parts[i].len;
    }
    *ret = cert;
    cert = NULL;
    return 0;
}

struct bytes x509_cert_der(const struct x509_cert *cert)
{
    return buf_bytes(&cert->der);
}

const struct tbs *x509_cert_tbs(const struct x509_cert *cert)
{
    return &cert->tbs;
}

const struct pubkey *x509_cert_pubkey(const struct x509_cert *cert)
{
    return cert->pubkey;
}

struct bytes x509_cert_signature(const struct x509_cert *cert)
{
    return cert->signature;
}

int x509_cert_is_signed_by(const struct x509_cert *cert, const struct pubkey *key, struct err *err)
{
    struct digest digest;

    if (cert->tbs.algorithm_digest == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "a certificate signed with SHA-1 may not be believed");
    TRY(digest_compute(cert->tbs.algorithm_digest, cert->tbs.der, &digest, err));
    return pubkey_verify_kind(key, cert->tbs.algorithm_kind, &digest, cert->signature, err);
}

/* Issuer and serial number in authorityKeyIdentifier, if they are there (RFC 5280, 4.2.1.1). */
static bool is_certificate_meant(const struct tbs *tbs, const struct tbs *ca)
{
    if (tbs->authority_issuer.len > 0 && !name_equal(tbs->authority_issuer, ca->issuer))
        return false;
    return tbs->authority_serial.len == 0 || bytes_equal(tbs->authority_serial, ca->serial);
}

int x509_cert_is_issued_by(const struct x509_cert *cert, const struct x509_cert *issuer,
                           struct err *err)
{
    const struct tbs *ca = &issuer->tbs;

    if (!ca->is_ca || (ca->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0)
        return FAIL(err, ERR_UNTRUSTED, "the issuer is no CA (RFC 5280, 6.1.4 (k) and (n))");
    if (!name_equal(cert->tbs.issuer, ca->subject))
        return FAIL(err, ERR_UNTRUSTED, "the issuer has another name");
    if (cert->tbs.authority_key_id.len > 0 &&
        !bytes_equal(cert->tbs.authority_key_id, ca->subject_key_id))
        return FAIL(err, ERR_UNTRUSTED, "the issuer has another key identifier");
    if (!is_certificate_meant(&cert->tbs, ca))
        return FAIL(err, ERR_UNTRUSTED, "another certificate of the issuer is meant");
    return x509_cert_is_signed_by(cert, issuer->pubkey, err);
}

/* The one field of it that stands outside, too. */
static int take_algorithm(struct bytes tbs, struct bytes *ret, struct err *err)
{
    struct der sequence;
    struct der element;

    TRY(der_only(tbs, DER_SEQUENCE, "TBSCertificate", &sequence, err));
    TRY(der_take(&sequence.value, DER_CONTEXT_CONSTRUCTED(0), "version", &element, err));
    TRY(der_take(&sequence.value, DER_INTEGER, "serialNumber", &element, err));
    TRY(der_take(&sequence.value, DER_SEQUENCE, "signature", &element, err));
    *ret = element.whole;
    return 0;
}

int cert_assemble(struct bytes tbs, struct bytes signature, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct bytes algorithm;
    size_t mark;

    TRY(take_algorithm(tbs, &algorithm, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(buf_append(&out, tbs, err));
    TRY(buf_append(&out, algorithm, err));
    TRY(der_put_bits(&out, signature, err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}
