/* SPDX-License-Identifier: Apache-2.0 */
/* Names and sentences; the Japanese is part of the library (reasons_ja.h, made from po/ja.po). */
#include "libjpki-verify/words.h"

#include "border/sentence.h"
#include "docsign/limits.h"
#include "libjpki-verify/limits.h"
#include "libjpki-verify/reasons_ja.h"
#include "verify/limits.h"
#include "x509/limits.h"

#include <string.h>

/* What jpki/verify.h promises. */
_Static_assert((int)JPKI_CAS_MAX == (int)ANCHORS_MAX, "");
_Static_assert((int)JPKI_CA_FILE_MAX == (int)ANCHOR_FILE_MAX, "");
_Static_assert((int)JPKI_CRLS_MAX == (int)CRL_MEMORY_MAX, "");
_Static_assert((int)JPKI_CRL_MAX == (int)CRL_FILE_MAX, "");
_Static_assert((int)JPKI_CRL_FILES_MAX == (int)CRL_FILES_DEFAULT, "");
_Static_assert((int)JPKI_CRL_ENTRIES_MAX == (int)CRL_ENTRIES_DEFAULT, "");
_Static_assert((int)JPKI_REMEMBERED_MAX == (int)SEEN_MAX, "");
_Static_assert((int)JPKI_CERTIFICATE_MAX == (int)X509_CERT_MAX, "");
_Static_assert((int)JPKI_SIGNATURE_FILE_MAX == (int)CMS_MAX, "");
_Static_assert((int)JPKI_ANSWER_MAX == (int)VERIFIER_ANSWER_MAX, "");
_Static_assert((int)JPKI_ANSWER_MAX == (int)OCSP_RESPONSE_MAX, "");
_Static_assert((int)JPKI_CLOCK_SKEW == (int)STATUS_SKEW, "");

#define ROW(reason) [REASON_##reason] = JPKI_REASON_##reason

static const enum jpki_reason reasons[] = {
    ROW(DOCUMENT_CHANGED),
    ROW(SIGNATURE_BROKEN),
    ROW(WEAK_HASH),
    ROW(SIGNER_CERTIFICATE_MISSING),
    ROW(SIGNER_CERTIFICATE_REPLACED),
    ROW(ISSUER_UNKNOWN),
    ROW(ISSUER_FORGED),
    ROW(NOT_YET_VALID),
    ROW(EXPIRED),
    ROW(ISSUER_NOT_VALID),
    ROW(WRONG_USAGE),
    ROW(WRONG_POLICY),
    ROW(WRONG_PROFILE),
    ROW(PROFILE_UNKNOWN),
    ROW(UNKNOWN_CRITICAL_EXTENSION),
    ROW(REVOKED),
    ROW(HELD),
    ROW(STATUS_UNKNOWN),
    ROW(CRL_MISSING),
    ROW(CRL_UNREADABLE),
    ROW(CRL_OTHER_ISSUER),
    ROW(CRL_FORGED),
    ROW(CRL_EXPIRED),
    ROW(CRL_FROM_FUTURE),
    ROW(OCSP_UNAVAILABLE),
    ROW(OCSP_MALFORMED),
    ROW(OCSP_REFUSED),
    ROW(OCSP_TRY_LATER),
    ROW(OCSP_RESPONDER),
    ROW(OCSP_FORGED),
    ROW(OCSP_NONCE),
    ROW(OCSP_OTHER_CERTIFICATE),
    ROW(OCSP_STALE),
    ROW(OCSP_FROM_FUTURE),
    ROW(FEED_NOT_COVERED),
    ROW(FEED_TOO_OLD),
    ROW(CHALLENGE_EXPIRED),
    ROW(HOLDERS_DIFFER),
    ROW(COVERAGE_BROKEN),
    ROW(ADDED_LATER),
    ROW(FORM_NOT_READ),
    ROW(REVOCATION_NOT_CHECKED),
};
_Static_assert(sizeof reasons / sizeof reasons[0] == REASONS_, "each reason has its number");

enum jpki_reason reason_outside(enum reason reason)
{
    return reasons[reason];
}

/* REASONS_ if there is none. */
static enum reason reason_inside(enum jpki_reason outside)
{
    enum reason reason = 0;

    while (reason < REASONS_ && reasons[reason] != outside)
        reason++;
    return reason;
}

enum jpki_verdict verdict_outside(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_VALID:
        return JPKI_VALID;
    case VERDICT_INVALID:
        return JPKI_INVALID;
    case VERDICT_INDETERMINATE:
        break;
    }
    return JPKI_INDETERMINATE;
}

const char *jpki_verdict_name(enum jpki_verdict verdict)
{
    switch (verdict) {
    case JPKI_VALID:
        return verdict_name(VERDICT_VALID);
    case JPKI_INVALID:
        return verdict_name(VERDICT_INVALID);
    case JPKI_INDETERMINATE:
        break;
    }
    return verdict_name(VERDICT_INDETERMINATE);
}

const char *jpki_reason_name(enum jpki_reason reason)
{
    enum reason inside = reason_inside(reason);

    return inside == REASONS_ ? NULL : reason_name(inside);
}

const char *jpki_reason_text(enum jpki_reason reason, const char *language)
{
    enum reason inside = reason_inside(reason);
    const char *english = inside == REASONS_ ? NULL : reason_text(inside);

    return sentence_in(language, BYTES_ARRAY(reasons_ja), english);
}

enum jpki_verdict jpki_reason_verdict(enum jpki_reason reason)
{
    enum reason inside = reason_inside(reason);

    return inside == REASONS_ ? JPKI_INDETERMINATE : verdict_outside(reason_verdict(inside));
}

const char *jpki_verify_version(void)
{
    return OPENJPKI_VERSION;
}
