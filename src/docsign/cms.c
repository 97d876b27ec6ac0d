/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both phases of a detached SignedData (RFC 5652, 5). The attributes of the first phase are all
 * that is kept between them; the second puts the file around them and the signature.
 */
#include "docsign/cms.h"

#include "x509/algorithm.h"

#include <stdlib.h>

enum { SIGNED_DATA_VERSION = 1, SIGNER_INFO_VERSION = 1, SET_MAX = 4 };

/* Elements of a SET OF, to be written in the order that DER demands (X.690, 11.6). */
struct set {
    struct buf elements[SET_MAX];
    size_t count;
};

static void set_done(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        buf_done(&set->elements[i]);
}

static int compare_encodings(const void *left, const void *right)
{
    return bytes_compare(buf_bytes(left), buf_bytes(right));
}

static int put_set(struct buf *out, uint8_t tag, struct set *set, struct err *err)
{
    size_t mark;

    qsort(set->elements, set->count, sizeof set->elements[0], compare_encodings);
    TRY(der_begin(out, tag, &mark, err));
    for (size_t i = 0; i < set->count; i++)
        TRY(buf_append(out, buf_bytes(&set->elements[i]), err));
    return der_finish(out, mark, err);
}

/* IssuerSerial ::= SEQUENCE { GeneralNames, serial } (RFC 5035, 5) */
static int put_issuer_serial(struct buf *out, const struct tbs *signer, struct err *err)
{
    size_t sequence;
    size_t names;
    size_t name;

    TRY(der_begin(out, DER_SEQUENCE, &sequence, err));
    TRY(der_begin(out, DER_SEQUENCE, &names, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(4), &name, err));
    TRY(buf_append(out, signer->issuer, err));
    TRY(der_finish(out, name, err));
    TRY(der_finish(out, names, err));
    TRY(der_put_positive(out, DER_INTEGER, signer->serial, err));
    return der_finish(out, sequence, err);
}

/* SigningCertificateV2 with one ESSCertIDv2; SHA-256 is the DEFAULT, so not written. */
static int put_signing_certificate(struct buf *out, const struct x509_cert *signer, struct err *err)
{
    struct digest digest;
    size_t marks[3];

    TRY(digest_compute(DIGEST_SHA256, x509_cert_der(signer), &digest, err));
    for (size_t i = 0; i < 3; i++)
        TRY(der_begin(out, DER_SEQUENCE, &marks[i], err));
    TRY(der_put(out, DER_OCTET_STRING, digest_bytes(&digest), err));
    TRY(put_issuer_serial(out, x509_cert_tbs(signer), err));
    for (size_t i = 3; i > 0; i--)
        TRY(der_finish(out, marks[i - 1], err));
    return 0;
}

static enum key_kind kind_of(const struct x509_cert *signer)
{
    return pubkey_kind(x509_cert_pubkey(signer));
}

static enum digest_alg hash_of(const struct x509_cert *signer)
{
    return key_kind_digest(kind_of(signer));
}

struct facts {
    const struct digest *document;
    const struct x509_cert *signer;
    int64_t signing_time;
};

static int put_value(struct buf *out, enum oid id, const struct facts *facts, struct err *err)
{
    if (id == OID_CONTENT_TYPE)
        return der_put_oid(out, OID_CMS_DATA, err);
    if (id == OID_MESSAGE_DIGEST)
        return der_put(out, DER_OCTET_STRING, digest_bytes(facts->document), err);
    if (id == OID_SIGNING_TIME)
        return der_put_time(out, facts->signing_time, err);
    return put_signing_certificate(out, facts->signer, err);
}

static int add_attribute(struct set *set, enum oid id, const struct facts *facts, struct err *err)
{
    struct buf *out = &set->elements[set->count];
    size_t sequence;
    size_t values;

    *out = (struct buf)BUF_INIT;
    set->count++;
    TRY(der_begin(out, DER_SEQUENCE, &sequence, err));
    TRY(der_put_oid(out, id, err));
    TRY(der_begin(out, DER_SET, &values, err));
    TRY(put_value(out, id, facts, err));
    TRY(der_finish(out, values, err));
    return der_finish(out, sequence, err);
}

int cms_prepare(const struct digest *document, const struct x509_cert *signer, int64_t signing_time,
                struct buf *ret_attributes, struct err *err)
{
    static const enum oid ids[] = {OID_CONTENT_TYPE, OID_MESSAGE_DIGEST, OID_SIGNING_TIME,
                                   OID_SIGNING_CERTIFICATE_V2};
    const struct facts facts = {document, signer, signing_time};
    CLEANUP(set_done) struct set set = {.count = 0};
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (document->alg != hash_of(signer) || document->len != digest_size(hash_of(signer)))
        return FAIL(err, ERR_USAGE, "documents are signed with %s by this key",
                    digest_name(hash_of(signer)));
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        TRY(add_attribute(&set, ids[i], &facts, err));
    TRY(put_set(&out, DER_SET, &set, err));
    buf_move(ret_attributes, &out);
    return 0;
}

