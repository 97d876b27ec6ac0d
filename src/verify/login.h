/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of the answer to a login's challenge (design 5, F3): the message is built from what
 * the server knows, so an answer for another origin, client, session or nonce does not hold.
 * That a challenge is used once is for the caller to see to.
 */
#pragma once

#include "crypto/bound.h"
#include "verify/signature.h"

struct login_inputs {
    const struct bound *bound; /* what the server opened the session with */
    struct bytes signature;
    struct bytes certificate; /* the holder's auth certificate, DER */
    struct trust trust;
};

/* As signature_verify. ERR_INPUT also for a malformed bound (crypto/bound.h). */
MUST_CHECK int login_verify(const struct login_inputs *inputs, struct signature_report *ret,
                            struct err *err);
