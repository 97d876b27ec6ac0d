/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of OCSP responders for tests, made by libcrypto: good ones and flawed ones. */
#pragma once

#include "support/pki.h"

enum responder_flaw {
    RESPONDER_GOOD,
    RESPONDER_WITHOUT_PURPOSE,
    RESPONDER_WITHOUT_NOCHECK,
    RESPONDER_WITHOUT_USAGE,
    RESPONDER_EXPIRED,
    RESPONDER_OF_FUTURE,
    RESPONDER_UNKNOWN_CRITICAL,
    RESPONDER_THAT_IS_A_CA,
};

/* A certificate for key, issued by the sign CA of pki. Fails the running test. */
void test_responder_make(const struct test_pki *pki, const struct privkey *key,
                         enum responder_flaw flaw, struct x509_cert **ret);
