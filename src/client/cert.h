/* SPDX-License-Identifier: Apache-2.0 */
/* The four certificates on a card, as bytes: what they say is for x509/ to find out. */
#pragma once

#include "base/bytes.h"

struct icc;

enum icc_cert { ICC_CERT_SIGN, ICC_CERT_AUTH, ICC_CERT_SIGN_CA, ICC_CERT_AUTH_CA };

/* Stable name for commands and JSON: "sign", "auth", "sign-ca", "auth-ca". */
const char *icc_cert_name(enum icc_cert which);

/*
 * Read one. The length is taken from the object's own header, not minimal ones too (card.md 3);
 * filler behind it is not read. ERR_ABSENT if the card holds none (there is no sign certificate
 * under 15), ERR_DENIED if a PIN has to be verified first: for the sign certificate always, for
 * the auth certificate on phones (card.md 3.1).
 */
MUST_CHECK int icc_read_cert(struct icc *icc, enum icc_cert which, struct buf *ret,
                             struct err *err);

/* Which of the two holder's certificates EF 0008 says are there (card.md 3.1). */
struct icc_presence {
    bool is_told; /* false: the card has no such file, and the rest means nothing */
    bool sign, auth;
};
MUST_CHECK int icc_read_presence(struct icc *icc, struct icc_presence *ret, struct err *err);
