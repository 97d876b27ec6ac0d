/* SPDX-License-Identifier: Apache-2.0 */
/* Why a certificate was revoked: CRLReason (RFC 5280, 5.3.1) with the meaning JPKI gives it. */
#pragma once

#include "base/err.h"

/* The seven that JPKI uses (pki.md 2); every other number is refused. */
enum crl_reason {
    CRL_UNSPECIFIED = 0,            /* destroyed before delivery */
    CRL_KEY_COMPROMISE = 1,         /* the holder's key is compromised */
    CRL_CA_COMPROMISE = 2,          /* the CA's key is compromised */
    CRL_AFFILIATION_CHANGED = 3,    /* what the certificate says has changed: a move, a new name */
    CRL_SUPERSEDED = 4,             /* renewed */
    CRL_CESSATION_OF_OPERATION = 5, /* no longer needed: request, death, moving abroad */
    CRL_CERTIFICATE_HOLD = 6,       /* safety of the key in doubt; on a card never lifted */
    CRL_REASONS_
};

/* "affiliationChanged": the name in RFC 5280. */
const char *crl_reason_name(enum crl_reason reason);
/* One sentence for a person, English msgid. */
const char *crl_reason_meaning(enum crl_reason reason);
/* ERR_INPUT for a name that is none of the seven. */
MUST_CHECK int crl_reason_parse(const char *name, enum crl_reason *ret, struct err *err);
