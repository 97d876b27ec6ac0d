/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order follows EN 319 102-1, 5.3: which certificate, is it the one meant, is the document the
 * one signed, did that key sign it, may the certificate be believed. Every check adds its reason
 * and the others still run, so that a report is complete.
 */
#include "verify/document.h"

#include "x509/name.h"

static bool is_signer(const struct cms *cms, const struct tbs *tbs)
{
    if (cms->signer_key_id.len > 0)
        return bytes_equal(cms->signer_key_id, tbs->subject_key_id);
    return name_equal(cms->signer_issuer, tbs->issuer) &&
           bytes_equal(cms->signer_serial, tbs->serial);
}

/* Certificates that cannot be read are not the signer's: nothing could be verified with them. */
static int find_signer(const struct cms *cms, const struct anchors *anchors, struct shown *ret,
                       struct err *err)
{
    for (size_t i = 0; i < cms->certificate_count; i++) {
        struct bytes signature;
        struct tbs tbs;
        int rc = x509_cert_read(cms->certificates[i], &tbs, &signature, err);

        if (rc < 0 || !is_signer(cms, &tbs))
            continue;
        rc = certificate_show(cms->certificates[i], anchors, ret, err);
        if (rc != -ERR_INPUT)
            return rc;
    }
    return 0;
}

/* signingCertificateV2 binds the signature to one certificate (RFC 5035, 5.4). */
static int check_named_certificate(const struct cms *cms, const struct x509_cert *signer,
                                   struct report *report, struct err *err)
{
    struct digest digest;

    if (cms->signer_cert_hash.len == 0)
        return 0;
    TRY(digest_compute(cms->signer_cert_alg, x509_cert_der(signer), &digest, err));
    if (!bytes_equal(digest_bytes(&digest), cms->signer_cert_hash))
        report_add(report, REASON_SIGNER_CERTIFICATE_REPLACED);
    return 0;
}

static int check_signature(const struct cms *cms, const struct x509_cert *signer,
                           struct report *report, struct err *err)
{
    struct digest digest;
    int rc;

    TRY(cms_attributes_digest(cms, &digest, err));
    rc = pubkey_verify_scheme(x509_cert_pubkey(signer), cms->scheme, &digest, cms->signature, err);
    if (rc == -ERR_UNTRUSTED)
        report_add(report, REASON_SIGNATURE_BROKEN);
    return rc == -ERR_UNTRUSTED ? 0 : rc;
}

static int check_signer(const struct document_inputs *inputs, const struct cms *cms,
                        const struct shown *signer, struct document_report *out, struct err *err)
{
    struct certificate_facts facts;

    if (signer->cert == NULL) {
        report_add(&out->report, REASON_SIGNER_CERTIFICATE_MISSING);
        return 0;
    }
    TRY(check_named_certificate(cms, signer->cert, &out->report, err));
    TRY(check_signature(cms, signer->cert, &out->report, err));
    TRY(certificate_judge(signer, PURPOSE_DOCUMENT, &inputs->trust, &out->report, &facts, err));
    out->issuer = facts.issuer;
    out->status = facts.status;
    return 0;
}

int document_digest_alg(struct bytes cms, enum digest_alg *ret, struct err *err)
{
    struct cms parsed;

    TRY(cms_parse(cms, &parsed, err));
    *ret = parsed.digest_alg;
    return 0;
}

static int judge(const struct document_inputs *inputs, const struct cms *cms,
                 struct document_report *ret, struct err *err)
{
    CLEANUP(shown_done) struct shown signer = {.cert = NULL};
    struct document_report out = DOCUMENT_REPORT_INIT;

    out.has_signing_time = cms->has_signing_time;
    out.signing_time = cms->signing_time;
    if (cms->digest_alg == DIGEST_SHA1)
        report_add(&out.report, REASON_WEAK_HASH);
    if (!bytes_equal(digest_bytes(&inputs->document), cms->message_digest))
        report_add(&out.report, REASON_DOCUMENT_CHANGED);
    TRY(find_signer(cms, inputs->trust.anchors, &signer, err));
    TRY(check_signer(inputs, cms, &signer, &out, err));
    out.signer = signer.cert;
    signer.cert = NULL;
    *ret = out;
    return 0;
}

int document_verify_signer(const struct cms *signer, const struct digest *document,
                           const struct trust *trust, struct document_report *ret, struct err *err)
{
    struct document_inputs inputs = {.trust = *trust};

    if (document == NULL && !signer->is_attached)
        return FAIL(err, ERR_INPUT, "the signature does not contain its document");
    if (document != NULL && signer->is_attached)
        return FAIL(err, ERR_INPUT,
                    "the signature contains its document, and another is beside it");
    if (document == NULL)
        TRY(digest_compute(signer->digest_alg, signer->content, &inputs.document, err));
    else
        inputs.document = *document;
    if (inputs.document.alg != signer->digest_alg)
        return FAIL(err, ERR_USAGE, "the document was not digested with %s",
                    digest_name(signer->digest_alg));
    return judge(&inputs, signer, ret, err);
}

int document_verify(const struct document_inputs *inputs, struct document_report *ret,
                    struct err *err)
{
    struct cms cms;

    TRY(cms_parse(inputs->cms, &cms, err));
    return document_verify_signer(&cms, &inputs->document, &inputs->trust, ret, err);
}

void document_report_done(struct document_report *report)
{
    x509_cert_freep(&report->signer);
    *report = (struct document_report)DOCUMENT_REPORT_INIT;
}
