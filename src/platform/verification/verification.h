/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a document's signature for a provider (design 5, F2): it brings the digest, the
 * raw signature and the certificate, which it cannot read, and learns the verdict and, if that is
 * valid, the four attributes, once.
 */
#pragma once

#include "platform/holder/store.h"
#include "platform/platform.h"
#include "platform/verification/store.h"

struct verification_request {
    const char *client_id; /* of the tenant who asks */
    struct digest digest;
    struct bytes signature;
    const char *certificate; /* compact JWE */
    const char *trace_id;    /* of the request, for the audit log; NULL: none */
};

struct finding {
    struct verification kept;      /* what the platform remembers of it */
    struct report report;          /* as it may be told (disclose.h) */
    struct x509_cert *signer;      /* NULL unless valid: whose attributes may be told */
    char holder[HOLDER_NAME_SIZE]; /* his pseudonym; "" if he cannot be recognised now */
};

#define FINDING_INIT                                                                               \
    {                                                                                              \
        .report = { VERDICT_INDETERMINATE, {REASON_DOCUMENT_CHANGED}, 0 }                          \
    }

/*
 * A verdict is a success, whichever it is, and kept before it is given. Failures as
 * platform_open_certificate.
 */
MUST_CHECK int verification_make(const struct platform *platform, struct signer *signer,
                                 const struct verification_request *request, struct finding *ret,
                                 struct err *err);
void finding_done(struct finding *finding);
