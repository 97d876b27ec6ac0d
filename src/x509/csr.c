/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/csr.h"

#include "x509/algorithm.h"
#include "x509/name.h"

/* RFC 2986, 4.1: version 0, subject, key, and [0] with no attributes in it. */
int csr_build_info(struct bytes subject, struct bytes spki, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    TRY(name_check(subject, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(der_put_uint(&out, 0, err));
    TRY(buf_append(&out, subject, err));
    TRY(buf_append(&out, spki, err));
    TRY(der_put(&out, DER_CONTEXT_CONSTRUCTED(0), bytes_of(NULL, 0), err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}

static int parse_info(struct bytes info, struct csr *csr, struct err *err)
{
    struct der sequence;
    struct der element;
    unsigned version = 0;

    TRY(der_only(info, DER_SEQUENCE, "CertificationRequestInfo", &sequence, err));
    TRY(der_take_small(&sequence.value, "version", &version, err));
    if (version != 0)
        return FAIL(err, ERR_INPUT, "a certification request of version %u (RFC 2986, 4.1)",
                    version);
    TRY(der_take(&sequence.value, DER_SEQUENCE, "subject", &element, err));
    TRY(name_check(element.whole, err));
    csr->subject = element.whole;
    TRY(der_take(&sequence.value, DER_SEQUENCE, "subjectPKInfo", &element, err));
    csr->spki = element.whole;
    TRY(der_take(&sequence.value, DER_CONTEXT_CONSTRUCTED(0), "attributes", &element, err));
    if (element.value.len > 0)
        return FAIL(err, ERR_INPUT, "a certification request with attributes; none are used");
    return der_end(sequence.value, "CertificationRequestInfo", err);
}

int csr_assemble(struct bytes info, enum key_kind kind, struct bytes signature, struct buf *ret,
                 struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    TRY(buf_append(&out, info, err));
    TRY(algorithm_put_signature_by(&out, kind, err));
    TRY(der_put_bits(&out, signature, err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}

static int check_possession(struct csr *csr, const struct algorithm_id *algorithm,
                            struct bytes signature, struct err *err)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;
    struct digest digest;

    if (algorithm->id == OID_RSA_ENCRYPTION || algorithm->alg == DIGEST_SHA1)
        return FAIL(err, ERR_UNTRUSTED, "a certification request not signed with SHA-2");
    TRY(pubkey_from_spki(csr->spki, &key, err));
    TRY(digest_compute(algorithm->alg, csr->info, &digest, err));
    csr->kind = pubkey_kind(key);
    return pubkey_verify_kind(key, algorithm->kind, &digest, signature, err);
}

int csr_parse(struct bytes der, struct csr *ret, struct err *err)
{
    struct csr csr = {.der = der};
    struct algorithm_id algorithm;
    struct bytes signature;
    struct der whole;
    struct der info;
    int rc;

    if (der.len > X509_CSR_MAX)
        return FAIL(err, ERR_INPUT, "a certification request of more than %d bytes", X509_CSR_MAX);
    TRY(der_only(der, DER_SEQUENCE, "CertificationRequest", &whole, err));
    TRY(der_take(&whole.value, DER_SEQUENCE, "CertificationRequestInfo", &info, err));
    csr.info = info.whole;
    TRY(parse_info(csr.info, &csr, err));
    TRY(algorithm_take_any_signature(&whole.value, "signatureAlgorithm", &algorithm, err));
    TRY(der_take_bits(&whole.value, "signature", &signature, err));
    TRY(der_end(whole.value, "CertificationRequest", err));
    rc = check_possession(&csr, &algorithm, signature, err);
    if (rc < 0)
        return err_prefix(err, rc, "proof of possession");
    *ret = csr;
    return 0;
}
