/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/signature.h"

static const enum key_kind kinds[FORMS_] = {
    [FORM_DIGESTINFO] = KEY_RSA,
    [FORM_BARE_HASH] = KEY_RSA,
    [FORM_PSS] = KEY_RSA,
    [FORM_ECDSA] = KEY_P384,
};

static int verify_raw(const struct signature_inputs *inputs, const struct pubkey *key,
                      struct err *err)
{
    if (inputs->digest.len != digest_size(inputs->digest.alg))
        return FAIL(err, ERR_USAGE, "a digest of another length than %s has",
                    digest_name(inputs->digest.alg));
    switch (inputs->form) {
    case FORM_BARE_HASH:
        return pubkey_verify_bare(key, digest_bytes(&inputs->digest), inputs->signature, err);
    case FORM_PSS:
        return pubkey_verify_pss(key, &inputs->digest, inputs->signature, err);
    case FORM_ECDSA:
        return pubkey_verify_kind(key, KEY_P384, &inputs->digest, inputs->signature, err);
    case FORM_DIGESTINFO:
    case FORMS_:
        break;
    }
    return pubkey_verify(key, &inputs->digest, inputs->signature, err);
}

static int check_signature(const struct signature_inputs *inputs, const struct x509_cert *signer,
                           struct report *report, struct err *err)
{
    const struct pubkey *key = x509_cert_pubkey(signer);
    int rc;

    if (pubkey_kind(key) != kinds[inputs->form])
        return FAIL(err, ERR_INPUT, "over a %s key: such signatures are made by %s keys",
                    key_kind_name(pubkey_kind(key)), key_kind_name(kinds[inputs->form]));
    if (inputs->digest.alg == DIGEST_SHA1)
        report_add(report, REASON_WEAK_HASH);
    rc = verify_raw(inputs, key, err);
    if (rc == -ERR_UNTRUSTED)
        report_add(report, REASON_SIGNATURE_BROKEN);
    return rc == -ERR_UNTRUSTED ? 0 : rc;
}

int signature_verify(const struct signature_inputs *inputs, struct signature_report *ret,
                     struct err *err)
{
    CLEANUP(shown_done) struct shown shown = {.cert = NULL};
    struct signature_report out = SIGNATURE_REPORT_INIT;
    struct certificate_facts facts;

    TRY(certificate_show(inputs->certificate, inputs->trust.anchors, &shown, err));
    TRY(check_signature(inputs, shown.cert, &out.report, err));
    TRY(certificate_judge(&shown, inputs->purpose, &inputs->trust, &out.report, &facts, err));
    out.signer = shown.cert;
    out.issuer = facts.issuer;
    out.status = facts.status;
    shown.cert = NULL;
    *ret = out;
    return 0;
}

void signature_report_done(struct signature_report *report)
{
    x509_cert_freep(&report->signer);
    *report = (struct signature_report)SIGNATURE_REPORT_INIT;
}
