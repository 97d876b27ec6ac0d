/* SPDX-License-Identifier: Apache-2.0 */
/* Signed OCSP requests for tests; the requester is the test PKI's auth certificate. */
#pragma once

#include "support/pki.h"
#include "x509/ocsp.h"

struct test_question {
    const struct x509_cert *issuer; /* NULL: the sign CA */
    enum digest_alg alg;            /* of the CertIDs */
    const struct bytes *serials;
    size_t count;
    struct bytes nonce;
    const struct privkey *key;    /* NULL: the requester's */
    const struct x509_cert *cert; /* NULL: the requester's */
    struct bytes requestor;       /* a Name; empty: none */
    bool is_unsigned;
};

/* Fails the running test. Appended to ret. */
void test_question_make(const struct test_pki *pki, const struct test_question *question,
                        struct buf *ret);
