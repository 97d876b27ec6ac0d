/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of a sign certificate on its own: chain, profile, policy, validity. */
#pragma once

#include "verify/anchors.h"
#include "verify/verdict.h"

/*
 * Add to report what is wrong with the certificate as one that signs documents, at the UTC second
 * at. *ret_issuer becomes the anchor that signed it, or NULL. Revocation is not looked at.
 */
MUST_CHECK int certificate_verify(const struct x509_cert *cert, const struct anchors *anchors,
                                  int64_t at, struct report *report,
                                  const struct x509_cert **ret_issuer, struct err *err);
