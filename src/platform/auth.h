/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an auth certificate and a signature by its key may be believed now. */
#pragma once

#include "platform/platform.h"

/*
 * 0 if a listed CA issued the certificate by its profile, it is in its time, its key signed the
 * digest, and the authority says that it is in force. ERR_UNTRUSTED with a sentence that says
 * which of these is not so (revoked and held are one), ERR_REMOTE if revocation cannot be found
 * out.
 */
MUST_CHECK int auth_check(const struct platform *platform, struct signer *signer,
                          const struct x509_cert *cert, const struct digest *digest,
                          struct bytes signature, struct err *err);
