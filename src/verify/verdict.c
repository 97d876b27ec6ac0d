/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verdict.h"

#include "base/i18n.h"

struct row {
    const char *name;
    enum verdict verdict;
    const char *text;
};

static const struct row rows[REASONS_] = {
    [REASON_DOCUMENT_CHANGED] =
        {"document-changed", VERDICT_INVALID,
         N_("The document is not the one that was signed; it was changed, or this is the signature "
            "of another file.")},
    [REASON_SIGNATURE_BROKEN] =
        {"signature-broken", VERDICT_INVALID,
         N_("The signature was not made by the key in the signer's certificate.")},
    [REASON_WEAK_HASH] = {"weak-hash", VERDICT_INVALID,
                          N_("The signature uses SHA-1, with which documents can be forged.")},
    [REASON_SIGNER_CERTIFICATE_MISSING] =
        {"signer-certificate-missing", VERDICT_INDETERMINATE,
         N_("The signature file does not contain the signer's certificate, or not one that can be "
            "read.")},
    [REASON_SIGNER_CERTIFICATE_REPLACED] =
        {"signer-certificate-replaced", VERDICT_INVALID,
         N_("The certificate in the signature file is not the one that the signer named.")},
    [REASON_ISSUER_UNKNOWN] =
        {"issuer-unknown", VERDICT_INDETERMINATE,
         N_("The certificate was issued by a CA that is not in your list of trusted CAs.")},
    [REASON_ISSUER_FORGED] =
        {"issuer-forged", VERDICT_INVALID,
         N_("The certificate names one of your trusted CAs as its issuer, but that CA did not sign "
            "it.")},
    [REASON_NOT_YET_VALID] = {"not-yet-valid", VERDICT_INVALID,
                              N_("The signer's certificate was not yet valid at that time.")},
    [REASON_EXPIRED] = {"expired", VERDICT_INVALID,
                        N_("The signer's certificate had expired at that time.")},
    [REASON_ISSUER_NOT_VALID] = {"issuer-not-valid", VERDICT_INVALID,
                                 N_("The CA's own certificate was not valid at that time.")},
    [REASON_WRONG_USAGE] = {"wrong-usage", VERDICT_INVALID,
                            N_("The certificate is not made for this: documents are signed with a "
                               "sign certificate, logins "
                               "with an auth certificate.")},
    [REASON_WRONG_POLICY] =
        {"wrong-policy", VERDICT_INVALID,
         N_("The certificate was not issued under the policy that this use needs.")},
    [REASON_WRONG_PROFILE] = {"wrong-profile", VERDICT_INVALID,
                              N_("The certificate does not have the form that its CA gives to "
                                 "certificates of this kind.")},
    [REASON_PROFILE_UNKNOWN] =
        {"profile-unknown", VERDICT_INDETERMINATE,
         N_("The form of this CA's certificates is not known here and was not checked.")},
    [REASON_UNKNOWN_CRITICAL_EXTENSION] =
        {"unknown-critical-extension", VERDICT_INVALID,
         N_("The certificate demands something that this program does not know.")},
    [REASON_REVOKED] = {"revoked", VERDICT_INVALID, N_("The certificate has been revoked.")},
    [REASON_HELD] = {"held", VERDICT_INVALID,
                     N_("The certificate is suspended: its holder reported the card as lost.")},
    [REASON_STATUS_UNKNOWN] = {"status-unknown", VERDICT_INDETERMINATE,
                               N_("The CA's OCSP responder does not know the certificate.")},
    [REASON_CRL_MISSING] = {"crl-missing", VERDICT_INDETERMINATE,
                            N_("There is no revocation list for this certificate.")},
    [REASON_CRL_UNREADABLE] =
        {"crl-unreadable", VERDICT_INDETERMINATE,
         N_("A revocation list cannot be read, so that it may be the one that is needed.")},
    [REASON_CRL_OTHER_ISSUER] = {"crl-other-issuer", VERDICT_INDETERMINATE,
                                 N_("The revocation list is one of another CA.")},
    [REASON_CRL_FORGED] = {"crl-forged", VERDICT_INDETERMINATE,
                           N_("The revocation list names the CA, but that CA did not sign it.")},
    [REASON_CRL_EXPIRED] = {"crl-expired", VERDICT_INDETERMINATE,
                            N_("The revocation list is out of date; get the new one.")},
    [REASON_CRL_FROM_FUTURE] = {"crl-from-future", VERDICT_INDETERMINATE,
                                N_("The revocation list is dated in the future; check the clock.")},
    [REASON_OCSP_UNAVAILABLE] = {"ocsp-unavailable", VERDICT_INDETERMINATE,
                                 N_("The OCSP responder gave no answer; try again later.")},
    [REASON_OCSP_MALFORMED] = {"ocsp-malformed", VERDICT_INDETERMINATE,
                               N_("The OCSP responder's answer cannot be read.")},
    [REASON_OCSP_REFUSED] =
        {"ocsp-refused", VERDICT_INDETERMINATE,
         N_("The OCSP responder refused the question; it answers registered verifiers only.")},
    [REASON_OCSP_TRY_LATER] =
        {"ocsp-try-later", VERDICT_INDETERMINATE,
         N_("The OCSP responder has no current data and asks to try again later.")},
    [REASON_OCSP_RESPONDER] =
        {"ocsp-responder", VERDICT_INDETERMINATE,
         N_("The OCSP answer was signed by somebody whom the CA did not appoint for it.")},
    [REASON_OCSP_FORGED] = {"ocsp-forged", VERDICT_INDETERMINATE,
                            N_("The OCSP answer's signature does not hold.")},
    [REASON_OCSP_NONCE] =
        {"ocsp-nonce", VERDICT_INDETERMINATE,
         N_("The OCSP answer is not bound to this question; it may be an old one.")},
    [REASON_OCSP_OTHER_CERTIFICATE] = {"ocsp-other-certificate", VERDICT_INDETERMINATE,
                                       N_("The OCSP answer is about another certificate.")},
    [REASON_OCSP_STALE] = {"ocsp-stale", VERDICT_INDETERMINATE,
                           N_("The OCSP answer is out of date.")},
    [REASON_OCSP_FROM_FUTURE] = {"ocsp-from-future", VERDICT_INDETERMINATE,
                                 N_("The OCSP answer is dated in the future; check the clock.")},
    [REASON_FEED_NOT_COVERED] = {"feed-not-covered", VERDICT_INDETERMINATE,
                                 N_("The revocation feed says nothing about this certificate.")},
    [REASON_FEED_TOO_OLD] =
        {"feed-too-old", VERDICT_INDETERMINATE,
         N_("The copy of the revocation feed is out of date; fetch what is new.")},
    [REASON_CHALLENGE_EXPIRED] = {"challenge-expired", VERDICT_INVALID,
                                  N_("The answer to the login came too late; start again.")},
    [REASON_HOLDERS_DIFFER] = {"holders-differ", VERDICT_INVALID,
                               N_("The two certificates are not the same person's.")},
    [REASON_COVERAGE_BROKEN] =
        {"coverage-broken", VERDICT_INVALID,
         N_("The signature is not over the whole document or a whole earlier revision of it.")},
    [REASON_ADDED_LATER] =
        {
            "added-later", VERDICT_INDETERMINATE,
            N_("Something was added to the document after it was signed; only the earlier revision "
               "is signed.")},
    [REASON_FORM_NOT_READ] = {"form-not-read", VERDICT_INDETERMINATE,
                              N_("The signature has a form that is not read here.")},
    [REASON_REVOCATION_NOT_CHECKED] =
        {"revocation-not-checked", VERDICT_INDETERMINATE,
         N_("Whether the certificate has been revoked was not checked.")},
};

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return "valid";
    case VERDICT_INDETERMINATE:
        return "indeterminate";
    case VERDICT_INVALID:
        break;
    }
    return "invalid";
}

const char *reason_name(enum reason reason)
{
    return rows[reason].name;
}

const char *reason_text(enum reason reason)
{
    return rows[reason].text;
}

enum verdict reason_verdict(enum reason reason)
{
    return rows[reason].verdict;
}

bool report_has(const struct report *report, enum reason reason)
{
    for (size_t i = 0; i < report->reason_count; i++)
        if (report->reasons[i] == reason)
            return true;
    return false;
}

void report_add(struct report *report, enum reason reason)
{
    if (report_has(report, reason))
        return;
    report->reasons[report->reason_count++] = reason;
    if (reason_verdict(reason) > report->verdict)
        report->verdict = reason_verdict(reason);
}

void report_merge(struct report *report, const struct report *from)
{
    for (size_t i = 0; i < from->reason_count; i++)
        report_add(report, from->reasons[i]);
}
