/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/signature.h"

/* The form is the caller's to know: neither is tried after the other. */
static int verify_raw(const struct signature_inputs *inputs, const struct pubkey *key,
                      struct err *err)
{
    if (inputs->digest.len != digest_size(inputs->digest.alg))
        return FAIL(err, ERR_USAGE, "a digest of another length than %s has",
                    digest_name(inputs->digest.alg));
    return inputs->is_bare
               ? pubkey_verify_bare(key, digest_bytes(&inputs->digest), inputs->signature, err)
               : pubkey_verify(key, &inputs->digest, inputs->signature, err);
}

int signature_verify(const struct signature_inputs *inputs, struct signature_report *ret,
                     struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report out = SIGNATURE_REPORT_INIT;
    struct certificate_facts facts;
    int rc;

    TRY(x509_cert_parse(inputs->certificate, &out.signer, err));
    if (pubkey_kind(x509_cert_pubkey(out.signer)) != KEY_RSA)
        return FAIL(err, ERR_INPUT, "over a %s key: only signatures by RSA keys are taken",
                    key_kind_name(pubkey_kind(x509_cert_pubkey(out.signer))));
    if (inputs->digest.alg == DIGEST_SHA1)
        report_add(&out.report, REASON_WEAK_HASH);
    rc = verify_raw(inputs, x509_cert_pubkey(out.signer), err);
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
