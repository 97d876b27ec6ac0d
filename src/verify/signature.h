/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a raw signature, as a card makes it, with the digest and the certificate beside
 * it. In which form it was made is the caller's to know: they are not tried in turn.
 */
#pragma once

#include "verify/certificate.h"

enum signature_form {
    FORM_DIGESTINFO, /* RSASSA-PKCS1-v1_5 as in documents */
    FORM_BARE_HASH,  /* the same without DigestInfo, as the government's signing API signs */
    FORM_PSS,        /* RSASSA-PSS: MGF1 with the digest's hash, as many octets of salt as it has */
    FORM_ECDSA,      /* by P-384 keys over SHA-384, in DER */
    FORMS_
};

struct signature_inputs {
    struct digest digest;
    enum signature_form form;
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
 * of another kind than makes such signatures; ERR_USAGE if the digest has another length than its
 * algorithm.
 */
MUST_CHECK int signature_verify(const struct signature_inputs *inputs, struct signature_report *ret,
                                struct err *err);
void signature_report_done(struct signature_report *report);
