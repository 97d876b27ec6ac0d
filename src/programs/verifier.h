/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking an OCSP responder whether a certificate is revoked: as a verifier, whose key signerd has,
 * or as nobody in particular, whom the responders of the JPKI refuse.
 */
#pragma once

#include "verify/status.h"

struct verifier_way {
    const char *signer;      /* socket of the signerd; NULL: questions are not signed */
    const char *key;         /* of role verifier in it */
    const char *certificate; /* file: that of the key */
    const char *socket,
        *base; /* of the responder: see verify/ocsp_fetch.h; one of them is needed */
};

struct verifier;

/* The strings of way must outlive the verifier. */
MUST_CHECK int verifier_open(const struct verifier_way *way, struct verifier **ret,
                             struct err *err);
void verifier_close(struct verifier *verifier); /* accepts NULL */
void verifier_closep(struct verifier **verifier);
/* Lives as long as the verifier. */
struct status_source verifier_source(const struct verifier *verifier);
