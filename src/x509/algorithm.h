/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AlgorithmIdentifier (RFC 5280, 4.1.1.2) of hashes, of RSASSA-PKCS1-v1_5 and RSASSA-PSS with one
 * of them and of ECDSA with SHA-384.
 */
#pragma once

#include "crypto/pubkey.h"
#include "x509/der.h"

struct algorithm_id {
    enum oid id;        /* OID_UNKNOWN is never returned */
    enum key_kind kind; /* of a signature: of the key that makes it */
    enum signature_scheme scheme;
    struct bytes whole;  /* the SEQUENCE as it stands */
    enum digest_alg alg; /* the hash in it; unset for OID_RSA_ENCRYPTION, which names none */
};

/* sha…WithRSAEncryption or rsaEncryption; the parameters are NULL (RFC 4055, 5). */
MUST_CHECK int algorithm_take_signature(struct bytes *rest, const char *what,
                                        struct algorithm_id *ret, struct err *err);
/* The same or ecdsa-with-SHA384, which has no parameters (RFC 5758, 3.2). */
MUST_CHECK int algorithm_take_any_signature(struct bytes *rest, const char *what,
                                            struct algorithm_id *ret, struct err *err);
/*
 * The same or RSASSA-PSS, as in signed documents: one hash, MGF1 with it, as many octets of salt as
 * it has (RFC 4055, 3.1). DER leaves out what is the default, and those of PSS are SHA-1's.
 */
MUST_CHECK int algorithm_take_document_signature(struct bytes *rest, const char *what,
                                                 struct algorithm_id *ret, struct err *err);
/* A hash; the parameters are absent or NULL (RFC 5754, 2). */
MUST_CHECK int algorithm_take_digest(struct bytes *rest, const char *what, struct algorithm_id *ret,
                                     struct err *err);
/* sha…WithRSAEncryption for this hash. */
MUST_CHECK int algorithm_put_signature(struct buf *out, enum digest_alg alg, struct err *err);
/* What keys of this kind sign with here: sha256WithRSAEncryption or ecdsa-with-SHA384. */
MUST_CHECK int algorithm_put_signature_by(struct buf *out, enum key_kind kind, struct err *err);
/* The hash, parameters absent. */
MUST_CHECK int algorithm_put_digest(struct buf *out, enum digest_alg alg, struct err *err);
