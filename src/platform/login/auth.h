/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the answer to a login may be believed now. */
#pragma once

#include "platform/platform.h"
#include "verify/login.h"

/* What came as an answer, and the message that the card must have signed. */
struct auth_claim {
    const char *tenant; /* for whom it is asked; NULL: the platform itself */
    const struct bound *bound;
    struct bytes certificate;
    struct bytes signature;
};

/*
 * Find out whether a listed CA issued the auth certificate by its profile, it is in its time, its
 * key signed the login, and the authority says that it is in force. Any verdict is a success;
 * ERR_INPUT for a malformed certificate.
 */
MUST_CHECK int auth_find(const struct platform *platform, struct signer *signer,
                         const struct auth_claim *claim, struct signature_report *ret,
                         struct err *err);
/*
 * 0 if all of that is so. ERR_UNTRUSTED with a sentence that says what is not (revoked and held are
 * one), ERR_REMOTE if revocation cannot be found out.
 */
MUST_CHECK int auth_judge(const struct report *report, struct err *err);
