/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a document with a CMS signature made with a sign certificate: detached, or with
 * the document in it; by one signer, or one of several.
 *
 * Decides signature, signed attributes, chain by key identifier and signature, profile, policy,
 * validity and revocation at one time. Without a source for revocation the best verdict is
 * indeterminate with REASON_REVOCATION_NOT_CHECKED (design 6, rule 4).
 */
#pragma once

#include "docsign/cms.h"
#include "verify/certificate.h"

struct document_inputs {
    struct bytes cms;
    struct digest document; /* with the hash that document_digest_alg says */
    struct trust trust;
};

struct document_report {
    struct report report;
    struct x509_cert *signer;       /* NULL if the signature carries no such certificate */
    const struct x509_cert *issuer; /* the anchor that signed it, or NULL; lives with anchors */
    struct status status;           /* for verifiers only */
    bool has_signing_time;
    int64_t signing_time; /* what the signer claims */
};

#define DOCUMENT_REPORT_INIT                                                                       \
    {                                                                                              \
        .report = { VERDICT_VALID, {REASON_DOCUMENT_CHANGED}, 0 }                                  \
    }

/* With which hash the document must be digested. ERR_INPUT if this is no such signature. */
MUST_CHECK int document_digest_alg(struct bytes cms, enum digest_alg *ret, struct err *err);
/*
 * A verdict is a success, whichever it is. ERR_INPUT if the signature file is malformed or of a
 * form that is not read (docsign/cms.h); ERR_USAGE if the digest is of another algorithm.
 */
MUST_CHECK int document_verify(const struct document_inputs *inputs, struct document_report *ret,
                               struct err *err);
/*
 * The same for one signer of a structure that was taken apart: over *document, or if it is NULL
 * over what is in the structure. ERR_INPUT if it is the other way, ERR_USAGE as above.
 */
MUST_CHECK int document_verify_signer(const struct cms *signer, const struct digest *document,
                                      const struct trust *trust, struct document_report *ret,
                                      struct err *err);
void document_report_done(struct document_report *report);
