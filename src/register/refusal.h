/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a clerk is refused, as a table: each reason has a word of its own, which programs go by. It
 * begins the failure's sentence, before a colon: "filing-stale: the request was signed ...".
 */
#pragma once

#include "base/err.h"

enum refusal {
    REFUSED_NO_SESSION,
    REFUSED_CHALLENGE,
    REFUSED_UNKNOWN,
    REFUSED_BLOCKED,
    REFUSED_SIGNATURE,
    REFUSED_CERTIFICATE,
    REFUSED_REVOKED,
    REFUSED_STATUS,
    REFUSED_SIGNER,
    REFUSED_ORIGIN,
    REFUSED_SESSION,
    REFUSED_COUNTER,
    REFUSED_STALE,
    REFUSED_REPLAYED,
    REFUSED_ID_REUSED,
    REFUSED_PATH,
    REFUSED_ROLE,
    REFUSED_PLACE,
    REFUSED_SELF,
    REFUSED_SAME_CLERK,
    REFUSED_SAME_CARD,
    REFUSED_DIGEST,
    REFUSED_EXPIRED,
    REFUSED_OVER,
    REFUSED_STRANGER,
    REFUSED_CARD_TAKEN,
    REFUSED_BOOTSTRAPPED,
    REFUSED_KNOWN,
    REFUSALS_
};

/* "filing-stale" */
const char *refusal_word(enum refusal refusal);
/* Fill *err and return its failure. */
int refuse(struct err *err, enum refusal refusal);
