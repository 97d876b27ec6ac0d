/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/signature.h"

int signature_verify(const struct signature_inputs *inputs, struct signature_report *ret,
                     struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report out = SIGNATURE_REPORT_INIT;
    struct certificate_facts facts;
    int rc;

    TRY(x509_cert_parse(inputs->certificate, &out.signer, err));
    if (inputs->digest.alg == DIGEST_SHA1)
        report_add(&out.report, REASON_WEAK_HASH);
    rc = pubkey_verify(x509_cert_pubkey(out.signer), &inputs->digest, inputs->signature, err);
    if (rc == -ERR_UNTRUSTED)
        report_add(&out.report, REASON_SIGNATURE_BROKEN);
    else
        TRY(rc);
    TRY(certificate_verify(out.signer, inputs->purpose, &inputs->trust, &out.report, &facts, err));
    out.issuer = facts.issuer;
    out.status = facts.status;
    *ret = out;
    out = (struct signature_report)SIGNATURE_REPORT_INIT;
    return 0;
}

void signature_report_done(struct signature_report *report)
{
    x509_cert_freep(&report->signer);
    *report = (struct signature_report)SIGNATURE_REPORT_INIT;
}
