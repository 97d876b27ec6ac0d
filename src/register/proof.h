/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a clerk's card may be believed, as any verifier finds out: signature, chain to a CA that
 * is listed here, profile, time, and the authority's word that the certificate is in force.
 */
#pragma once

#include "crypto/bound.h"
#include "register/clerk.h"
#include "verify/certificate.h"

/*
 * As long as the authority cannot be asked, its last good word counts for so many seconds, as that
 * of a responder would: what happens at a counter has to be recorded meanwhile.
 */
enum { STATUS_KEPT_SECONDS = 15 * 60 };

struct prover {
    const struct anchors *anchors; /* CAs of sign and auth certificates */
    const char *authority;         /* path of its socket */
    int64_t now;
    int64_t good_at; /* when it said that the certificate is in force, 0: never; is brought up */
};

/*
 * A detached CMS signature (DER) by a sign key over a document: *ret is its certificate. Refused
 * with the word of what is wrong: signature-broken, certificate-not-valid, certificate-revoked,
 * certificate-status. ERR_INPUT if it is no such signature.
 */
MUST_CHECK int proof_of_document(struct prover *prover, struct bytes document, struct bytes cms,
                                 struct x509_cert **ret, struct err *err);
/* Whether a certificate of a card that is known is in force: certificate-revoked if not. */
MUST_CHECK int proof_of_standing(struct prover *prover, enum cert_kind kind, uint32_t serial,
                                 struct err *err);
/* The same for an auth key's answer to a challenge (crypto/bound.h). */
MUST_CHECK int proof_of_login(struct prover *prover, const struct bound *bound,
                              struct bytes certificate, struct bytes signature, struct err *err);
/* The same for an auth certificate alone, which belongs to a card that proved itself. */
MUST_CHECK int proof_of_certificate(struct prover *prover, struct bytes der, struct err *err);
