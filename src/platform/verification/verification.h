/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a document's signature for a provider (design 5, F2): it brings the digest, the
 * raw signature and the certificate, which it cannot read, and learns the verdict and, if that is
 * valid, the four attributes, once.
 *
 * For liveness it brings the same again later, and learns whether the certificate still counts:
 * the verdict of now, and no attributes (pki.md 7.3).
 */
#pragma once

#include "platform/holder/store.h"
#include "platform/platform.h"
#include "platform/revocation/asking.h"
#include "platform/verification/store.h"
#include "verify/signature.h"

enum verification_purpose { VERIFY_SIGNATURE, VERIFY_LIVENESS, VERIFY_PURPOSES_ };
extern const char *const verification_purposes[]; /* "signature", "liveness", NULL */

struct verification_request {
    const char *client_id; /* of the tenant who asks */
    struct digest digest;
    struct bytes signature;  /* not of a document */
    const char *certificate; /* compact JWE; not of a document */
    enum verification_purpose purpose;
    enum signature_form form; /* what the signature is over: DigestInfo or the hash */
    enum asking_check check;  /* how revocation is to be looked up */
    bool wants_reference;     /* whose certificate it is, for the register (reference.h) */
    const struct verification_once *once; /* NULL: each time anew */
    const char *trace_id;                 /* of the request, for the audit log; NULL: none */
};

struct finding {
    struct verification kept; /* what the platform remembers of it */
    struct report report;     /* as it may be told (disclose.h) */
    struct x509_cert *signer; /* NULL unless valid, for the first time, and for a signature: whose
                               * attributes may be told */
    bool is_replayed;         /* what was answered before under that key; judged then */
    struct buf reference;     /* empty unless his attributes may be told, and it was wanted */
    char holder[HOLDER_NAME_SIZE]; /* the signer's pseudonym; "" if he cannot be recognised now */
};

#define FINDING_INIT                                                                               \
    {                                                                                              \
        .report = {VERDICT_INDETERMINATE, {REASON_DOCUMENT_CHANGED}, 0}, .reference = BUF_INIT     \
    }

/*
 * A verdict is a success, whichever it is, and kept before it is given. ERR_UNTRUSTED if this
 * platform does not check in that way, ERR_CONFLICT if the key was used for something else,
 * ERR_DENIED for a reference that is not for this tenant; other failures as
 * platform_open_certificate.
 */
MUST_CHECK int verification_make(const struct platform *platform, struct signer *signer,
                                 const struct verification_request *request, struct finding *ret,
                                 struct err *err);
void finding_done(struct finding *finding);

/* What was told of a verification that is kept. */
struct report verification_report(const struct verification *kept);
