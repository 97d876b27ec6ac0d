/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/verification/disclose.h"

/* Reasons that say more than a provider may know, and what is said instead. */
static const struct {
    enum reason is, said;
} hidden[] = {
    {REASON_HELD, REASON_REVOKED},
    {REASON_STATUS_UNKNOWN, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_MISSING, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_UNREADABLE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_OTHER_ISSUER, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_FORGED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_EXPIRED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_CRL_FROM_FUTURE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_UNAVAILABLE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_MALFORMED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_REFUSED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_TRY_LATER, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_RESPONDER, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_FORGED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_NONCE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_OTHER_CERTIFICATE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_STALE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_OCSP_FROM_FUTURE, REASON_REVOCATION_NOT_CHECKED},
    {REASON_FEED_NOT_COVERED, REASON_REVOCATION_NOT_CHECKED},
    {REASON_FEED_TOO_OLD, REASON_REVOCATION_NOT_CHECKED},
};

const char *const disclosed_reasons[] = {
    "document-changed",
    "signature-broken",
    "weak-hash",
    "signer-certificate-missing",
    "signer-certificate-replaced",
    "issuer-unknown",
    "issuer-forged",
    "not-yet-valid",
    "expired",
    "issuer-not-valid",
    "wrong-usage",
    "wrong-policy",
    "wrong-profile",
    "profile-unknown",
    "unknown-critical-extension",
    "revoked",
    "challenge-expired",
    "holders-differ",
    "coverage-broken",
    "added-later",
    "form-not-read",
    "revocation-not-checked",
    NULL,
};

static enum reason said_for(enum reason reason)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (hidden[i].is == reason)
            return hidden[i].said;
    }
    return reason;
}

struct report disclose(const struct report *report)
{
    struct report told = {.verdict = VERDICT_VALID};

    for (size_t i = 0; i < report->reason_count; i++)
        report_add(&told, said_for(report->reasons[i]));
    return told;
}
