/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate with which a verifier signs its OCSP questions. Responders know it byte for
 * byte, so it is self-signed: no CA vouches for it and none has to.
 */
#pragma once

#include "base/bytes.h"

struct requestor {
    const char *name; /* commonName */
    struct bytes spki;
    struct bytes key_id;
    int64_t not_before, not_after; /* UTC seconds */
};

/* Its TBSCertificate, to be signed with sha256WithRSAEncryption by the key itself. */
MUST_CHECK int requestor_build(const struct requestor *requestor, struct buf *ret, struct err *err);
