/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two files of the own CA. */
#pragma once

#include "card/ownca.h"
#include "crypto/privkey.h"

enum { OWNCA_CAS = OWNCA_AUTH_CA + 1 };

struct ownca {
    struct privkey *keys[OWNCA_KEYS_];
    struct x509_cert *cas[OWNCA_CAS]; /* by the first keys */
};

/* The CA's own certificate over its key. */
MUST_CHECK int ownca_certify_self(struct ownca *ca, enum ownca_key key, int64_t now,
                                  struct err *err);
