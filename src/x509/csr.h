/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification requests (PKCS#10, RFC 2986), two-phase: the information is built here, signed by
 * whoever holds the key, and assembled here. Attributes are not used and refused.
 */
#pragma once

#include "crypto/pubkey.h"
#include "x509/der.h"
#include "x509/limits.h"

struct csr {
    struct bytes der;     /* the whole request */
    struct bytes info;    /* CertificationRequestInfo: what is signed */
    struct bytes subject; /* the whole Name */
    struct bytes spki;    /* the whole SubjectPublicKeyInfo */
    enum key_kind kind;   /* of the key in it */
};

/*
 * CertificationRequestInfo, to be signed by the key in spki: sha256WithRSAEncryption, or
 * ecdsa-with-SHA384 if it is one on P-384.
 */
MUST_CHECK int csr_build_info(struct bytes subject, struct bytes spki, struct buf *ret,
                              struct err *err);
/* kind: of the key in spki. */
MUST_CHECK int csr_assemble(struct bytes info, enum key_kind kind, struct bytes signature,
                            struct buf *ret, struct err *err);
/*
 * Take a request apart and verify that the key in it made its signature (proof of possession):
 * ERR_INPUT if it is malformed, ERR_UNTRUSTED if the proof fails. Ranges point into der.
 */
MUST_CHECK int csr_parse(struct bytes der, struct csr *ret, struct err *err);
