/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verifier's key may sign towards the authority (jpki-authorityd(8), INTERFACE FOR
 * VERIFIERS): its own requests, one after the other, and nothing else that would look like a CMS
 * signature. The signed attributes are built here, over a request that was read here.
 */
#pragma once

#include "signer/limits.h"
#include "x509/cert.h"

/* A key of this role has what it needs. */
struct party_rules {
    const char *origin; /* the authority's interface for verifiers, as it is called there */
};

/*
 * DER: SEQUENCE of the request (OCTET STRING, JSON of at most SIGNERD_REQUEST_MAX bytes) and the
 * certificate by which the authority knows the key. Appended to ret, the attributes to be signed
 * (docsign/cms.h), whose signing time is the request's "at". ERR_INPUT for what cannot be read;
 * ERR_UNTRUSTED for another key's certificate, another origin, an act that is not known, or a
 * member that does not belong to it.
 */
MUST_CHECK int role_party_check(const struct party_rules *rules, struct bytes spki,
                                struct bytes tbs, struct buf *ret_attributes, struct err *err);
