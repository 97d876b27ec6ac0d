/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a card that was shown counts, as the platform judges it, and whose it is, as the register
 * knows him: the portal reads neither certificate nor reference.
 */
#pragma once

#include "crypto/bound.h"
#include "exchange/code.h"
#include "portal/portal.h"

/* The platform's keys, as terminals encrypt certificates to them. */
MUST_CHECK int eligibility_keys(const struct portal *portal, struct json **ret, struct err *err);

/* Whose cards can be shown, so that a terminal can refuse others before it asks for a PIN: issuers.
 */
MUST_CHECK int eligibility_put_issuers(const struct portal *portal, struct json *body,
                                       struct err *err);

struct shown_card {
    const char *certificate;   /* compact JWE */
    const char *signature;     /* base64; NULL: the card signed nothing */
    const struct bound *bound; /* what it signed */
    char why[64];              /* out: why it does not count, as it may be told */
};
/*
 * *ret is a reference for the register. ERR_UNTRUSTED if the card does not count, with what the
 * platform tells of it; ERR_REMOTE if that cannot be found out now; ERR_INPUT for what is no
 * certificate for this platform; ERR_CONFLICT for a signature that has counted.
 */
MUST_CHECK int eligibility_judge(const struct portal *portal, struct shown_card *card,
                                 struct buf *ret, struct err *err);
