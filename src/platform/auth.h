/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the answer to a login may be believed now. */
#pragma once

#include "crypto/bound.h"
#include "platform/platform.h"

/*
 * 0 if a listed CA issued the auth certificate by its profile, it is in its time, its key signed
 * the login, and the authority says that it is in force. ERR_UNTRUSTED with a sentence that says
 * what is not so (revoked and held are one), ERR_REMOTE if revocation cannot be found out,
 * ERR_INPUT for a malformed certificate.
 */
MUST_CHECK int auth_check(const struct platform *platform, struct signer *signer,
                          const struct bound *bound, struct bytes certificate,
                          struct bytes signature, struct err *err);