static int add_certificate(struct set *set, const struct x509_cert *cert, struct err *err)
{
    struct buf *out = &set->elements[set->count];

    *out = (struct buf)BUF_INIT;
    set->count++;
    return buf_append(out, x509_cert_der(cert), err);
}

static int put_certificates(struct buf *out, const struct x509_cert *signer,
                            const struct x509_cert *ca, struct err *err)
{
    CLEANUP(set_done) struct set set = {.count = 0};

    TRY(add_certificate(&set, signer, err));
    if (ca != NULL)
        TRY(add_certificate(&set, ca, err));
    return put_set(out, DER_CONTEXT_CONSTRUCTED(0), &set, err);
}

/* RFC 5652, 5.3; attributes is the contents of the SET OF. */
static int put_signer(struct buf *out, struct bytes attributes, struct bytes signature,
                      const struct x509_cert *cert, struct err *err)
{
    const struct tbs *signer = x509_cert_tbs(cert);
    size_t sequence;
    size_t id;

    TRY(der_begin(out, DER_SEQUENCE, &sequence, err));
    TRY(der_put_uint(out, SIGNER_INFO_VERSION, err));
    TRY(der_begin(out, DER_SEQUENCE, &id, err));
    TRY(buf_append(out, signer->issuer, err));
    TRY(der_put_positive(out, DER_INTEGER, signer->serial, err));
    TRY(der_finish(out, id, err));
    TRY(algorithm_put_digest(out, hash_of(cert), err));
    TRY(der_put(out, DER_CONTEXT_CONSTRUCTED(0), attributes, err));
    TRY(algorithm_put_signature_by(out, kind_of(cert), err));
    TRY(der_put(out, DER_OCTET_STRING, signature, err));
    return der_finish(out, sequence, err);
}

static int put_digest_algorithms(struct buf *out, enum digest_alg alg, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SET, &mark, err));
    TRY(algorithm_put_digest(out, alg, err));
    return der_finish(out, mark, err);
}

/* encapContentInfo without content: the document is elsewhere. */
static int put_content_info(struct buf *out, struct err *err)
{
    size_t mark;

    TRY(der_begin(out, DER_SEQUENCE, &mark, err));
    TRY(der_put_oid(out, OID_CMS_DATA, err));
    return der_finish(out, mark, err);
}

static int check_signature(struct bytes attributes, struct bytes signature,
                           const struct x509_cert *signer, struct err *err)
{
    struct digest digest;
    int rc;

    TRY(digest_compute(hash_of(signer), attributes, &digest, err));
    rc = pubkey_verify_kind(x509_cert_pubkey(signer), kind_of(signer), &digest, signature, err);
    return err_prefix(err, rc, "the card's answer");
}

/* ContentInfo with SignedData; certificates with its tag, signer is one SignerInfo. */
static int put_structure(struct buf *out, unsigned version, enum digest_alg alg,
                         struct bytes certificates, struct bytes signer, struct err *err)
{
    size_t marks[4];

    TRY(der_begin(out, DER_SEQUENCE, &marks[0], err));
    TRY(der_put_oid(out, OID_CMS_SIGNED_DATA, err));
    TRY(der_begin(out, DER_CONTEXT_CONSTRUCTED(0), &marks[1], err));
    TRY(der_begin(out, DER_SEQUENCE, &marks[2], err));
    TRY(der_put_uint(out, version, err));
    TRY(put_digest_algorithms(out, alg, err));
    TRY(put_content_info(out, err));
    TRY(buf_append(out, certificates, err));
    TRY(der_begin(out, DER_SET, &marks[3], err));
    TRY(buf_append(out, signer, err));
    for (size_t i = 4; i > 0; i--)
        TRY(der_finish(out, marks[i - 1], err));
    return 0;
}

int cms_complete(struct bytes attributes, struct bytes signature, const struct x509_cert *signer,
                 const struct x509_cert *ca, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf certificates = BUF_INIT;
    CLEANUP(buf_done) struct buf info = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct der set;
    struct cms parsed;

    TRY(der_only(attributes, DER_SET, "signed attributes", &set, err));
    TRY(check_signature(attributes, signature, signer, err));
    TRY(put_certificates(&certificates, signer, ca, err));
    TRY(put_signer(&info, set.value, signature, signer, err));
    TRY(put_structure(&out, SIGNED_DATA_VERSION, hash_of(signer), buf_bytes(&certificates),
                      buf_bytes(&info), err));
    /* What we would not read, we do not write. */
    TRY(cms_parse(buf_bytes(&out), &parsed, err));
    buf_move(ret, &out);
    return 0;
}

/* RFC 5652, 5.1: version 3 if a signer is named by his key. */
int cms_detach(const struct cms *cms, struct bytes certificate, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf certificates = BUF_INIT;
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    unsigned version = cms->signer_key_id.len > 0 ? 3 : SIGNED_DATA_VERSION;

    TRY(der_put(&certificates, DER_CONTEXT_CONSTRUCTED(0), certificate, err));
    TRY(put_structure(&out, version, cms->digest_alg, buf_bytes(&certificates), cms->signer_info,
                      err));
    buf_move(ret, &out);
    return 0;
}
