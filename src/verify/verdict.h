/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts (EN 319 102-1, 5.1.3; design 6, rule 4): valid, invalid, indeterminate, with reasons.
 *
 * A reason carries its own verdict. A report has the worst of its reasons: invalid before
 * indeterminate before valid. Unknown is never valid.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum verdict { VERDICT_VALID, VERDICT_INDETERMINATE, VERDICT_INVALID };

enum reason {
    REASON_DOCUMENT_CHANGED,
    REASON_SIGNATURE_BROKEN,
    REASON_WEAK_HASH,
    REASON_SIGNER_CERTIFICATE_MISSING,
    REASON_SIGNER_CERTIFICATE_REPLACED, /* signingCertificateV2 names another */
    REASON_ISSUER_UNKNOWN,
    REASON_ISSUER_FORGED, /* names a listed CA, but that CA did not sign it */
    REASON_NOT_YET_VALID,
    REASON_EXPIRED,
    REASON_ISSUER_NOT_VALID, /* the CA's own validity */
    REASON_WRONG_USAGE,      /* of another kind than is needed: sign, auth */
    REASON_WRONG_POLICY,
    REASON_WRONG_PROFILE,
    REASON_PROFILE_UNKNOWN, /* of a CA whose profiles we do not have */
    REASON_UNKNOWN_CRITICAL_EXTENSION,
    REASON_REVOKED,
    REASON_HELD,           /* suspended: certificateHold */
    REASON_STATUS_UNKNOWN, /* OCSP does not know the certificate */
    REASON_CRL_MISSING,    /* no list covers the certificate */
    REASON_CRL_UNREADABLE,
    REASON_CRL_OTHER_ISSUER, /* of another key, perhaps under the CA's name */
    REASON_CRL_FORGED,       /* names the CA's key, which did not sign it */
    REASON_CRL_EXPIRED,
    REASON_CRL_FROM_FUTURE,
    REASON_OCSP_UNAVAILABLE, /* no answer */
    REASON_OCSP_MALFORMED,
    REASON_OCSP_REFUSED, /* sigRequired, unauthorized, malformedRequest, internalError */
    REASON_OCSP_TRY_LATER,
    REASON_OCSP_RESPONDER, /* signed by somebody whom the CA did not appoint */
    REASON_OCSP_FORGED,
    REASON_OCSP_NONCE, /* none, or of another question */
    REASON_OCSP_OTHER_CERTIFICATE,
    REASON_OCSP_STALE,
    REASON_OCSP_FROM_FUTURE,
    REASON_FEED_NOT_COVERED,  /* the feed says nothing about the certificate */
    REASON_FEED_TOO_OLD,      /* or about that time */
    REASON_CHALLENGE_EXPIRED, /* a login's answer came too late */
    REASON_HOLDERS_DIFFER,    /* two certificates that were shown together are two persons' */
    REASON_COVERAGE_BROKEN,   /* a signature that is over no whole revision of a document */
    REASON_ADDED_LATER,       /* no signature is over the document as it is now */
    REASON_FORM_NOT_READ,     /* of a signature, among others that are */
    REASON_REVOCATION_NOT_CHECKED,
    REASONS_ /* how many there are */
};

/* "valid", "invalid", "indeterminate": stable, for JSON. */
const char *verdict_name(enum verdict verdict);
/* "document-changed": stable, for JSON. */
const char *reason_name(enum reason reason);
/* One sentence for a person, English msgid for tr(). */
const char *reason_text(enum reason reason);
enum verdict reason_verdict(enum reason reason);

struct report {
    enum verdict verdict;
    enum reason reasons[REASONS_]; /* each at most once */
    size_t reason_count;
};

/* Add a reason once and let the verdict follow. */
void report_add(struct report *report, enum reason reason);
/* Add all reasons of another. */
void report_merge(struct report *report, const struct report *from);
bool report_has(const struct report *report, enum reason reason);
