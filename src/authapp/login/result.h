/* SPDX-License-Identifier: Apache-2.0 */
/* The way back to the relying party: a code or an error (RFC 6749, 4.1.2), with issuer (RFC 9207).
 */
#pragma once

#include "authapp/login/login.h"

/* "redirect_uri?error=...&state=...&iss=..." */
MUST_CHECK int result_error(const struct authapp *authapp, const struct auth_request *request,
                            const struct oauth_error *error, struct buf *ret, struct err *err);
/*
 * Make what an answered login grants, and a code for it; the login is gone then, so only one
 * browser gets there. ERR_ABSENT if it went already.
 */
MUST_CHECK int result_code(const struct authapp *authapp, const struct found_login *found,
                           const char *trace_id, struct buf *ret, struct err *err);
