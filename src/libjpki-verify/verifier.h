/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier is made of, and how it answers what verify/ asks. */
#pragma once

#include "border/border.h"
#include "libjpki-verify/limits.h"
#include "verify/certificate.h"
#include "verify/crl_status.h"
#include "verify/feed_status.h"

#include <jpki/verify.h>

struct jpki_verifier {
    struct anchors *anchors;
    struct crl_lists *lists; /* by these anchors */
    jpki_ask_fn *ask;
    void *ask_context;
    jpki_sign_fn *sign;
    void *sign_context;
    struct x509_cert *requestor; /* of the key behind sign; NULL with it */
    const struct feed_copy *feeds[VERIFIER_FEEDS_MAX];
    size_t feed_count;
};

/* What the verifier believes at that time; lives with it. */
struct trust verifier_trust(const struct jpki_verifier *verifier,
                            const struct status_source *status, int64_t at);
/* Whether revocation can be looked up at all. */
bool verifier_has_status(const struct jpki_verifier *verifier);
/* By feeds, then by OCSP, then by lists. */
struct status_source verifier_status(const struct jpki_verifier *verifier);
