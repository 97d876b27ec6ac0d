/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a raw signature, as a card makes it: RSASSA-PKCS1-v1_5 over a DigestInfo, or over
 * a bare hash where that is what was asked for, with the digest and the certificate beside it.
 */
#pragma once

#include "verify/certificate.h"

struct signature_inputs {
    struct digest digest;
    bool is_bare; /* without DigestInfo around the digest, as the government's signing API signs */
    struct bytes signature;
    struct bytes certificate; /* of the signer, DER */
    enum purpose purpose;
    struct trust trust;
};

struct signature_report {
    struct report report;
    struct x509_cert *signer;
    const struct x509_cert *issuer; /* the anchor that signed it, or NULL; lives with anchors */
    struct status status;           /* for verifiers only */
};

#define SIGNATURE_REPORT_INIT                                                                      \
    {                                                                                              \
        .report = { VERDICT_VALID, {REASON_DOCUMENT_CHANGED}, 0 }                                  \
    }

/*
 * A verdict is a success, whichever it is. ERR_INPUT if the certificate is malformed or over a key
 * that is not RSA; ERR_USAGE if the digest has another length than its algorithm.
 */
MUST_CHECK int signature_verify(const struct signature_inputs *inputs, struct signature_report *ret,
                                struct err *err);
void signature_report_done(struct signature_report *report);
